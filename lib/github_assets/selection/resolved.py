"""From a release to the one asset that a request means."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import AssetRequest, check_target
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, AssetNotUploaded, NoAssetForPlatform
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, Decision, choose, decide, default_target

UNFINISHED = "its upload is not finished"
UNPRINTABLE = "its name contains invisible characters"


class ResolvedAsset(NamedTuple):
    """A request, the release and the asset that it came to, and the name that its file would get under bin/."""

    request: AssetRequest
    release: Release
    asset: ReleaseAsset
    target: str

    def plain_name(self, name: str) -> str:
        """Return the name of a file in the asset without version and platform words."""
        return default_target(name, _full_name(self.request), self.release.tag)

    def alternative(self, platform: Platform) -> str | None:
        """Return the asset that would have been chosen for a platform without FILE, where it is another one."""
        query = AssetQuery(_full_name(self.request), self.release.tag, target=self.request.target)
        try:
            name = choose(_choosable(self.release), platform, query)
        except (NoAssetForPlatform, AssetAmbiguous):
            return None
        return None if name == self.asset.name else name


def resolve(request: AssetRequest, release: Release, platform: Platform) -> ResolvedAsset:
    """Return the asset that FILE names, or that is for the platform.

    Raises AssetNotFound, NoAssetForPlatform, AssetAmbiguous, AssetNotUploaded, ExpressionTooSlow, and SettingInvalid
    where its name can't be that of a file.
    """
    assets = {asset.name: asset for asset in release.assets}
    query = AssetQuery(_full_name(request), release.tag, request.file, request.target)
    try:
        named = request.file and assets.get(request.file.text)
        names = [named.name] if named and named.state == UPLOADED else _choosable(release)
        name = choose(names, platform, query)
    except AssetNotFound as error:
        unfinished = assets.get(error.name)
        if unfinished is None:
            raise
        raise AssetNotUploaded(
            repository=str(request.repository), tag=release.tag, name=error.name, state=unfinished.state
        ) from None
    return ResolvedAsset(request, release, assets[name], target_of(request, name, release.tag))


def explain(request: AssetRequest, release: Release, platform: Platform) -> Decision:
    """Return which asset of the release `resolve` takes, and why it does not take the others.

    Raises ExpressionTooSlow.
    """
    query = AssetQuery(_full_name(request), release.tag, request.file, request.target)
    decision = decide(_choosable(release), platform, query)
    others = {
        each.name: UNFINISHED if each.state != UPLOADED else UNPRINTABLE
        for each in release.assets
        if each.name not in decision.reasons
    }
    return decision._replace(reasons={**decision.reasons, **others})


def target_of(request: AssetRequest, name: str, tag: str) -> str:
    """Return the name that an asset's file gets under bin/. Raises SettingInvalid where no file can have it."""
    target = request.target or (name if request.file else default_target(name, _full_name(request), tag))
    return check_target(target, f"{request.source.setting('target')}, or else the asset's name,")


def _full_name(request: AssetRequest) -> str:
    return f"{request.repository.owner}/{request.repository.name}"


def _choosable(release: Release) -> list[str]:
    """Return the names of the assets that may be chosen although nobody spelled them."""
    return [asset.name for asset in release.assets if asset.state == UPLOADED and asset.name.isprintable()]
