"""Files are moved into place in one step, without following links."""

from __future__ import annotations

import os
import stat

import pytest

from github_assets.errors.install import PathConflict
from github_assets.install.placement import merge, place


@pytest.fixture
def download(tmp_path):
    path = tmp_path / "download"
    path.write_bytes(b"content")
    path.chmod(0o600)
    return path


@pytest.fixture
def layer(tmp_path):
    path = tmp_path / "layer"
    path.mkdir()
    return path


def mode(path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_place(download, layer) -> None:
    inode = download.stat().st_ino
    before = os.umask(0o077)
    try:
        path = place(str(download), str(layer), "tool")
    finally:
        os.umask(before)
    assert path == str(layer / "bin" / "tool")
    assert (layer / "bin" / "tool").read_bytes() == b"content"
    assert (layer / "bin" / "tool").stat().st_ino == inode
    assert (mode(path), mode(layer / "bin")) == (0o755, 0o755)
    assert not download.exists()


def test_place_elsewhere(download, layer) -> None:
    place(str(download), str(layer), "data.bin", "share/tool", executable=False)
    assert mode(layer / "share" / "tool" / "data.bin") == 0o644


def test_place_in_the_layer_itself(download, layer) -> None:
    place(str(download), str(layer), "tool", "")
    assert (layer / "tool").read_bytes() == b"content"


def test_place_replaces_a_link_and_leaves_what_it_leads_to(download, layer, tmp_path) -> None:
    (tmp_path / "outside").write_bytes(b"untouched")
    (layer / "bin").mkdir()
    (layer / "bin" / "tool").symlink_to(tmp_path / "outside")
    place(str(download), str(layer), "tool")
    assert (tmp_path / "outside").read_bytes() == b"untouched"
    assert not (layer / "bin" / "tool").is_symlink()


def test_place_does_not_enter_a_linked_folder(download, layer, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (layer / "bin").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PathConflict):
        place(str(download), str(layer), "tool")
    assert os.listdir(tmp_path / "elsewhere") == []
    assert download.exists()


def test_place_does_not_take_a_link_for_the_file(layer, tmp_path) -> None:
    (tmp_path / "link").symlink_to("/bin/sh")
    with pytest.raises(OSError, match="link"):
        place(str(tmp_path / "link"), str(layer), "tool")


def test_place_does_not_take_a_pipe_for_the_file(layer, tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        place(str(tmp_path / "pipe"), str(layer), "tool")


@pytest.mark.parametrize("folder", ["..", "bin/../..", "../bin"])
def test_folders_outside(folder: str, download, layer) -> None:
    with pytest.raises(PathConflict):
        place(str(download), str(layer), "tool", folder)
    assert download.exists()


@pytest.mark.parametrize("there", ["bin", "bin/a"])
def test_a_file_where_the_folder_should_be(there: str, download, layer) -> None:
    tree(layer, there)
    with pytest.raises(PathConflict) as caught:
        place(str(download), str(layer), "tool", "bin/a")
    assert caught.value.path == "bin/a"
    assert download.exists()


def test_no_descriptor_is_left_open(download, layer, tmp_path) -> None:
    before = os.listdir("/proc/self/fd")
    place(str(download), str(layer), "tool")
    (tmp_path / "again").write_bytes(b"content")
    with pytest.raises(PathConflict):
        place(str(tmp_path / "again"), str(layer), "tool", "a/../..")
    assert len(os.listdir("/proc/self/fd")) == len(before)


def tree(root, *names: str):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def files(root) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


def test_merge(layer, tmp_path) -> None:
    tree(layer, "bin/a", "share/x/1")
    tree(tmp_path / "tree", "bin/b", "share/x/2", "share/y/3")
    (tmp_path / "tree" / "bin" / "link").symlink_to("b")
    merge(str(tmp_path / "tree"), str(layer))
    assert files(layer) == ["bin/a", "bin/b", "bin/link", "share/x/1", "share/x/2", "share/y/3"]
    assert not (tmp_path / "tree").exists()


@pytest.mark.parametrize("there", ["bin/b", "share", "bin/b/c"])
def test_merge_refuses_before_it_moves(there: str, layer, tmp_path) -> None:
    tree(layer, there)
    tree(tmp_path / "tree", "a", "bin/b", "share/x")
    before = files(layer), files(tmp_path / "tree")
    with pytest.raises(PathConflict):
        merge(str(tmp_path / "tree"), str(layer))
    assert (files(layer), files(tmp_path / "tree")) == before


def test_merge_does_not_enter_a_linked_folder(layer, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (layer / "bin").symlink_to(tmp_path / "elsewhere")
    tree(tmp_path / "tree", "bin/b")
    with pytest.raises(PathConflict):
        merge(str(tmp_path / "tree"), str(layer))
    assert os.listdir(tmp_path / "elsewhere") == []
