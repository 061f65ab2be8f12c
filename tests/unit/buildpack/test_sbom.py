from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from github_assets.buildpack.metadata import LayerAsset
from github_assets.buildpack.sbom import purl, sboms

ASSET = LayerAsset("octo/tool", "v1", "tool-linux", "7", "4", "", "tool", sha256="0" * 64)
NAMES = st.text("abcXYZ019-_.", min_size=1).filter(lambda name: name.strip(".") != "")
TAGS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@given(owner=NAMES, name=NAMES, tag=TAGS, server=st.sampled_from(["", "https://ghe.example.com:8443/"]))
def test_a_purl_can_be_parsed_back(owner: str, name: str, tag: str, server: str) -> None:
    read = PackageURL.from_string(purl(ASSET._replace(repository=f"{server}{owner}/{name}", tag=tag)))

    assert (read.type, read.namespace, read.name, read.version) == ("github", owner.lower(), name.lower(), tag)


def test_the_same_assets_give_the_same_bytes() -> None:
    assert sboms([ASSET]) == sboms([ASSET])
    assert sboms([ASSET]) != sboms([ASSET._replace(tag="v2")])


@pytest.mark.parametrize("ending", ["cdx.json", "spdx.json", "syft.json"])
def test_two_assets_have_two_references(ending: str) -> None:
    text = sboms([ASSET, ASSET._replace(target="second")])[ending]
    references = [value for key, value in pairs(text) if key in ("bom-ref", "SPDXID", "id") and "DOCUMENT" not in value]

    assert len(references) == len(set(references))
    assert len(references) >= 2


def pairs(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    json.loads(text, object_pairs_hook=lambda items: found.extend(item for item in items if isinstance(item[1], str)))
    return found
