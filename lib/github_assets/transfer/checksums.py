"""The checksum files of a release: which there are for an asset, and what they say of it.

The lines are those of GNU's and BSD's tools (coreutils manual, "cksum output modes"). What is unclear proves nothing.
"""

from __future__ import annotations

import codecs
import functools
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from github_assets.errors import CannotWrite
from github_assets.errors.http import NotFound
from github_assets.github.releases import UPLOADED, ReleaseAsset
from github_assets.http.client import Client
from github_assets.transfer.download import download
from github_assets.transfer.source import OF_THE_RELEASE, SHA256, ExpectedDigest, Source

LARGEST = 1 << 20
"""Bytes that a checksum file may have; the longest known lists have some hundred thousand."""
_ALGORITHMS = {"sha512": 128, "sha384": 96, SHA256: 64}
"""What proves something, strongest first, and the length of its hex digests."""
MOST = 8
"""Checksum files that are looked at for one asset."""
OWN, LIST = "own", "list"

_WORD = (
    r"(?:check[-_]?sums?|sha[-_]?sums?(?:256|384|512)?"
    r"|sha(?:2[-_]?|[-_])?(?:256|384|512)(?:[-_]?sums?)?)"
)
_FILE = re.compile(
    rf"(?:(?P<of>.+?)[-_.])?{_WORD}(?:[-_.]{_WORD})*(?P<rest>[-_][\w-]*|[-_.][\w.-]*(?=\.txt$))?(?:\.txt)?", re.I
)
_WEAK_FILE = re.compile(r"(?:(?P<of>.+?)[-_.])?(?P<rest>)(?:md5|sha1)(?:[-_]?sums?)?(?:\.txt)?", re.I)
_NAMED = re.compile(r"sha(?:[-_]?sums?|2[-_]?|[-_])?(256|384|512)(?!\d)", re.I)
_OTHER_HASH = re.compile(
    r"(?:^|[-_.])(?:sha3(?!84)|keccak|blake|shake|b[23](?:sums?)?(?![a-z0-9]))|512[-_/](?:224|256)", re.I
)

_GNU = re.compile(
    r"(?P<escaped>\\?)(?:sha(?P<tag>256|384|512):)?(?P<digest>[0-9a-f]+)(?:(?: \*|[ \t]+)(?P<name>\S.*))?", re.I
)
_BSD = re.compile(r"(?P<escaped>\\?)SHA(?:2?-)?(?P<tag>256|384|512) ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-f]+)", re.I)
_ARCHIVE = re.compile(r"(?P<stem>.+?)(?:(?:\.tar)?\.(?:gz|xz|bz2|zst|7z|zip|exe|tar)|\.t(?:gz|xz|bz2?|zst))", re.I)
_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\r": "\r"}


class Entry(NamedTuple):
    """A line: hashlib's name of the algorithm, the digest in lower-case hex, and the file's base name, "" for none."""

    algorithm: str
    digest: str
    name: str


class ChecksumFinding(NamedTuple):
    """Who vouches for an asset, if anybody does, and why the other files that were looked at prove nothing."""

    expected: ExpectedDigest | None
    remarks: tuple[str, ...]


def find_digest(name: str, release: Iterable[ReleaseAsset], read: Callable[[ReleaseAsset], bytes]) -> ChecksumFinding:
    """Return what the release's checksum files say of one of its assets; `read` returns a file's content.

    The strongest file is asked first, and the next one only where it proves nothing. Raises what `read` raises, but
    NotFound.
    """
    uploaded = {asset.name: asset for asset in release if asset.state == UPLOADED}
    remarks = []
    for file in checksum_files(name, uploaded):
        if uploaded[file].size > LARGEST:
            remarks.append(f"Ignored {file}: it is larger than {LARGEST >> 20} MiB")
            continue
        try:
            content = read(uploaded[file])
        except NotFound as error:  # a mirror may have the assets alone
            remarks.append(f"Ignored {file}: not found on {error.host}")
            continue
        found = digest_of(name, file, content, uploaded)
        if isinstance(found, Entry):
            return ChecksumFinding(
                ExpectedDigest(found.digest, f"{file}{OF_THE_RELEASE}", found.algorithm), tuple(remarks)
            )
        remarks.append(f"Ignored {file}: {found}")
    for file in sorted(uploaded):
        weak = _WEAK_FILE.fullmatch(file)
        if weak and _whose(name, weak, uploaded):
            remarks.append(f"Ignored {file}: MD5 and SHA-1 are broken")
    return ChecksumFinding(None, tuple(remarks))


def reader(client: Client, source_of: Callable[[ReleaseAsset], Source]) -> Callable[[ReleaseAsset], bytes]:
    """Return what fetches a release's checksum files, each once; it raises what `download` raises."""

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
    """Return the names of the files that may list the asset: strongest algorithm first, its own files before lists."""
    names = set(release)
    found = []
    for file in names - {name}:
        match = _FILE.fullmatch(file)
        whose = match and not _OTHER_HASH.search(file) and _whose(name, match, names)
        if whose:
            algorithm = _named(file)
            strength = list(_ALGORITHMS).index(algorithm) if algorithm else len(_ALGORITHMS)
            found.append((strength, whose != OWN, file))
    return [file for _, _, file in sorted(found)][:MOST]


def digest_of(name: str, file: str, content: bytes, release: Iterable[str]) -> Entry | str:
    """Return the strongest entry of a checksum file for an asset, or why there is none.

    A digest without a name counts in a file that is the asset's own. Two digests of one algorithm for one name
    prove nothing: they are of files in folders that a release does not have.
    """
    match = _FILE.fullmatch(file)
    meant = (name, "", "-") if match and _whose(name, match, set(release)) == OWN else (name,)
    entries = {entry._replace(name=name) for entry in parse(content) if entry.name in meant}
    if not entries:
        return f"it does not list {name}"
    strongest = {entry.algorithm: entry for entry in entries}
    if len(strongest) < len(entries):
        return f"it has several digests of {name}"
    named = _named(file)
    for algorithm in _ALGORITHMS:
        if algorithm in strongest and named in (None, algorithm):
            return strongest[algorithm]
    return f"its digest of {name} is not of the algorithm in its file name"


def parse(content: bytes) -> Iterator[Entry]:
    """Yield the lines that hold a SHA-256, SHA-384 or SHA-512; all others are passed over."""
    for line in re.split(r"[\r\n]", _text(content)):
        match = _BSD.fullmatch(line.strip()) or _GNU.fullmatch(line.strip())
        if match is None:
            continue
        digest = match["digest"].lower()
        algorithm = next((each for each, length in _ALGORITHMS.items() if length == len(digest)), None)
        if algorithm is None or match["tag"] not in (None, algorithm[3:]):
            continue
        name = match["name"] or ""
        if match["escaped"]:
            name = re.sub(r"\\[\\nr]", lambda escape: _ESCAPES[escape[0]], name)
        yield Entry(algorithm, digest, re.split(r"[/\\]", name)[-1])


def _text(content: bytes) -> str:
    """Decode what also PowerShell writes; bytes that are not UTF-8 spoil no more than the name that they are in."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _named(file: str) -> str | None:
    """Return the algorithm that a file's name tells, None where it tells none or several."""
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


def _stem(name: str) -> str | None:
    """Return an archive's name without its endings, None for what is no archive."""
    match = _ARCHIVE.fullmatch(name)
    return match["stem"] if match else None
