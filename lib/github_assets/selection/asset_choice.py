"""Which asset of a release is for a platform. A wrong choice is worse than none.

What is not a program (checksums, packages, sources, installers, completions) or is for another operating system or
architecture is ruled out. Of the rest, assets named after the tool come first, then those without further words in
their names, then the architecture, the C library and the format decide. If several are left, the user has to choose.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from github_assets.config.patterns import Pattern
from github_assets.errors import GithubAssetsError
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.parallel import raise_error
from github_assets.platforms import Platform
from github_assets.selection.asset_names import ParsedName, Role, Word, bare_words, parse_name, tool_words
from github_assets.selection.patterns import expand, words_of
from github_assets.selection.tag_versions import version_of
from github_assets.selection.vocabulary import (
    ALPINE,
    ANY,
    ARCHIVE_FORMATS,
    BARE_32,
    BARE_64,
    BARE_ARM,
    BARE_X86,
    COMPRESSION_FORMATS,
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

_PROGRAM_KINDS = (Kind.NATIVE, Kind.APPIMAGE, Kind.PORTABLE)
"""The preferred ones first."""
_FORMATS = (*ARCHIVE_FORMATS[:-1], *PROGRAMS, *COMPRESSION_FORMATS, ARCHIVE_FORMATS[-1])


SELECTED = "file selects it"
NOT_SELECTED = "file does not select it"
AMBIGUOUS = "others match equally well"
OTHER_PROGRAM = "another asset is more likely to be the program"
ELSEWHERE = "the program itself is only available for other platforms"
FURTHER_WORDS = "its name has more words than that of another asset"
ANYWHERE = "its name does not say which platform it is for"


class AssetQuery(NamedTuple):
    """What is known about the wanted asset, apart from the platform."""

    repository: str | None = None
    """`owner/name`; the tool may be named after it."""
    tag: str | None = None
    pattern: Pattern | None = None
    """FILE. Only assets that it matches are considered; an exact name is taken whatever the platform."""
    target: str | None = None
    """The executable's name."""


_NOTHING = AssetQuery()


class Decision(NamedTuple):
    """What the names came to."""

    outcome: str | GithubAssetsError
    """The name that is chosen, or the error that `choose` raises."""
    reasons: Mapping[str, str]
    """Why each name is chosen, or not, in words."""


def choose(names: Iterable[str], platform: Platform, query: AssetQuery = _NOTHING) -> str:
    """Return the name of the asset for the platform.

    Raises AssetNotFound where no asset has a name of the pattern, ExpressionTooSlow, NoAssetForPlatform and
    AssetAmbiguous.
    """
    return raise_error(decide(names, platform, query).outcome)


def decide(names: Iterable[str], platform: Platform, query: AssetQuery = _NOTHING) -> Decision:
    """Return which name is chosen for the platform, and why the others are not. Raises ExpressionTooSlow."""
    names = list(dict.fromkeys(names))
    repository, tag = query.repository or "", query.tag or ""
    reasons = dict.fromkeys(names, NOT_SELECTED)
    matching = names
    if query.pattern:
        if query.pattern.text in names:
            return Decision(query.pattern.text, {**reasons, query.pattern.text: SELECTED})
        expanded = expand(query.pattern, platform, query.tag)
        matching = expanded.select(names)
        if not matching:
            available = nearest_first(expanded.text, names)
            error = AssetNotFound(repository=repository, tag=tag, name=expanded.text, available=available)
            return Decision(error, reasons)
        if expanded.exact:
            return Decision(expanded.text, {**reasons, expanded.text: SELECTED})
    release = _Release(names, platform, query)
    best = release.best_of(matching)
    reasons |= {name: release.reasons[name] for name in matching if name in release.reasons}
    if not best:
        available = release.nearest_first(matching) or nearest_first(repository, matching)
        missing = NoAssetForPlatform(repository=repository, tag=tag, platform=str(platform), available=available)
        return Decision(missing, reasons)
    if len(best) > 1:
        candidates = sorted(asset.name for asset in best)
        reasons |= dict.fromkeys(candidates, AMBIGUOUS)
        ambiguous = AssetAmbiguous(repository=repository, tag=tag, platform=str(platform), candidates=candidates)
        return Decision(ambiguous, reasons)
    return Decision(best[0].name, {**reasons, best[0].name: best[0].purpose})


def default_target(name: str, repository: str | None = None, tag: str | None = None) -> str:
    """Return the asset's name without its version, platform and archive extension.

    If nothing is left (`x86_64-unknown-linux-musl.zip`), return the repository's name.
    """
    repository_name = (repository or "").rpartition("/")[2]
    own_words = frozenset(bare_words(repository_name))
    version = version_of(tag or "")
    # In `tinygo0.30.0`, only the tag shows where the version begins.
    spaced = re.sub(rf"((?<![A-Za-z])v)?{re.escape(version)}", "-", name) if "." in version else name
    parsed = parse_name(spaced, tag, own_words)
    text, end = "", 0
    for word in parsed.words:
        others = [it.text for it in parsed.words if it.role is word.role and it.text not in own_words]
        is_own = word.text in own_words and (others or word.role is Role.NEUTRAL)
        if word.end > word.start and (word.role is Role.TOOL or word.text == "cli" or is_own):
            text += _separator(spaced[end : word.start]) if text else ""
            text += spaced[word.start : word.end]
            end = word.end
    text = text or repository_name or name
    return f"{text}.{parsed.format}" if parsed.kind is Kind.PORTABLE else text


def _separator(between: str) -> str:
    """Return one separator in place of everything between two words."""
    last = between[-1:]
    return "-" if last.isalnum() else last


_UNNAMED, _OTHER_TOOL = 4, 5


class _Tool(NamedTuple):
    """The names that the tool may have, as words."""

    target: tuple[str, ...]
    pattern: tuple[str, ...]
    repository: tuple[str, ...]
    explicit: bool
    """Whether the user gave more than a repository."""

    @classmethod
    def of(cls, query: AssetQuery) -> _Tool:
        """Return the names in a query."""
        return cls(
            target=tool_words(query.target or ""),
            pattern=words_of(query.pattern) if query.pattern else (),
            repository=bare_words((query.repository or "").rpartition("/")[2]),
            explicit=bool(query.target or query.pattern),
        )

    @property
    def words(self) -> frozenset[str]:
        """All words of its names."""
        return frozenset((*self.target, *self.pattern, *self.repository))

    def distance(self, words: tuple[str, ...], variant: tuple[str, ...] = ()) -> tuple[int, bool]:
        """Return how far an asset's words are from the tool's names, and whether it is a variant of the tool.

        0 is TARGET itself, _OTHER_TOOL another program. `variant` holds the words that follow the platform:
        `tool-linux-x64-gcc` is a variant of the tool, `tool-helper-linux-x64` another program.
        """
        names = (self.target, 0), (self.pattern, 1), (self.repository, 3)
        distances = [(distance, False) for name, distance in names if _same(words, name)]
        if _contains(words, self.target):
            distances.append((2, False))
        if variant and DEMOTED.isdisjoint(variant):
            plain = words[: len(words) - len(variant)]
            distances += [(distance, True) for name, distance in names if _same(plain, name)]
        return min(distances, default=(_OTHER_TOOL if words else _UNNAMED, False))


class _Asset(NamedTuple):
    """An asset's name, understood in the light of the other names of the release."""

    parsed: ParsedName
    os: str | None
    arch: str | None
    libc: str | None
    tool: tuple[str, ...]
    """All other words: the names of the tool and of its variant."""
    variant: tuple[str, ...]
    """Those that follow the platform, unless some stand within it."""

    @property
    def name(self) -> str:
        """The asset's name."""
        return self.parsed.name

    @property
    def purpose(self) -> str:
        """What it is for, in words."""
        platform = "/".join(filter(None, (self.os, self.arch)))
        return f"it is for {platform}" if platform else ANYWHERE

    @property
    def names_linux(self) -> bool:
        """Whether a word names Linux, rather than the format or the C library implying it."""
        return any(word.value == "linux" and word.text and LIBCS.get(word.text) != ALPINE for word in self.parsed.words)


_Rank = Callable[[_Asset], Any]


class _Release:
    """All assets of a release."""

    def __init__(self, names: Sequence[str], platform: Platform, query: AssetQuery) -> None:
        self._platform = platform
        self._tool = tool = _Tool.of(query)
        self._common = _common([parse_name(name, query.tag, tool.words) for name in names])
        parsed_names = [parse_name(name, query.tag, tool.words | self._common) for name in names]
        # Signatures and the like only repeat what is in the names of the assets that they are for.
        self._all = [self._interpret(it) for it in parsed_names if it.kind not in (Kind.OTHER, Kind.SUPPLEMENT)]
        widths = {BARE_64: "amd64", BARE_32: "386", BARE_ARM: self._bare_arm(), BARE_X86: self._bare_x86()}
        self._all = [it._replace(arch=widths.get(it.arch, it.arch)) if it.arch else it for it in self._all]
        self._programs = [it for it in self._all if it.parsed.kind in _PROGRAM_KINDS]
        self.reasons = {it.name: f"it is {it.kind.value}" for it in parsed_names if it.kind not in _PROGRAM_KINDS}
        """Why each name is not the best, as far as `best_of` has come."""
        self._names_platforms = any(it.os or it.arch for it in self._all)
        self._names_glibc = any(it.libc == GNU and it.os == platform.os for it in self._programs)

    def best_of(self, matching: Sequence[str]) -> list[_Asset]:
        """Return the best of these assets for the platform: none, one, or several that are equally good."""
        wanted = frozenset(matching)
        programs = [it for it in self._programs if it.name in wanted]
        candidates = []
        for each in programs:
            found = self._for_platform(each)
            if isinstance(found, str):
                self.reasons[each.name] = found
            else:
                candidates.append(found)
        if not candidates:
            return []
        candidates = self._least(candidates, self._distance, OTHER_PROGRAM)
        # If the tool is only built for other platforms, another program of the release is no replacement.
        elsewhere = min((self._distance(it)[0] for it in programs if it.os or it.arch), default=_OTHER_TOOL)
        if elsewhere < min(self._distance(candidates[0])[0], _UNNAMED):
            self.reasons |= {it.name: ELSEWHERE for it in candidates}
            return []
        candidates = self._least(candidates, self._is_demoted, "it is a variant, by a word such as debug or test")
        candidates = self._least(candidates, _kind, "another asset is a native program")
        candidates = self._least(candidates, self._is_for_other_libc, "another asset's name says musl")
        candidates = self._least(candidates, _names_no_system, "another asset's name says linux")
        plain = _contained_in_all({it.tool for it in candidates})
        if plain is None:
            return candidates
        candidates = self._least(candidates, lambda it: it.tool != plain, FURTHER_WORDS)
        candidates = self._least(candidates, _level, "it needs a newer processor than another asset")
        candidates = self._least(candidates, self._arch, "another asset's name says the architecture")
        candidates = self._least(candidates, _vague, "another asset's name says the architecture")
        candidates = self._least(candidates, _distributions, "it is for some distributions only")
        candidates = self._least(candidates, self._libc, "another asset's C library is preferred")
        candidates = self._least(candidates, _libc_version, "it needs a newer C library than another asset")
        candidates = self._least(candidates, _format, "another asset's format is preferred")
        plainest = _contained_in_all({_all_words(it) for it in candidates})
        return self._least(candidates, lambda it: plainest not in (None, _all_words(it)), FURTHER_WORDS)

    def nearest_first(self, matching: Sequence[str]) -> list[str]:
        """Return the names that might have been meant, those for this platform and of this tool first."""
        wanted, platform = frozenset(matching), self._platform

        def distance(it: _Asset) -> tuple[Any, ...]:
            return it.name not in wanted, it.os != platform.os, it.arch != platform.arch, self._distance(it), it.name

        return [it.name for it in sorted(self._all, key=distance)]

    def _least(self, candidates: list[_Asset], rank: _Rank, reason: str) -> list[_Asset]:
        """Return the candidates of the least rank, and note the reason for all others."""
        least = min(map(rank, candidates))
        self.reasons |= {it.name: reason for it in candidates if rank(it) != least}
        return [it for it in candidates if rank(it) == least]

    def _interpret(self, parsed: ParsedName) -> _Asset:
        os, os_words = self._value(parsed, Role.OS)
        arch, arch_words = self._value(parsed, Role.ARCH)
        libc, libc_words = self._value(parsed, Role.LIBC)
        platform_words = {*os_words, *arch_words, *libc_words}
        roles = (Role.TOOL, Role.OS, Role.ARCH, Role.LIBC)
        tool = dict.fromkeys(word.text for word in parsed.words if word.role in roles and word not in platform_words)
        following = itertools.dropwhile(lambda word: word not in platform_words, parsed.words)
        variant = tuple(dict.fromkeys(word.text for word in following if word.text in tool))
        last = max((word.start for word in platform_words), default=0)
        if any(word.start < last for word in parsed.words if word.text in variant):
            variant = ()
        return _Asset(parsed, os or ("linux" if libc else None), arch, libc, tuple(tool), variant)

    def _value(self, parsed: ParsedName, role: Role) -> tuple[str | None, list[Word]]:
        """Return the value that a name gives for a role, and the words that give it.

        Words of the tool's own name (`win-tool-linux`), or that all names have, only count if there are no others.
        Contradictory words make a value that no platform has.
        """
        words = [word for word in parsed.words if word.role is role]
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
        # Macs are all 64-bit: if their asset is called `arm`, so is the 64-bit one for Linux.
        of_mac = any(it.os == "darwin" and it.arch == BARE_ARM for it in self._all)
        spelled = any(it.os == "linux" and it.arch in ("arm", "arm64") for it in self._all)
        return "arm64" if of_mac and not spelled else "arm"

    def _bare_x86(self) -> str:
        # It is 32-bit if the release also has a 64-bit asset for the same system.
        short = {it.os for it in self._all if it.arch == BARE_X86}
        long = {it.os for it in self._all if it.arch in ("amd64", BARE_64)}
        return "386" if short & long else "amd64"

    def _for_platform(self, asset: _Asset) -> _Asset | str:
        """Return the asset if it runs on the platform, with what its name leaves open filled in, or else why not."""
        platform = self._platform
        kind, os, arch = asset.parsed.kind, asset.os, asset.arch
        if os not in (None, platform.os) or arch not in (None, ANY, platform.arch):
            return asset.purpose
        if asset.libc == UCLIBC:
            return "it is for uClibc"
        # Only a user who asked for this very asset may know that a glibc program starts there.
        if asset.libc == GNU and platform.libc == MUSL and not self._tool.explicit:
            return "it is for glibc"
        if kind is Kind.PORTABLE:
            helper = asset.parsed.format in SCRIPTS and self._names_platforms
            return asset if not helper or self._distance(asset)[0] < _UNNAMED else "it is a script of another name"
        if os is None and arch is None:
            if not self._names_platforms or not set(self._tool.pattern).isdisjoint(asset.tool):
                return asset
            default = self._is_default(asset) and (platform.os, platform.arch) == ("linux", "amd64")
            return asset._replace(os="linux", arch="amd64") if default else ANYWHERE
        if arch is None:
            # A name without an architecture means the most common one.
            known = kind is not Kind.APPIMAGE or any(it.arch == "amd64" for it in self._all)
            return asset if platform.arch == "amd64" and known else "its name does not say which architecture it is for"
        linux = platform.os == "linux" and self._may_be_linux(asset)
        return asset if os or linux else "its name does not say which operating system it is for"

    def _is_default(self, asset: _Asset) -> bool:
        """Return whether it is the one without a platform among others (`x`, `x-arm64`, `x-darwin`, `x.exe`)."""
        others = [it for it in self._programs if it.tool == asset.tool and (it.os or it.arch)]
        if any(it.os in (None, "linux") and it.arch in (None, "amd64") for it in others):
            return False
        if asset.parsed.format == "":
            return bool(others)
        # An archive with a version in its name may be the source.
        unnumbered = not asset.parsed.texts(Role.NUMBER)
        return unnumbered and any(it.parsed.format == asset.parsed.format for it in others)

    def _may_be_linux(self, asset: _Asset) -> bool:
        """Return whether an asset whose name only gives an architecture is for Linux."""
        native = (it for it in self._programs if it.parsed.kind is Kind.NATIVE and it.tool == asset.tool)
        if any(it.names_linux for it in native):
            return False
        usual = asset.parsed.format in PROGRAMS or asset.parsed.format.startswith("tar")
        return usual or not any(it.os for it in self._all)

    def _distance(self, asset: _Asset) -> tuple[int, bool]:
        return self._tool.distance(asset.tool, asset.variant)

    def _is_demoted(self, asset: _Asset) -> bool:
        return not (DEMOTED - self._tool.words).isdisjoint(asset.tool)

    def _arch(self, asset: _Asset) -> int:
        return (self._platform.arch, ANY, None).index(asset.arch)

    def _is_for_other_libc(self, asset: _Asset) -> bool:
        """Return whether it is not known to run with musl, if that is what the platform has."""
        return self._platform.libc == MUSL and asset.libc not in (MUSL, ALPINE, STATIC)

    def _libc(self, asset: _Asset) -> int:
        """Return the rank of its C library; if the platform's is not known, static programs come first.

        A musl build is static if the release also has a glibc one, or if it is named by a target triple. Beside a build
        that names no C library it is the one for Alpine.
        """
        libc = asset.libc
        if libc == MUSL and not self._names_glibc and VENDORS.isdisjoint(asset.parsed.texts(Role.NEUTRAL)):
            libc = ALPINE
        orders: dict[str | None, tuple[str | None, ...]] = {
            None: (STATIC, MUSL, None, GNU, ALPINE),
            MUSL: (MUSL, ALPINE, STATIC, None, GNU),
            GNU: (GNU, None, STATIC, MUSL, ALPINE),
        }
        order = orders[self._platform.libc]
        return order.index(libc) if libc in order else len(order)


def _common(parsed_names: Sequence[ParsedName]) -> frozenset[str]:
    """Return the words that are in all names that give a platform, and so distinguish nothing."""
    kinds = (*_PROGRAM_KINDS, Kind.INSTALLER, Kind.SUPPLEMENT)
    names = [
        frozenset(word.text for word in it.words)
        for it in parsed_names
        if it.kind in kinds and it.texts(Role.OS, Role.ARCH)
    ]
    return frozenset.intersection(*names) if len(names) > 1 else frozenset()


def _same(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return bool(words) and "".join(words) in ("".join(name), _without_neutral_words(name))


@functools.lru_cache
def _without_neutral_words(name: tuple[str, ...]) -> str:
    return "".join(word.text for word in parse_name("-".join(name)).words if word.role is not Role.NEUTRAL)


def _contains(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    starts = range(len(words) - len(name) + 1)
    return bool(name) and any(words[start : start + len(name)] == name for start in starts)


def _contained_in_all(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the list whose words are all in every other list, if there is one."""
    shortest, *others = sorted(lists, key=len)
    return shortest if all(Counter(shortest) < Counter(other) for other in others) else None


def _all_words(asset: _Asset) -> tuple[str, ...]:
    return tuple(word.text for word in asset.parsed.words)


def _kind(asset: _Asset) -> int:
    return _PROGRAM_KINDS.index(asset.parsed.kind)


def _names_no_system(asset: _Asset) -> bool:
    return not asset.names_linux


def _level(asset: _Asset) -> int:
    return max((int(level[1:]) for level in asset.parsed.texts(Role.LEVEL)), default=1)


def _vague(asset: _Asset) -> bool:
    """Return whether it only gives the width of the architecture (`linux64`, beside `linux-amd64`)."""
    return any(word.role is Role.ARCH and word.value == BARE_64 for word in asset.parsed.words)


def _distributions(asset: _Asset) -> int:
    """Return how many distributions it names; Alpine counts as a C library."""
    of_libc = asset.parsed.texts(Role.LIBC)
    return len(set(asset.parsed.texts(Role.OS)).difference(of_libc, ("linux", "")))


def _libc_version(asset: _Asset) -> tuple[int, ...]:
    """Return the oldest version of the C library that it runs with: 2.28 of `manylinux_2_28`."""
    words = asset.parsed.words
    after = next((index for index, word in enumerate(words, 1) if word.role is Role.LIBC), len(words))
    return tuple(map(int, itertools.takewhile(str.isdecimal, (word.text for word in words[after:]))))


def _format(asset: _Asset) -> int:
    format_ = asset.parsed.format
    return _FORMATS.index(format_) if format_ in _FORMATS else len(_FORMATS)
