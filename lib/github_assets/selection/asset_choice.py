"""Which asset of a release is for a platform. A wrong pick is worse than a refusal.

Every name is read (`words`), and what is no program is put aside: checksums, packages, sources, installers,
completions. Another operating system or architecture disqualifies. Of the rest, the asset that is named after the tool
is preferred, then the plain one to its variants, then by architecture, C library and format. Assets between which
nothing decides are a question to the user.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from github_assets.config.patterns import Pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.asset_names import Reading, Role, Word, bare_words, read, tool_words
from github_assets.selection.patterns import expand, words_of
from github_assets.selection.tag_versions import version_of
from github_assets.selection.vocabulary import (
    ALPINE,
    ANY,
    ARCHIVES,
    BARE_32,
    BARE_64,
    BARE_ARM,
    BARE_X86,
    COMPRESSED,
    DEMOTED,
    GNU,
    LIBCS,
    MUSL,
    PROGRAMS,
    SCRIPTS,
    STATIC,
    UCLIBC,
    VENDORS,
    Kind,
)
from github_assets.text import nearest_first

_KINDS = (Kind.NATIVE, Kind.APPIMAGE, Kind.PORTABLE)
"""What runs, the preferred ones first."""
_FORMATS = (*ARCHIVES[:-1], *PROGRAMS, *COMPRESSED, ARCHIVES[-1])


class AssetQuery(NamedTuple):
    """What is known of the wanted asset but for the platform."""

    repository: str | None = None
    """`owner/name`, whose name the tool may have."""
    tag: str | None = None
    pattern: Pattern | None = None
    """FILE, which narrows the choice before the platform does; an exact one is taken as it is."""
    target: str | None = None
    """What the executable is called."""


_NOTHING = AssetQuery()


def choose(names: Iterable[str], platform: Platform, query: AssetQuery = _NOTHING) -> str:
    """Return the name of the asset for the platform.

    Raises AssetNotFound where no asset has a name of the pattern, ExpressionTooSlow, NoAssetForPlatform and
    AssetAmbiguous.
    """
    names = list(dict.fromkeys(names))
    matching = names
    if query.pattern:
        if query.pattern.text in names:
            return query.pattern.text
        expanded = expand(query.pattern, platform, query.tag)
        matching = expanded.select(names)
        if not matching:
            raise AssetNotFound(
                repository=query.repository or "the repository",
                tag=query.tag or "release",
                name=expanded.text,
                available=nearest_first(expanded.text, names),
            )
        if expanded.exact:
            return expanded.text
    release = _Release(names, platform, query)
    best = release.best(matching)
    if not best:
        raise NoAssetForPlatform(platform=str(platform), available=release.nearest(matching))
    if len(best) > 1:
        raise AssetAmbiguous(platform=str(platform), candidates=sorted(candidate.name for candidate in best))
    return best[0].name


def default_target(name: str, repository: str | None = None, tag: str | None = None) -> str:
    """Return the asset's name without version, platform words and archive extensions.

    Where nothing is left (`x86_64-unknown-linux-musl.zip`), that of the repository.
    """
    of_repository = (repository or "").rpartition("/")[2]
    own = frozenset(bare_words(of_repository))
    version = version_of(tag or "")
    # `tinygo0.30.0`: only who knows the version sees where it begins.
    telling = re.sub(rf"((?<![A-Za-z])v)?{re.escape(version)}", "-", name) if "." in version else name
    reading = read(telling, tag, own)
    text, end = "", 0
    for word in reading.words:
        others = [it.text for it in reading.words if it.role is word.role and it.text not in own]
        of_own = word.text in own and (others or word.role is Role.NEUTRAL)
        if word.end > word.start and (word.role is Role.TOOL or word.text == "cli" or of_own):
            text += _separator(telling[end : word.start]) if text else ""
            text += telling[word.start : word.end]
            end = word.end
    text = text or of_repository or name
    return f"{text}.{reading.format}" if reading.kind is Kind.PORTABLE else text


def _separator(between: str) -> str:
    """Return one separator for what was left out between two words."""
    last = between[-1:]
    return "-" if last.isalnum() else last


_NAMELESS, _FOREIGN = 4, 5


class _Tool(NamedTuple):
    """What the tool may be called."""

    target: tuple[str, ...]
    pattern: tuple[str, ...]
    repository: tuple[str, ...]
    asked: bool
    """Whether the user said more than which repository."""

    @classmethod
    def of(cls, query: AssetQuery) -> _Tool:
        """Return what the query says of the tool's name."""
        return cls(
            target=tool_words(query.target or ""),
            pattern=words_of(query.pattern) if query.pattern else (),
            repository=bare_words((query.repository or "").rpartition("/")[2]),
            asked=bool(query.target or query.pattern),
        )

    @property
    def words(self) -> frozenset[str]:
        """All words of its names."""
        return frozenset((*self.target, *self.pattern, *self.repository))

    def distance(self, words: tuple[str, ...], variant: tuple[str, ...] = ()) -> tuple[int, bool]:
        """Return how far an asset's words are from the tool's names, and whether it is a variant of what they name.

        0 is TARGET itself, _FOREIGN something else. `variant` holds the last words where they follow the platform:
        `tool-linux-x64-gcc` is a variant of the tool, `tool-helper-linux-x64` another program.
        """
        names = (self.target, 0), (self.pattern, 1), (self.repository, 3)
        distances = [(distance, False) for name, distance in names if _same(words, name)]
        if _contains(words, self.target):
            distances.append((2, False))
        if variant and DEMOTED.isdisjoint(variant):
            plain = words[: len(words) - len(variant)]
            distances += [(distance, True) for name, distance in names if _same(plain, name)]
        return min(distances, default=(_FOREIGN if words else _NAMELESS, False))


class _Candidate(NamedTuple):
    """A reading whose words have been settled against the rest of the release."""

    reading: Reading
    os: str | None
    arch: str | None
    libc: str | None
    tool: tuple[str, ...]
    """The words that are left: the name of a tool and of its variant."""
    variant: tuple[str, ...]
    """Those of them that stand after the platform, if none stands within it."""

    @property
    def name(self) -> str:
        """The asset's name."""
        return self.reading.name

    @property
    def names_linux(self) -> bool:
        """Whether a word says that it is for Linux: not its format, and not its C library."""
        return any(
            word.value == "linux" and word.text and LIBCS.get(word.text) != ALPINE for word in self.reading.words
        )


_Rank = Callable[[_Candidate], Any]


class _Release:
    """All names of a release, and what they say together."""

    def __init__(self, names: Sequence[str], platform: Platform, query: AssetQuery) -> None:
        self._platform = platform
        self._tool = tool = _Tool.of(query)
        self._common = _common([read(name, query.tag, tool.words) for name in names])
        readings = [read(name, query.tag, tool.words | self._common) for name in names]
        # What accompanies an asset says nothing that the asset does not say.
        self._all = [self._settle(it) for it in readings if it.kind not in (Kind.OTHER, Kind.SUPPLEMENT)]
        widths = {BARE_64: "amd64", BARE_32: "386", BARE_ARM: self._bare_arm(), BARE_X86: self._bare_x86()}
        self._all = [it._replace(arch=widths.get(it.arch, it.arch)) if it.arch else it for it in self._all]
        self._programs = [it for it in self._all if it.reading.kind in _KINDS]
        self._speaks_of_platforms = any(it.os or it.arch for it in self._all)
        self._speaks_of_glibc = any(it.libc == GNU and it.os == platform.os for it in self._programs)

    def best(self, matching: Sequence[str]) -> list[_Candidate]:
        """Return the best of these assets for the platform; none where there is none, several where nothing decides."""
        wanted = frozenset(matching)
        programs = [it for it in self._programs if it.name in wanted]
        candidates = [found for found in map(self._for_platform, programs) if found]
        if not candidates:
            return []
        candidates = _least(candidates, self._distance)
        # Where the tool itself is only there for other platforms, what is released with it is no replacement.
        elsewhere = min((self._distance(it)[0] for it in programs if it.os or it.arch), default=_FOREIGN)
        if elsewhere < min(self._distance(candidates[0])[0], _NAMELESS):
            return []
        candidates = _best_by([self._demoted, _kind, _leaves_os_open, self._other_libc], candidates)
        tools = {it.tool for it in candidates}
        plain = _contained_in_all(tools)
        if plain is None:
            return candidates
        ranks = [_level, self._arch, _vague, _distributions, self._libc, _libc_version, _format]
        candidates = _best_by(ranks, [it for it in candidates if it.tool == plain])
        plainest = _contained_in_all({_all_words(it) for it in candidates})
        return [it for it in candidates if plainest in (None, _all_words(it))]

    def nearest(self, matching: Sequence[str]) -> list[str]:
        """Return the names that might have been meant, those of this system, architecture and tool first."""
        wanted, platform = frozenset(matching), self._platform

        def distance(it: _Candidate) -> tuple[Any, ...]:
            return it.name not in wanted, it.os != platform.os, it.arch != platform.arch, self._distance(it), it.name

        return [it.name for it in sorted(self._all, key=distance)]

    def _settle(self, reading: Reading) -> _Candidate:
        os, of_os = self._one(reading, Role.OS)
        arch, of_arch = self._one(reading, Role.ARCH)
        libc, of_libc = self._one(reading, Role.LIBC)
        said = {*of_os, *of_arch, *of_libc}
        roles = (Role.TOOL, Role.OS, Role.ARCH, Role.LIBC)
        tool = dict.fromkeys(word.text for word in reading.words if word.role in roles and word not in said)
        after = itertools.dropwhile(lambda word: word not in said, reading.words)
        last = max((word.start for word in said), default=0)
        variant = tuple(dict.fromkeys(word.text for word in after if word.text in tool))
        if any(word.start < last for word in reading.words if word.text in variant):
            variant = ()
        return _Candidate(reading, os or ("linux" if libc else None), arch, libc, tuple(tool), variant)

    def _one(self, reading: Reading, role: Role) -> tuple[str | None, list[Word]]:
        """Return what the name says of the role, and the words that say it.

        A word of the tool's own name says nothing beside another (`win-tool-linux`), nor one that all names have.
        Words that contradict each other make a value that no platform has.
        """
        words = [word for word in reading.words if word.role is role]
        words = [word for word in words if word.text not in self._tool.words] or words
        if any(word.value != ANY for word in words):
            words = [word for word in words if word.value != ANY]
        if len({word.value for word in words}) > 1:
            words = [word for word in words if word.text not in self._common] or words
        values = {word.value for word in words}
        for certain in (STATIC, ALPINE):
            if certain in values:
                values = {certain}
        for vague in (BARE_64, BARE_32, BARE_ARM, BARE_X86):
            if len(values) > 1:
                values.discard(vague)
        return "/".join(sorted(values)) or None, words

    def _bare_arm(self) -> str:
        # A Mac has only the 64-bit one: where its asset says `arm`, so does that of this release for Linux.
        of_mac = any(it.os == "darwin" and it.arch == BARE_ARM for it in self._all)
        spelled = any(it.os == "linux" and it.arch in ("arm", "arm64") for it in self._all)
        return "arm64" if of_mac and not spelled else "arm"

    def _bare_x86(self) -> str:
        # It is the 32-bit one where the release also spells the 64-bit one for the same system.
        short = {it.os for it in self._all if it.arch == BARE_X86}
        long = {it.os for it in self._all if it.arch in ("amd64", BARE_64)}
        return "386" if short & long else "amd64"

    def _for_platform(self, candidate: _Candidate) -> _Candidate | None:
        """Return the candidate, with what it leaves unsaid filled in, if it runs on the platform."""
        platform = self._platform
        kind, os, arch = candidate.reading.kind, candidate.os, candidate.arch
        if os not in (None, platform.os) or arch not in (None, ANY, platform.arch) or candidate.libc == UCLIBC:
            return None
        # Who only names a repository leaves the choice to the rules, and they don't guess that it will start.
        if candidate.libc == GNU and platform.libc == MUSL and not self._tool.asked:
            return None
        if kind is Kind.PORTABLE:
            helper = candidate.reading.format in SCRIPTS and self._speaks_of_platforms
            return candidate if not helper or self._distance(candidate)[0] < _NAMELESS else None
        if os is None and arch is None:
            if not self._speaks_of_platforms or not set(self._tool.pattern).isdisjoint(candidate.tool):
                return candidate
            default = self._is_default(candidate) and (platform.os, platform.arch) == ("linux", "amd64")
            return candidate._replace(os="linux", arch="amd64") if default else None
        if arch is None:
            # Who names no architecture means the one that everybody had.
            known = kind is not Kind.APPIMAGE or any(it.arch == "amd64" for it in self._all)
            return candidate if platform.arch == "amd64" and known else None
        return candidate if os or (platform.os == "linux" and self._may_be_linux(candidate)) else None

    def _is_default(self, candidate: _Candidate) -> bool:
        """Return whether it is the one without a suffix among others (`x`, `x-arm64`, `x-darwin`, `x.exe`)."""
        others = [it for it in self._programs if it.tool == candidate.tool and (it.os or it.arch)]
        if any(it.os in (None, "linux") and it.arch in (None, "amd64") for it in others):
            return False
        if candidate.reading.format == "":
            return bool(others)
        # An archive may as well be the source, which has a version in its name.
        unnumbered = not candidate.reading.texts(Role.NUMBER)
        return unnumbered and any(it.reading.format == candidate.reading.format for it in others)

    def _may_be_linux(self, candidate: _Candidate) -> bool:
        """Return whether a name that gives only the architecture is for Linux."""
        native = (it for it in self._programs if it.reading.kind is Kind.NATIVE and it.tool == candidate.tool)
        if any(it.names_linux for it in native):
            return False
        usual = candidate.reading.format in PROGRAMS or candidate.reading.format.startswith("tar")
        return usual or not any(it.os for it in self._all)

    def _distance(self, candidate: _Candidate) -> tuple[int, bool]:
        return self._tool.distance(candidate.tool, candidate.variant)

    def _demoted(self, candidate: _Candidate) -> bool:
        return not (DEMOTED - self._tool.words).isdisjoint(candidate.tool)

    def _arch(self, candidate: _Candidate) -> int:
        return (self._platform.arch, ANY, None).index(candidate.arch)

    def _other_libc(self, candidate: _Candidate) -> bool:
        """Return whether it is not for musl where that is asked for, and others may be."""
        return self._platform.libc == MUSL and candidate.libc not in (MUSL, ALPINE, STATIC)

    def _libc(self, candidate: _Candidate) -> int:
        """Where nothing is asked for, what needs no loader comes first.

        A musl build beside a glibc one is that: it is there to run everywhere, as a Rust triple's is. Beside a plain
        one it is the one for Alpine, whose loader other images lack.
        """
        libc = candidate.libc
        if libc == MUSL and not self._speaks_of_glibc and VENDORS.isdisjoint(candidate.reading.texts(Role.NEUTRAL)):
            libc = ALPINE
        orders: dict[str | None, tuple[str | None, ...]] = {
            None: (STATIC, MUSL, None, GNU, ALPINE),
            MUSL: (MUSL, ALPINE, STATIC, None, GNU),
            GNU: (GNU, None, STATIC, MUSL, ALPINE),
        }
        order = orders[self._platform.libc]
        return order.index(libc) if libc in order else len(order)


def _common(readings: Sequence[Reading]) -> frozenset[str]:
    """Return the words that all names for some platform have: they tell nothing apart."""
    names = [
        frozenset(word.text for word in reading.words)
        for reading in readings
        if reading.kind in (*_KINDS, Kind.INSTALLER, Kind.SUPPLEMENT) and reading.texts(Role.OS, Role.ARCH)
    ]
    return frozenset.intersection(*names) if len(names) > 1 else frozenset()


def _same(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    telling = read("-".join(name)).words
    return bool(words) and "".join(words) in (
        "".join(name),
        "".join(word.text for word in telling if word.role is not Role.NEUTRAL),
    )


def _contains(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    places = range(len(words) - len(name) + 1)
    return bool(name) and any(words[place : place + len(name)] == name for place in places)


def _best_by(ranks: Iterable[_Rank], candidates: list[_Candidate]) -> list[_Candidate]:
    for rank in ranks:
        candidates = _least(candidates, rank)
    return candidates


def _least(candidates: list[_Candidate], rank: _Rank) -> list[_Candidate]:
    least = min(candidates, key=rank)
    return [it for it in candidates if rank(it) == rank(least)]


def _contained_in_all(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the list of words that all the others extend, if there is one."""
    shortest, *others = sorted(lists, key=len)
    return shortest if all(Counter(shortest) < Counter(other) for other in others) else None


def _all_words(candidate: _Candidate) -> tuple[str, ...]:
    return tuple(word.text for word in candidate.reading.words)


def _kind(candidate: _Candidate) -> int:
    return _KINDS.index(candidate.reading.kind)


def _leaves_os_open(candidate: _Candidate) -> bool:
    return not candidate.names_linux


def _level(candidate: _Candidate) -> int:
    return max((int(level[1:]) for level in candidate.reading.texts(Role.LEVEL)), default=1)


def _vague(candidate: _Candidate) -> bool:
    """Return whether the name gives the architecture by its width alone (`linux64` beside `linux-amd64`)."""
    return any(word.role is Role.ARCH and word.value == BARE_64 for word in candidate.reading.words)


def _distributions(candidate: _Candidate) -> int:
    """Return how many distributions it names; Alpine is a C library here."""
    of_libc = candidate.reading.texts(Role.LIBC)
    return len(set(candidate.reading.texts(Role.OS)).difference(of_libc, ("linux", "")))


def _libc_version(candidate: _Candidate) -> tuple[int, ...]:
    """Return the oldest C library that it runs with: 2.28 of `manylinux_2_28`."""
    words = candidate.reading.words
    after = next((place for place, word in enumerate(words, 1) if word.role is Role.LIBC), len(words))
    return tuple(map(int, itertools.takewhile(str.isdecimal, (word.text for word in words[after:]))))


def _format(candidate: _Candidate) -> int:
    format_ = candidate.reading.format
    return _FORMATS.index(format_) if format_ in _FORMATS else len(_FORMATS)
