"""Errors in choosing a release or an asset."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class AssetNotFound(GithubAssetsError):
    """The release has no asset of that name; `available` lists its assets, closest first."""

    asset_key = "file"
    repository: str
    tag: str
    name: str
    available: Sequence[str]


class NoAssetForPlatform(GithubAssetsError):
    """No asset matches the platform; `available` lists candidates, closest first."""

    repository: str
    tag: str
    platform: str
    available: Sequence[str]


class AssetAmbiguous(GithubAssetsError):
    """Several assets match the platform equally well."""

    repository: str
    tag: str
    platform: str
    candidates: Sequence[str]


class NoMatchingRelease(GithubAssetsError):
    """No release matches VERSION and the options.

    `left_out` has tag and reason of releases that match VERSION but not the options; `available` the closest tags,
    highest first; `looked_at` the number of releases checked; `other_tags` the closest tags if none matches
    `tag_pattern`.
    """

    asset_key = "version"
    repository: str
    version: str
    tag_pattern: str | None
    left_out: Sequence[tuple[str, str]]
    available: Sequence[str]
    looked_at: int
    other_tags: Sequence[str] = ()


class ExpressionTooSlow(GithubAssetsError):
    """A regular expression takes too long to match; `key` is the asset's key that it is the value of."""

    key: str
    expression: str


class AssetNotUploaded(GithubAssetsError):
    """The asset is listed, but not fully uploaded."""

    repository: str
    tag: str
    name: str
    state: str
