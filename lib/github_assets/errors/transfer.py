"""Errors in downloads and mirrors."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class SizeMismatch(GithubAssetsError):
    """The size of the download is not the size of the asset."""

    transient = True
    name: str
    host: str
    expected: int
    received: int


class DigestMismatch(GithubAssetsError):
    """The digest of the download is not the expected one, whose source is `verified_by`.

    `expected` and `received` are digests such as `sha256:<hex>`.
    """

    transient = True
    name: str
    host: str
    expected: str
    received: str
    verified_by: str


class AssetChanged(GithubAssetsError):
    """The asset changed during the download, or the server does not tell whether it did."""

    transient = True
    name: str
    host: str


class RangeMismatch(GithubAssetsError):
    """The server sent another range than requested; both in HTTP's syntax, `bytes 0-9`."""

    transient = True
    name: str
    host: str
    asked: str
    sent: str


class StorageRefused(GithubAssetsError):
    """The storage to which GitHub redirected refused the request."""

    transient = True
    name: str
    host: str
    status: int


class PageInsteadOfAsset(GithubAssetsError):
    """A web page (a login or proxy page) instead of the asset."""

    transient = True
    name: str
    host: str


class NotOnMirror(GithubAssetsError):
    """A mirror does not have the asset; `setting` names the mirror, and `url` contains no credentials."""

    url: str
    setting: str


class FolderNotMirror(GithubAssetsError):
    """A variable names a directory that must not be used as a mirror; `setting` names the variable."""

    setting: str
    folder: str


class FolderNeedsDigest(GithubAssetsError):
    """A mirror directory was to provide an asset whose digest is not known; `setting` names the mirror."""

    setting: str
    name: str
