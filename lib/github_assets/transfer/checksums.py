"""The checksum files of a release: which of them may list an asset, and the digests in them.

Lines have the formats of GNU and BSD tools (coreutils manual, "cksum output modes"), or any other in which they mention
one digest and one asset; or two of them do, as tools of Windows write it. Whatever is unclear is ignored.
"""

from __future__ import annotations

import base64
import codecs
import functools
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from github_assets.config.names import printable
from github_assets.errors import CannotWrite
from github_assets.errors.http import NotFound
from github_assets.errors.transfer import FolderNeedsDigest
from github_assets.github.releases import UPLOADED, ReleaseAsset
from github_assets.http.client import Client
from github_assets.selection.vocabulary import ARCHIVE_FORMATS, COMPRESSION_FORMATS, SHORT
from github_assets.transfer.download import download
from github_assets.transfer.source import OF_THE_RELEASE, SHA256, ExpectedDigest, Source

LARGEST = 1 << 20
"""Maximum size of a checksum file in bytes; the longest known lists have some hundred thousand."""
_ALGORITHMS = {"sha512": 128, "sha384": 96, SHA256: 64}
"""The accepted algorithms, strongest first, with the length of their hex digests."""
MOST = 8
"""Maximum number of checksum files to read for one asset."""
OWN, LIST = "own", "list"
_SIGNED = ".asc"
"""A list within its own signature, unless the list itself is there too: then it is a signature alone."""

_WORD = (
    r"(?:check[-_]?sums?|hash(?:es|[-_]?sums?)?|digests?|sha[-_]?sums?(?:256|384|512)?"
    r"|sha(?:2[-_]?|[-_])?(?:256|384|512)(?:[-_]?sums?)?)"
)
_FILE = re.compile(
    rf"(?:(?P<of>.+?)[-_.])?{_WORD}(?:[-_.]{_WORD})*"
    # A version or a platform, and no other extension than these
    r"(?P<rest>[-_+][\w-]*(?:\.[0-9][\w+-]*)*|(?:\.[0-9][\w+-]*)+|[-_.][\w.+-]*(?=\.txt$))?(?:\.(?:txt|list|sums?))?",
    re.I,
)
_WEAK_FILE = re.compile(r"(?:(?P<of>.+?)[-_.])?(?P<rest>)(?:md5|sha1)(?:[-_]?sums?)?(?:\.txt)?", re.I)
_NAMED = re.compile(r"sha(?:[-_]?sums?|2[-_]?|[-_])?(256|384|512)(?!\d)", re.I)
_OTHER_HASH = re.compile(
    r"(?:^|[-_.])(?:sha3(?!84)|keccak|blake|shake|b[23](?:sums?)?(?![a-z0-9]))|512[-_/](?:224|256)", re.I
)
_ENDINGS = "|".join(map(re.escape, (*ARCHIVE_FORMATS, *COMPRESSION_FORMATS, *SHORT, "exe")))
_ARCHIVE = re.compile(rf"(?P<stem>.+?)\.(?:{_ENDINGS})", re.I)

_GNU = re.compile(
    r"(?P<escaped>\\?)(?:sha(?P<tag>256|384|512):)?(?P<digest>[0-9a-f]+)(?:(?: \*|[ \t]+)(?P<name>\S.*))?", re.I
)
_BSD = re.compile(r"(?P<escaped>\\?)SHA(?:2?-)?(?P<tag>256|384|512) ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-f]+)", re.I)
_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\r": "\r"}
_COMMENTS = ("#", ";", "//")
_HEX = re.compile(r"(?<![0-9a-z])(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?![0-9a-z])", re.I)
_PAIRS = re.compile(r"(?:[0-9a-f]{2} ){31,}[0-9a-f]{2}", re.I)
_HEADING = re.compile(r"sha-?(?P<tag>256|384|512) hash of (?:file )?(?P<name>\S.*?) ?:", re.I)
"""Windows' certutil: the digest is in the next line."""
_PATH = re.compile(r"path *: (?P<name>\S.*)", re.I)
"""PowerShell's `Get-FileHash | Format-List`: the digest is in the line before."""
_SRI = re.compile(r"(?<![\w+/=-])sha(?:256-[\w+/]{43}=|384-[\w+/]{64}|512-[\w+/]{86}==)(?![\w+/=-])", re.A)
"""Subresource Integrity (W3C), section "Syntax": the algorithm, and the digest in Base64."""
_PUNCTUATION = " \t|\"'`<>()[]{},:;=*?\\"
_LABEL = re.compile(
    rf"(?<![^{re.escape(_PUNCTUATION)}])(?:sha(?:[-_]?2)?[-_]?(256|384|512)|hash|checksum|digest)"
    rf"(?![^{re.escape(_PUNCTUATION)}])",
    re.I,
)
_OTHER_LABEL = re.compile(
    r"(?<![0-9a-z])(?:md[245]|sha[-_ ]?(?:1|224|3(?!84))|sha[-_]?512[-_/]2|keccak|blake|shake|b[23]sum|crc|xxh|sm3"
    r"|ripemd|rmd|whirlpool|tiger|streebog)",
    re.I,
)
_CHANGED_BY_GITHUB = re.compile(r"[^0-9A-Za-z_@+-]+")


class Checksum(NamedTuple):
    """A line: hashlib's name of the algorithm, the digest in lower-case hex, and the file's base name or "".

    If the line does not have the format of any tool, the name is all of it but the digest and the algorithm.
    """

    algorithm: str
    digest: str
    name: str


class DigestLookup(NamedTuple):
    """The digest that a release publishes for an asset, if any, and why other checksum files were ignored."""

    expected: ExpectedDigest | None
    ignored: tuple[str, ...]


def find_digest(name: str, release: Iterable[ReleaseAsset], read: Callable[[ReleaseAsset], bytes]) -> DigestLookup:
    """Return the digest in the release's checksum files for one of its assets; `read` returns a file's content.

    The strongest file is asked first, and the next one only where it proves nothing. Raises what `read` raises, but
    NotFound and FolderNeedsDigest.
    """
    uploaded = {asset.name: asset for asset in release if asset.state == UPLOADED}
    ignored = []
    for file in checksum_files(name, uploaded):
        if uploaded[file].size > LARGEST:
            ignored.append(f"Ignored {file}: it is larger than {LARGEST >> 20} MiB")
            continue
        try:
            content = read(uploaded[file])
        except NotFound as error:  # a mirror may have the assets alone
            ignored.append(f"Ignored {file}: not found on {error.host}")
            continue
        except FolderNeedsDigest:
            ignored.append(f"Ignored {file}: its own digest is not known")
            continue
        found = digest_of(name, file, content, uploaded)
        if isinstance(found, Checksum):
            return DigestLookup(
                ExpectedDigest(found.digest, f"{file}{OF_THE_RELEASE}", found.algorithm), tuple(ignored)
            )
        ignored.append(f"Ignored {file}: {found}")
    for file in sorted(uploaded):
        weak = _WEAK_FILE.fullmatch(file)
        if weak and _whose(name, weak, uploaded):
            ignored.append(f"Ignored {file}: MD5 and SHA-1 are broken")
    return DigestLookup(None, tuple(ignored))


def reader(client: Client, source_of: Callable[[ReleaseAsset], Source]) -> Callable[[ReleaseAsset], bytes]:
    """Return a function that fetches a checksum file, each only once. It raises what `download` raises."""

    @functools.cache
    def read(file: ReleaseAsset) -> bytes:
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "checksums")
                download(client, file, source_of(file), path)
                with open(path, "rb") as content:
                    return content.read()
        except OSError as error:
            raise CannotWrite(path="the temporary directory", reason=error.strerror or str(error)) from None

    return read


def checksum_files(name: str, release: Iterable[str]) -> list[str]:
    """Return the names of the files that may list the asset, strongest algorithm first, its own files before lists."""
    names = set(release)
    found = []
    for file in names - {name} - {f"{each}{_SIGNED}" for each in names}:
        match = _parse_file_name(file)
        whose = match and _whose(name, match, names)
        if whose:
            algorithm = _named(file)
            strength = list(_ALGORITHMS).index(algorithm) if algorithm else len(_ALGORITHMS)
            found.append((strength, whose != OWN, file))
    return [file for _, _, file in sorted(found)][:MOST]


def digest_of(name: str, file: str, content: bytes, release: Iterable[str]) -> Checksum | str:
    """Return the strongest entry of a checksum file for an asset, or why there is none.

    Two digests of one algorithm for one name are ignored: they are of files in directories, which releases lack.
    """
    names = set(release)
    match = _parse_file_name(file)
    is_own = match is not None and _whose(name, match, names) == OWN
    entries = _lines_about(name, _parse_once(content), names, is_own)
    if not entries:
        return f"it does not list {name}"
    strongest = {entry.algorithm: entry._replace(name=name) for entry in entries}
    if len(strongest) < len({entry._replace(name=name) for entry in entries}):
        return f"it has several digests of {name}"
    named = _named(file)
    for algorithm in _ALGORITHMS:
        if algorithm in strongest and named in (None, algorithm):
            return strongest[algorithm]
    return f"its digest of {name} does not match the algorithm in its file name"


def parse(content: bytes) -> Iterator[Checksum]:
    """Yield the lines that have one SHA-256, SHA-384 or SHA-512 digest, and no control characters.

    A digest alone is yielded once more with the name in the line before or after it.
    """
    heading: re.Match[str] | None = None
    alone: Checksum | None = None
    for text in re.split(r"\r\n|\r|\n", _text(content)):
        line = text.strip()
        found = _parse_line(line) if printable(line.replace("\t", " ")) else None
        path = _PATH.fullmatch(line)
        if found:
            yield found
            if not found.name and heading and found.algorithm == f"sha{heading['tag']}":
                yield found._replace(name=_base(heading["name"]))
        elif alone and path:
            yield alone._replace(name=_base(path["name"]))
        heading = _HEADING.fullmatch(line)
        alone = found if found and not found.name else None


def _parse_line(line: str) -> Checksum | None:
    if _PAIRS.fullmatch(line):  # as older versions of Windows' certutil write it
        line = line.replace(" ", "")
    line = _SRI.sub(_hexadecimal, line)
    match = _BSD.fullmatch(line) or _GNU.fullmatch(line)
    if match is None:
        return _parse_other_form(line)
    digest = match["digest"].lower()
    algorithm = _algorithm(digest)
    if algorithm is None or match["tag"] not in (None, algorithm[3:]):
        return None
    name = match["name"] or ""
    if match["escaped"]:
        name = re.sub(r"\\[\\nr]", lambda escape: _ESCAPES[escape[0]], name)
    return Checksum(algorithm, digest, _base(name))


def _hexadecimal(sri: re.Match[str]) -> str:
    algorithm, _, digest = sri[0].partition("-")
    return f"{algorithm}:{base64.b64decode(digest).hex()}"


def _lines_about(name: str, lines: Iterable[Checksum], release: Collection[str], is_own: bool) -> set[Checksum]:
    """Return the lines for an asset: those with its name, or without a name in the asset's own file.

    If there are none, those that mention no other asset, or else those with the name that the asset may have had before
    GitHub changed it.
    """
    meant = (name, "", "-") if is_own else (name,)
    found = {line for line in lines if line.name in meant}
    if found:
        return found
    others = [line for line in lines if line.name not in release]
    found = {line for line in others if name in line.name and _mentioned(line, release) == {name}}
    if found or _github_name(name) != name or sum(_github_name(each) == name for each in release) > 1:
        return found
    return {line for line in others if _github_name(line.name) == name}


@functools.lru_cache(maxsize=16)
def _parse_once(content: bytes) -> tuple[Checksum, ...]:
    return tuple(parse(content))


def _parse_other_form(line: str) -> Checksum | None:
    """Return the digest of a line without the format of any tool: columns in another order, tables, labels."""
    if line.startswith(_COMMENTS):
        return None
    digests = _HEX.findall(line)
    if len(digests) != 1:
        return None
    [digest] = digests
    algorithm = _algorithm(digest)
    before, _, after = line.removeprefix("- ").partition(digest)
    if algorithm is None or _contradicts(algorithm, f"{before} {after}"):
        return None
    parts = (_LABEL.sub(" ", text).strip(_PUNCTUATION) for text in (before, after))
    name = " ".join(filter(None, parts))
    return Checksum(algorithm, digest.lower(), name if " " in name else _base(name))


def _mentioned(line: Checksum, release: Collection[str]) -> set[str]:
    """Return the assets that a line mentions; none if it also names another algorithm than its digest's."""
    words = {_base(word.strip(_PUNCTUATION)) for word in re.split(r"[\s|\"'`<>(),;=]+", line.name)}
    words |= {word[1:] for word in words if word.startswith(("U", "^"))}  # how `shasum` marks text and bits
    found = words.intersection(release)
    rest = line.name
    for name in found:
        rest = rest.replace(name, " ")
    return set() if _contradicts(line.algorithm, rest) else found


@functools.lru_cache(maxsize=4096)
def _github_name(name: str) -> str:
    """Return the name that GitHub gives an asset uploaded under this one: it replaces special characters by dots."""
    return _CHANGED_BY_GITHUB.sub(".", name).strip(".")


def _contradicts(algorithm: str, text: str) -> bool:
    labels = {label for label in _LABEL.findall(text) if label}
    return bool(_OTHER_LABEL.search(text)) or not labels <= {algorithm[3:]}


def _algorithm(digest: str) -> str | None:
    return next((each for each, length in _ALGORITHMS.items() if length == len(digest)), None)


def _base(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _text(content: bytes) -> str:
    """Decode UTF-8, or UTF-16 as PowerShell writes it; invalid bytes only affect the name that they are in."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


@functools.lru_cache(maxsize=4096)
def _parse_file_name(file: str) -> re.Match[str] | None:
    """Return the match for the name of a checksum file with one of our algorithms, or None."""
    return None if _OTHER_HASH.search(file) else _FILE.fullmatch(file.removesuffix(_SIGNED))


def _named(file: str) -> str | None:
    """Return the algorithm in a file's name, or None if there is none or several."""
    found = set(_NAMED.findall(file))
    return f"sha{found.pop()}" if len(found) == 1 else None


def _whose(name: str, file: re.Match[str], release: Collection[str]) -> str | None:
    """Return OWN for an asset's own checksum file, LIST for one that may list it, None for another asset's.

    It is the asset's own when it has its name, or the name without the archive's ending, which no other asset has.
    """
    subject = None if file["rest"] else file["of"]
    if subject is None:
        return LIST
    if subject in release:
        return OWN if subject == name else None
    archives = [each for each in release if _stem(each) == subject]
    if archives == [name]:
        return OWN
    return LIST if name in archives or not archives else None


@functools.lru_cache(maxsize=4096)
def _stem(name: str) -> str | None:
    """Return an archive's name without its extensions, or None for other files."""
    match = _ARCHIVE.fullmatch(name)
    return match["stem"] if match else None
