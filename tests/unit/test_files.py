"""Files that are written whole or not at all, and never through a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from github_assets.errors import CannotWrite
from github_assets.files import write_atomically


def test_a_file_is_readable_for_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    previous = os.umask(0o077)
    try:
        write_atomically(str(path), "käse\n")
    finally:
        os.umask(previous)

    assert path.read_bytes() == "käse\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomically("file", "text")
    assert (tmp_path / "file").read_text() == "text"


def test_the_longest_name(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_atomically(str(path), "text")
    assert path.read_text() == "text"


@pytest.mark.parametrize("name", ["file", "file.partial", ".file.partial", "file.tmp", "file~"])
def test_no_link_is_written_through(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    victim.chmod(0o600)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / name).symlink_to(victim)

    write_atomically(str(folder / "file"), "text")

    assert victim.read_text() == "mine"
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600
    assert (folder / "file").read_text() == "text"
    assert not (folder / "file").is_symlink()


@pytest.mark.parametrize("text", ["x", "\ud800"], ids=["over a folder", "that cannot be encoded"])
def test_what_fails_leaves_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    if text == "x":
        path.mkdir()
    with pytest.raises((CannotWrite, UnicodeEncodeError)):
        write_atomically(str(path), text)

    assert [each.name for each in tmp_path.iterdir()] == (["file"] if text == "x" else [])
    if text == "x":
        assert path.is_dir()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as caught:
        write_atomically(str(tmp_path / "missing/file"), "text")

    assert (caught.value.path, caught.value.reason) == (f"{tmp_path}/missing/file", "No such file or directory")
