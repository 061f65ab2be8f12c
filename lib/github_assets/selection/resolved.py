"""From a release to the one asset that a request means."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import AssetRequest, check_target
from github_assets.errors import AssetNotFound, AssetNotUploaded
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.text import nearest_first


class ResolvedAsset(NamedTuple):
    """A request, the release and the asset that it came to, and the name that the file gets under bin/."""

    request: AssetRequest
    release: Release
    asset: ReleaseAsset
    target: str


def resolve(request: AssetRequest, release: Release) -> ResolvedAsset:
    """Return the asset of exactly the name that FILE gives.

    Raises AssetNotFound, AssetNotUploaded, and SettingInvalid where its name can't be that of a file.
    """
    name = request.file or ""
    asset = next((asset for asset in release.assets if asset.name == name), None)
    uploaded = [asset.name for asset in release.assets if asset.state == UPLOADED]
    if asset is None:
        raise AssetNotFound(
            repository=str(release.repository),
            tag=release.tag,
            name=name,
            available=nearest_first(name, uploaded),
        )
    if asset.state != UPLOADED:
        raise AssetNotUploaded(repository=str(release.repository), tag=release.tag, name=name, state=asset.state)
    target = request.target or check_target(asset.name, "the asset's name, which TARGET would replace,")
    return ResolvedAsset(request, release, asset, target)
