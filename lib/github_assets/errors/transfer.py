"""What can be wrong with an asset's bytes, or with where they come from."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class SizeMismatch(GithubAssetsError):
    """More or fewer bytes than GitHub says that the asset has."""

    transient = True
    name: str
    host: str
    expected: int
    received: int


class DigestMismatch(GithubAssetsError):
    """Other bytes than those that the digest was made of; `verified_by` says whose digest it is.

    `expected` and `received` are digests as GitHub writes them, `sha256:<hex>`.
    """

    transient = True
    name: str
    host: str
    expected: str
    received: str
    verified_by: str


class AssetChanged(GithubAssetsError):
    """Another version of the asset, or one that can't be told from another, where the rest of it was asked for."""

    transient = True
    name: str
    host: str


class RangeMismatch(GithubAssetsError):
    """Other bytes of the asset than those that were asked for; both as HTTP names them, `bytes 0-9`."""

    transient = True
    name: str
    host: str
    asked: str
    sent: str


class StorageRefused(GithubAssetsError):
    """The storage that GitHub has just redirected to refuses the asset."""

    transient = True
    name: str
    host: str
    status: int


class PageInsteadOfAsset(GithubAssetsError):
    """A web page (a login, a proxy's notice) where the asset should be."""

    transient = True
    name: str
    host: str


class NotOnMirror(GithubAssetsError):
    """A mirror, or a file of it, does not have what should be there; `setting` names it, `url` holds no user."""

    url: str
    setting: str


class FolderNotMirror(GithubAssetsError):
    """A variable names a folder from which it may not take assets; `setting` names the variable."""

    setting: str
    folder: str


class FolderNeedsDigest(GithubAssetsError):
    """A mirror in a folder would have an asset whose digest nobody knows; `setting` names the mirror."""

    setting: str
    name: str
