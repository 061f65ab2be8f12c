"""Where to download planned assets from, and which digests they must have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from github_assets.config.files import LOCK_FILE
from github_assets.config.request import REQUIRED, AssetRequest, Repository
from github_assets.errors import ErrorSource, GithubAssetsError
from github_assets.errors.resolution import LockMismatch
from github_assets.errors.transfer import FolderNeedsDigest
from github_assets.github.api import Api
from github_assets.github.releases import Release, ReleaseAsset
from github_assets.github.servers import server_of
from github_assets.http.urls import FILE_URL, origin
from github_assets.parallel import collect_errors, run_in_parallel
from github_assets.resolution.lock import LockedAsset, accept_command
from github_assets.resolution.plan import PlannedAsset, known_digest, unverified
from github_assets.resolution.session import Session
from github_assets.transfer.source import ExpectedDigest, Source


def find_sources(planned: Sequence[PlannedAsset], session: Session) -> list[Source]:
    """Return the sources of the assets, in order, with the digests in the releases' checksum files.

    Checksum files are only downloaded if no other digest is known or `verify` requires them, and once per release.
    Raises FolderNeedsDigest, LockMismatch, UnverifiedAsset, and what `download` raises.
    """
    sources = _sources(planned, session)
    of_releases: dict[Release, list[int]] = {}
    for number, each in enumerate(planned):
        if not each.expected or (each.request.verify == REQUIRED and not each.locked):
            release = each.release._replace(etag=None)  # the same release, whether found as latest or by tag
            of_releases.setdefault(release, []).append(number)
    if not of_releases:
        return sources
    from github_assets.transfer.checksums import DigestLookup, find_digest, reader

    def look(numbers: Sequence[int]) -> list[tuple[int, DigestLookup]]:
        first = planned[numbers[0]]

        def source(file: ReleaseAsset) -> Source:
            found = _source(file, first.request, session, known_digest(file))
            _check_folder(found, file.name)
            return found

        read = reader(session.client, source)
        with ErrorSource(first.request.source):
            return [(number, find_digest(planned[number].asset.name, first.release.assets, read)) for number in numbers]

    def add(looked_up: tuple[int, DigestLookup]) -> None:
        number, (expected, ignored) = looked_up
        for line in ignored:
            session.log.step(line)
        source = sources[number]
        if expected:
            sources[number] = source._replace(expected_digests=(*source.expected_digests, expected))
        elif not source.expected_digests and planned[number].request.needs_digest:
            raise unverified(planned[number].resolved)
        elif not source.expected_digests:
            with ErrorSource(planned[number].request.source):
                _check_folder(source, planned[number].asset.name)

    lookups = run_in_parallel(look, list(of_releases.values()))
    collect_errors(add, [lookup for of_release in lookups for lookup in of_release])
    return sources


def _check_folder(source: Source, name: str) -> None:
    """Raise FolderNeedsDigest for a local file that could not be verified."""
    if source.mirror and source.url.startswith(FILE_URL) and not source.expected_digests:
        raise FolderNeedsDigest(setting=source.mirror, name=name)


def _sources(planned: Sequence[PlannedAsset], session: Session) -> list[Source]:
    """Return the sources; the API confirms a locked asset that is had by its id, or from a host of the lock's alone.

    Who writes the lock file writes ids and hosts; only the API tells whose an id is, and a host that is not configured.
    """
    sources = [_source(each.asset, each.request, session, each.expected) for each in planned]
    unconfirmed: dict[_LockedRelease, list[LockedAsset]] = {}
    for number, each in enumerate(planned):
        source = sources[number]
        if not each.locked or source.mirror:
            continue
        release = _LockedRelease(session.api(each.request), each.request.repository, each.locked.tag)
        if source.url == each.locked.url and _is_at_github(source.url, each.request, session):
            sources[number] = source._replace(instead=partial(_confirmed, release, each.locked, source.instead))
        else:
            unconfirmed.setdefault(release, []).append(each.locked)
    run_in_parallel(lambda release: release.confirm(unconfirmed[release]), list(unconfirmed))
    return sources


class _LockedRelease(NamedTuple):
    """A release that is locked, and the API that knows it."""

    api: Api
    repository: Repository
    tag: str

    def confirm(self, assets: Sequence[LockedAsset]) -> None:
        """Raise LockMismatch where GitHub has other assets in the release, and what `Api.release` raises."""
        release = self.api.release(self.repository, self.tag)
        changes = [change for each in assets for change in each.changes(release if release.tag == self.tag else None)]
        if changes:
            command = accept_command([assets[0].key.repository])
            raise LockMismatch(file=LOCK_FILE, differences=changes, command=command)


def _confirmed(
    release: _LockedRelease, locked: LockedAsset, instead: Callable[[], Source | None] | None
) -> Source | None:
    """Return a locked asset's source at the API. Raises LockMismatch where it is another asset's."""
    try:
        release.confirm([locked])
    except GithubAssetsError as error:
        if error.final or isinstance(error, LockMismatch):
            raise
        return None
    return instead() if instead else None


def _is_at_github(url: str, request: AssetRequest, session: Session) -> bool:
    """Return whether the configuration tells that the URL is at the request's GitHub."""
    servers = (request.repository.server or session.servers.server, server_of(session.api(request).url))
    return origin(url) in [origin(server) for server in servers if server]


def _source(asset: ReleaseAsset, request: AssetRequest, session: Session, expected: ExpectedDigest | None) -> Source:
    """Return the source of an asset: only its mirror, if there is one; otherwise its browser URL and its API URL.

    A private asset is only available through the API, which alone gets the token. The browser URL costs no API request,
    and is first unless a token suggests that the asset is private.
    """
    digests = (expected,) if expected else ()
    mirror = session.mirrors.location(asset.browser_url, [each.digest for each in digests])
    if mirror:
        return Source(mirror.url, digests, mirror.credential, mirror=mirror.setting)
    api = session.api(request)
    browser = Source(api.browser_url(asset), digests)
    by_id = Source(api.asset_url(request.repository, asset), digests, api.credential)
    if api.credential and not api.credential.shared:
        return by_id._replace(instead=lambda: browser)
    return browser._replace(instead=lambda: by_id)
