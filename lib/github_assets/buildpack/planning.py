"""What will be in the image: every asset resolved, and every conflict found, before anything is fetched or written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from github_assets.buildpack.layers import LayerAsset
from github_assets.config.request import ALL, AUTO, BIN, REQUIRED, AssetRequest, Repository, check_places
from github_assets.errors import DigestMismatch, GithubAssetsError, NothingVouches, SeveralFailed
from github_assets.github.releases import Api
from github_assets.github.servers import Servers
from github_assets.log import Log
from github_assets.network import CONNECTIONS, Credential, Network, host_of, origin
from github_assets.platforms import Platform
from github_assets.secrets import Secret
from github_assets.selection.resolved import ResolvedAsset, resolve
from github_assets.selection.versions import Found, VersionRequest, find_release
from github_assets.text import human_size
from github_assets.transfer.download import SHA256, Source, Voucher

CONFIGURATION = "the configuration"
GITHUB = "GitHub's digest"

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Planned(NamedTuple):
    """An asset of the image: what it is, where its bytes are had, and what its layer's metadata says of it."""

    resolved: ResolvedAsset
    source: Source
    entry: LayerAsset


class _Wanted(NamedTuple):
    """Requests that have this in common are resolved by the same API requests."""

    api: str
    token: Secret | None
    repository: Repository
    version: VersionRequest


def plan(
    requests: Sequence[AssetRequest], servers: Servers, network: Network, platform: Platform, log: Log
) -> list[Planned]:
    """Return the plan for all requests, in their order. Raises what stands in the way, SeveralFailed if it is more."""
    now = time.time()
    wanted = [_wanted(request, servers) for request in requests]
    distinct = list(dict.fromkeys(wanted))

    def find(each: _Wanted) -> Found:
        return find_release(_api(each, network), each.repository, each.version, now)

    releases = dict(zip(distinct, in_parallel(find, distinct), strict=True))
    for each, found in releases.items():
        log.step(f"{each.repository} {each.version.version}: release {found.release.tag}")
        for skipped in found.skipped:
            log.detail(f"Skipped {skipped.tag}: {skipped.reason}")

    def planned(pair: tuple[AssetRequest, _Wanted]) -> Planned:
        request, each = pair
        return _planned(resolve(request, releases[each].release, platform), _api(each, network), each)

    result = _each(planned, list(zip(requests, wanted, strict=True)))
    for one in result:
        log.detail(f"Asset {one.resolved.asset.name} ({human_size(one.resolved.asset.size)})")
    check_places((_place(one.resolved), one.resolved.request.source) for one in result)
    return result


def in_parallel(action: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """Return the results in the items' order; all are tried, then the errors are raised, SeveralFailed for several."""
    if len(items) < 2:
        return _each(action, items)
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(min(len(items), CONNECTIONS))
    try:
        futures = [pool.submit(action, item) for item in items]
        return _each(lambda future: future.result(), futures)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after a signal nobody waits for a server


def _each(action: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    results, errors = [], []
    for item in items:
        try:
            results.append(action(item))
        except GithubAssetsError as error:
            if error.final:
                raise
            errors.append(error)
    if len(errors) > 1:
        raise SeveralFailed(errors=errors)
    if errors:
        raise errors[0]
    return results


def _wanted(request: AssetRequest, servers: Servers) -> _Wanted:
    return _Wanted(
        api=request.api_url or servers.api_of(request.repository),
        token=request.token,
        repository=request.repository,
        version=VersionRequest(request.version, request.prerelease, request.tag_pattern, request.min_age),
    )


def _api(wanted: _Wanted, network: Network) -> Api:
    return Api(network, wanted.api, _credential(wanted))


def _credential(wanted: _Wanted) -> Credential | None:
    return Credential(wanted.token, origin(wanted.api)) if wanted.token else None


def _planned(resolved: ResolvedAsset, api: Api, wanted: _Wanted) -> Planned:
    request, release, asset = resolved.request, resolved.release, resolved.asset
    vouchers = []
    if request.sha256:
        vouchers.append(Voucher(request.sha256, CONFIGURATION))
    if asset.digest is not None and asset.digest.startswith(f"{SHA256}:"):
        vouchers.append(Voucher(asset.digest.removeprefix(f"{SHA256}:"), GITHUB))
    if len({voucher.sha256 for voucher in vouchers}) > 1:
        raise DigestMismatch(
            name=asset.name,
            host=host_of(wanted.api),
            expected=vouchers[0].sha256,
            received=vouchers[1].sha256,
            vouched_by=CONFIGURATION,
        )
    if not vouchers and request.verify == REQUIRED:
        raise NothingVouches(repository=str(request.repository), tag=release.tag, name=asset.name)
    credential = _credential(wanted)
    url = api.asset_url(request.repository, asset) if credential else asset.browser_url
    entry = LayerAsset(
        repository=str(request.repository),
        tag=release.tag,
        asset=asset.name,
        id=str(asset.id),
        size=str(asset.size),
        digest=f"{SHA256}:{vouchers[0].sha256}" if vouchers else "",
        target=asset.name if request.extract == ALL else resolved.target,
        options=_options(request),
    )
    return Planned(resolved, Source(url, tuple(vouchers[:1]), credential), entry)


def _options(request: AssetRequest) -> str:
    """Return what decides how the asset is installed, and differs from what is usual, as text."""
    usual = AssetRequest._field_defaults
    deciding = ("path", "strip_components", "extract", "executable", "folder")
    chosen = {name: getattr(request, name) for name in deciding if getattr(request, name) != usual[name]}
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
