"""Where the bytes of planned assets are had, and everybody who vouches for them."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.buildpack.outside import Outside
from github_assets.buildpack.planning import GITHUB, SHA256, Planned, unproven
from github_assets.config.request import REQUIRED, AssetRequest
from github_assets.github.releases import Release, ReleaseAsset
from github_assets.log import Log
from github_assets.parallel import in_parallel, one_by_one
from github_assets.transfer.download import Source, Voucher


def find_sources(planned: Sequence[Planned], outside: Outside, log: Log) -> list[Source]:
    """Return the assets' sources, in their order, with what the releases' checksum files say of the assets.

    A checksum file is fetched where nothing else vouches for an asset, or where `verify` demands proof, and once for
    all assets of a release. Raises NothingVouches, and what `download` raises.
    """
    result = [_source_of_planned(each, outside) for each in planned]
    doubtful: dict[Release, list[int]] = {}
    for number, each in enumerate(planned):
        if not result[number].vouchers or each.resolved.request.verify == REQUIRED:
            release = each.resolved.release._replace(etag=None)  # one release, whether it was found as latest or by tag
            doubtful.setdefault(release, []).append(number)
    if not doubtful:
        return result
    from github_assets.transfer.checksums import Finding, find_voucher, reader

    def look(numbers: Sequence[int]) -> list[tuple[int, Finding]]:
        request = planned[numbers[0]].resolved.request

        def source(file: ReleaseAsset) -> Source:
            return _source(file, request, outside, _vouchers(file.digest or "", GITHUB))

        read = reader(outside.network, source)
        assets = planned[numbers[0]].resolved.release.assets
        return [(number, find_voucher(planned[number].resolved.asset.name, assets, read)) for number in numbers]

    def prove(finding: tuple[int, Finding]) -> None:
        number, (voucher, remarks) = finding
        for remark in remarks:
            log.detail(remark)
        source = result[number]
        if voucher:
            result[number] = source._replace(vouchers=(*source.vouchers, voucher))
        elif not source.vouchers and planned[number].resolved.request.verify == REQUIRED:
            raise unproven(planned[number].resolved)

    one_by_one(prove, [finding for findings in in_parallel(look, list(doubtful.values())) for finding in findings])
    return result


def _source_of_planned(planned: Planned, outside: Outside) -> Source:
    vouchers = _vouchers(planned.entry.digest, planned.vouched_by or "")
    return _source(planned.resolved.asset, planned.resolved.request, outside, vouchers)


def _vouchers(digest: str, by: str) -> tuple[Voucher, ...]:
    return (Voucher(digest.removeprefix(SHA256), by),) if digest.startswith(SHA256) else ()


def _source(asset: ReleaseAsset, request: AssetRequest, outside: Outside, vouchers: tuple[Voucher, ...]) -> Source:
    """Return where an asset is had: at its mirror alone, or else at its browser URL and through the API.

    Only the API has what is private. The browser URL costs no API request, and comes first where the token, if there
    is one, does not tell that the asset is private.
    """
    api = outside.api(request)
    place = outside.mirrors.place(asset.browser_url, [voucher.digest for voucher in vouchers])
    if place:
        return Source(place.url, vouchers, place.credential, mirror=place.setting)
    urls = [api.browser_url(asset), api.asset_url(request.repository, asset)]
    if api.credential and not api.credential.shared:
        urls.reverse()
    return Source(urls[0], vouchers, api.credential, instead=urls[1])
