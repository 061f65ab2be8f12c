"""The plan: every requested asset resolved, and every conflict found, before anything is downloaded or written.

With a lock file all of it is known here, and nothing that makes requests is imported.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from github_assets.config.request import ALL, BIN, REQUIRED, AssetRequest, Repository, check_targets_unique
from github_assets.errors import ErrorSource, GithubAssetsError
from github_assets.errors.resolution import UnverifiedAsset
from github_assets.errors.transfer import DigestMismatch
from github_assets.parallel import collect_errors, raise_error, try_in_parallel
from github_assets.selection.release_choice import ChosenRelease, VersionRequest, find_release, version_request
from github_assets.selection.resolved import ResolvedAsset, resolve
from github_assets.text import human_size
from github_assets.transfer.source import CONFIGURATION, GITHUB, SHA256, ExpectedDigest

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.github.releases import Release, ReleaseAsset
    from github_assets.github.servers import Servers
    from github_assets.log import Log
    from github_assets.platforms import Platform
    from github_assets.resolution.lock import Lock
    from github_assets.resolution.session import Session

_PREFIX = f"{SHA256}:"


class PlannedAsset(NamedTuple):
    """An asset to be installed, and the digest that it must have, where one is known before anything is downloaded."""

    resolved: ResolvedAsset
    expected: ExpectedDigest | None

    @property
    def request(self) -> AssetRequest:
        """What was asked for."""
        return self.resolved.request

    @property
    def release(self) -> Release:
        """The release that the asset is of."""
        return self.resolved.release

    @property
    def asset(self) -> ReleaseAsset:
        """The asset."""
        return self.resolved.asset

    @property
    def digest(self) -> str:
        """The expected digest as GitHub writes it, `sha256:<hex>`; empty where none is known."""
        return f"{_PREFIX}{self.expected.digest}" if self.expected else ""


class _Lookup(NamedTuple):
    """Requests that have this in common need the same API requests."""

    api: Api
    repository: Repository
    version: VersionRequest


def plan(requests: Sequence[AssetRequest], session: Session, platform: Platform) -> list[PlannedAsset]:
    """Return the plan for all requests, in their order. Raises what stands in the way, SeveralFailed if it is more."""
    return resolve_all(requests, find_releases(requests, session), session, platform)


def find_releases(requests: Sequence[AssetRequest], session: Session) -> list[Release | GithubAssetsError]:
    """Return the requests' releases, in their order; in place of a release the error that `find_release` raised."""
    now = time.time()
    lookups = [_Lookup(session.api(each), each.repository, version_request(each)) for each in requests]
    sources = dict(zip(reversed(lookups), (each.source for each in reversed(requests)), strict=True))
    distinct = list(dict.fromkeys(lookups))

    def find(lookup: _Lookup) -> ChosenRelease:
        with ErrorSource(sources[lookup]):
            return find_release(lookup.api, lookup.repository, lookup.version, now)

    found = dict(zip(distinct, try_in_parallel(find, distinct), strict=True))
    for lookup, outcome in found.items():
        if isinstance(outcome, GithubAssetsError):
            continue
        session.log.step(f"{lookup.repository} {lookup.version.version}: release {outcome.release.tag}")
        if not outcome.release.tag.isprintable():
            session.log.warning(f"The tag has characters that cannot be printed; it is {outcome.release.tag!a}.")
        for skipped in outcome.skipped:
            session.log.detail(f"Skipped {skipped.tag}: {skipped.reason}")
    outcomes = [found[lookup] for lookup in lookups]
    return [outcome if isinstance(outcome, GithubAssetsError) else outcome.release for outcome in outcomes]


def resolve_all(
    requests: Sequence[AssetRequest],
    releases: Sequence[Release | GithubAssetsError],
    session: Session,
    platform: Platform,
) -> list[PlannedAsset]:
    """Return which asset of its release each request means; `releases` are those of `find_releases`.

    Raises TargetConflict; all that stands in the way of single assets together: the errors in place of releases,
    DigestMismatch, and what `resolve` raises.
    """

    def planned(pair: tuple[AssetRequest, Release | GithubAssetsError]) -> PlannedAsset:
        request, release = pair
        with ErrorSource(request.source):
            resolved = resolve(request, raise_error(release), platform)
            return PlannedAsset(resolved, _expected(resolved, session.api(request)))

    return _checked(collect_errors(planned, list(zip(requests, releases, strict=True))), session.log)


def plan_locked(
    requests: Sequence[AssetRequest], lock: Lock, servers: Servers, platform: Platform, log: Log
) -> list[PlannedAsset]:
    """Return the plan that the lock file holds. Raises LockOutdated, UnverifiedAsset, TargetConflict."""
    planned = []
    for request, locked in zip(requests, lock.assets_for(requests, servers, platform), strict=True):
        resolved = locked.resolve(request)
        if request.verify == REQUIRED and not locked.verified and not request.sha256:
            raise unverified(resolved)
        by = CONFIGURATION if request.sha256 else locked.verified_by_lock
        planned.append(PlannedAsset(resolved, ExpectedDigest(locked.sha256, by)))
    for line in dict.fromkeys(
        f"{each.request.repository} {each.request.version}: release {each.release.tag}" for each in planned
    ):
        log.step(f"{line}, locked")
    return _checked(planned, log)


def unverified(resolved: ResolvedAsset) -> UnverifiedAsset:
    """Return the error for an asset that has no digest to verify it with."""
    return UnverifiedAsset(
        source=resolved.request.source,
        repository=str(resolved.request.repository),
        tag=resolved.release.tag,
        name=resolved.asset.name,
    )


def known_digest(asset: ReleaseAsset) -> ExpectedDigest | None:
    """Return the digest that GitHub publishes for an asset, or None."""
    if asset.digest is None or not asset.digest.startswith(_PREFIX):
        return None
    return ExpectedDigest(asset.digest.removeprefix(_PREFIX), GITHUB)


def _checked(planned: list[PlannedAsset], log: Log) -> list[PlannedAsset]:
    for each in planned:
        log.detail(f"Asset {each.asset.name} ({human_size(each.asset.size)})")
    check_targets_unique((_destination(each.resolved), each.request.source) for each in planned)
    return planned


def _expected(resolved: ResolvedAsset, api: Api) -> ExpectedDigest | None:
    published = known_digest(resolved.asset)
    if not resolved.request.sha256:
        return published
    configured = ExpectedDigest(resolved.request.sha256, CONFIGURATION)
    if published and published.digest != configured.digest:
        from github_assets.http.urls import host_of

        raise DigestMismatch(
            name=resolved.asset.name,
            host=host_of(api.url),
            expected=f"{_PREFIX}{configured.digest}",
            received=f"{_PREFIX}{published.digest}",
            verified_by=CONFIGURATION,
        )
    return configured


def _destination(resolved: ResolvedAsset) -> str:
    request = resolved.request
    if request.extract == ALL:
        return f"{request.layer}/{request.folder or ''}/{resolved.asset.name} (a tree)"
    return "/".join(
        part for part in (request.layer, BIN if request.folder is None else request.folder, resolved.target) if part
    )
