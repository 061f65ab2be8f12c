"""`lock`: pins the configured assets to exact releases and digests."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence

from github_assets.cli import attestation_options
from github_assets.cli.application import Application
from github_assets.cli.attestation_options import Attestations
from github_assets.cli.options import add_configuration, add_json, add_platforms, repository
from github_assets.cli.results import locked_result
from github_assets.config.files import LOCK_FILE
from github_assets.config.request import AssetRequest, Repository
from github_assets.errors.resolution import (
    LockInvalid,
    LockMismatch,
    LockMissing,
    LockOutdated,
    RepositoryNotConfigured,
    UnexpectedChange,
)
from github_assets.files import write_atomically
from github_assets.resolution.lock import (
    LOCK_COMMAND,
    Lock,
    LockedAsset,
    accept_command,
    lock_key,
)
from github_assets.resolution.lock_changes import news, unexpected_changes, was_attested
from github_assets.resolution.lock_file import to_text
from github_assets.resolution.lock_rules import contradictions
from github_assets.resolution.locking import Pin, lock_assets, mismatches
from github_assets.text import nearest_first

SUMMARY = "write github-assets.lock, which builds use instead of asking GitHub"
EXAMPLES = (
    ("github-assets lock", "lock what is configured, keep what is locked"),
    ("github-assets lock --upgrade", "look for newer releases"),
    ("github-assets lock --upgrade --dry-run", "the same, but only print what would change"),
    ("github-assets lock --check", "in CI"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_configuration(parser)
    add_platforms(parser)
    add_json(parser)
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
        type=repository,
        help="look up the newest releases of these repositories, or of all (default: keep what still matches)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing; print what would change")
    parser.add_argument(
        "--accept",
        metavar="OWNER/NAME",
        nargs="+",
        type=repository,
        default=[],
        help="upgrade these repositories too, even if their identity, signers or published releases have changed",
    )
    attestation_options.add_arguments(parser)


def run(application: Application) -> int:
    """Write the lock file, or check it. If anything is wrong, raises and leaves the file unchanged."""
    for option in ("accept", "dry_run", "json") if application.options.check else ():
        if getattr(application.options, option):
            name = option.replace("_", "-")
            application.options.usage_error(f"argument --{name}: not allowed with argument --check")
    if application.options.check:
        _check(application)
    else:
        _Update(application).run()
    return 0


class _Update:
    """One update of the lock file."""

    def __init__(self, application: Application) -> None:
        self._application, self._options = application, application.options
        self._requests, self._log = application.requests, application.log
        self._check_names("--upgrade", self._options.upgrade or [])
        self._check_names("--accept", self._options.accept)
        self._previous = self._read_previous()
        self._attestations = Attestations(application)

    def run(self) -> None:
        """Write the file, if there is anything new to write."""
        application = self._application
        platforms = application.platforms(self._previous)
        pins = [Pin(request, platform) for platform in platforms for request in self._requests]
        kept = {pin: locked for pin in pins if (locked := self._kept(pin))}
        found = {**kept, **self._lock([pin for pin in pins if pin not in kept])}
        found = self._verified(found, kept)
        self._stop_at_changes(found)
        platforms = [platform for platform in platforms if any(pin.platform == platform for pin in found)]
        lock = Lock(tuple(platform._replace(libc=None) for platform in platforms), tuple(dict.fromkeys(found.values())))
        text = to_text(lock)
        changed = self._previous is None or to_text(self._previous) != text
        changes, dry_run = list(news(self._previous, lock)), self._options.dry_run
        for line in () if dry_run else changes:
            self._log.step(line)
        if changed and not dry_run:
            write_atomically(os.path.join(application.directory, LOCK_FILE), text)
        written = "Would write" if dry_run else "Wrote"
        self._log.step(f"{written} {LOCK_FILE}" if changed else f"{LOCK_FILE} is up to date")
        assets = [locked_result(each) for each in lock.assets]
        document = {"file": LOCK_FILE, "written": changed and not dry_run, "changes": changes, "assets": assets}
        application.print(changes if dry_run else [], document)

    def _check_names(self, option: str, names: Sequence[Repository]) -> None:
        configured = list(dict.fromkeys(_name(request.repository) for request in self._requests))
        for name in map(_name, names):
            if name.lower() not in map(str.lower, configured):
                raise RepositoryNotConfigured(option=option, name=name, known=nearest_first(name, configured))

    def _read_previous(self) -> Lock | None:
        try:
            return self._application.lock
        except LockInvalid:
            if self._options.upgrade != []:
                raise
            return None  # all of it is made anew

    def _kept(self, pin: Pin) -> LockedAsset | None:
        """Return what is locked, if it is still enough for the request and not to be upgraded."""
        locked = self._previous and self._previous.find(lock_key(pin.request, self._application.servers), pin.platform)
        if not locked or self._is_to_upgrade(pin.request):
            return None
        enough = pin.request.accepts(locked.level(pin.request))
        return locked if enough and not contradictions(locked, pin.request) else None

    def _is_to_upgrade(self, request: AssetRequest) -> bool:
        upgrade = self._options.upgrade
        return upgrade == [] or _is_among(request, [*(upgrade or []), *self._options.accept])

    def _lock(self, pins: Sequence[Pin]) -> dict[Pin, LockedAsset]:
        if not pins:
            return {}
        tags: dict[AssetRequest, str] = {}
        for request in self._requests if self._previous else ():
            tag = self._previous and self._previous.tag_of(request, self._application.servers)
            if tag and not self._is_to_upgrade(request):
                tags[request] = tag
        asked = bool(self._options.platform or self._previous)
        return lock_assets(pins, self._application.session, tags, all_platforms=asked)

    def _verified(self, found: dict[Pin, LockedAsset], kept: dict[Pin, LockedAsset]) -> dict[Pin, LockedAsset]:
        """Return the assets with their attestations, those that are to be verified now."""

        def to_verify(pin: Pin) -> bool:
            if self._attestations.wanted:
                return True
            if pin in kept:
                return False
            was = self._previous is not None and was_attested(self._previous, found[pin])
            return was or self._attestations.required_by(pin.request) is not None

        verified = self._attestations.verify({pin: locked for pin, locked in found.items() if to_verify(pin)})
        return {**found, **{pin: found[pin]._replace(attestations=each) for pin, each in verified.items()}}

    def _stop_at_changes(self, found: dict[Pin, LockedAsset]) -> None:
        changes: dict[str, list[str]] = {}
        for pin, locked in found.items() if self._previous else ():
            if self._previous and not _is_among(pin.request, self._options.accept):
                lines = unexpected_changes(self._previous, locked)
                changes.setdefault(locked.key.repository, []).extend(lines)
        lines = list(dict.fromkeys(line for of_repository in changes.values() for line in of_repository))
        if lines:
            names = [name for name, of_repository in changes.items() if of_repository]
            raise UnexpectedChange(file=LOCK_FILE, differences=lines, command=accept_command(names))


def _check(application: Application) -> None:
    """Raise LockMissing, LockOutdated if the configuration differs, or LockMismatch if GitHub's releases differ."""
    lock, requests, servers = application.lock, application.requests, application.servers
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    attestations = Attestations(application)
    platforms = application.platforms(lock)
    unused = [f"{name} is locked, but not configured" for name in lock.not_configured(requests, servers)]
    differences = [*lock.differences(requests, servers, platforms), *lock.contradictions(requests, servers), *unused]
    if differences:
        differences = list(dict.fromkeys(differences))
        raise LockOutdated(file=LOCK_FILE, differences=differences, command=lock.update_command(platforms))
    by_key = {lock_key(request, servers): request for request in requests}
    locked = {Pin(by_key[each.key], each.platform): each for each in lock.assets}
    wrong = mismatches(locked, application.session)
    if not wrong:
        wrong = _attestation_mismatches(locked, attestations)
    if wrong:
        names = sorted({each.key.repository for each in wrong})
        lines = list(dict.fromkeys(line for each in lock.assets for line in wrong.get(each, [])))
        raise LockMismatch(file=LOCK_FILE, differences=lines, command=accept_command(names))
    application.log.step(f"{LOCK_FILE} matches the configuration and GitHub's releases")


def _attestation_mismatches(
    locked: Mapping[Pin, LockedAsset], attestations: Attestations
) -> dict[LockedAsset, list[str]]:
    """Return which locked attestations there are not, in words. Raises LockOutdated where there are others only."""
    verified = attestations.verify(
        {
            pin: each
            for pin, each in locked.items()
            if attestations.wanted or each.attestations or attestations.required_by(pin.request)
        }
    )
    found: dict[LockedAsset, list[str]] = {}
    others: list[str] = []
    for pin, now in verified.items():
        each = locked[pin]
        missing = [f"{each.name} has no attestation {was}" for was in each.attestations if was not in now]
        if missing:
            found[each] = missing
        if attestations.wanted or attestations.required_by(pin.request):
            others += [f"{each.name} has an attestation {new}" for new in now if new not in each.attestations]
    if others and not found:
        command = f"{LOCK_COMMAND} --attestations" if attestations.wanted else LOCK_COMMAND
        raise LockOutdated(file=LOCK_FILE, differences=others, command=command)
    return found


def _is_among(request: AssetRequest, names: Sequence[Repository]) -> bool:
    return _name(request.repository).lower() in [_name(each).lower() for each in names]


def _name(repository: Repository) -> str:
    return f"{repository.owner}/{repository.name}"
