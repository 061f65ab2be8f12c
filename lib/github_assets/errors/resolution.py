"""Errors in lock files, attestations and verification."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from github_assets.locations import Location


class LockInvalid(GithubAssetsError):
    """A lock file is invalid; `where` names key, table and file, and is followed by `reason` in a sentence."""

    where: str
    reason: str


class LockOutdated(GithubAssetsError):
    """A lock file does not match the configuration; `command` updates it."""

    file: str
    differences: Sequence[str]
    command: str


class LockMismatch(GithubAssetsError):
    """A lock file does not match GitHub's releases; `command` accepts the current ones."""

    file: str
    differences: Sequence[str]
    command: str


class FolderMismatch(GithubAssetsError):
    """A directory does not match the lock file; `command` downloads the assets again."""

    folder: str
    file: str
    differences: Sequence[str]
    command: str


class ImageMismatch(GithubAssetsError):
    """An image does not match the lock file."""

    image: str
    file: str
    differences: Sequence[str]


class NothingToVerify(GithubAssetsError):
    """A lock file that has no assets for the platforms."""

    file: str
    platforms: Sequence[str]


class UnexpectedChange(GithubAssetsError):
    """GitHub has something else behind a name than what was locked, which no newer release explains."""

    file: str
    differences: Sequence[str]
    command: str


class RepositoryNotConfigured(GithubAssetsError):
    """An option names a repository of which nothing is configured; `known` holds those that are, nearest first."""

    option: str
    name: str
    known: Sequence[str]


class ConfiguredDigestMismatch(GithubAssetsError):
    """The configured `sha256` is not what GitHub publishes for the asset; both are hexadecimal digits."""

    where: str
    repository: str
    tag: str
    name: str
    configured: str
    published: str


class LockMissing(GithubAssetsError):
    """A command needs a lock file, but there is none."""

    file: str
    command: str


class UnverifiedAsset(GithubAssetsError):
    """The key `required_by` requires a checksum, but none is published for the asset."""

    source: Location
    required_by: str
    repository: str
    tag: str
    name: str


class NotAttested(GithubAssetsError):
    """The setting `where` demands an attestation, and `file`, the lock file, records none."""

    where: str
    repository: str
    file: str


class AttestationRefused(GithubAssetsError):
    """None of the asset's attestations is valid; `reason` is the verifier's message."""

    name: str
    reason: str


class AttestationMissing(GithubAssetsError):
    """`required_by` demands attestations, and the asset has none of a kind that says who made it."""

    repository: str
    tag: str
    name: str
    required_by: str


class ExtraMissing(GithubAssetsError):
    """A command needs the packages of an extra."""

    extra: str
