"""`lock`: what the configuration asks for, pinned to assets and their digests."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence

from github_assets.cli.application import Application
from github_assets.cli.attestation_options import read_evidence
from github_assets.config.request import REQUIRED, AssetRequest
from github_assets.errors.config import FileUnreadable
from github_assets.errors.resolution import LockInvalid, LockMismatch, LockMissing, LockOutdated
from github_assets.files import disk_errors, write_atomically
from github_assets.github.releases import Release
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.parallel import run_in_parallel
from github_assets.platforms import Platform
from github_assets.resolution.lock import COMMAND, DOWNLOADED, FILE, Lock, LockedAsset, read_lock, to_text, wanted
from github_assets.resolution.plan import PlannedAsset, find_releases, resolve_all
from github_assets.resolution.session import Session
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import download
from github_assets.transfer.source import SHA256, Source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `lock` alone."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if the file does not match the configuration or what GitHub has now"
        " (a newer release is not a mismatch)",
    )
    group.add_argument(
        "--upgrade",
        metavar="OWNER/NAME",
        nargs="*",
        help="look up the newest releases of these repositories, or of all (default: keep what still matches)",
    )


def run(options: argparse.Namespace, application: Application) -> None:
    """Write the lock file, or check it. Raises what is in the way, and then leaves the file as it is."""
    requests = application.requests()
    servers = read_servers(application.environment)
    lock = _former(options.upgrade, application)
    platforms = application.platforms(options.platform, lock)
    if options.check:
        _check(lock, requests, servers, platforms, application)
    else:
        _write(options, lock, requests, servers, platforms, application)


def _former(upgrade: Sequence[str] | None, application: Application) -> Lock | None:
    try:
        return read_lock(application.directory)
    except (FileUnreadable, LockInvalid):
        if upgrade != []:
            raise
        return None  # all of it is made anew


def _write(
    options: argparse.Namespace,
    former: Lock | None,
    requests: Sequence[AssetRequest],
    servers: Servers,
    platforms: Sequence[Platform],
    application: Application,
) -> None:
    log = application.log
    kept, missing = [], []
    for platform in platforms:
        for request in requests:
            locked = former and former.find(wanted(request, servers), platform)
            if locked and _fits(locked, request) and not _to_upgrade(request, options.upgrade):
                kept.append((request, locked))
            else:
                missing.append((request, platform))
    found = list(kept)
    if missing or (options.attestations and not all(locked.attestations for _, locked in kept)):
        session = application.session()
        found += _resolve(missing, servers, session)
        found = [(request, _attested(locked, request, options, session, log)) for request, locked in found]
    lock = Lock(tuple(platform._replace(libc=None) for platform in platforms), tuple({each for _, each in found}))
    path, text = os.path.join(application.directory, FILE), to_text(lock)
    if former and to_text(former) == text:
        log.step(f"{FILE} is up to date")
        return
    write_atomically(path, text)
    for name in former.surplus(requests, servers) if former else []:
        log.step(f"Dropped {name}: no longer configured")
    log.step(f"Wrote {FILE}")


def _fits(locked: LockedAsset, request: AssetRequest) -> bool:
    """Return whether what is locked is still enough for the request."""
    proven = locked.verified or request.sha256 is not None or request.verify != REQUIRED
    return request.sha256 in (None, locked.sha256) and proven


def _to_upgrade(request: AssetRequest, upgrade: Sequence[str] | None) -> bool:
    names = (str(request.repository), f"{request.repository.owner}/{request.repository.name}")
    return upgrade == [] or any(name in names for name in upgrade or [])


def _resolve(
    missing: Sequence[tuple[AssetRequest, Platform]], servers: Servers, session: Session
) -> list[tuple[AssetRequest, LockedAsset]]:
    """Return what the requests come to now, on their platforms."""
    requests = list(dict.fromkeys(request for request, _ in missing))
    releases = dict(zip(requests, find_releases(requests, session), strict=True))
    planned: list[PlannedAsset] = []
    platforms: list[Platform] = []
    for platform in dict.fromkeys(platform for _, platform in missing):
        of_platform = [request for request, other in missing if other == platform]
        session.log.step(f"{platform}:")
        planned += resolve_all(of_platform, [releases[request] for request in of_platform], session, platform)
        platforms += [platform] * len(of_platform)
    sources = find_sources(planned, session)
    digests = _digests(planned, sources, session)
    return [
        (each.request, _locked(each, source, platform, digest, servers))
        for each, source, platform, digest in zip(planned, sources, platforms, digests, strict=True)
    ]


def _digests(planned: Sequence[PlannedAsset], sources: Sequence[Source], session: Session) -> list[str]:
    """Return the assets' SHA-256; of those for which nobody gives it, that of their downloaded bytes."""
    pairs = {each.asset: source for each, source in zip(planned, sources, strict=True)}
    known = {
        asset: expected.digest
        for asset, s in pairs.items()
        for expected in s.expected_digests
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

        for asset, digest in zip(
            unknown, run_in_parallel(fetch, range(len(unknown)), session.client.close), strict=True
        ):
            known[asset] = digest
            if not pairs[asset].expected_digests:
                session.log.warning(
                    f"No checksum is published for {asset.name}; locked the digest of the download, sha256:{digest}"
                )
    return [known[each.asset] for each in planned]


def _locked(planned: PlannedAsset, source: Source, platform: Platform, digest: str, servers: Servers) -> LockedAsset:
    resolved = planned.resolved
    return LockedAsset(
        wanted=wanted(resolved.request, servers),
        platform=platform,
        tag=resolved.release.tag,
        asset=resolved.asset.name,
        id=resolved.asset.id,
        size=resolved.asset.size,
        sha256=digest,
        url=resolved.asset.browser_url,
        verified_by=", ".join(expected.by for expected in source.expected_digests) or DOWNLOADED,
    )


def _attested(
    locked: LockedAsset, request: AssetRequest, options: argparse.Namespace, session: Session, log: Log
) -> LockedAsset:
    if locked.attestations:
        return locked
    signers = read_evidence(
        options,
        session.client,
        session.api(request),
        log,
        repository=request.repository,
        tag=locked.tag,
        name=locked.asset,
        sha256=locked.sha256,
    )
    return locked._replace(attestations=tuple(signers))


def _check(
    lock: Lock | None,
    requests: Sequence[AssetRequest],
    servers: Servers,
    platforms: Sequence[Platform],
    application: Application,
) -> None:
    """Raise LockMissing, LockOutdated where the file does not fit, LockMismatch where GitHub has something else."""
    if lock is None:
        raise LockMissing(file=FILE, command=COMMAND)
    surplus = [f"{name} is locked, but not configured" for name in lock.surplus(requests, servers)]
    differences = [*lock.differences(requests, servers, platforms), *surplus]
    if differences:
        raise LockOutdated(file=FILE, differences=differences, command=lock.command(platforms))
    session = application.session()
    by_wanted = {wanted(request, servers): request for request in requests}
    places = list(dict.fromkeys((each.wanted, each.tag) for each in lock.assets))

    def find(place: tuple[object, str]) -> Release | None:
        request = by_wanted[place[0]]  # type: ignore[index]
        return session.api(request).tagged(request.repository, place[1])

    releases = dict(zip(places, run_in_parallel(find, places), strict=True))
    unlike = [line for each in lock.assets for line in _unlike(each, releases[each.wanted, each.tag])]
    if unlike:
        names = sorted(
            {each.wanted.repository for each in lock.assets if _unlike(each, releases[each.wanted, each.tag])}
        )
        command = f"{COMMAND} --upgrade {' '.join(names)}"
        raise LockMismatch(file=FILE, differences=list(dict.fromkeys(unlike)), command=command)
    application.log.step(f"{FILE} matches the configuration and GitHub's releases")


def _unlike(locked: LockedAsset, release: Release | None) -> list[str]:
    """Return in what way GitHub no longer has an asset."""
    name = f"{locked.wanted.repository} {locked.tag}"
    if release is None:
        return [f"{name}: the release is gone"]
    now = next((asset for asset in release.assets if asset.name == locked.asset), None)
    if now is None:
        return [f"{name}: {locked.asset} is gone"]
    digest = now.digest or f"sha256:{locked.sha256}"
    pairs = (("id", locked.id, now.id), ("size", locked.size, now.size), ("digest", f"sha256:{locked.sha256}", digest))
    return [f"{name}: {locked.asset} has {what} {is_}, locked as {was}" for what, was, is_ in pairs if was != is_]
