"""Reading images: whatever a file holds, there are images or one error."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
import pyzstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from github_assets.cli.image import is_image, read_images
from github_assets.config.names import LAYERS
from github_assets.errors.config import FileUnreadable
from tests.properties import examples
from tests.unit.install.archive_files import Member, tar

CONFIG = {"os": "linux", "architecture": "arm64", "config": {"Labels": {"a": "b"}}}
LAYER = tar(Member(f"{LAYERS[1:]}/x/bin/tool", b"tool"), Member("etc/x", b"x"), Member(f"{LAYERS[1:]}-other/x"))
PACKED = [gzip.compress(LAYER), pyzstd.compress(LAYER), lzma.compress(LAYER), bz2.compress(LAYER)]


def with_layer(layer: bytes) -> bytes:
    manifest = json.dumps([{"Config": "c", "Layers": ["l"]}]).encode()
    members = {"manifest.json": manifest, "c": json.dumps(CONFIG).encode(), "l": layer}
    return tar(*(Member(name, content) for name, content in members.items()))


def damaged(content: bytes, at: int, byte: int) -> bytes:
    at %= len(content)
    return content[:at] + bytes([byte]) + content[at + 1 :]


GOOD = with_layer(LAYER)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["Config", "Layers"]), inner),
    max_leaves=10,
)


def test_what_an_image_has(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(GOOD)

    [image] = read_images(str(tmp_path / "image.tar"))

    assert (image.platform, dict(image.labels)) == ("linux/arm64", {"a": "b"})
    assert list(image.files) == ["x/bin/tool"]


def test_what_may_be_an_image(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert is_image(str(tmp_path / "file"))
    assert not is_image(str(tmp_path))
    (tmp_path / "oci-layout").touch()
    assert is_image(str(tmp_path))


def test_a_digest_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(json.dumps({"manifests": [{"digest": "sha256:../../secret"}]}))
    with pytest.raises(FileUnreadable, match="no image"):
        read_images(str(tmp_path))


def test_an_index_that_leads_to_itself(tmp_path: Path) -> None:
    for name in ("index.json", "blobs/sha256/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"manifests": [{"digest": "sha256:a"}]}))
    with pytest.raises(FileUnreadable, match="no image"):
        read_images(str(tmp_path))


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=600)
    | st.integers(0, len(GOOD)).map(lambda end: GOOD[:end])
    | st.builds(damaged, st.just(GOOD), st.integers(0, 4000), st.integers(0, 255))
    | st.builds(damaged, st.sampled_from(PACKED), st.integers(0, 999), st.integers(0, 255)).map(with_layer)
    | json_values.map(lambda value: tar(Member("manifest.json", json.dumps(value).encode())))
    | json_values.map(lambda value: tar(Member("index.json", json.dumps({"manifests": value}).encode())))
)
def test_any_file_is_images_or_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    try:
        images = read_images(str(tmp_path / "file"))
    except FileUnreadable:
        return
    assert isinstance(images, list)
