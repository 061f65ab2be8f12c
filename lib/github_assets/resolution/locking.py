"""Assets as GitHub has them now: to be locked, or to be compared with what is locked."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from github_assets.config.request import AssetRequest, Repository
from github_assets.errors import CannotWrite, GithubAssetsError
from github_assets.errors.http import InvalidResponse
from github_assets.files import remove_tree
from github_assets.github.api import Api
from github_assets.github.releases import Release, RepositoryIdentity
from github_assets.http.urls import host_of
from github_assets.messages import headline
from github_assets.parallel import run_in_parallel
from github_assets.platforms import Platform
from github_assets.resolution.lock import FIRST_DOWNLOAD, LockedAsset, lock_key, url_under
from github_assets.resolution.lock_rules import allows, contradictions
from github_assets.resolution.plan import (
    PlannedAsset,
    configured_digest,
    find_releases,
    known_digest,
    resolve_platforms,
)
from github_assets.resolution.session import Session
from github_assets.resolution.sources import find_sources
from github_assets.selection.resolved import resolve
from github_assets.transfer.download import download
from github_assets.transfer.source import CONFIGURATION, GITHUB, OF_THE_RELEASE, SHA256, ExpectedDigest, Source


class Pin(NamedTuple):
    """A request and the platform on which it is locked."""

    request: AssetRequest
    platform: Platform


class _Home(NamedTuple):
    """A repository and the API that knows it."""

    api: Api
    repository: Repository

    def identity(self) -> RepositoryIdentity:
        return self.api.identity(self.repository)


def lock_assets(
    pins: Sequence[Pin], session: Session, tags: Mapping[AssetRequest, str], *, all_platforms: bool
) -> dict[Pin, LockedAsset]:
    """Return what the requests come to now; where `tags` has one for a request, it comes to that release.

    Without `all_platforms`, those for which an asset is missing are left out, with a warning, unless it is all of them.
    Raises all that stands in the way, SeveralFailed if it is more.
    """
    releases = _find(pins, session, tags)
    requests: dict[Platform, list[AssetRequest]] = {}
    for pin in pins:
        requests.setdefault(pin.platform, []).append(pin.request)
    by_platform = resolve_platforms(requests, releases, session, all_platforms=all_platforms)
    planned = {Pin(each.request, platform): each for platform, assets in by_platform.items() for each in assets}
    locked = _locked(planned, session)
    for pin, each in locked.items():
        wrong = contradictions(each, pin.request)
        if wrong:  # a GitHub that names its assets as no GitHub does
            host = host_of(session.api(pin.request).url)
            raise InvalidResponse(host=host, reason=f"something other than requested: {', '.join(wrong)}")
    return locked


def _find(
    pins: Sequence[Pin], session: Session, tags: Mapping[AssetRequest, str]
) -> dict[AssetRequest, Release | GithubAssetsError]:
    """Return the requests' releases, or what keeps them from being found."""
    requests = list(dict.fromkeys(pin.request for pin in pins))
    keys = {each: (_Home(session.api(each), each.repository), tags[each]) for each in requests if each in tags}
    known = _releases(keys.values())
    found: dict[AssetRequest, Release | GithubAssetsError] = {}
    for request, key in keys.items():
        release = known[key]
        if release:
            found[request] = release
            session.log.debug(f"{request.repository} {request.version}: release {release.tag}, locked")
    others = [request for request in requests if request not in found]
    return found | dict(zip(others, find_releases(others, session), strict=True))


def mismatches(locked: Mapping[Pin, LockedAsset], session: Session) -> dict[LockedAsset, list[str]]:
    """Return in what GitHub does not have the locked assets, or not verified so, in words; only those that differ."""
    keys = {pin: (_Home(session.api(pin.request), pin.request.repository), each.tag) for pin, each in locked.items()}
    releases = _releases(keys.values())
    found: dict[LockedAsset, list[str]] = {}
    planned: dict[Pin, PlannedAsset] = {}
    for pin, each in locked.items():
        release = releases[keys[pin]]
        wrong = each.changes(release)
        if release and not wrong:
            wrong = _choice_mismatches(each, pin, release)
        if release and not wrong:
            planned[pin] = PlannedAsset(resolve(pin.request, release, pin.platform), None)._replace(
                expected=_claimed(each, pin.request, release)
            )
        elif wrong:
            found[each] = wrong
    for pin, now in _locked(planned, session).items():
        wrong = _claim_mismatches(locked[pin], now)
        if wrong:
            found[locked[pin]] = wrong
    return found


def _releases(keys: Iterable[tuple[_Home, str]]) -> dict[tuple[_Home, str], Release | None]:
    """Return the releases of these tags as they are now, None for those that are gone."""
    distinct = list(dict.fromkeys(keys))

    def find(key: tuple[_Home, str]) -> Release | None:
        home, tag = key
        return home.api.tagged(home.repository, tag)

    return dict(zip(distinct, run_in_parallel(find, distinct), strict=True))


def _choice_mismatches(locked: LockedAsset, pin: Pin, release: Release) -> list[str]:
    """Return in what the configuration means another asset, which only shows beside all assets of the release."""
    if not allows(pin.request, release, time.time()):
        return [f"{locked.key.repository} {locked.tag}: the configuration does not match this release"]
    try:
        name = resolve(pin.request, release, pin.platform).asset.name
    except GithubAssetsError as error:
        return [f"{locked.name}: {headline(error)}"]
    return [] if name == locked.asset else [f"{locked.name}: the configuration selects {name}"]


def _claimed(locked: LockedAsset, request: AssetRequest, release: Release) -> ExpectedDigest | None:
    """Return the digest of whoever is locked as publishing it, None where that is a checksum file or nobody."""
    publisher = locked.verified_by.split(", ")[0]
    if publisher == CONFIGURATION:
        return configured_digest(request)
    asset = release.find(locked.asset)
    return known_digest(asset) if asset and publisher == GITHUB else None


def _claim_mismatches(locked: LockedAsset, now: LockedAsset) -> list[str]:
    found = []
    if locked.repository_id != now.repository_id:
        ids = f"id {now.repository_id}, locked as {locked.repository_id}"
        found.append(f"{locked.key.repository} is a different repository now: {ids}")
    if locked.sha256 != now.sha256:
        found.append(f"{locked.name} has sha256 {now.sha256}, locked as {locked.sha256}")
    if locked.verified and _publishers(locked).isdisjoint(_publishers(now)):
        by = now.verified_by if now.verified else "nothing"
        found.append(f"{locked.name} is verified by {by}, locked as verified by {locked.verified_by}")
    return found


def _publishers(locked: LockedAsset) -> set[str]:
    """Return who publishes the digest; all checksum files of a release count as one."""
    publishers = locked.verified_by.split(", ")
    return {OF_THE_RELEASE if each.endswith(OF_THE_RELEASE) else each for each in publishers}


def _locked(planned: Mapping[Pin, PlannedAsset], session: Session) -> dict[Pin, LockedAsset]:
    """Return all that a lock file holds of the assets; those without a known digest are downloaded."""
    assets = list(planned.values())
    sources = find_sources(assets, session)
    digests = _digests(assets, sources, session)
    identities = _identities([pin.request for pin in planned], session)
    return {
        pin: LockedAsset(
            key=lock_key(pin.request, session.servers),
            platform=pin.platform,
            repository_id=identity.id,
            tag=each.release.tag,
            release_id=each.release.id,
            immutable=each.release.immutable,
            asset=each.asset.name,
            id=each.asset.id,
            size=each.asset.size,
            sha256=digest,
            url=url_under(f"{pin.request.repository.owner}/{pin.request.repository.name}", each.asset.browser_url),
            verified_by=", ".join(expected.by for expected in source.expected_digests) or FIRST_DOWNLOAD,
        )
        for (pin, each), source, digest, identity in zip(planned.items(), sources, digests, identities, strict=True)
    }


def _identities(requests: Sequence[AssetRequest], session: Session) -> list[RepositoryIdentity]:
    """Return what the repositories' names lead to, in the requests' order; warn of those that were renamed."""
    homes = [_Home(session.api(request), request.repository) for request in requests]
    distinct = list(dict.fromkeys(homes))
    identities = dict(zip(distinct, run_in_parallel(_Home.identity, distinct), strict=True))
    for home, identity in identities.items():
        name = f"{home.repository.owner}/{home.repository.name}"
        if identity.full_name.lower() != name.lower():
            session.log.warning(f"{name} was renamed to {identity.full_name}. Use the new name.")
    return [identities[home] for home in homes]


def _digests(planned: Sequence[PlannedAsset], sources: Sequence[Source], session: Session) -> list[str]:
    """Return the assets' SHA-256: the expected one, or that of the download if none is known."""
    pairs = {each.asset: source for each, source in zip(planned, sources, strict=True)}
    known = {
        asset: expected.digest
        for asset, source in pairs.items()
        for expected in source.expected_digests
        if expected.algorithm == SHA256
    }
    unknown = [asset for asset in pairs if asset not in known]
    with _temporary_folder() as folder:

        def fetch(number: int) -> str:
            asset = unknown[number]
            path = os.path.join(folder, str(number))
            done = download(session.client, asset, pairs[asset], path)
            os.unlink(path)
            return done.sha256

        known |= zip(unknown, run_in_parallel(fetch, range(len(unknown)), session.client.close), strict=True)
    for asset in unknown:
        if not pairs[asset].expected_digests:
            session.log.warning(
                f"No checksum is published for {asset.name}; locked the digest of the download, sha256:{known[asset]}"
            )
    return [known[each.asset] for each in planned]


@contextlib.contextmanager
def _temporary_folder() -> Iterator[str]:
    """Yield an empty directory that is removed afterwards. Raises CannotWrite."""
    try:
        folder = tempfile.mkdtemp()
    except OSError as error:
        raise CannotWrite(path="the folder for temporary files", reason=error.strerror or str(error)) from None
    try:
        yield folder
    finally:
        remove_tree(folder, ignore_errors=True)
