"""A file that is written in any order has the digests of its content in order."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors import CannotWrite
from github_assets.transfer import partial_file
from github_assets.transfer.partial_file import HASH_INTERVAL, PartialFile
from tests.properties import examples


@settings(max_examples=examples(40))
@given(data=st.data(), parts=st.lists(st.binary(max_size=50), min_size=1, max_size=8))
def test_any_order(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, parts: list[bytes]) -> None:
    content = b"".join(parts)
    path = tmp_path_factory.getbasetemp() / "partial"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partial_file, "HASH_INTERVAL", data.draw(st.integers(1, 100)))
        patch.setattr(partial_file, "HASH_SIZE", 7)
        partial = PartialFile(str(path), ("sha256", "sha512"))
        spans, start = [], 0
        for part in parts:
            spans.append((partial.span(start, start + len(part)), part))
            start += len(part)
        while left := [pair for pair in spans if pair[0].position < pair[0].stop]:
            span, part = data.draw(st.sampled_from(left))
            done = span.position - span.start
            some = data.draw(st.integers(1, len(part) - done))
            partial.write(span, memoryview(part)[done : done + some])
        digests = partial.digests()
        partial.close()

    assert path.read_bytes() == content
    assert digests == {name: hashlib.new(name, content).hexdigest() for name in ("sha256", "sha512")}


def hashing_threads() -> int:
    return sum("_hash_in_background" in thread.name for thread in threading.enumerate())


def test_a_large_file_is_hashed_while_it_is_written(tmp_path: Path) -> None:
    content = os.urandom(3 * HASH_INTERVAL + 1)
    partial = PartialFile(str(tmp_path / "file"), ("sha256",))
    partial.write(partial.span(0, len(content)), memoryview(content))
    assert hashing_threads() == 1

    assert partial.digests() == {"sha256": hashlib.sha256(content).hexdigest()}
    assert hashing_threads() == 0
    partial.close()


@pytest.mark.parametrize("end", [PartialFile.close, PartialFile.remove, PartialFile.start_over])
def test_no_thread_is_left_behind(tmp_path: Path, end: Callable[[PartialFile], None]) -> None:
    partial = PartialFile(str(tmp_path / "file"), ("sha256",))
    partial.write(partial.span(0, 3 * HASH_INTERVAL), memoryview(bytes(2 * HASH_INTERVAL)))
    assert hashing_threads() == 1

    end(partial)

    assert hashing_threads() == 0


@pytest.mark.parametrize("size", [1, 3 * HASH_INTERVAL])
def test_what_cannot_be_read_again_has_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(partial_file, "NEW_FILE", os.O_CREAT | os.O_WRONLY)
    partial = PartialFile(str(tmp_path / "file"), ("sha256",))
    partial.write(partial.span(0, size), memoryview(bytes(size)))

    with pytest.raises(CannotWrite, match="Bad file descriptor"):
        partial.digests()
    partial.remove()


def test_a_restart_forgets_the_previous_bytes(tmp_path: Path) -> None:
    partial = PartialFile(str(tmp_path / "file"), ("sha256",))
    span = partial.span(0, 4)
    partial.write(span, memoryview(b"old"))
    partial.start_over(span)
    partial.write(span, memoryview(b"new!"))

    assert (tmp_path / "file").read_bytes() == b"new!"
    assert partial.digests() == {"sha256": hashlib.sha256(b"new!").hexdigest()}


def test_a_disk_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("github_assets.transfer.partial_file.NEW_FILE", os.O_RDWR)
    partial = PartialFile("/dev/full", ())

    with pytest.raises(CannotWrite, match="/dev/full"):
        partial.write(partial.span(0, 1), memoryview(b"x"))


@pytest.mark.parametrize("what", ["file", "link", "dangling link"])
def test_what_is_there_is_not_written_to(tmp_path: Path, what: str) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    if what != "dangling link":
        victim.write_text("mine")
    if what == "file":
        path.write_text("mine")
    else:
        path.symlink_to(victim)

    with pytest.raises(CannotWrite):
        PartialFile(str(path), ())

    assert {each.name for each in tmp_path.iterdir()} == {"file"} | ({"victim"} if what != "dangling link" else set())
    assert what == "dangling link" or path.read_text() == "mine"
