"""Lock files, attestations and digests that do not hold."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from github_assets.locations import Location


class LockInvalid(GithubAssetsError):
    """A lock file that the command has not written so; `where` names key, table and file, `reason` follows it."""

    where: str
    reason: str


class LockOutdated(GithubAssetsError):
    """A lock file that does not hold what the configuration asks for; `command` brings it up to date."""

    file: str
    differences: Sequence[str]
    command: str


class LockMismatch(GithubAssetsError):
    """GitHub no longer has what the lock file holds; `command` takes what it has now."""

    file: str
    differences: Sequence[str]
    command: str


class FolderMismatch(GithubAssetsError):
    """A folder that does not hold what the lock file does; `command` fetches it."""

    folder: str
    file: str
    differences: Sequence[str]
    command: str


class LockConflict(GithubAssetsError):
    """A lock file that holds both sides of a merge; `line` is the first one that is not the file's own."""

    file: str
    line: int
    command: str


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
    """A command that needs a lock file, where there is none."""

    file: str
    command: str


class UnverifiedAsset(GithubAssetsError):
    """`verify` demands proof, and nobody gives a digest of the asset."""

    source: Location
    repository: str
    tag: str
    name: str


class AttestationRefused(GithubAssetsError):
    """The asset's attestations prove nothing; `reason` says why, in the verifier's words."""

    name: str
    reason: str


class AttestationMissing(GithubAssetsError):
    """`required_by` demands attestations, and the asset has none of a kind that says who made it."""

    repository: str
    tag: str
    name: str
    required_by: str


class ExtraMissing(GithubAssetsError):
    """A command needs packages that only an extra of this one brings."""

    extra: str
