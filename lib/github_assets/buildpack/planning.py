"""What will be in the image: every asset resolved, and every conflict found, before anything is fetched or written.

With a lock file, all of it is known here: what asks and fetches is not even imported.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from github_assets.buildpack.layers import LayerAsset
from github_assets.config.request import ALL, AUTO, BIN, REQUIRED, AssetRequest, Repository, check_places
from github_assets.errors import DigestMismatch, NothingVouches
from github_assets.parallel import in_parallel, one_by_one
from github_assets.selection.resolved import ResolvedAsset, resolve
from github_assets.selection.versions import Found, VersionRequest, find_release
from github_assets.text import human_size

if TYPE_CHECKING:
    from github_assets.buildpack.outside import Outside
    from github_assets.github.api import Api
    from github_assets.github.releases import Release
    from github_assets.github.servers import Servers
    from github_assets.lock import Lock
    from github_assets.log import Log
    from github_assets.network import Credential
    from github_assets.platforms import Platform

CONFIGURATION = "the configuration"
GITHUB = "GitHub's digest"
SHA256 = "sha256:"


class Planned(NamedTuple):
    """An asset of the image: what it is, what its layer's metadata says of it, and who vouches for its digest."""

    resolved: ResolvedAsset
    entry: LayerAsset
    vouched_by: str | None


class _Wanted(NamedTuple):
    """Requests that have this in common are resolved by the same API requests."""

    api: str
    credential: Credential | None
    repository: Repository
    version: VersionRequest


def plan(requests: Sequence[AssetRequest], outside: Outside, platform: Platform, log: Log) -> list[Planned]:
    """Return the plan for all requests, in their order. Raises what stands in the way, SeveralFailed if it is more."""
    return resolve_all(requests, find_releases(requests, outside, log), outside, platform, log)


def find_releases(requests: Sequence[AssetRequest], outside: Outside, log: Log) -> list[Release]:
    """Return the requests' releases, in their order. Raises what `find_release` raises, SeveralFailed for several."""
    now = time.time()
    apis = [outside.api(request) for request in requests]
    wanted = [
        _Wanted(api.url, api.credential, request.repository, _version(request))
        for request, api in zip(requests, apis, strict=True)
    ]
    distinct = dict(zip(wanted, apis, strict=True))

    def find(each: _Wanted) -> Found:
        return find_release(distinct[each], each.repository, each.version, now)

    releases = dict(zip(distinct, in_parallel(find, list(distinct)), strict=True))
    for each, found in releases.items():
        log.step(f"{each.repository} {each.version.version}: release {found.release.tag}")
        for skipped in found.skipped:
            log.detail(f"Skipped {skipped.tag}: {skipped.reason}")
    return [releases[each].release for each in wanted]


def resolve_all(
    requests: Sequence[AssetRequest], releases: Sequence[Release], outside: Outside, platform: Platform, log: Log
) -> list[Planned]:
    """Return which asset of its release each request means. Raises DigestMismatch, TargetTaken, and as `resolve`."""

    def planned(pair: tuple[AssetRequest, Release]) -> Planned:
        request, release = pair
        return _planned(resolve(request, release, platform), outside.api(request))

    return _checked(one_by_one(planned, list(zip(requests, releases, strict=True))), log)


def plan_locked(
    requests: Sequence[AssetRequest], lock: Lock, servers: Servers, platform: Platform, log: Log
) -> list[Planned]:
    """Return the plan that the lock file holds. Raises LockOutdated, NothingVouches, TargetTaken."""
    found = []
    for request, locked in zip(requests, lock.of(requests, servers, platform), strict=True):
        resolved = locked.resolve(request)
        if request.verify == REQUIRED and not locked.vouched and not request.sha256:
            raise unproven(resolved)
        by = CONFIGURATION if request.sha256 else locked.voucher
        found.append(Planned(resolved, _entry(resolved, f"{SHA256}{locked.sha256}"), by))
    for line in dict.fromkeys(
        f"{each.resolved.request.repository} {each.resolved.request.version}: release {each.entry.tag}"
        for each in found
    ):
        log.step(f"{line}, locked")
    return _checked(found, log)


def _checked(planned: list[Planned], log: Log) -> list[Planned]:
    for each in planned:
        log.detail(f"Asset {each.entry.asset} ({human_size(each.resolved.asset.size)})")
    check_places((_place(each.resolved), each.resolved.request.source) for each in planned)
    return planned


def _version(request: AssetRequest) -> VersionRequest:
    return VersionRequest(request.version, request.prerelease, request.tag_pattern, request.min_age)


def _planned(resolved: ResolvedAsset, api: Api) -> Planned:
    from github_assets.buildpack.unchanged import remembered

    request, asset = resolved.request, resolved.asset
    asked = f"{SHA256}{request.sha256}" if request.sha256 else None
    known = asset.digest if asset.digest is not None and asset.digest.startswith(SHA256) else None
    if asked and known and asked != known:
        from github_assets.network import host_of

        raise DigestMismatch(
            name=asset.name, host=host_of(api.url), expected=asked, received=known, vouched_by=CONFIGURATION
        )
    digest = asked or known
    entry = remembered(_entry(resolved, digest or ""), request, resolved.release, api)
    return Planned(resolved, entry, CONFIGURATION if asked else GITHUB if known else None)


def _entry(resolved: ResolvedAsset, digest: str) -> LayerAsset:
    request, asset = resolved.request, resolved.asset
    return LayerAsset(
        repository=str(request.repository),
        tag=resolved.release.tag,
        asset=asset.name,
        id=str(asset.id),
        size=str(asset.size),
        digest=digest,
        target=asset.name if request.extract == ALL else resolved.target,
        options=_options(request),
    )


def _options(request: AssetRequest) -> str:
    """Return what decides how the asset is installed, and differs from what is usual, as text."""
    deciding = ("path", "strip_components", "extract", "executable", "folder")
    values = {name: getattr(request, name) for name in deciding}
    chosen = {name: value for name, value in values.items() if value != getattr(AssetRequest, name)}
    if request.verify != AUTO:
        chosen["verify"] = request.verify
    return json.dumps(chosen, sort_keys=True) if chosen else ""


def _place(resolved: ResolvedAsset) -> str:
    request = resolved.request
    if request.extract == ALL:
        return f"{request.layer}/{request.folder or ''}/{resolved.asset.name} (a tree)"
    return "/".join(
        part for part in (request.layer, BIN if request.folder is None else request.folder, resolved.target) if part
    )


def unproven(resolved: ResolvedAsset) -> NothingVouches:
    """Return the error for an asset that nothing vouches for."""
    return NothingVouches(
        repository=str(resolved.request.repository), tag=resolved.release.tag, name=resolved.asset.name
    )
