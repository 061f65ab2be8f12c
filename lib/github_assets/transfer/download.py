"""Bytes that are proven: fetched, counted and hashed on their way to the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from github_assets.errors import CannotWrite, DigestMismatch, PageInsteadOfAsset, SizeMismatch
from github_assets.github.releases import ReleaseAsset
from github_assets.network import Credential, Network, host_of

SHA256 = "sha256"


class Voucher(NamedTuple):
    """A digest that the bytes must have, and who says so."""

    sha256: str
    by: str


class Source(NamedTuple):
    """Where the bytes of an asset are had, and who vouches for them."""

    url: str
    vouchers: tuple[Voucher, ...] = ()
    credential: Credential | None = None


class Download(NamedTuple):
    """A file whose bytes were proven; `vouched_by` is None where only its size could be compared."""

    path: str
    size: int
    sha256: str
    vouched_by: str | None
    host: str


def download(network: Network, asset: ReleaseAsset, source: Source, path: str) -> Download:
    """Fetch an asset into a new file at `path`; when this returns, the file holds what GitHub says that it holds.

    Repeated from the first URL on, so that every attempt gets a signed URL of its own. Raises SizeMismatch,
    DigestMismatch, PageInsteadOfAsset, CannotWrite, and what `Network.get` raises; no file is left then.
    """
    try:
        return network.persistently(lambda: _attempt(network, asset, source, path))
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        raise


def _attempt(network: Network, asset: ReleaseAsset, source: Source, path: str) -> Download:
    sha256 = hashlib.sha256()
    received = 0
    with network.get(source.url, {"Accept": "application/octet-stream"}, source.credential) as response:
        host = host_of(response.url)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise PageInsteadOfAsset(name=asset.name, host=host)
        with _writing(path) as file:
            for chunk in network.chunks(response):
                received += len(chunk)
                if received > asset.size:
                    break
                sha256.update(chunk)
                _write(file, chunk, path)
    if received != asset.size:
        raise SizeMismatch(name=asset.name, host=host, expected=asset.size, received=received)
    for voucher in source.vouchers:
        if sha256.hexdigest() != voucher.sha256:
            raise DigestMismatch(
                name=asset.name,
                host=host,
                expected=voucher.sha256,
                received=sha256.hexdigest(),
                vouched_by=voucher.by,
            )
    vouched_by = ", ".join(voucher.by for voucher in source.vouchers) or None
    return Download(path, received, sha256.hexdigest(), vouched_by, host)


@contextlib.contextmanager
def _writing(path: str) -> Iterator[BinaryIO]:
    try:
        file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed below, where a full disk shows
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None
    with file:
        yield file


def _write(file: BinaryIO, chunk: bytes, path: str) -> None:
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None
