"""What `--json` prints; docs/command-line.schema.json describes it."""

from __future__ import annotations

from typing import Any

from github_assets.platforms import Platform
from github_assets.resolution.lock import LockedAsset
from github_assets.resolution.plan import PlannedAsset


def asset_result(planned: PlannedAsset, platform: Platform) -> dict[str, Any]:
    """Return what an asset resolved to."""
    return {
        "repository": str(planned.request.repository),
        "tag": planned.release.tag,
        "platform": platform.name,
        "asset": planned.asset.name,
        "target": planned.resolved.target,
        "size": planned.asset.size,
        "digest": planned.digest or None,
        "url": planned.asset.browser_url,
    }


def locked_result(locked: LockedAsset) -> dict[str, Any]:
    """Return what is locked."""
    return {
        "repository": locked.key.repository,
        "tag": locked.tag,
        "platform": locked.platform.name,
        "asset": locked.asset,
        "size": locked.size,
        "digest": f"sha256:{locked.sha256}",
        "url": locked.url,
        "verified_by": locked.verified_by,
    }
