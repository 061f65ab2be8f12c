"""Assets as GitHub has them now, ready to be locked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from github_assets.config.request import AssetRequest
from github_assets.files import disk_errors
from github_assets.github.releases import ReleaseAsset
from github_assets.parallel import run_in_parallel
from github_assets.platforms import Platform
from github_assets.resolution.lock import FIRST_DOWNLOAD, LockedAsset, lock_key
from github_assets.resolution.plan import PlannedAsset, find_releases, resolve_all
from github_assets.resolution.session import Session
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import download
from github_assets.transfer.source import SHA256, Source


class Pin(NamedTuple):
    """A request and the platform on which it is to be locked."""

    request: AssetRequest
    platform: Platform


def lock_assets(pins: Sequence[Pin], session: Session) -> list[LockedAsset]:
    """Return what the requests come to now, in their order."""
    requests = list(dict.fromkeys(pin.request for pin in pins))
    releases = dict(zip(requests, find_releases(requests, session), strict=True))
    planned: dict[Pin, PlannedAsset] = {}
    for platform in dict.fromkeys(pin.platform for pin in pins):
        of_platform = [pin for pin in pins if pin.platform == platform]
        session.log.step(f"{platform}:")
        resolved = resolve_all(
            [pin.request for pin in of_platform], [releases[pin.request] for pin in of_platform], session, platform
        )
        planned |= zip(of_platform, resolved, strict=True)
    in_order = [planned[pin] for pin in pins]
    sources = find_sources(in_order, session)
    digests = _digests(in_order, sources, session)
    return [
        LockedAsset(
            key=lock_key(pin.request, session.servers),
            platform=pin.platform,
            tag=each.release.tag,
            asset=each.asset.name,
            id=each.asset.id,
            size=each.asset.size,
            sha256=digest,
            url=each.asset.browser_url,
            verified_by=", ".join(expected.by for expected in source.expected_digests) or FIRST_DOWNLOAD,
        )
        for pin, each, source, digest in zip(pins, in_order, sources, digests, strict=True)
    ]


def _digests(planned: Sequence[PlannedAsset], sources: Sequence[Source], session: Session) -> list[str]:
    """Return the assets' SHA-256: the expected one, or that of the downloaded bytes where none is known."""
    pairs = {each.asset: source for each, source in zip(planned, sources, strict=True)}
    known = {
        asset: expected.digest
        for asset, source in pairs.items()
        for expected in source.expected_digests
        if expected.algorithm == SHA256
    }
    unknown = [asset for asset in pairs if asset not in known]
    with disk_errors(tempfile.gettempdir()), tempfile.TemporaryDirectory() as folder:

        def fetch(number: int) -> str:
            asset = unknown[number]
            path = os.path.join(folder, str(number))
            done = download(session.client, asset, pairs[asset], path)
            os.unlink(path)
            return done.sha256

        downloaded = run_in_parallel(fetch, range(len(unknown)), session.client.close)
    for asset, digest in zip(unknown, downloaded, strict=True):
        known[asset] = digest
        if not pairs[asset].expected_digests:
            _warn_unverified(asset, digest, session)
    return [known[each.asset] for each in planned]


def _warn_unverified(asset: ReleaseAsset, digest: str, session: Session) -> None:
    session.log.warning(
        f"No checksum is published for {asset.name}; locked the digest of the download, sha256:{digest}"
    )
