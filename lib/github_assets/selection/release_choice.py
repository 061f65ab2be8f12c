"""Which release of a repository VERSION and the options mean.

A number names the tag `1.2` or `v1.2`; where there is none, it is a range: what begins with these numbers.

A tag's version is what stands after the repository's name or `v` (`jq-1.7.1`, `v0.4.45`), or where `tag_pattern` has
its wildcards (`cli-v*`). Versions have SemVer's order, so that `1.3.0-rc.1` is a pre-release even where GitHub has no
such mark on it; a fourth number counts after the third, and a date is a version too. From a list no release is chosen
that has no assets, or uploads that have not ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from github_assets.config.patterns import TagPattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import LATEST, Version, spellings, without_v
from github_assets.errors.github import ReleaseNotFound
from github_assets.errors.selection import NoMatchingRelease
from github_assets.selection.patterns import tags_for, version_in
from github_assets.text import nearest_first

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.github.releases import Release

NO_ASSETS = "it has no assets"
UPLOADING = "its assets are still being uploaded"
TOO_YOUNG = "it is younger than min_age"
PRERELEASE = "it is a pre-release"

_NEAREST = 10
_DIGITS = "0123456789"
_SEPARATORS = ("-", "_", "/", "@")
_LONGEST = 255


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


class Skipped(NamedTuple):
    """A release that would have been chosen, but for the reason."""

    tag: str
    reason: str


class Found(NamedTuple):
    """The release, and those that were skipped on the way to it, newest first."""

    release: Release
    skipped: tuple[Skipped, ...] = ()


def find_release(api: Api, repository: Repository, wanted: VersionRequest, now: float) -> Found:
    """Return the wanted release; `now` is the time, in seconds since the epoch.

    `latest` is GitHub's latest release (one request), or the next lower version where that one has no assets yet or is
    too young; with `prerelease` or `tag_pattern` it is the highest version of the first page of releases that has any.
    A tag is taken as it is, whatever the options say. Raises NoMatchingRelease, and what `Api.release` and `Api.pages`
    raise.
    """
    version, pattern = wanted.version, wanted.tag_pattern
    if version == LATEST and not pattern and not wanted.prerelease:
        latest = api.release(repository, None)
        if latest.has_assets and not _too_young(latest, wanted, now):
            return Found(latest)
        return best(repository, api.pages(repository), wanted, now, latest)
    if version != LATEST and not version.range:
        if not pattern and not version.is_number:
            return Found(api.release(repository, version.text))
        for tag in tags_for(version.text, pattern) if pattern else spellings(version.text):
            release = api.tagged(repository, tag)
            if release:
                return Found(release)
    return best(repository, api.pages(repository), wanted, now)


def best(
    repository: Repository,
    pages: Iterable[Iterable[Release]],
    wanted: VersionRequest,
    now: float,
    latest: Release | None = None,
) -> Found:
    """Return the best of the releases; for `latest`, or once the number itself is there, pages after it are not read.

    `latest` is GitHub's own, which will not do: what is not older than it does not count. Raises NoMatchingRelease,
    and ReleaseNotFound where VERSION is a tag or a number that nothing has.
    """
    choice = _Choice(repository, wanted, now, latest)
    for page in pages:
        for release in page:
            choice.consider(release)
        if choice.settled():
            break
    return choice.found()


class _Number(NamedTuple):
    """A tag's version: SemVer's part of it, and the numbers after the third."""

    semver: Any
    further: tuple[int, ...]


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


class _Choice:
    """Releases come by, and what stays of them is the best one, and why others are not."""

    def __init__(self, repository: Repository, wanted: VersionRequest, now: float, latest: Release | None) -> None:
        self._repository = repository
        self._wanted = wanted
        self._now = now
        self._pattern = wanted.tag_pattern
        version = wanted.version
        self._range = version.as_range()
        self._name = None if version.range or version == LATEST else without_v(version.text)
        self._best: tuple[_Rank, Release] | None = None
        self._left_out: list[tuple[_Rank, Skipped]] = []
        self._seen: list[tuple[_Rank, str]] = []
        self._foreign: list[str] = []
        self._by_date = False
        self._below: _Rank | None = None
        if latest:
            text = self._version(latest.tag) or ""
            number = _number(text)
            # A latest release without a number, in a monorepo perhaps: nothing but dates tells what is older.
            self._by_date = number is None
            self._below = self._rank(latest, text, number)
            self._left_out.append((self._below, Skipped(latest.tag, _incomplete(latest) or TOO_YOUNG)))

    def consider(self, release: Release) -> None:
        """Look at one release."""
        text = self._version(release.tag)
        if text is None:
            self._foreign.append(release.tag)
            return
        number = _number(text)
        rank = self._rank(release, text, number)
        self._seen.append((rank, release.tag))
        if not (rank.named or self._fits(rank, number)):
            return
        reason = None if rank.named else self._reason(release, number)
        if reason:
            self._left_out.append((rank, Skipped(release.tag, reason)))
        elif self._best is None or rank > self._best[0]:
            self._best = rank, release

    def settled(self) -> bool:
        """Return whether further pages, which are older, can be spared."""
        return self._best is not None and (self._wanted.version == LATEST or self._best[0].named)

    def found(self) -> Found:
        """Return the best release. Raises NoMatchingRelease, ReleaseNotFound."""
        left_out = sorted(self._left_out, reverse=True)
        if self._best is None:
            if self._name and not left_out and not self._pattern:
                tags = [tag for _, tag in sorted(self._seen, reverse=True)]
                raise ReleaseNotFound(
                    repository=str(self._repository),
                    tag=self._wanted.version.text,
                    available=nearest_first(self._name, tags),
                )
            raise NoMatchingRelease(
                repository=str(self._repository),
                version=self._wanted.version.text,
                tag_pattern=self._pattern.text if self._pattern else None,
                left_out=[skipped for _, skipped in left_out],
                available=self._nearest({skipped.tag for _, skipped in left_out}),
                looked_at=len(self._seen) + len(self._foreign),
            )
        rank, release = self._best
        return Found(release, tuple(each for other, each in left_out if other > rank and each.reason != PRERELEASE))

    def _version(self, tag: str) -> str | None:
        if self._pattern:
            version = version_in(tag, self._pattern)
            return None if version is None else without_v(version)
        return _version_of_repository(tag, self._repository.name)

    def _rank(self, release: Release, text: str, number: _Number | None) -> _Rank:
        published = release.published_at or 0
        named = text == self._name
        if number is None or self._by_date:
            return _Rank(named, False, (), (), published, release.tag)
        return _Rank(named, True, number.semver.precedence_key, number.further, published, release.tag)

    def _fits(self, rank: _Rank, number: _Number | None) -> bool:
        if self._below:
            return rank < self._below
        if self._range is None:
            return self._name is None
        return number is not None and bool(self._range.match(number.semver))

    def _reason(self, release: Release, number: _Number | None) -> str | None:
        if not self._wanted.prerelease and (release.prerelease or (number and number.semver.prerelease)):
            return PRERELEASE
        return _incomplete(release) or (TOO_YOUNG if _too_young(release, self._wanted, self._now) else None)

    def _nearest(self, without: set[str]) -> list[str]:
        """Return the tags around the first number in VERSION, highest first; for `latest` the highest."""
        if not self._seen:
            return nearest_first(self._pattern.text if self._pattern else "", sorted(self._foreign))[:_NEAREST]
        ordered = sorted((seen for seen in self._seen if seen[1] not in without), reverse=True)
        numbers = "".join(c if c.isdigit() or c == "." else " " for c in self._wanted.version.text).split()
        wanted = _number(numbers[0]) if numbers else None
        above = [tag for rank, tag in ordered if wanted and rank.precedence > wanted.semver.precedence_key]
        first = max(0, len(above) - _NEAREST // 2)
        return [tag for _, tag in ordered[first : first + _NEAREST]]


def _incomplete(release: Release) -> str | None:
    """Return what keeps the release from being used, or None."""
    if release.uploading:
        return UPLOADING
    return None if release.has_assets else NO_ASSETS


def _too_young(release: Release, wanted: VersionRequest, now: float) -> bool:
    """Return whether the release is younger than it may be; one without a date may have been published just now."""
    published = now if release.published_at is None else release.published_at
    return now - published < wanted.min_age


def _number(version: str) -> _Number | None:
    """Return what a version's numbers and its label mean, or None where it does not start with a number.

    Beyond SemVer: any count of numbers, leading zeros, dates with hyphens, 1.2.3rc1, and rc10 after rc9.
    """
    from semantic_version import Version as SemVer  # type: ignore[import-untyped]

    text = version.partition("+")[0]
    if text.count("-") == 2 and text.replace("-", "").isdigit():
        text = text.replace("-", ".")
    label = text.lstrip(_DIGITS + ".")
    parts = text.removesuffix(label).rstrip(".").split(".")
    if len(text) > _LONGEST or not (text.isascii() and all(parts)):
        return None
    major, minor, patch, *further = map(int, [*parts, *"00"[len(parts) - 1 :]])
    return _Number(SemVer(major=major, minor=minor, patch=patch, prerelease=_identifiers(label)), tuple(further))


def _identifiers(label: str) -> list[str]:
    """Return SemVer's identifiers of a pre-release, letters and the number after them apart."""
    identifiers = []
    for part in label.lower().lstrip("-_.").split("."):
        word = part.rstrip(_DIGITS)
        number = part.removeprefix(word)
        identifiers += [each for each in (word, number and str(int(number))) if each]
    return identifiers


def _version_of_repository(tag: str, name: str) -> str:
    """Return the tag without `v`, or without the repository's name in front, which is no other product's."""
    rest = tag[len(name) :]
    if tag.lower().startswith(name.lower()) and (rest.startswith(_SEPARATORS) or not name[-1:].isdigit()):
        return without_v(rest.lstrip("-_/@."))
    return without_v(tag)
