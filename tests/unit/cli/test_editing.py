"""Adding an asset to a file: everything else stays as it is."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.cli.editing import with_asset
from github_assets.errors.config import FileUnreadable, MergeConflict, NotEditable
from github_assets.messages import message
from tests.properties import examples

TOML, YAML = "github-assets.toml", "github-assets.yaml"
ASSET = {"repo": "octo/tool", "strip_components": 1, "executable": False, "path": ["a", "b"]}
TABLE = '[[assets]]\nrepo = "octo/tool"\nstrip_components = 1\nexecutable = false\npath = ["a", "b"]\n'
ITEM = '- repo: "octo/tool"\n    strip_components: 1\n    executable: false\n    path: ["a", "b"]\n'
PROJECT = ("_", "metadata", "github-assets")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TABLE),
        ("\n", TABLE),
        ("# ours\n", f"# ours\n\n{TABLE}"),
        ('[[assets]]\nrepo = "a/b"  # why\n\n\n', f'[[assets]]\nrepo = "a/b"  # why\n\n{TABLE}'),
        ('[[assets]]\nrepo = "a/b"\n# the end', f'[[assets]]\nrepo = "a/b"\n# the end\n\n{TABLE}'),
    ],
)
def test_toml(text: str, expected: str) -> None:
    assert with_asset(text, TOML, ["assets"], ASSET) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"assets:\n  {ITEM}"),
        ("# ours\nassets:\n", f"# ours\nassets:\nassets:\n  {ITEM}"),
        ("# ours\n", f"# ours\nassets:\n  {ITEM}"),
        ("assets:\n  # why\n  - repo: a/b\n", f"assets:\n  # why\n  - repo: a/b\n  {ITEM}"),
        ("assets:\n- repo: a/b\n", "assets:\n- repo: a/b\n" + ITEM.replace("    ", "  ")),
    ],
)
def test_yaml(text: str, expected: str) -> None:
    if text.endswith("assets:\n"):
        with pytest.raises(NotEditable):
            with_asset(text, YAML, ["assets"], ASSET)
    else:
        assert with_asset(text, YAML, ["assets"], ASSET) == expected


@pytest.mark.parametrize(
    "text",
    [
        '[_]\nschema-version = "0.2"\n\n[[io.buildpacks.build.env]]\nname = "A"\nvalue = "b"\n',
        '[_.metadata]\nx = 1\n[project]\nid = "x"\n',
        '[[_.metadata.github-assets]]\nrepo = "a/b"\n\n[io.buildpacks]\n',
        "_.metadata.x = 1\n",
    ],
)
def test_a_project_descriptor(text: str) -> None:
    added = with_asset(text, "project.toml", PROJECT, ASSET)

    assert added.startswith(text)
    assert tomllib.loads(added)["_"]["metadata"]["github-assets"][-1] == ASSET


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (TOML, 'assets = [{ repo = "a/b" }]\n'),
        ("project.toml", "_ = { metadata = { x = 1 } }\n"),
        (YAML, "assets: [{repo: a/b}]\n"),
        (YAML, "assets:\n  - repo: a/b\n...\n"),
    ],
)
def test_what_would_have_to_be_rewritten(file: str, text: str) -> None:
    keys = PROJECT if file == "project.toml" else ("assets",)

    with pytest.raises(NotEditable) as raised:
        with_asset(text, file, keys, {"repo": "octo/tool"})

    assert "octo/tool" in message(raised.value)
    assert "\ufffd" not in message(raised.value)


@pytest.mark.parametrize(("text", "error"), [("assets = [", FileUnreadable), ("<<<<<<< a\n", MergeConflict)])
def test_what_cannot_be_read(text: str, error: type[Exception]) -> None:
    with pytest.raises((error, NotEditable)):
        with_asset(text, TOML, ["assets"], ASSET)


texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
assets = st.fixed_dictionaries(
    {"repo": texts},
    optional={"file": texts, "executable": st.booleans(), "strip_components": st.integers(0, 9)}
    | {"path": st.lists(texts, min_size=1, max_size=3)},
)


@settings(max_examples=examples(200))
@given(st.sampled_from([TOML, YAML]), st.lists(assets, min_size=1, max_size=4), st.booleans())
def test_any_assets_one_after_the_other(file: str, given_assets: list[dict[str, Any]], comment: bool) -> None:
    text = "# ours\n" if comment else ""
    for asset in given_assets:
        text = with_asset(text, file, ["assets"], asset)

    document = tomllib.loads(text) if file == TOML else yaml.safe_load(text)
    assert document == {"assets": given_assets}
    assert text.startswith("# ours\n") is comment
