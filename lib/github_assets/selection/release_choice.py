"""Which release of a repository VERSION and the options mean.

A number names the tag `1.2` or `v1.2`; where there is none, it is a range: what begins with these numbers.

A tag's version is what stands after the repository's name or `v` (`jq-1.7.1`, `v0.4.45`), or where `tag_pattern` has
its wildcards (`cli-v*`). From a list no release is chosen that has no assets, or uploads that have not ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from github_assets.config.patterns import TagPattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import LATEST, Version, is_tag, spellings, without_v
from github_assets.errors.github import ReleaseNotFound
from github_assets.errors.selection import NoMatchingRelease
from github_assets.selection.patterns import tags_for, versions_in
from github_assets.selection.tag_versions import VersionNumber, parse_number, version_of_repository
from github_assets.text import nearest_first

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.github.releases import Release

NO_ASSETS = "it has no assets"
UPLOADING = "its assets are still being uploaded"
TOO_YOUNG = "it is younger than min_age"
PRERELEASE = "it is a pre-release"

PAGES_AT_ONCE = 6
"""Of releases, where all have to be seen anyway. GitHub asks for few requests at once."""
_SUGGESTED = 10


class VersionRequest(NamedTuple):
    """Which release is wanted: VERSION, and the options that say what counts."""

    version: Version = LATEST
    prerelease: bool = False
    tag_pattern: TagPattern | None = None
    min_age: float = 0
    """Seconds since its publication."""


def version_request(request: AssetRequest) -> VersionRequest:
    """Return which release of its repository an asset's request wants."""
    return VersionRequest(request.version, request.prerelease, request.tag_pattern, request.min_age)


class SkippedRelease(NamedTuple):
    """A release that would have been chosen, but for the reason."""

    tag: str
    reason: str


class ChosenRelease(NamedTuple):
    """The release, and those that were skipped on the way to it, newest first."""

    release: Release
    skipped: tuple[SkippedRelease, ...] = ()


def find_release(api: Api, repository: Repository, wanted: VersionRequest, now: float) -> ChosenRelease:
    """Return the wanted release; `now` is the time, in seconds since the epoch.

    `latest` is GitHub's latest release (one request), or the next lower version where that one has no assets yet or is
    too young; with `prerelease` or `tag_pattern` it is the highest version of the first page of releases that has any.
    A tag is taken as it is, whatever the options say. Raises NoMatchingRelease, ExpressionTooSlow, and what
    `Api.release` and `Api.pages` raise.
    """
    version, pattern = wanted.version, wanted.tag_pattern
    if version == LATEST and not pattern and not wanted.prerelease:
        latest = api.release(repository, None)
        if latest.has_assets and not _too_young(latest, wanted, now):
            return ChosenRelease(latest)
        return choose_release(repository, api.pages(repository), wanted, now, latest)
    if version != LATEST and not version.range:
        if not pattern and not version.is_number:
            return ChosenRelease(api.release(repository, version.text))
        for tag in tags_for(version.text, pattern) if pattern else spellings(version.text):
            release = api.tagged(repository, tag)
            if release:
                return ChosenRelease(release)
    return choose_release(repository, api.pages(repository, PAGES_AT_ONCE if version.range else 1), wanted, now)


def choose_release(
    repository: Repository,
    pages: Iterable[Sequence[Release]],
    wanted: VersionRequest,
    now: float,
    latest: Release | None = None,
) -> ChosenRelease:
    """Return the best of the releases; for `latest`, or once the number itself is there, pages after it are not read.

    `latest` is GitHub's own, which will not do: what is not older than it does not count. Raises NoMatchingRelease,
    ReleaseNotFound where VERSION is a tag or a number that nothing has, and ExpressionTooSlow.
    """
    search = _Search(repository, wanted, now, latest)
    for page in pages:
        search.add(page)
        if search.complete:
            break
    return search.result()


class _Rank(NamedTuple):
    """What makes one release better than another, from the weightiest on; a total order."""

    named: bool
    """Its version is VERSION's very text."""
    numbered: bool
    """Its version has numbers to compare."""
    precedence: tuple[Any, ...]
    further: tuple[int, ...]
    published: float
    tag: str


class _Search:
    """The best release of those that were added, and why others are not."""

    def __init__(self, repository: Repository, wanted: VersionRequest, now: float, latest: Release | None) -> None:
        self._repository = repository
        self._wanted = wanted
        self._now = now
        version = wanted.version
        self._range = version.as_range()
        self._name = None if version.range or version == LATEST else without_v(version.text)
        self._best: tuple[_Rank, Release] | None = None
        self._left_out: list[tuple[_Rank, SkippedRelease]] = []
        self._others: list[tuple[_Rank, Release]] = []
        """Those outside the range."""
        self._of_other_products: list[Release] = []
        self._by_date = False
        self._below: _Rank | None = None
        if latest:
            [text] = self._versions([latest])
            number = parse_number(text or "")
            # A latest release without a number, in a monorepo perhaps: nothing but dates tells what is older.
            self._by_date = number is None
            self._below = self._rank(latest, text or "", number)
            self._left_out.append((self._below, SkippedRelease(latest.tag, _incomplete(latest) or TOO_YOUNG)))

    def add(self, releases: Sequence[Release]) -> None:
        """Look at some more releases. Raises ExpressionTooSlow."""
        for release, text in zip(releases, self._versions(releases), strict=True):
            if text is None:
                self._of_other_products.append(release.in_short())
            else:
                self._add(release, text, parse_number(text))

    def _add(self, release: Release, text: str, number: VersionNumber | None) -> None:
        rank = self._rank(release, text, number)
        if not (rank.named or self._fits(rank, number)):
            self._others.append((rank, release.in_short()))
            return
        reason = None if rank.named else self._reason(release, number)
        if reason:
            self._left_out.append((rank, SkippedRelease(release.tag, reason)))
        elif self._best is None or rank > self._best[0]:
            self._best = rank, release

    @property
    def complete(self) -> bool:
        """Whether further pages, which are older, can be spared."""
        return self._best is not None and (self._wanted.version == LATEST or self._best[0].named)

    def result(self) -> ChosenRelease:
        """Return the best release. Raises NoMatchingRelease, ReleaseNotFound."""
        left_out = sorted(self._left_out, reverse=True)
        if self._best:
            rank, release = self._best
            skipped = (each for other, each in left_out if other > rank and each.reason != PRERELEASE)
            return ChosenRelease(release, tuple(skipped))
        pattern = self._wanted.tag_pattern
        others = sorted(self._others, reverse=True)
        if self._name and not left_out and not pattern:
            raise ReleaseNotFound(
                repository=str(self._repository),
                tag=self._wanted.version.text,
                available=nearest_first(self._name, suggestions(release for _, release in others)),
            )
        raise NoMatchingRelease(
            repository=str(self._repository),
            version=self._wanted.version.text,
            tag_pattern=pattern.text if pattern else None,
            left_out=[skipped for _, skipped in left_out],
            available=self._around_the_range(others),
            looked_at=len(left_out) + len(others) + len(self._of_other_products),
            other_tags=self._nearest_other_products(pattern) if pattern and not (left_out or others) else [],
        )

    def _versions(self, releases: Sequence[Release]) -> list[str | None]:
        return _versions([release.tag for release in releases], self._repository, self._wanted.tag_pattern)

    def _rank(self, release: Release, text: str, number: VersionNumber | None) -> _Rank:
        published = release.published_at or 0
        named = text == self._name
        if number is None or self._by_date:
            return _Rank(named, False, (), (), published, release.tag)
        return _Rank(named, True, number.semver.precedence_key, number.further, published, release.tag)

    def _fits(self, rank: _Rank, number: VersionNumber | None) -> bool:
        if self._below:
            return rank < self._below
        if self._range is None:
            return self._name is None
        return number is not None and bool(self._range.match(number.matched))

    def _reason(self, release: Release, number: VersionNumber | None) -> str | None:
        if not self._wanted.prerelease and (release.prerelease or (number and number.prerelease)):
            return PRERELEASE
        return _incomplete(release) or (TOO_YOUNG if _too_young(release, self._wanted, self._now) else None)

    def _around_the_range(self, others: Sequence[tuple[_Rank, Release]]) -> list[str]:
        """Return the tags around the first number in VERSION, highest first; for `latest` the highest."""
        numbers = "".join(c if c.isdigit() or c == "." else " " for c in self._wanted.version.text).split()
        wanted = parse_number(numbers[0]) if numbers else None
        above = [release for rank, release in others if wanted and rank.precedence > wanted.semver.precedence_key]
        first = max(0, len(suggestions(above)) - _SUGGESTED // 2)
        return suggestions(release for _, release in others)[first : first + _SUGGESTED]

    def _nearest_other_products(self, pattern: TagPattern) -> list[str]:
        newest_first = sorted(
            self._of_other_products, key=lambda each: (each.published_at or 0, each.tag), reverse=True
        )
        return nearest_first(pattern.text, [each.tag for each in newest_first if each.tag.isprintable()])[:_SUGGESTED]


def is_newer(tag: str, other: str, request: AssetRequest) -> bool:
    """Return whether a tag's version is higher than another's; where these are no numbers, whether the tags differ.

    Raises ExpressionTooSlow.
    """
    texts = _versions([tag, other], request.repository, request.tag_pattern)
    number, other_number = (parse_number(text or "") for text in texts)
    if number is None or other_number is None:
        return tag != other
    return (number.semver.precedence_key, number.further) > (other_number.semver.precedence_key, other_number.further)


def suggestions(releases: Iterable[Release]) -> list[str]:
    """Return the tags that can be pasted as VERSION and then give an asset."""
    return [each.tag for each in releases if each.has_assets and each.tag.isprintable() and is_tag(each.tag)]


def _versions(tags: Sequence[str], repository: Repository, pattern: TagPattern | None) -> list[str | None]:
    """Return the version in each tag; None for one that the pattern does not match. Raises ExpressionTooSlow."""
    if pattern:
        return [version if version is None else without_v(version) for version in versions_in(tags, pattern)]
    return [version_of_repository(tag, repository.name) for tag in tags]


def _incomplete(release: Release) -> str | None:
    """Return what keeps the release from being used, or None."""
    if release.uploading:
        return UPLOADING
    return None if release.has_assets else NO_ASSETS


def _too_young(release: Release, wanted: VersionRequest, now: float) -> bool:
    """Return whether the release is younger than it may be; one without a date may have been published just now."""
    published = now if release.published_at is None else release.published_at
    return now - published < wanted.min_age
