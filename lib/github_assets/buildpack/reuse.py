"""Conditional requests on rebuilds with a token: free of the rate limit if a release is not modified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from github_assets import __version__
from github_assets.buildpack.metadata import LayerAsset, LayerMetadata
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import LATEST
from github_assets.locations import Location
from github_assets.parallel import run_in_parallel
from github_assets.platforms import Platform

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.resolution.plan import PlannedAsset
    from github_assets.resolution.session import Session


class _ConditionalRequest(NamedTuple):
    """Asks whether a release still has the ETag; `tag` is None for the latest release."""

    api: Api
    repository: Repository
    tag: str | None
    etag: str

    def not_modified(self) -> bool:
        return self.api.unchanged(self.repository, self.tag, self.etag)


def find_unchanged(
    requests: Sequence[AssetRequest], previous: Mapping[str, LayerMetadata], session: Session, platform: Platform
) -> dict[str, LayerMetadata]:
    """Return the previous layers whose requests are the same and whose releases are not modified.

    Raises what `Api.unchanged` raises, SeveralFailed for several.
    """
    conditional = {}
    requested = {layer: [request for request in requests if request.layer == layer] for layer in previous}
    for layer, metadata in previous.items():
        if metadata.platform == platform and len(requested[layer]) == len(metadata.assets):
            pairs = zip(requested[layer], metadata.assets, strict=True)
            of_layer = [_conditional_request(request, asset, session) for request, asset in pairs]
            if all(of_layer):
                conditional[layer] = [each for each in of_layer if each]
    distinct = list(dict.fromkeys(each for of_layer in conditional.values() for each in of_layer))
    not_modified = dict(zip(distinct, run_in_parallel(_ConditionalRequest.not_modified, distinct), strict=True))
    return {layer: previous[layer] for layer, of_layer in conditional.items() if all(map(not_modified.get, of_layer))}


def seal(assets: Sequence[LayerAsset], requests: Sequence[AssetRequest], session: Session) -> tuple[LayerAsset, ...]:
    """Return the assets of a layer, sealed if there is an ETag for the next build to send."""
    pairs = zip(assets, requests, strict=True)
    return tuple(it._replace(seal=_seal(it, request, session.api(request))) if it.etag else it for it, request in pairs)


def etag(planned: PlannedAsset, session: Session) -> str:
    """Return the ETag of the asset's release if there is a token, with which a conditional request is free."""
    text = planned.release.etag or ""
    return text if session.api(planned.request).credential and _is_etag(text) else ""


def _conditional_request(request: AssetRequest, asset: LayerAsset, session: Session) -> _ConditionalRequest | None:
    api = session.api(request)
    if not (_is_etag(asset.etag) and asset.seal) or asset.seal != _seal(asset, request, api):
        return None
    return _ConditionalRequest(api, request.repository, None if request.version == LATEST else asset.tag, asset.etag)


def _seal(asset: LayerAsset, request: AssetRequest, api: Api) -> str:
    """Return a seal of an asset and its request that only a build with the token can compute.

    That a release is not modified does not prove the previous image's metadata: anyone who can write the image could
    combine false metadata with a current ETag.
    """
    if not api.credential:
        return ""
    import hmac

    anonymous = request._replace(source=Location(""), token=None)
    sealed = repr((__version__, api.url, anonymous, asset._replace(seal="")))
    return hmac.digest(api.credential.token.reveal().encode(), sealed.encode(), "sha256").hex()


def _is_etag(text: str) -> bool:
    """Return whether a header can contain the text."""
    return text.isascii() and text.isprintable() and 0 < len(text) < 200
