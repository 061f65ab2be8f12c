"""The plan: every request is resolved, and every conflict found, before anything is downloaded or written.

With a lock file, this imports nothing that makes requests.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from github_assets.config.files import LOCK_FILE
from github_assets.config.request import (
    ALL,
    ATTESTED,
    BIN,
    DIGEST,
    UNVERIFIED,
    AssetRequest,
    Repository,
    check_destinations,
)
from github_assets.errors import ErrorSource, GithubAssetsError, SeveralFailed
from github_assets.errors.resolution import ConfiguredDigestMismatch, NotAttested, UnverifiedAsset
from github_assets.errors.selection import AssetNotFound, NoAssetForPlatform
from github_assets.parallel import collect_errors, raise_error, try_in_parallel
from github_assets.selection.release_choice import ChosenRelease, VersionRequest, find_release, version_request
from github_assets.selection.resolved import ResolvedAsset, explain, resolve
from github_assets.transfer.source import CONFIGURATION, GITHUB, SHA256, ExpectedDigest

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.github.releases import Release, ReleaseAsset
    from github_assets.github.servers import Servers
    from github_assets.log import Log
    from github_assets.platforms import Platform
    from github_assets.resolution.lock import Lock, LockedAsset
    from github_assets.resolution.session import Session

_PREFIX = f"{SHA256}:"


class PlannedAsset(NamedTuple):
    """An asset to install, and its expected digest, if one is known before the download."""

    resolved: ResolvedAsset
    expected: ExpectedDigest | None
    locked: LockedAsset | None = None
    """What the lock file says of it, where there is one."""

    @property
    def request(self) -> AssetRequest:
        """The asset's request."""
        return self.resolved.request

    @property
    def release(self) -> Release:
        """The asset's release."""
        return self.resolved.release

    @property
    def asset(self) -> ReleaseAsset:
        """The asset."""
        return self.resolved.asset

    @property
    def level(self) -> str | None:
        """The level of verification, as far as it is known before the download; None: not yet."""
        if self.locked:
            return self.locked.level(self.request)
        return DIGEST if self.expected else None

    @property
    def digest(self) -> str:
        """The expected digest as `sha256:<hex>`; empty if none is known."""
        return f"{_PREFIX}{self.expected.digest}" if self.expected else ""


class _Lookup(NamedTuple):
    """What requests with the same API requests have in common."""

    api: Api
    repository: Repository
    version: VersionRequest


def plan(requests: Sequence[AssetRequest], session: Session, platform: Platform) -> list[PlannedAsset]:
    """Return the plan for all requests, in order. Raises SeveralFailed for several errors."""
    collect_errors(_check_unlocked, requests)
    return resolve_all(requests, find_releases(requests, session), session, platform)


def find_releases(requests: Sequence[AssetRequest], session: Session) -> list[Release | GithubAssetsError]:
    """Return the releases of the requests in order, or the errors that `find_release` raised."""
    now = time.time()
    lookups = collect_errors(lambda each: _Lookup(session.api(each), each.repository, version_request(each)), requests)
    sources = dict(zip(reversed(lookups), (each.source for each in reversed(requests)), strict=True))
    distinct = list(dict.fromkeys(lookups))

    def find(lookup: _Lookup) -> ChosenRelease:
        with ErrorSource(sources[lookup]):
            return find_release(lookup.api, lookup.repository, lookup.version, now)

    found = dict(zip(distinct, try_in_parallel(find, distinct), strict=True))
    for lookup, outcome in found.items():
        if isinstance(outcome, GithubAssetsError):
            continue
        session.log.debug(f"{lookup.repository} {lookup.version.version}: release {outcome.release.tag}")
        if not outcome.release.tag.isprintable():
            session.log.warning(f"The tag contains unprintable characters: {outcome.release.tag!a}")
        for skipped in outcome.skipped:
            session.log.step(f"Skipped {lookup.repository} {skipped.tag}: {skipped.reason}")
    outcomes = [found[lookup] for lookup in lookups]
    return [outcome if isinstance(outcome, GithubAssetsError) else outcome.release for outcome in outcomes]


def resolve_all(
    requests: Sequence[AssetRequest],
    releases: Sequence[Release | GithubAssetsError],
    session: Session,
    platform: Platform,
) -> list[PlannedAsset]:
    """Return the asset that each request resolves to; `releases` is the result of `find_releases`.

    Raises the errors of all assets together (those in `releases`, ConfiguredDigestMismatch, and what `resolve` raises),
    or else TargetConflict.
    """

    def planned(pair: tuple[AssetRequest, Release | GithubAssetsError]) -> PlannedAsset:
        request, release = pair
        with ErrorSource(request.source):
            if session.log.debugging and not isinstance(release, GithubAssetsError):
                for name, reason in explain(request, release, platform).reasons.items():
                    session.log.debug(f"{request.repository} {release.tag}, {platform}: {name}: {reason}")
            resolved = resolve(request, raise_error(release), platform)
            return PlannedAsset(resolved, _expected(resolved))

    return _checked(collect_errors(planned, list(zip(requests, releases, strict=True))))


def resolve_platforms(
    requests: Mapping[Platform, Sequence[AssetRequest]],
    releases: Mapping[AssetRequest, Release | GithubAssetsError],
    session: Session,
    *,
    all_platforms: bool,
) -> dict[Platform, list[PlannedAsset]]:
    """Return the assets that the requests of each platform select.

    Unless `all_platforms` are needed, those that lack an asset are skipped with a warning, but not all of them. Raises
    what `resolve_all` raises.
    """
    planned: dict[Platform, list[PlannedAsset]] = {}
    skipped: dict[Platform, GithubAssetsError] = {}
    for platform, of_platform in requests.items():
        try:
            planned[platform] = resolve_all(of_platform, [releases[each] for each in of_platform], session, platform)
        except GithubAssetsError as error:
            if all_platforms or not _missing(error):
                raise
            skipped[platform] = error
    if not planned:
        for first in skipped.values():
            raise first
    for platform, reason in skipped.items():
        names = ", ".join(dict.fromkeys(f"{each.repository} {each.tag}" for each in _missing(reason)))
        options = " ".join(f"--platform {each.name}" for each in planned)
        session.log.warning(f"Skipped {platform}: {names} have no asset for it. Pass {options} to skip it always.")
    return planned


def _missing(error: GithubAssetsError) -> list[AssetNotFound | NoAssetForPlatform]:
    """Return the errors of which an error consists, if all are of assets that a release does not have."""
    errors = error.errors if isinstance(error, SeveralFailed) else [error]
    missing = [each for each in errors if isinstance(each, (AssetNotFound, NoAssetForPlatform))]
    return missing if len(missing) == len(errors) else []


def plan_locked(
    requests: Sequence[AssetRequest], lock: Lock, servers: Servers, platform: Platform, log: Log
) -> list[PlannedAsset]:
    """Return the plan according to the lock file. Raises LockOutdated, UnverifiedAsset, TargetConflict."""
    planned = []
    for request, locked in zip(requests, lock.assets_for(requests, servers, platform), strict=True):
        resolved = locked.resolve(request)
        level = locked.level(request)
        if request.needs_digest and level == UNVERIFIED:
            raise unverified(resolved)
        if request.minimum == ATTESTED and level != ATTESTED:
            raise _not_attested(request)
        by = CONFIGURATION if request.sha256 else locked.verified_by_lock
        planned.append(PlannedAsset(resolved, ExpectedDigest(locked.sha256, by), locked))
    for each in planned:
        log.debug(f"{each.request.repository} {each.request.version}: release {each.release.tag}, locked")
    return _checked(planned)


def _check_unlocked(request: AssetRequest) -> None:
    """Raise NotAttested for a request that a build can only meet with a lock file."""
    if request.minimum == ATTESTED:
        raise _not_attested(request)


def _not_attested(request: AssetRequest) -> NotAttested:
    return NotAttested(where=request.source.setting("minimum"), repository=str(request.repository), file=LOCK_FILE)


def unverified(resolved: ResolvedAsset) -> UnverifiedAsset:
    """Return the error for an asset that has no digest to verify it with."""
    return UnverifiedAsset(
        source=resolved.request.source,
        required_by="minimum" if resolved.request.minimum else "verify",
        repository=str(resolved.request.repository),
        tag=resolved.release.tag,
        name=resolved.asset.name,
    )


def known_digest(asset: ReleaseAsset) -> ExpectedDigest | None:
    """Return the digest that GitHub publishes for an asset, or None."""
    if asset.digest is None or not asset.digest.startswith(_PREFIX):
        return None
    return ExpectedDigest(asset.digest.removeprefix(_PREFIX), GITHUB)


def _checked(planned: list[PlannedAsset]) -> list[PlannedAsset]:
    check_destinations((_destination(each.resolved), each.request.source) for each in planned)
    return planned


def configured_digest(request: AssetRequest) -> ExpectedDigest | None:
    """Return the digest that is configured for an asset, or None."""
    return ExpectedDigest(request.sha256, CONFIGURATION) if request.sha256 else None


def _expected(resolved: ResolvedAsset) -> ExpectedDigest | None:
    """Return the configured digest, or else the one that GitHub publishes. Raises ConfiguredDigestMismatch."""
    published, configured = known_digest(resolved.asset), configured_digest(resolved.request)
    if published and configured and published.digest != configured.digest:
        raise ConfiguredDigestMismatch(
            where=resolved.request.source.setting("sha256"),
            repository=str(resolved.request.repository),
            tag=resolved.release.tag,
            name=resolved.asset.name,
            configured=configured.digest,
            published=published.digest,
        )
    return configured or published


def _destination(resolved: ResolvedAsset) -> str:
    request = resolved.request
    if request.extract == ALL:
        return f"{request.layer}/{request.folder or ''}/{resolved.asset.name} (a tree)"
    return "/".join(
        part for part in (request.layer, BIN if request.folder is None else request.folder, resolved.target) if part
    )
