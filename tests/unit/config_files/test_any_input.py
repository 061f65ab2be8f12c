"""Whatever stands in the files: assets, or an error of ours that has a message."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.legacy import KINDS
from github_assets.config.tables import KEYS
from github_assets.errors import GithubAssetsError
from github_assets.messages import message
from tests.properties import examples

from .conftest import App

TEXT = st.text(max_size=20) | st.sampled_from(["a/b", "v1", "/x/", "24h", "all", "X", "bin", "\ud800"])
SCALARS = TEXT | st.booleans() | st.integers() | st.floats() | st.dates()
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
LEGACY_KEYS = sorted({key for kind in KINDS.values() for key in kind.keys})
TABLES = st.dictionaries(st.sampled_from([*KEYS, *LEGACY_KEYS]) | TEXT, VALUES, max_size=4)
ENTRIES = VALUES | st.lists(st.builds(lambda table: {"repo": "a/b", **table}, TABLES) | TABLES, max_size=2)
NAMES = st.sampled_from(["github-assets", "githubasset", "githubassets", "github_assets", "x"])
METADATA = VALUES | st.dictionaries(NAMES, ENTRIES, max_size=2)
DOCUMENTS = st.dictionaries(st.sampled_from(["assets", "x"]), ENTRIES, max_size=2) | st.fixed_dictionaries(
    {},
    optional={
        "metadata": METADATA,
        "_": st.fixed_dictionaries({"metadata": METADATA}, optional={"schema-version": VALUES}) | VALUES,
    },
)
TOML_WORDS = st.lists(
    st.sampled_from(["[[", "]]", "assets", "=", '"', "'''", "\n", "1", ".", "{", "}", "\\u", "repo"])
).map("".join)
YAML_WORDS = st.lists(
    st.sampled_from(
        ["assets", ":", "- ", "\n", "  ", "&a ", "*a", "<<", "!!int ", "!!map ", "? ", "{", "}", "[", "]", "|", "'"]
    )
).map("".join)


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app").mkdir()
        yield App(Path(folder) / "app")


def inline(value: object) -> str:
    """Return a value as TOML; a lone surrogate stays one that TOML refuses."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {inline(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
        case str() | bool():
            return json.dumps(value)
        case _:
            return str(value)


def check(app: App, file: str, data: bytes) -> None:
    for other in app.folder.iterdir():
        other.unlink()
    app.write(file, data)
    try:
        assets = app.read({"X": "t", "GITHUB_ASSETS_PATH": "named.toml"} if file == "named.toml" else {"X": "t"}).assets
    except GithubAssetsError as error:
        text = message(error)
    else:
        text = "".join(asset.source for asset in assets)
    text.encode()


@settings(max_examples=examples(60))
@given(data=st.binary(max_size=40) | TOML_WORDS.map(str.encode))
def test_text_as_toml(app: App, data: bytes) -> None:
    check(app, "github-assets.toml", data)


@settings(max_examples=examples(100))
@given(data=st.binary(max_size=40) | YAML_WORDS.map(str.encode))
def test_text_as_yaml(app: App, data: bytes) -> None:
    check(app, "github-assets.yaml", data)


@settings(max_examples=examples(100))
@given(document=DOCUMENTS)
def test_document_as_yaml(app: App, document: object) -> None:
    check(app, "github-assets.yaml", yaml.safe_dump(document).encode())


@settings(max_examples=examples(120))
@given(document=DOCUMENTS, file=st.sampled_from(["project.toml", "named.toml", "github-assets.toml"]))
def test_document_as_toml(app: App, document: dict[str, object], file: str) -> None:
    check(app, file, "\n".join(f"{json.dumps(key)} = {inline(value)}" for key, value in document.items()).encode())
