"""Parsing of asset names: kind, format, operating system, architecture, C library, tool.

Names are compared word by word, never searched for substrings: `arm` is not part of `arm64`, nor `win` of `darwin`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from github_assets.selection.tag_versions import version_of
from github_assets.selection.vocabulary import (
    ARCHITECTURES,
    ARCHITECTURES_OF_PAIRS,
    ARCHIVE_FORMATS,
    BARE_32,
    BARE_64,
    COMPRESSION_FORMATS,
    EXTENSIONS,
    KINDS_OF_WORDS,
    LIBCS,
    NEUTRAL,
    SHORT,
    SYSTEMS,
    SYSTEMS_OF_EXTENSIONS,
    WIDTHS,
    Kind,
)


class Role(Enum):
    """What a word is about."""

    OS = "operating system"
    ARCH = "architecture"
    LIBC = "C library"
    LEVEL = "instruction set that the architecture must have at least: v3 of amd64v3"
    NUMBER = "version, date, hash"
    NEUTRAL = "nothing that distinguishes assets"
    TOOL = "everything else"


class Word(NamedTuple):
    """One word of a name, or two that belong together (`x86_64`), in lower case, and its position."""

    text: str
    role: Role
    value: str
    start: int
    end: int


class ParsedName(NamedTuple):
    """An asset's name, taken apart."""

    name: str
    kind: Kind
    format: str
    """The archive's or program's extension; empty where there is none."""
    words: tuple[Word, ...]

    def texts(self, *roles: Role) -> tuple[str, ...]:
        """Return the words of these roles."""
        return tuple(word.text for word in self.words if word.role in roles)


_SYSTEM = "linux|windows|win|macosx|macos|mac|osx|darwin|freebsd"
_WIDTH = "amd64|x64|x86|arm64|aarch64|armv[5-8]|armhf|arm|i?386|64|32"
_JOINED = re.compile(
    rf"({_SYSTEM}|lin)({_WIDTH}|static|musl|gnu)(bits?)?"
    rf"|({_SYSTEM}|openbsd|netbsd|ubuntu|debian|fedora|centos|rhel|alpine|rocky|glibc|gnu|musl|manylinux|musllinux)(\d+)"
    r"|(amd64|arm64|arm32|x64|64)(v\d+)"
    r"|(amd64|x8664|x64|arm64|aarch64|i[3-6]86|x86|64|32)(bits?)"
)
_CHUNK = re.compile(r"[^\W_]+")
_LEVEL = re.compile(r"v[1-9]")
_VERSION = re.compile(r"v?\d+")
_NUMBER = re.compile(
    r"(v|r|b|rc|alpha|beta|pre|dev|rev|build|p|post)?\d+((a|b|c|rc|alpha|beta|pre|dev|post|p|m|sp)\d*)?"
    r"|g?(?=[a-f]*\d)[0-9a-f]{7,40}"
)
_MAN_PAGE = re.compile(r"[^.]+\.[1-8]")


def parse_name(name: str, tag: str | None = None, tool: frozenset[str] = frozenset()) -> ParsedName:
    """Return an asset's parsed name. `tag` is the release's; `tool` holds the words of the tool's own name."""
    stem, extensions = _split(name, tool)
    format_, inner = _format(extensions)
    words = _words(stem, tag)
    system = next((SYSTEMS_OF_EXTENSIONS[it] for it in (*inner, format_) if it in SYSTEMS_OF_EXTENSIONS), None)
    if system:
        words.append(Word("", Role.OS, system, len(stem), len(stem)))
    return ParsedName(name, _kind(stem, format_, inner, words, tool), format_, tuple(words))


def bare_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, whatever separates them."""
    return tuple(word for word, _, _ in _chunks(text))


def tool_words(text: str) -> tuple[str, ...]:
    """Return the words up to the last one of the tool's name: `win-tool` of `win-tool-linux-x64.zip`."""
    words = parse_name(text).words
    length = max((count for count, word in enumerate(words, 1) if word.role is Role.TOOL), default=0)
    return tuple(word.text for word in words[:length])


def spellings(role: Role, value: str) -> list[str]:
    """Return how an operating system or architecture is spelled in names, longest first."""
    if role is Role.OS:
        found = {word for word, meaning in SYSTEMS.items() if meaning == value}
    else:
        bare = {"amd64": BARE_64, "386": BARE_32}.get(value)
        meanings = (value, bare)
        found = {word for word, meaning in {**ARCHITECTURES, **WIDTHS}.items() if meaning in meanings}
        for (first, second), meaning in ARCHITECTURES_OF_PAIRS.items():
            if meaning in meanings:
                separators = ("", "-", "_") if first in WIDTHS else ("-", "_")
                found.update(first + separator + second for separator in separators)
    return sorted(found, key=lambda word: (-len(word), word))


def _split(name: str, tool: frozenset[str]) -> tuple[str, list[str]]:
    """Return the name without its extensions, and these in lower case.

    Not every text after a dot is one (`direnv.linux-amd64`, `1.2.3`); an unknown one is.
    """
    stem, extensions = name, list[str]()
    while True:
        rest, _, last = stem.rpartition(".")
        if not rest or last.lower() not in EXTENSIONS:
            break
        stem = rest
        extensions.insert(0, last.lower())
    if rest and not extensions:
        # The x stands for the first word of the name, which is rarely a version, unlike those that follow.
        words = _words(f"x.{last}", None)[1:]
        if all(word.role is Role.TOOL and word.text not in tool for word in words):
            return rest, [last.lower()]
    return stem, extensions


def _format(extensions: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the format, and the extensions before it: `exe` of `.exe.zip`."""
    if not extensions:
        return "", ()
    last_two = ".".join(extensions[-2:])
    length = 2 if last_two in ARCHIVE_FORMATS or last_two in SHORT else 1
    last = ".".join(extensions[-length:])
    return SHORT.get(last, last), extensions[:-length]


def _kind(stem: str, format_: str, inner: Iterable[str], words: Sequence[Word], tool: frozenset[str]) -> Kind:
    kind = EXTENSIONS.get(format_, Kind.OTHER)
    packed = format_ in ARCHIVE_FORMATS or format_ in COMPRESSION_FORMATS
    for extension in inner if packed else ():
        if EXTENSIONS[extension] not in (Kind.NATIVE, Kind.PORTABLE):
            kind = EXTENSIONS[extension]
    if kind not in (Kind.NATIVE, Kind.PORTABLE):
        return kind
    for_platform = any(word.role in (Role.OS, Role.ARCH) for word in words)
    for word in words:
        of_word = None if word.text in tool else KINDS_OF_WORDS.get(word.text)
        if word.text == "install" and packed:  # `install_only` describes how the archive is laid out
            of_word = None
        if of_word is Kind.SOURCE and any(other.role is Role.ARCH for other in words):
            of_word = None
        if of_word:
            return of_word
    if _MAN_PAGE.fullmatch(stem) and format_ in ("", "gz") and not for_platform:
        return Kind.SUPPLEMENT
    return kind


def _words(stem: str, tag: str | None) -> list[Word]:
    chunks = _chunks(stem)
    version = _find_version([text for text, _, _ in chunks], tag)
    words = list[Word]()
    index = 0
    while index < len(chunks):
        text, start, end = chunks[index]
        following, _, following_end = chunks[index + 1] if index + 1 < len(chunks) else ("", 0, 0)
        before = words[-1].role if words else None
        pair = ARCHITECTURES_OF_PAIRS.get((text, following))
        if index in version:
            words.append(Word(text, Role.NUMBER, text, start, end))
        elif pair:
            words.append(Word(text + following, Role.ARCH, pair, start, following_end))
            index += 1
        elif (text, following) in (("mac", "os"), ("os", "x")):
            words.append(Word(text + following, Role.OS, "darwin", start, following_end))
            index += 1
        elif text == "lin" and following in WIDTHS:
            words.append(Word(text, Role.OS, "linux", start, end))
        elif text in WIDTHS and before is Role.OS:
            words.append(Word(text, Role.ARCH, WIDTHS[text], start, end))
        elif text in ("bit", "bits") and before is Role.ARCH and words[-1].text.endswith(("64", "32", "86")):
            words[-1] = words[-1]._replace(end=end)
        elif text == "386" and before is Role.NUMBER and following.isdigit():
            words.append(Word(text, Role.NUMBER, text, start, end))
        elif _LEVEL.fullmatch(text) and before is Role.ARCH and not following.isdigit():
            words.append(Word(text, Role.LEVEL, text, start, end))
        else:
            words.extend(_meanings(text, start, end, first=index == 0))
        index += 1
    return words


def _meanings(text: str, start: int, end: int, *, first: bool) -> list[Word]:
    """Return the word once for each of its meanings: `manylinux` is Linux and glibc."""
    platform = [
        Word(text, role, table[text], start, end)
        for role, table in ((Role.OS, SYSTEMS), (Role.ARCH, ARCHITECTURES), (Role.LIBC, LIBCS))
        if text in table
    ]
    if platform:
        return platform
    if text in NEUTRAL:
        return [Word(text, Role.NEUTRAL, text, start, end)]
    number = _VERSION.fullmatch(text) if first else _NUMBER.fullmatch(text)
    return [Word(text, Role.NUMBER if number else Role.TOOL, text, start, end)]


def _chunks(text: str) -> list[tuple[str, int, int]]:
    """Return the parts of a text between separators and joints (`linux64`), in lower case, with their positions."""
    chunks = list[tuple[str, int, int]]()
    for chunk in _CHUNK.finditer(text):
        word, start = chunk.group().lower(), chunk.start()
        joined = _JOINED.fullmatch(word)
        for part in filter(None, joined.groups()) if joined else (word,):
            chunks.append((part, start, start + len(part)))
            start += len(part)
    return chunks


def _find_version(texts: Sequence[str], tag: str | None) -> range:
    """Return the indices of the words that repeat the tag's version, with or without a `v`."""
    version = bare_words(version_of(tag or ""))
    if version and version[0][0].isdigit():
        for wanted in (version, (f"v{version[0]}", *version[1:])):
            for start in range(len(texts) - len(wanted) + 1):
                if tuple(texts[start : start + len(wanted)]) == wanted:
                    return range(start, start + len(wanted))
    return range(0)
