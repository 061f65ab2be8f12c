"""The layers directory: complete layers, or none."""

from __future__ import annotations

import errno
import os
import tomllib
from pathlib import Path

import pytest

from github_assets.buildpack.layers import Layers
from github_assets.buildpack.metadata import LayerAsset, LayerMetadata
from github_assets.errors import CannotWrite, Interrupted
from github_assets.platforms import Platform

METADATA = LayerMetadata(Platform("linux", "amd64"), (LayerAsset(*LayerAsset._fields),))


def test_a_layer_exists_after_its_block(tmp_path: Path) -> None:
    layers = Layers(str(tmp_path))
    with layers.replacing("x") as staging:
        Path(staging.content, "file").write_text("new")
        assert not (tmp_path / "x").exists()

    assert [path.name for path in tmp_path.rglob("*")] == ["x", "file"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), Interrupted(signal=15), KeyError()])
def test_everything_written_in_a_failed_block_is_removed(tmp_path: Path, error: BaseException) -> None:
    layers = Layers(str(tmp_path))

    def build() -> None:
        with layers.replacing("first"):
            pass
        layers.write_text("first.sbom.cdx.json", "{}")
        layers.describe("first", METADATA)
        with layers.replacing("second") as staging:
            Path(staging.content, "file").touch()
            raise error

    with pytest.raises(type(error)), layers.all_or_nothing():
        build()

    assert list(tmp_path.iterdir()) == []


def test_layers_of_others_stay_if_ours_fails(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    with pytest.raises(KeyError), Layers(str(tmp_path)).all_or_nothing():
        raise KeyError

    assert (tmp_path / "theirs").is_dir()


def test_a_file_is_written_completely_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "launch.toml").mkdir()

    with pytest.raises(CannotWrite):
        Layers(str(tmp_path)).write_toml("launch.toml", {})
    assert os.listdir(tmp_path) == ["launch.toml"]


@pytest.mark.parametrize("content", [None, "", "[metadata]\n", "\0", "[metadata\n"])
def test_no_previous_metadata(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "x.toml").write_text(content)

    assert Layers(str(tmp_path)).previous("x") is None


def test_the_types_of_a_layer(tmp_path: Path) -> None:
    layers = Layers(str(tmp_path))
    layers.describe("x", METADATA)

    assert tomllib.loads((tmp_path / "x.toml").read_text())["types"] == {"launch": True, "build": False, "cache": False}
    assert layers.previous("x") == METADATA


def test_reuse_leaves_no_content(tmp_path: Path) -> None:
    (tmp_path / "x/bin").mkdir(parents=True)
    layers = Layers(str(tmp_path))
    layers.reuse("x", METADATA)

    assert os.listdir(tmp_path) == ["x.toml"]
