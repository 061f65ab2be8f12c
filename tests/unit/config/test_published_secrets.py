from __future__ import annotations

import os
from pathlib import Path

import pytest

from github_assets.config.published_secrets import check_directories
from github_assets.errors import SeveralFailed
from github_assets.errors.config import BindingPublished


def binding(folder: Path, kind: str = "github", **entries: str) -> None:
    folder.mkdir(parents=True)
    for name, text in {"type": kind, **entries}.items():
        (folder / name).write_text(text)


@pytest.mark.parametrize("place", ["bindings/github", "binding", ".bindings/x", "deploy/token"])
def test_a_binding_with_a_token_is_refused(tmp_path: Path, place: str) -> None:
    binding(tmp_path / place, " GitHub\n", token="s3cret")

    with pytest.raises(BindingPublished) as raised:
        check_directories(str(tmp_path))
    assert raised.value.path == place


def test_the_layout_of_before(tmp_path: Path) -> None:
    for name, text in {"metadata/kind": "github", "secret/token": "s3cret"}.items():
        (tmp_path / "bindings/x" / name).parent.mkdir(parents=True)
        (tmp_path / "bindings/x" / name).write_text(text)

    with pytest.raises(BindingPublished) as raised:
        check_directories(str(tmp_path))
    assert raised.value.path == "bindings/x"


def test_all_of_them_are_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        binding(tmp_path / "bindings" / name, token="s3cret")

    with pytest.raises(SeveralFailed) as raised:
        check_directories(str(tmp_path))
    assert [vars(error) for error in raised.value.errors] == [{"path": "bindings/a"}, {"path": "bindings/b"}]


def test_what_looks_like_a_binding_with_a_token_and_is_none(tmp_path: Path) -> None:
    binding(tmp_path / "bindings/ca", "ca-certificates", token="x")
    binding(tmp_path / "bindings/empty", token="")
    binding(tmp_path / "bindings/none", user="x")
    (tmp_path / "bindings/folder/type").mkdir(parents=True)
    (tmp_path / "bindings/bytes").mkdir()
    (tmp_path / "bindings/bytes/type").write_bytes(b"\xff")
    (tmp_path / "type").write_text("github")
    (tmp_path / "token").write_text("x")
    os.mkfifo(tmp_path / "bindings/bytes/token")

    assert check_directories(str(tmp_path)) == []


def test_a_fifo_for_a_type_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "bindings/x").mkdir(parents=True)
    os.mkfifo(tmp_path / "bindings/x/type")
    (tmp_path / "bindings/x/token").write_text("x")

    assert check_directories(str(tmp_path)) == []


def test_a_mirror_draws_a_warning(tmp_path: Path) -> None:
    for path in ("mirror/github.com/o/r/releases/download/v1", "a/b/ghe.example.com/o/r/releases/download"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "vendor/github.com/o/r/releases").mkdir(parents=True)

    warnings = check_directories(str(tmp_path))

    assert [warning.partition(" is a mirror of release assets")[0] for warning in warnings] == ["a/b", "mirror"]


def test_links_that_lead_in_circles_are_not_followed(tmp_path: Path) -> None:
    """Each would multiply the paths to look at by their number."""
    binding(tmp_path / "binding", token="s3cret")
    for number in range(200):
        (tmp_path / f"link{number}.x").symlink_to(".")

    with pytest.raises(BindingPublished) as raised:
        check_directories(str(tmp_path))
    assert raised.value.path == "binding"


def test_an_application_without_either(tmp_path: Path) -> None:
    assert check_directories(str(tmp_path)) == []
