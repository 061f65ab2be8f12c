"""No release or asset to select."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class AssetNotFound(GithubAssetsError):
    """The release has no asset of that name; `available` holds those it has, nearest first."""

    repository: str
    tag: str
    name: str
    available: Sequence[str]


class NoAssetForPlatform(GithubAssetsError):
    """No asset is for this platform; `available` holds those that might have been, nearest first."""

    platform: str
    available: Sequence[str]


class AssetAmbiguous(GithubAssetsError):
    """Several assets are equally good for this platform."""

    platform: str
    candidates: Sequence[str]


class NoMatchingRelease(GithubAssetsError):
    """No release is what VERSION and the options ask for.

    `left_out` holds pairs of tag and reason, of those that VERSION alone means; `available` the tags nearest to it,
    highest first; `looked_at` is the number of releases; `other_tags` holds the nearest tags where none is of
    `tag_pattern`.
    """

    repository: str
    version: str
    tag_pattern: str | None
    left_out: Sequence[tuple[str, str]]
    available: Sequence[str]
    looked_at: int
    other_tags: Sequence[str] = ()


class ExpressionTooSlow(GithubAssetsError):
    """A regular expression takes too long to match; `key` is the key of the asset that it is the value of."""

    key: str
    expression: str


class AssetNotUploaded(GithubAssetsError):
    """The asset is listed, and its upload has not ended."""

    repository: str
    tag: str
    name: str
    state: str
