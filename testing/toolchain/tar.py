"""Archives of files that need not exist, as image layers are made of; equal members give equal bytes."""

import gzip
import io
import tarfile
from collections.abc import Iterable
from typing import IO, TypeAlias

Member: TypeAlias = tuple[tarfile.TarInfo, bytes]


def write(to: IO[bytes] | gzip.GzipFile, members: Iterable[Member]) -> None:
    """Write an archive of these members."""
    with tarfile.open(fileobj=to, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))


def file(name: str, content: bytes, mode: int = 0o644) -> Member:
    """Return a regular file of root's."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    return member, content


def folder(name: str, mode: int = 0o755, user: int = 0, group: int = 0) -> Member:
    """Return a directory."""
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.uid, member.gid = tarfile.DIRTYPE, mode, user, group
    return member, b""


def link(name: str, target: str) -> Member:
    """Return a symbolic link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member, b""
