"""A directory of assets: what is put there stays there, whatever links somebody has put there before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from github_assets.cli.folder import Folder, path_in_folder
from github_assets.errors import CannotWrite
from github_assets.errors.http import InvalidResponse

DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of hello


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that somebody else has filled."""
    app = tmp_path / "app"
    app.mkdir()
    monkeypatch.chdir(app)
    return app


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory that nothing may be written to."""
    outside = tmp_path / "outside"
    outside.mkdir()
    return outside


def put(folder: str, path: str, app: Path, content: str = "hello") -> None:
    with Folder(folder, str(app)).scratch() as scratch:
        (Path(scratch.path) / "0").write_text(content)
        scratch.move("0", path)


def test_what_is_put_there_is_found_there(app: Path) -> None:
    put("mirror", "host/owner/tool", app)

    folder = Folder("mirror", str(app))
    assert folder.digest("host/owner/tool") == DIGEST
    assert folder.files() == ["host/owner/tool"]
    assert [path.name for path in (app / "mirror").iterdir()] == ["host"]


def test_what_was_there_is_replaced(app: Path) -> None:
    put("mirror", "host/tool", app, "old")
    put("mirror", "host/tool", app)
    assert (app / "mirror/host/tool").read_text() == "hello"


def test_nothing_is_there_before(app: Path, tmp_path: Path) -> None:
    folder = Folder("mirror", str(app))
    assert folder.digest("host/tool") is None
    assert folder.files() == []
    put(str(tmp_path / "a/b"), "host/tool", app)
    assert (tmp_path / "a/b/host/tool").read_text() == "hello"


@pytest.mark.parametrize("link", ["mirror", "mirror/host", "mirror/host/owner", "deep/mirror", "deep"])
def test_a_link_in_the_checkout_is_an_error(app: Path, outside: Path, link: str) -> None:
    folder = "deep/mirror" if link.startswith("deep") else "mirror"
    (app / link).parent.mkdir(parents=True, exist_ok=True)
    (app / link).symlink_to(outside)

    with pytest.raises(CannotWrite) as caught:
        put(folder, "host/owner/tool", app)

    assert caught.value.reason == "it is a symbolic link"
    assert caught.value.path.endswith(link)
    assert list(outside.iterdir()) == []


def test_a_link_in_place_of_the_file_is_replaced(app: Path, outside: Path) -> None:
    victim = outside / "victim"
    victim.write_text("mine")
    (app / "mirror/host").mkdir(parents=True)
    for name in ("tool", "tool.partial"):
        (app / "mirror/host" / name).symlink_to(victim)

    put("mirror", "host/tool", app)

    assert victim.read_text() == "mine"
    assert not (app / "mirror/host/tool").is_symlink()


def test_a_link_of_the_user_is_followed(app: Path, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "mirror").symlink_to(outside)
    put(str(tmp_path / "mirror"), "host/tool", app)
    put("../mirror", "host/other", app)
    assert sorted(path.name for path in (outside / "host").iterdir()) == ["other", "tool"]


def test_what_is_no_file_has_no_digest(app: Path, outside: Path) -> None:
    folder = app / "mirror/host"
    folder.mkdir(parents=True)
    (outside / "tool").write_text("hello")
    (folder / "link").symlink_to(outside / "tool")
    (app / "mirror/other").symlink_to(outside)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "fifo")

    mirror = Folder("mirror", str(app))
    for path in ("host/link", "other/tool", "host/folder", "host/fifo", "host/missing"):
        assert mirror.digest(path) is None
    assert mirror.files() == ["host/fifo", "host/link", "other"]


def test_a_failure_leaves_nothing(app: Path) -> None:
    folder = Folder("mirror", str(app))
    with pytest.raises(CannotWrite), folder.scratch() as scratch:
        scratch.move("missing", "host/tool")
    assert folder.files() == []


def test_a_file_in_place_of_a_folder(app: Path) -> None:
    (app / "mirror").mkdir()
    (app / "mirror/host").write_text("x")
    with pytest.raises(CannotWrite):
        put("mirror", "host/tool", app)
    with pytest.raises(CannotWrite):
        put("mirror/host", "tool", app)


@pytest.mark.parametrize("url", ["https://h/a/../b", "https://h/a//b", "https://h/a/%2e%2e/b", "https://h/a%2Fb/", ""])
def test_an_address_that_no_folder_can_have(url: str) -> None:
    with pytest.raises(InvalidResponse):
        path_in_folder(url)
