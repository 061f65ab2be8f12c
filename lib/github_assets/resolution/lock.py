"""The lock: which asset each request resolves to on each platform, so that a build needs no API request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from github_assets.config.files import LOCK_FILE
from github_assets.config.request import ATTESTED, DIGEST, UNVERIFIED, AssetRequest, Repository
from github_assets.config.settings import LIBC
from github_assets.config.versions import LATEST
from github_assets.errors.resolution import LockOutdated
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.github.servers import Servers
from github_assets.platforms import Platform
from github_assets.resolution.lock_rules import allows, contradictions
from github_assets.selection.resolved import ResolvedAsset, target_of

LOCK_COMMAND = "github-assets lock"
FIRST_DOWNLOAD = "downloaded here"
"""`verified_by` of an asset without a published checksum: its digest is that of the download when it was locked."""


PROVENANCE = ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2")
"""Predicate types of what a workflow made."""
RELEASE = ("https://in-toto.io/attestation/release/v0.1", "https://in-toto.io/attestation/release/v0.2")
"""Predicate types of what GitHub published as a part of an immutable release."""


class LockKey(NamedTuple):
    """The parts of a request that decide which asset it resolves to; `server` is the origin of its GitHub."""

    repository: str
    server: str
    version: str = LATEST.text
    file: str | None = None
    target: str | None = None
    tag_pattern: str | None = None
    prerelease: bool = False
    min_age: int = 0
    api_url: str | None = None

    def __str__(self) -> str:
        return f"{self.repository} {self.version}"

    def differences(self, locked: LockKey) -> list[str]:
        """Return the differences from a locked key, in words."""
        return [
            f"{name} is {_shown(now)}, locked as {_shown(was)}"
            for name, now, was in zip(self._fields, self, locked, strict=True)
            if now != was
        ]


class Attestation(NamedTuple):
    """An attestation that was verified: its predicate type, and the identity that its certificate names."""

    predicate: str
    signer: str

    def __str__(self) -> str:
        return f"{self.predicate} signed by {self.signer}"


class LockedAsset(NamedTuple):
    """What a request resolved to on a platform; `url` is the browser URL, `sha256` has 64 hexadecimal digits."""

    key: LockKey
    platform: Platform
    repository_id: int
    tag: str
    release_id: int
    immutable: bool
    """Whether GitHub lets nobody change the release any more."""
    asset: str
    id: int
    size: int
    sha256: str
    url: str
    verified_by: str
    attestations: tuple[Attestation, ...] = ()
    """What was verified when it was locked, sorted."""

    @property
    def name(self) -> str:
        """The asset for messages: repository, tag and name."""
        return f"{self.key.repository} {self.tag}: {self.asset}"

    @property
    def verified(self) -> bool:
        """Whether the digest was published, not just computed from the download."""
        return self.verified_by != FIRST_DOWNLOAD

    def level(self, request: AssetRequest) -> str:
        """Return the level of verification: ATTESTED, DIGEST or UNVERIFIED."""
        if self.attestations:
            return ATTESTED
        return DIGEST if self.verified or request.sha256 else UNVERIFIED

    @property
    def verified_by_lock(self) -> str:
        """What verifies the asset in a build with the lock file."""
        return f"{LOCK_FILE}: {self.verified_by}"

    def release(self, repository: Repository) -> Release:
        """Return the asset's release, as far as it is locked."""
        asset = ReleaseAsset(self.id, self.asset, UPLOADED, self.size, f"sha256:{self.sha256}", self.url)
        return Release(repository, self.tag, False, (asset,), published_at=0)

    def changes(self, release: Release | None) -> list[str]:
        """Return in what GitHub's release of the tag is not as it was locked, in words."""
        if release is None:
            return [f"{self.key.repository} {self.tag}: the release is gone"]
        asset = release.find(self.asset)
        if asset is None:
            return [f"{self.name} is gone"]
        digest = f"sha256:{self.sha256}"
        pairs = (
            ("release id", self.release_id, release.id),
            ("id", self.id, asset.id),
            ("size", self.size, asset.size),
            ("digest", digest, asset.digest or digest),
            ("URL", self.url, url_under(self.key.repository, asset.browser_url)),
        )
        found = [f"{self.name} has {what} {now}, locked as {was}" for what, was, now in pairs if was != now]
        if self.immutable and not release.immutable:
            found.append(f"{self.name}: the release is no longer immutable")
        return found

    def resolve(self, request: AssetRequest) -> ResolvedAsset:
        """Return the request's asset. Raises SettingInvalid if its name is not a valid file name."""
        release = self.release(request.repository)
        return ResolvedAsset(request, release, release.assets[0], target_of(request, self.asset, self.tag))


class Lock(NamedTuple):
    """The content of a lock file: its platforms, and their assets."""

    platforms: tuple[Platform, ...]
    assets: tuple[LockedAsset, ...]

    def find(self, key: LockKey, platform: Platform) -> LockedAsset | None:
        """Return the asset that is locked for the key and platform, or None."""
        return next((each for each in self.assets if (each.key, each.platform) == (key, platform)), None)

    def assets_for(self, requests: Sequence[AssetRequest], servers: Servers, platform: Platform) -> list[LockedAsset]:
        """Return the locked assets of the requests, in order. Raises LockOutdated, which lists all differences."""
        found = [self.find(lock_key(request, servers), platform) for request in requests]
        differences = self.differences(requests, servers, [platform])
        if differences:
            raise LockOutdated(file=LOCK_FILE, differences=differences, command=self.update_command([platform]))
        return [each for each in found if each]

    def differences(
        self, requests: Sequence[AssetRequest], servers: Servers, platforms: Iterable[Platform]
    ) -> list[str]:
        """Return what is configured but not locked like that, one per line."""
        return list(
            dict.fromkeys(
                difference
                for platform in platforms
                for request in requests
                if (difference := self._difference(request, servers, platform))
            )
        )

    def tag_of(self, request: AssetRequest, servers: Servers) -> str | None:
        """Return the locked tag of a request's release, whatever asset of it is locked, or None."""
        key = lock_key(request, servers)._replace(file=None, target=None)
        same = (each for each in self.assets if each.key._replace(file=None, target=None) == key)
        return next((each.tag for each in same if allows(request, each.release(request.repository))), None)

    def contradictions(self, requests: Sequence[AssetRequest], servers: Servers) -> list[str]:
        """Return in what the locked assets are not what their requests ask for, a line each."""
        by_key = {lock_key(request, servers): request for request in requests}
        return [line for each in self.assets if each.key in by_key for line in _contradiction(each, by_key[each.key])]

    def not_configured(self, requests: Sequence[AssetRequest], servers: Servers) -> list[str]:
        """Return what is locked but no longer configured."""
        configured = {lock_key(request, servers) for request in requests}
        return list(dict.fromkeys(str(each.key) for each in self.assets if each.key not in configured))

    def update_command(self, platforms: Iterable[Platform]) -> str:
        """Return the command that updates the file, for these platforms too."""
        platforms = list(platforms)
        locked, needed = {each.name for each in self.platforms}, {each.name for each in platforms}
        options = [f"--platform {name}" for name in sorted(locked | needed)] if needed - locked else []
        libc = [f"--env {LIBC}={each.libc}" for each in platforms[:1] if each.libc]
        return " ".join([LOCK_COMMAND, *options, *libc])

    def _difference(self, request: AssetRequest, servers: Servers, platform: Platform) -> str | None:
        key = lock_key(request, servers)
        locked = self.find(key, platform)
        if locked:
            return next(_contradiction(locked, request), None)
        name = f"{key} ({request.source})"
        others = [each.platform for each in self.assets if each.key == key]
        if others:
            return f"{name} is not locked for {platform}, only for {', '.join(map(str, others))}"
        of_repository = [each.key for each in self.assets if each.key.repository == key.repository]
        if not of_repository:
            return f"{name} is not locked"
        nearest = min((key.differences(locked) for locked in of_repository), key=len)
        return f"{name}: {', '.join(nearest)}"


def accept_command(repositories: Iterable[str]) -> str:
    """Return the command that locks what these repositories have now, whatever has changed."""
    return f"{LOCK_COMMAND} --accept {' '.join(repositories)}"


def lock_key(request: AssetRequest, servers: Servers) -> LockKey:
    """Return the parts of the request that decide which asset it resolves to; next to an exact file, not its target."""
    exact = request.file is not None and request.file.exact
    return LockKey(
        repository=f"{request.repository.owner}/{request.repository.name}",
        server=request.repository.server or servers.server,
        version=request.version.text,
        file=request.file.text if request.file else None,
        target=None if exact else request.target,
        tag_pattern=request.tag_pattern.text if request.tag_pattern else None,
        prerelease=request.prerelease,
        min_age=request.min_age,
        api_url=request.api_url,
    )


def url_under(repository: str, url: str) -> str:
    """Return an asset's URL under the name by which its repository is configured, which redirects where it has another.

    GitHub names an asset of a renamed repository by its new name, of which the configuration knows nothing.
    """
    server, separator, rest = url.partition("/releases/download/")
    return f"{server.rsplit('/', 2)[0]}/{repository}{separator}{rest}" if separator else url


def _contradiction(locked: LockedAsset, request: AssetRequest) -> Iterator[str]:
    wrong = contradictions(locked, request)
    if wrong:
        yield f"{locked.key} ({request.source}): {', '.join(wrong)}"


def _shown(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
