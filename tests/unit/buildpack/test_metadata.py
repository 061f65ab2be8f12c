"""Layer content metadata: round trip, and what decides reuse."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.buildpack.layers import Layers
from github_assets.buildpack.metadata import LayerAsset, LayerMetadata
from github_assets.platforms import Platform
from tests.properties import examples

ASSET = LayerAsset(*LayerAsset._fields)
"""An asset each field of which holds its own name."""
METADATA = LayerMetadata(Platform("linux", "amd64"), (ASSET,))
OF_THE_RUN = {"sha256", "verified_by", "level", "executables", "seal", "etag"}

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=5) | st.text(
    "\\xuU0\"'#[]=", max_size=9
)
"""As all names are that a build accepts: `config.names.printable`, `github.releases`."""
ASSETS = st.builds(LayerAsset, *[PRINTABLE] * len(LayerAsset._fields))
PLATFORMS = st.builds(Platform, PRINTABLE, PRINTABLE, st.sampled_from([None, "musl", "gnu"]))


@given(platform=PLATFORMS, assets=st.lists(ASSETS, max_size=3))
def test_metadata_round_trip(
    tmp_path_factory: pytest.TempPathFactory, platform: Platform, assets: list[LayerAsset]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    written = LayerMetadata(platform, tuple(assets))
    Layers(str(folder)).describe("x", written)

    assert Layers(str(folder)).previous("x") == written
    label = json.dumps(tomllib.loads((folder / "x.toml").read_text("utf-8"))["metadata"])
    assert LayerMetadata.from_toml(json.loads(label)) == written  # where the lifecycle keeps it between builds
    assert written.differences(written) == []


@settings(max_examples=examples(30))
@given(
    table=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=20,
    )
)
def test_any_other_table_is_ignored(table: object) -> None:
    assert LayerMetadata.from_toml(table) is None
    assert LayerMetadata.from_toml({**METADATA.to_toml(), "assets": [table]}) is None


@pytest.mark.parametrize("field", LayerAsset._fields)
def test_every_field_decides_but_those_of_the_run(field: str) -> None:
    now = METADATA._replace(assets=(ASSET._replace(**{field: "other"}),))

    assert (now.differences(METADATA) == []) is (field in OF_THE_RUN)


@pytest.mark.parametrize("field", ["os", "arch", "libc"])
def test_the_platform_decides(field: str) -> None:
    now = METADATA._replace(platform=METADATA.platform._replace(**{field: "other"}))

    [reason] = now.differences(METADATA)
    assert reason == f"the platform changed from linux/amd64 to {now.platform}"


def test_the_format_decides() -> None:
    assert LayerMetadata.from_toml({**METADATA.to_toml(), "format": "0"}) is None


def test_every_reason_is_logged() -> None:
    now = METADATA._replace(
        platform=Platform("linux", "arm64"),
        assets=(ASSET._replace(tag="v2", id="2"), ASSET._replace(target="second")),
    )

    assert now.differences(METADATA) == [
        "second is new",
        "the asset id of target changed from id to 2",
        "the platform changed from linux/amd64 to linux/arm64",
        "the release of target changed from tag to v2",
    ]
    assert "second is no longer configured" in METADATA.differences(now)


def test_another_order_is_no_reason_and_the_metadata_follows_it() -> None:
    assets = tuple(ASSET._replace(target=name) for name in ("jq", "yq"))
    previous = METADATA._replace(assets=assets)
    wanted = METADATA._replace(assets=assets[::-1])

    assert wanted.differences(previous) == []
    assert previous.in_order_of(wanted).assets == assets[::-1]


def test_one_name_in_two_folders_is_two_assets() -> None:
    twice = (ASSET._replace(options="a"), ASSET._replace(options="b"))
    previous = METADATA._replace(assets=twice)

    assert METADATA._replace(assets=twice).differences(previous) == []
    for changed in (twice[:1], (twice[0]._replace(tag="new"), twice[1]), (twice[0], twice[1]._replace(tag="new"))):
        assert METADATA._replace(assets=changed).differences(previous)
