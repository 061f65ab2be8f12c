"""The lock: which asset each request comes to on each platform, so that a build has nothing to ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from github_assets.config.request import AssetRequest, Repository
from github_assets.config.settings import LIBC
from github_assets.config.versions import LATEST
from github_assets.errors.resolution import LockOutdated
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.github.servers import Servers
from github_assets.platforms import Platform
from github_assets.resolution.lock_rules import contradictions
from github_assets.selection.resolved import ResolvedAsset, target_of

LOCK_FILE = "github-assets.lock"
LOCK_COMMAND = "github-assets lock"
FIRST_DOWNLOAD = "downloaded here"
"""`verified_by` of an asset that nothing verifies: the digest is that of the bytes that came when it was locked."""


class LockKey(NamedTuple):
    """What of a request decides which asset it comes to; `server` is the GitHub's origin."""

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
        """Return in words what is not as it was locked."""
        return [
            f"{name} is {_shown(now)}, locked as {_shown(was)}"
            for name, now, was in zip(self._fields, self, locked, strict=True)
            if now != was
        ]


class LockedAsset(NamedTuple):
    """What a request came to on a platform; `url` is the browser's, `sha256` 64 hexadecimal digits."""

    key: LockKey
    platform: Platform
    tag: str
    asset: str
    id: int
    size: int
    sha256: str
    url: str
    verified_by: str
    attestations: tuple[str, ...] = ()
    """Who signed it, where that was verified when it was locked."""

    @property
    def verified(self) -> bool:
        """Whether anybody but the download itself said what the digest is."""
        return self.verified_by != FIRST_DOWNLOAD

    @property
    def verified_by_lock(self) -> str:
        """What verifies the asset in a build that takes it from here."""
        return f"{LOCK_FILE}: {self.verified_by}"

    def release(self, repository: Repository) -> Release:
        """Return the asset's release, of which nothing else is known."""
        asset = ReleaseAsset(self.id, self.asset, UPLOADED, self.size, f"sha256:{self.sha256}", self.url)
        return Release(repository, self.tag, False, (asset,))

    def resolve(self, request: AssetRequest) -> ResolvedAsset:
        """Return the request's asset. Raises SettingInvalid where no file can have its name."""
        release = self.release(request.repository)
        return ResolvedAsset(request, release, release.assets[0], target_of(request, self.asset, self.tag))


class Lock(NamedTuple):
    """A lock file's content: the platforms that it was made for, and their assets."""

    platforms: tuple[Platform, ...]
    assets: tuple[LockedAsset, ...]

    def find(self, key: LockKey, platform: Platform) -> LockedAsset | None:
        """Return what is locked for exactly this, or None."""
        return next((each for each in self.assets if (each.key, each.platform) == (key, platform)), None)

    def assets_for(self, requests: Sequence[AssetRequest], servers: Servers, platform: Platform) -> list[LockedAsset]:
        """Return what is locked for the requests, in their order. Raises LockOutdated, which lists all that is not."""
        found = [self.find(lock_key(request, servers), platform) for request in requests]
        differences = self.differences(requests, servers, [platform])
        if differences:
            raise LockOutdated(file=LOCK_FILE, differences=differences, command=self.update_command([platform]))
        return [each for each in found if each]

    def differences(
        self, requests: Sequence[AssetRequest], servers: Servers, platforms: Iterable[Platform]
    ) -> list[str]:
        """Return what the configuration asks for and is not locked like that, a line each."""
        return list(
            dict.fromkeys(
                difference
                for platform in platforms
                for request in requests
                if (difference := self._difference(request, servers, platform))
            )
        )

    def not_configured(self, requests: Sequence[AssetRequest], servers: Servers) -> list[str]:
        """Return what is locked and no longer configured."""
        configured = {lock_key(request, servers) for request in requests}
        return list(dict.fromkeys(str(each.key) for each in self.assets if each.key not in configured))

    def update_command(self, platforms: Iterable[Platform]) -> str:
        """Return the command that brings the file up to date for these platforms too."""
        platforms = list(platforms)
        locked, needed = {each.name for each in self.platforms}, {each.name for each in platforms}
        options = [f"--platform {name}" for name in sorted(locked | needed)] if needed - locked else []
        libc = [f"--env {LIBC}={each.libc}" for each in platforms[:1] if each.libc]
        return " ".join([LOCK_COMMAND, *options, *libc])

    def _difference(self, request: AssetRequest, servers: Servers, platform: Platform) -> str | None:
        key = lock_key(request, servers)
        locked = self.find(key, platform)
        name = f"{key} ({request.source})"
        if locked:
            wrong = contradictions(locked, request)
            return f"{name}: {', '.join(wrong)}" if wrong else None
        others = [each.platform for each in self.assets if each.key == key]
        if others:
            return f"{name} is not locked for {platform}, only for {', '.join(map(str, others))}"
        of_repository = [each.key for each in self.assets if each.key.repository == key.repository]
        if not of_repository:
            return f"{name} is not locked"
        nearest = min((key.differences(locked) for locked in of_repository), key=len)
        return f"{name}: {', '.join(nearest)}"


def lock_key(request: AssetRequest, servers: Servers) -> LockKey:
    """Return what of the request decides which asset it comes to."""
    return LockKey(
        repository=f"{request.repository.owner}/{request.repository.name}",
        server=request.repository.server or servers.server,
        version=request.version.text,
        file=request.file.text if request.file else None,
        target=request.target,
        tag_pattern=request.tag_pattern.text if request.tag_pattern else None,
        prerelease=request.prerelease,
        min_age=request.min_age,
        api_url=request.api_url,
    )


def _shown(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
