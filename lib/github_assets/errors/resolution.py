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
    """Attestations are demanded, and the asset has none of a kind that says who made it."""

    repository: str
    tag: str
    name: str


class ExtraMissing(GithubAssetsError):
    """A command needs packages that only an extra of this one brings."""

    extra: str
