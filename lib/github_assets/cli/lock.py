"""`lock`: what the configuration asks for, pinned to assets and their digests."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from github_assets.cli.application import Application
from github_assets.cli.attestation_options import read_attestations
from github_assets.config.request import REQUIRED, AssetRequest
from github_assets.errors.config import FileUnreadable
from github_assets.errors.resolution import LockInvalid, LockMismatch, LockMissing, LockOutdated
from github_assets.files import write_atomically
from github_assets.github.releases import Release
from github_assets.parallel import run_in_parallel
from github_assets.resolution.lock import LOCK_COMMAND, LOCK_FILE, Lock, LockedAsset, LockKey, lock_key
from github_assets.resolution.lock_file import to_text
from github_assets.resolution.locking import Pin, lock_assets


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


def run(application: Application) -> None:
    """Write the lock file, or check it. Raises what is in the way, and then leaves the file as it is."""
    if application.options.check:
        _check(application)
    else:
        _write(application)


def _write(application: Application) -> None:
    log, requests, servers = application.log, application.requests, application.servers
    previous = _previous_lock(application)
    platforms = application.platforms(previous)
    kept: dict[Pin, LockedAsset] = {}
    missing: list[Pin] = []
    for pin in (Pin(request, platform) for platform in platforms for request in requests):
        locked = previous and previous.find(lock_key(pin.request, servers), pin.platform)
        if locked and _fits(locked, pin.request) and not _to_upgrade(pin.request, application.options.upgrade):
            kept[pin] = locked
        else:
            missing.append(pin)
    found = list(kept.items())
    if missing or (application.options.attestations and not all(locked.attestations for locked in kept.values())):
        found += zip(missing, lock_assets(missing, application.session), strict=True)
        found = [(pin, _attested(locked, pin.request, application)) for pin, locked in found]
    lock = Lock(tuple(platform._replace(libc=None) for platform in platforms), tuple({each for _, each in found}))
    text = to_text(lock)
    if previous and to_text(previous) == text:
        log.step(f"{LOCK_FILE} is up to date")
        return
    write_atomically(os.path.join(application.directory, LOCK_FILE), text)
    for name in previous.not_configured(requests, servers) if previous else []:
        log.step(f"Dropped {name}: no longer configured")
    log.step(f"Wrote {LOCK_FILE}")


def _previous_lock(application: Application) -> Lock | None:
    try:
        return application.lock
    except (FileUnreadable, LockInvalid):
        if application.options.upgrade != []:
            raise
        return None  # all of it is made anew


def _fits(locked: LockedAsset, request: AssetRequest) -> bool:
    """Return whether what is locked is still enough for the request."""
    verified = locked.verified or request.sha256 is not None or request.verify != REQUIRED
    return request.sha256 in (None, locked.sha256) and verified


def _to_upgrade(request: AssetRequest, upgrade: Sequence[str] | None) -> bool:
    names = (str(request.repository), f"{request.repository.owner}/{request.repository.name}")
    return upgrade == [] or any(name in names for name in upgrade or [])


def _attested(locked: LockedAsset, request: AssetRequest, application: Application) -> LockedAsset:
    if locked.attestations:
        return locked
    return locked._replace(attestations=tuple(read_attestations(locked, request, application)))


def _check(application: Application) -> None:
    """Raise LockMissing, LockOutdated where the file does not fit, LockMismatch where GitHub has something else."""
    lock, requests, servers = application.lock, application.requests, application.servers
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    platforms = application.platforms(lock)
    unused = [f"{name} is locked, but not configured" for name in lock.not_configured(requests, servers)]
    differences = [*lock.differences(requests, servers, platforms), *unused]
    if differences:
        raise LockOutdated(file=LOCK_FILE, differences=differences, command=lock.update_command(platforms))
    session = application.session
    by_key = {lock_key(request, servers): request for request in requests}
    releases = list(dict.fromkeys((each.key, each.tag) for each in lock.assets))

    def find(release: tuple[LockKey, str]) -> Release | None:
        request = by_key[release[0]]
        return session.api(request).tagged(request.repository, release[1])

    now = dict(zip(releases, run_in_parallel(find, releases), strict=True))
    mismatches = {each: _mismatches(each, now[each.key, each.tag]) for each in lock.assets}
    lines = [line for each in lock.assets for line in mismatches[each]]
    if lines:
        names = sorted({each.key.repository for each in lock.assets if mismatches[each]})
        command = f"{LOCK_COMMAND} --upgrade {' '.join(names)}"
        raise LockMismatch(file=LOCK_FILE, differences=list(dict.fromkeys(lines)), command=command)
    application.log.step(f"{LOCK_FILE} matches the configuration and GitHub's releases")


def _mismatches(locked: LockedAsset, release: Release | None) -> list[str]:
    """Return in what way GitHub no longer has an asset."""
    name = f"{locked.key.repository} {locked.tag}"
    if release is None:
        return [f"{name}: the release is gone"]
    now = next((asset for asset in release.assets if asset.name == locked.asset), None)
    if now is None:
        return [f"{name}: {locked.asset} is gone"]
    digest = now.digest or f"sha256:{locked.sha256}"
    pairs = (("id", locked.id, now.id), ("size", locked.size, now.size), ("digest", f"sha256:{locked.sha256}", digest))
    return [f"{name}: {locked.asset} has {what} {is_}, locked as {was}" for what, was, is_ in pairs if was != is_]
