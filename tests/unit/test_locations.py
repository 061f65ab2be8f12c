"""Every line that messages suggest has the promised effect when it is pasted."""

from __future__ import annotations

import tomllib
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.asset_variables import read_asset_variables
from github_assets.config.legacy import KINDS, read_legacy
from github_assets.config.names import valid_file_name
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment
from github_assets.config.specs import parse_spec
from github_assets.config.tables import read_table
from github_assets.config.versions import is_tag
from github_assets.files import to_toml
from github_assets.install.names import matcher
from github_assets.locations import Location, YamlTable
from github_assets.platforms import Platform
from github_assets.selection.patterns import expand
from github_assets.text import printable
from tests.properties import examples

NOTHING = Environment(None, {})
AMD64 = Platform("linux", "amd64")
HERE = Location("here")
NAMES = st.one_of(
    st.sampled_from(
        ["tool-linux-amd64", "tool[1]", "{os}", "a*b", "'x'", '"x', "a b", "a,b", "a>b", "\U0001f600", "1.0"]
    ),
    st.text(min_size=1, max_size=12),
).filter(valid_file_name)
TAGS = st.one_of(
    st.sampled_from(["v1.2", "1,0", "cli/v1", "@scope/x@1", "a>b", "v1'q'", "'v1'", "käse", "v1\u200b"]),
    st.text(min_size=1, max_size=12),
).filter(is_tag)
CHANGES: st.SearchStrategy[tuple[str, str | bool]] = st.one_of(
    st.tuples(st.just("file"), NAMES),
    st.tuples(st.just("target"), NAMES),
    st.tuples(st.just("version"), TAGS),
    st.tuples(st.just("path"), NAMES),
    st.tuples(st.just("extract"), st.sampled_from(["all", "none"])),
    st.tuples(st.just("executable"), st.just(False)),
)
CHOICES: dict[str, st.SearchStrategy[str]] = {
    "version": st.sampled_from(["^1.2", "v1", "latest"]),
    "file": st.sampled_from(["tool", "tool-*", "/^a>(b|c)$/", "{os}"]),
    "target": st.just("t"),
}
ASSETS = st.fixed_dictionaries(
    {"repo": st.sampled_from(["octo/tool", "https://ghe.example.com/octo/tool"])}, optional=CHOICES
)


def from_toml(text: str, location: Location = HERE) -> AssetRequest:
    """Return the only asset of a TOML file, or of a table's lines."""
    document = tomllib.loads(text)
    return read_table(document.get("assets", [document])[0], location, NOTHING)


def from_variables(lines: list[str]) -> AssetRequest:
    found = read_asset_variables(Environment(None, dict(line.split("=", 1) for line in lines)))
    assert found
    return found


def means(request: AssetRequest, key: str, value: str | bool) -> bool:
    """Whether the key of a request means just this value."""
    if key == "path":
        matches = matcher(request.path)
        return matches(str(value)) and not matches(f"{value}x")
    if key == "file":
        assert isinstance(request.file, Pattern)
        expanded = expand(request.file, AMD64, None)
        return expanded.select([str(value), f"{value}x"]) == [value]
    return str(getattr(request, key)) == str(value)


def others(request: AssetRequest, key: str) -> list[Any]:
    return [getattr(request, name) for name in ("repository", "version", "file", "target") if name != key]


def pasted(request: AssetRequest, line: str, written: dict[str, str]) -> AssetRequest:
    """Return the asset after pasting its line into github-assets.toml or its own table."""
    if line.startswith("assets = "):
        assert "# in github-assets.toml, instead of " in line
        return from_toml(line)
    return from_toml(to_toml({**written, **tomllib.loads(line)}), request.source)


@settings(max_examples=examples(150))
@given(ASSETS, CHANGES)
def test_a_line_for_toml(written: dict[str, str], change: tuple[str, str | bool]) -> None:
    request = from_toml(to_toml(written), Location("[[assets]] number 1 in github-assets.toml"))

    line = request.source.assignment(*change)

    again = pasted(request, line, written)
    assert printable(line) == line
    assert means(again, *change)
    assert others(again, change[0]) == others(request, change[0])


@settings(max_examples=examples(150))
@given(ASSETS, CHANGES)
def test_a_line_for_yaml(written: dict[str, str], change: tuple[str, str | bool]) -> None:
    request = read_table(written, YamlTable("assets number 1 in github-assets.yaml"), NOTHING)

    line = request.source.assignment(*change)

    again = read_table({**written, **yaml.safe_load(line)}, request.source, NOTHING)
    assert printable(line) == line
    assert means(again, *change)
    assert others(again, change[0]) == others(request, change[0])


@settings(max_examples=examples(150))
@given(ASSETS, CHANGES, st.sampled_from(["", "BP_GITHUB_ASSET_"]))
def test_a_line_for_variables(written: dict[str, str], change: tuple[str, str | bool], prefix: str) -> None:
    lines = [f"{prefix}{key.upper()}={value}" for key, value in written.items()]
    request = from_variables(lines)

    line = request.source.assignment(*change)

    if line.startswith("assets = "):
        again = pasted(request, line, written)
    else:
        assert line.startswith(f"{prefix}{change[0].upper()}=")
        again = from_variables([*lines, line])
    assert printable(line) == line
    assert means(again, *change)
    assert others(again, change[0]) == others(request, change[0])


def test_a_variable_that_is_set_is_the_one_to_change() -> None:
    source = from_variables(["REPO=a/b", "BP_GITHUB_ASSET_FILE=x"]).source

    assert source.assignment("file", "y") == "BP_GITHUB_ASSET_FILE=y"
    assert source.assignment("target", "y") == "TARGET=y"
    assert source.setting("file") == "BP_GITHUB_ASSET_FILE"


@settings(max_examples=examples(150))
@given(ASSETS, CHANGES)
def test_a_whole_short_spec(written: dict[str, str], change: tuple[str, str | bool]) -> None:
    marks = {"repo": "", "version": "@", "file": ":", "target": ">"}
    request = parse_spec(
        "".join(marks[key] + written[key] for key in marks if key in written), "BP_GITHUB_ASSETS item 1"
    )

    line = request.source.assignment(*change)

    again = pasted(request, line, written) if line.startswith("assets = ") else parse_spec(line, "x")
    assert printable(line) == line
    assert means(again, *change)
    assert others(again, change[0]) == others(request, change[0])


@settings(max_examples=examples(150))
@given(ASSETS, CHANGES, st.sampled_from(list(KINDS)))
def test_a_line_for_the_predecessors_tables(written: dict[str, str], change: tuple[str, str | bool], kind: str) -> None:
    names = KINDS[kind].names
    table = {names[key]: value for key, value in written.items() if key in names and not value.startswith("/")}
    [request] = read_legacy([table], kind, "metadata", "project.toml", NOTHING).assets

    line = request.source.assignment(*change)

    if line.startswith("assets = "):
        again = pasted(request, line, written)
    else:
        [again] = read_legacy([{**table, **tomllib.loads(line)}], kind, "metadata", "project.toml", NOTHING).assets
    if change[0] != "target" or again.extract != "all":
        assert means(again, *change)
        assert others(again, change[0]) == others(request, change[0])


def test_a_key_without_a_variable_needs_a_file() -> None:
    line = from_variables(["REPO=a/b"]).source.assignment("path", "x/t")

    assert line == (
        'assets = [{ repo = "a/b", path = "x/t" }]  # in github-assets.toml, instead of REPO in the environment'
    )
