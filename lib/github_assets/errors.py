"""What can go wrong, as types that carry data. `messages` turns them into text."""

from __future__ import annotations

from github_assets.values import dataclass_transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass_transform(kw_only_default=True)
class GithubAssetsError(Exception):
    """Base of all errors; its annotations are its keyword arguments.

    A plain loop instead of `dataclasses`, whose import costs detect more than all of its own work.
    """

    transient = False
    """Whether the same request may succeed when it is sent again."""
    wait = 0.0
    """Seconds that the server asks to wait before the next attempt."""
    attempts = 1
    """How often it was tried before this was raised."""
    final = False
    """Whether it ends the run at once, whatever else is under way."""

    def __init__(self, **data: object) -> None:
        super().__init__()
        self.__dict__.update(data)

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


# config


class SettingInvalid(GithubAssetsError):
    """A value that a setting cannot have; `where` names its variable or file and key."""

    where: str
    value: str
    expected: str


class SettingMissing(GithubAssetsError):
    """A setting without which the others mean nothing."""

    name: str
    because: str


class SettingMistyped(GithubAssetsError):
    """A value of another type than the setting has; `found` and `expected` describe types, not the value."""

    where: str
    found: str
    expected: str


class SettingsConflict(GithubAssetsError):
    """Settings of which there can be only one."""

    where: str
    settings: Sequence[str]


class KeyUnknown(GithubAssetsError):
    """A key or a table that does not exist there; `known` holds those that do, nearest first."""

    where: str
    key: str
    known: Sequence[str]


class KeyMissing(GithubAssetsError):
    """A key without which the table means nothing."""

    where: str
    key: str


class FileUnreadable(GithubAssetsError):
    """A file that can't be read as what its name says; `reason` tells line and column where there are any."""

    file: str
    reason: str


class TokenMissing(GithubAssetsError):
    """The variable that should hold the token of `source` is not set."""

    name: str
    source: str


# selection


class AssetNotFound(GithubAssetsError):
    """The release has no asset of that name; `available` holds those it has, nearest first."""

    repository: str
    tag: str
    name: str
    available: Sequence[str]


class NoAssetForPlatform(GithubAssetsError):
    """No asset is for this platform; `available` holds those that might have been, nearest first."""

    platform: str
    available: Sequence[str]


class AssetAmbiguous(GithubAssetsError):
    """Several assets are equally good for this platform."""

    platform: str
    candidates: Sequence[str]


class NoMatchingRelease(GithubAssetsError):
    """No release is what VERSION and the options ask for.

    `left_out` holds pairs of tag and reason, of those that VERSION alone means; `available` the tags nearest to it,
    highest first; `looked_at` is the number of releases.
    """

    repository: str
    version: str
    tag_pattern: str | None
    left_out: Sequence[tuple[str, str]]
    available: Sequence[str]
    looked_at: int


# lock


class LockInvalid(GithubAssetsError):
    """A lock file that the command has not written so; `where` names key, table and file, `reason` follows it."""

    where: str
    reason: str


class LockOutdated(GithubAssetsError):
    """A lock file that does not hold what the configuration asks for; `command` brings it up to date."""

    file: str
    differences: Sequence[str]
    command: str


class LockUnlike(GithubAssetsError):
    """GitHub no longer has what the lock file holds; `command` takes what it has now."""

    file: str
    differences: Sequence[str]
    command: str


class FilesUnlikeLock(GithubAssetsError):
    """A folder that does not hold what the lock file does; `command` fetches it."""

    folder: str
    file: str
    differences: Sequence[str]
    command: str


class LockMissing(GithubAssetsError):
    """A command that needs a lock file, where there is none."""

    file: str
    command: str


# network


class ServerUnreachable(GithubAssetsError):
    """No connection, or one that broke; `reason` holds the lower layer's words, without URLs."""

    transient = True
    host: str
    reason: str


class CertificateRefused(GithubAssetsError):
    """The server's certificate is not one that is trusted."""

    host: str
    reason: str


class RedirectRefused(GithubAssetsError):
    """The server redirects in a circle, or to where nothing may be fetched from."""

    host: str
    reason: str


class ServerFailed(GithubAssetsError):
    """A status that says the fault is the server's and may pass: 5xx, 408."""

    transient = True
    host: str
    status: int
    wait: float = 0.0


class RateLimited(GithubAssetsError):
    """403 or 429 because of too many requests; `wait` is what the server asks for."""

    transient = True
    host: str
    authenticated: bool
    wait: float = 0.0


class CredentialsRefused(GithubAssetsError):
    """401: the token is unknown, expired or revoked; `setting` names where it comes from."""

    host: str
    authenticated: bool
    setting: str = "TOKEN"


class AccessForbidden(GithubAssetsError):
    """403 that is not a rate limit; `reason` is `saml`, `ip` or `other`, `message` the server's words.

    `setting` names where the token comes from.
    """

    host: str
    reason: str
    message: str
    setting: str = "TOKEN"


class NotFound(GithubAssetsError):
    """404; who asked knows what is missing."""

    host: str
    authenticated: bool


class RequestRefused(GithubAssetsError):
    """Another status that no repetition changes."""

    host: str
    status: int


class AnswerUnreadable(GithubAssetsError):
    """An answer of the API that is not what its description says."""

    transient = True
    host: str
    reason: str


class DeadlinePassed(GithubAssetsError):
    """The time for all requests is over."""

    host: str
    seconds: float


# github


class RepositoryNotFound(GithubAssetsError):
    """Neither the repository nor its releases can be seen."""

    repository: str
    host: str
    authenticated: bool


class ReleaseNotFound(GithubAssetsError):
    """The repository has no release of that tag; `available` holds tags, nearest first."""

    repository: str
    tag: str
    available: Sequence[str]


class NoLatestRelease(GithubAssetsError):
    """The repository has no release that counts as latest; `prereleases` holds the tags that do not count."""

    repository: str
    prereleases: Sequence[str]


# transfer


class AssetNotUploaded(GithubAssetsError):
    """The asset is listed, and its upload has not ended."""

    repository: str
    tag: str
    name: str
    state: str


class SizeMismatch(GithubAssetsError):
    """More or fewer bytes than GitHub says that the asset has."""

    transient = True
    name: str
    host: str
    expected: int
    received: int


class DigestMismatch(GithubAssetsError):
    """Other bytes than those that the digest was made of; `vouched_by` says whose digest it is.

    `expected` and `received` are digests as GitHub writes them, `sha256:<hex>`.
    """

    transient = True
    name: str
    host: str
    expected: str
    received: str
    vouched_by: str


class AssetChanged(GithubAssetsError):
    """Another version of the asset, or one that can't be told from another, where the rest of it was asked for."""

    transient = True
    name: str
    host: str


class RangeMismatch(GithubAssetsError):
    """Other bytes of the asset than those that were asked for; both as HTTP names them, `bytes 0-9`."""

    transient = True
    name: str
    host: str
    asked: str
    sent: str


class StorageRefused(GithubAssetsError):
    """The storage that GitHub has just redirected to refuses the asset."""

    transient = True
    name: str
    host: str
    status: int


class PageInsteadOfAsset(GithubAssetsError):
    """A web page (a login, a proxy's notice) where the asset should be."""

    transient = True
    name: str
    host: str


class NotOnMirror(GithubAssetsError):
    """A mirror, or a file of it, does not have what should be there; `setting` names it, `url` holds no user."""

    url: str
    setting: str


class NothingVouches(GithubAssetsError):
    """`verify` demands proof, and nobody gives a digest of the asset."""

    repository: str
    tag: str
    name: str


# attestations


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


# buildpack


class SeveralFailed(GithubAssetsError):
    """More than one asset failed, each for a reason of its own."""

    errors: Sequence[GithubAssetsError]


class NotInBuild(GithubAssetsError):
    """A variable that every lifecycle sets is missing."""

    name: str


class CannotWrite(GithubAssetsError):
    """The layers directory takes no more: full, read-only, not ours."""

    path: str
    reason: str


class TargetTaken(GithubAssetsError):
    """Two assets would write the same file."""

    target: str
    sources: Sequence[str]


class Interrupted(GithubAssetsError):
    """The process was told to stop; `signal` is its number."""

    final = True
    signal: int


# install


class ArchiveError(GithubAssetsError):
    """An archive that cannot be unpacked; `archive` is the asset's name, which `install.archives.unpack` fills in."""

    archive: str = ""


class ArchiveUnsupported(ArchiveError):
    """A format that nothing here reads; `alternatives` are those that can be unpacked."""

    format: str
    alternatives: Sequence[str]


class ArchiveCorrupt(ArchiveError):
    """Cut short, garbled, or not what its headers say."""

    reason: str


class ArchiveEncrypted(ArchiveError):
    """An entry that only a password opens."""

    entry: str


class ArchiveUnsafe(ArchiveError):
    """An entry that has no business in a release: it would leave the folder, or hide, replace or be something else."""

    entry: str
    reason: str


class ArchiveTooLarge(ArchiveError):
    """More than is ever unpacked; `what` is `entries`, `bytes`, `ratio`, `headers` (bytes) or `memory` (bytes)."""

    what: str
    limit: int


class ArchiveWithout(ArchiveError):
    """Nothing in it is what was asked for; `available` holds some of what is there."""

    wanted: str
    available: Sequence[str]


class ArchiveAmbiguous(ArchiveError):
    """Several executables are equally good for one name."""

    target: str
    candidates: Sequence[str]


class ElfMalformed(GithubAssetsError):
    """A file that says that it is an ELF program, and is cut short or garbled."""

    file: str
    reason: str


class ForeignExecutable(GithubAssetsError):
    """A program for another platform; `found` and `wanted` are `os/arch`, or `windows` or `macos` alone.

    `instead` is the release's asset for the wanted platform, where there is one.
    """

    file: str
    found: str
    wanted: str
    instead: str | None = None


class PlaceTaken(GithubAssetsError):
    """Something else is where a file has to go; `path` is relative to the layer."""

    path: str
