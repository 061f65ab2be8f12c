"""Where to download planned assets from, and which digests they must have."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.config.request import REQUIRED, AssetRequest
from github_assets.errors.transfer import FolderNeedsDigest
from github_assets.github.releases import Release, ReleaseAsset
from github_assets.http.urls import FILE_URL
from github_assets.parallel import collect_errors, run_in_parallel
from github_assets.resolution.plan import PlannedAsset, known_digest, unverified
from github_assets.resolution.session import Session
from github_assets.transfer.source import ExpectedDigest, Source


def find_sources(planned: Sequence[PlannedAsset], session: Session) -> list[Source]:
    """Return the sources of the assets, in order, with the digests in the releases' checksum files.

    Checksum files are only downloaded if no other digest is known or `verify` requires them, and once per release.
    Raises FolderNeedsDigest, UnverifiedAsset, and what `download` raises.
    """
    sources = [_source(each.asset, each.request, session, each.expected) for each in planned]
    of_releases: dict[Release, list[int]] = {}
    for number, each in enumerate(planned):
        if not each.expected or each.request.verify == REQUIRED:
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
        return [(number, find_digest(planned[number].asset.name, first.release.assets, read)) for number in numbers]

    def add(looked_up: tuple[int, DigestLookup]) -> None:
        number, (expected, ignored) = looked_up
        for line in ignored:
            session.log.detail(line)
        source = sources[number]
        if expected:
            sources[number] = source._replace(expected_digests=(*source.expected_digests, expected))
        elif not source.expected_digests and planned[number].request.verify == REQUIRED:
            raise unverified(planned[number].resolved)
        elif not source.expected_digests:
            _check_folder(source, planned[number].asset.name)

    lookups = run_in_parallel(look, list(of_releases.values()))
    collect_errors(add, [lookup for of_release in lookups for lookup in of_release])
    return sources


def _check_folder(source: Source, name: str) -> None:
    """Raise FolderNeedsDigest for a local file that could not be verified."""
    if source.mirror and source.url.startswith(FILE_URL) and not source.expected_digests:
        raise FolderNeedsDigest(setting=source.mirror, name=name)


def _source(asset: ReleaseAsset, request: AssetRequest, session: Session, expected: ExpectedDigest | None) -> Source:
    """Return the source of an asset: only its mirror, if there is one; otherwise its browser URL and its API URL.

    A private asset is only available through the API. The browser URL costs no API request, and is first unless a token
    suggests that the asset is private.
    """
    api = session.api(request)
    digests = (expected,) if expected else ()
    mirror = session.mirrors.location(asset.browser_url, [each.digest for each in digests])
    if mirror:
        return Source(mirror.url, digests, mirror.credential, mirror=mirror.setting)
    urls = [api.browser_url(asset), api.asset_url(request.repository, asset)]
    if api.credential and not api.credential.shared:
        urls.reverse()
    return Source(urls[0], digests, api.credential, instead=urls[1])
