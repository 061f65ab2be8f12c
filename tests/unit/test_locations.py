"""Every line that messages suggest has the promised effect when it is pasted."""

from __future__ import annotations

import argparse
import shlex
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_assets.cli.asset_argument import add_asset, read_asset
from github_assets.cli.options import add_keys
from github_assets.config.asset_variables import read_asset_variables
from github_assets.config.legacy import KINDS, read_legacy
from github_assets.config.names import printable as acceptable
from github_assets.config.names import valid_file_name
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment
from github_assets.config.specs import parse_spec
from github_assets.config.tables import read_table
from github_assets.config.versions import is_tag
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import KeyMissing
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound
from github_assets.errors.install import (
    ArchiveUnsupported,
    EntryNotFound,
    ForeignExecutable,
    NoProgramInArchive,
    NotExecutable,
    PathConflict,
    ProgramAmbiguous,
    ProgramNotFound,
)
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform, NoMatchingRelease
from github_assets.files import to_toml
from github_assets.github.servers import GITHUB
from github_assets.install.names import climbs, matcher, relative
from github_assets.locations import Location, YamlTable
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.patterns import expand
from github_assets.text import printable
from tests.properties import examples

NOTHING = Environment(None, {})
AMD64 = Platform("linux", "amd64")
HERE = Location("[[assets]] number 1 in github-assets.toml")
ODD = ["tool-linux-amd64", "tool[1]", "{os}", "a*b", "'x'", '"x', "a b", "a,b", "a>b", "\U0001f600", "1.0", "käse"]
TARGETS = st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=12)).filter(valid_file_name)
ASSETS = st.one_of(st.sampled_from([*ODD, " a ", "/a/", "a\\b", "a\xa0"]), st.text(min_size=1, max_size=12)).filter(
    lambda name: acceptable(name) and name not in (".", "..")
)
"""Names that assets of a release may have."""
ENTRIES = st.one_of(
    st.sampled_from(["bin/Tool", "a\\b", "a\nb", " x", "x ", "a/'b'", "\x00"]), st.text(min_size=1, max_size=12)
).filter(lambda name: relative(name) == name != "" and not climbs(name))
"""Names that an archive's entries may have."""
TAGS = st.one_of(
    st.sampled_from(["v1.2", "1,0", "cli/v1", "@scope/x@1", "a>b", "v1'q'", "'v1'", "käse", "v1\u200b", "1\xa02"]),
    st.text(min_size=1, max_size=12),
).filter(is_tag)
SHOWN_TAGS = TAGS.filter(str.isprintable)
"""Those that `release_choice.suggestions` returns."""
Change = tuple[str, str | bool]
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.tuples(st.just("file"), ASSETS),
    st.tuples(st.just("target"), TARGETS),
    st.tuples(st.just("version"), TAGS),
    st.tuples(st.just("path"), ENTRIES),
    st.tuples(st.just("extract"), st.sampled_from(["all", "none"])),
    st.tuples(st.just("executable"), st.just(False)),
    st.tuples(st.just("layer"), st.just("other")),
)
CHOICES: dict[str, st.SearchStrategy[str]] = {
    "version": st.sampled_from(["^1.2", "v1", "latest"]),
    "file": st.sampled_from(["tool", "tool-*", "/^a>(b|c)$/", "{os}"]),
    "target": st.just("t"),
}
Written = dict[str, str]
WRITTEN: st.SearchStrategy[Written] = st.fixed_dictionaries(
    {"repo": st.sampled_from(["octo/tool", "https://ghe.example.com/octo/tool"])}, optional=CHOICES
)
"""The keys of an asset as they are set."""


class Place(NamedTuple):
    """Where an asset can be configured: how it is read, and what a pasted line makes of it."""

    read: Callable[[Written], AssetRequest]
    paste: Callable[[Written, str], AssetRequest]


def in_table(location: Location, parse: Callable[[str], Mapping[str, Any]]) -> Place:
    return Place(
        lambda written: read_table(written, location, NOTHING),
        lambda written, line: read_table({**written, **parse(line)}, location, NOTHING),
    )


def in_variables(prefix: str) -> Place:
    def read(variables: dict[str, str]) -> AssetRequest:
        found = read_asset_variables(Environment(None, variables))
        assert found
        return found

    def variables(written: Written) -> dict[str, str]:
        return {f"{prefix}{key.upper()}": value for key, value in written.items()}

    def paste(written: Written, line: str) -> AssetRequest:
        name, _, value = line.partition("=")
        assert name.startswith(prefix)
        return read({**variables(written), name: value})

    return Place(lambda written: read(variables(written)), paste)


def in_spec() -> Place:
    marks = {"repo": "", "version": "@", "file": ":", "target": ">"}

    def read(written: Written) -> AssetRequest:
        return parse_spec("".join(marks[key] + written[key] for key in marks if key in written), "item 1")

    return Place(read, lambda _, line: parse_spec(line, "item 1"))


def in_predecessors(kind: str) -> Place:
    names = KINDS[kind].names

    def table(written: Written) -> dict[str, str]:
        return {names[key]: value for key, value in written.items() if key in names and not value.startswith("/")}

    def read(values: Mapping[str, Any]) -> AssetRequest:
        [request] = read_legacy([values], kind, "metadata", "project.toml", NOTHING).assets
        return request

    return Place(
        lambda written: read(table(written)), lambda written, line: read({**table(written), **tomllib.loads(line)})
    )


def in_arguments() -> Place:
    parser = argparse.ArgumentParser()
    add_asset(parser)
    parser.set_defaults(plan=None)
    add_keys(parser, "file", "target", "path", "extract", "executable", "layer")
    parser.set_defaults(plan=None)

    def read(arguments: list[str]) -> AssetRequest:
        return read_asset(parser.parse_args(arguments), NOTHING)

    def options(written: Written, without: str = "") -> list[str]:
        names = [key for key in ("file", "target") if key in written]
        return [f"--{key}={written[key]}" for key in names if not without.startswith(f"--{key}")]

    def asset(written: Written) -> str:
        return "@".join(written[key] for key in ("repo", "version") if key in written)

    def paste(written: Written, line: str) -> AssetRequest:
        words = shlex.split(line)
        return read([*([asset(written)] if line.startswith("--") else []), *words, *options(written, line)])

    return Place(lambda written: read([asset(written), *options(written)]), paste)


PLACES = {
    "TOML": in_table(HERE, tomllib.loads),
    "YAML": in_table(YamlTable("assets number 1 in github-assets.yaml"), yaml.safe_load),
    "variables": in_variables(""),
    "variables with our prefix": in_variables("BP_GITHUB_ASSET_"),
    "a short spec": in_spec(),
    **{f"the predecessor's {kind}": in_predecessors(kind) for kind in KINDS},
}


ALSO_ARGUMENTS = [*PLACES.values(), in_arguments()]
"""Tags that cannot be shown have no place in a command line, and are never suggested."""


def pasted(place: Place, written: Written, line: str) -> AssetRequest:
    """Return the asset after pasting a line where it belongs: most begin what is another file's."""
    assert printable(line) == line
    if not line.startswith("assets = "):
        return place.paste(written, line)
    assert "  # in github-assets.toml, instead of " in line
    return read_table(tomllib.loads(to_toml(tomllib.loads(line)))["assets"][0], HERE, NOTHING)


def means(request: AssetRequest, key: str, value: str | bool) -> bool:
    """Whether the key of a request means just this value."""
    if key == "path":
        matches = matcher(request.path)
        return matches(str(value)) and not matches(f"{value}x")
    if key == "file":
        assert isinstance(request.file, Pattern)
        return selects(request.file, str(value))
    if key == "repo":
        return str(request.repository) == value
    return str(getattr(request, key)) == str(value)


def selects(pattern: Pattern, name: str) -> bool:
    return expand(pattern, AMD64, None).select([name, f"{name}x"]) == [name]


def others(request: AssetRequest, key: str) -> list[Any]:
    repository = request.repository._replace(server=request.repository.server or GITHUB)
    return [repository, *(getattr(request, name) for name in ("version", "file", "target") if name != key)]


def check(place: Place, written: Written, request: AssetRequest, line: str, change: Change) -> None:
    again = pasted(place, written, line)
    if change[0] == "target" and again.extract == "all":  # the predecessor's archives: no target has a meaning
        return
    assert means(again, *change), (line, again)
    assert others(again, change[0]) == others(request, change[0])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@settings(max_examples=examples(150, parts=len(PLACES)))
@given(written=WRITTEN, change=CHANGES)
@example({"repo": "octo/tool"}, ("version", "1\xa02"))
@example({"repo": "octo/tool"}, ("version", "\xad"))
@example({"repo": "octo/tool"}, ("file", "a\xa0"))
def test_a_line_to_paste(place: Place, written: Written, change: Change) -> None:
    request = place.read(written)

    line = request.source.assignment(*change)

    check(place, written, request, line, change)


@given(change=st.tuples(st.just("file"), ASSETS) | st.tuples(st.just("version"), SHOWN_TAGS))
@example(("file", "-x"))
@example(("file", "-{"))
@example(("version", "a>b"))
@example(("version", "'v1'"))
def test_an_argument_to_paste(change: Change) -> None:
    place, written = in_arguments(), {"repo": "octo/tool"}
    request = place.read(written)

    check(place, written, request, request.source.assignment(*change), change)


class Suggestion(NamedTuple):
    """An error whose message ends with lines to paste: one for each of these names, or for each of these changes."""

    error: Callable[[list[str], Location], GithubAssetsError]
    names: st.SearchStrategy[str]
    changes: Callable[[list[str]], list[Change]]


def of_names(key: str) -> Callable[[list[str]], list[Change]]:
    return lambda names: [(key, name) for name in names]


RELEASE = {"repository": "octo/tool", "tag": "v1"}
FOR = {**RELEASE, "platform": "linux/amd64"}
NO_RELEASE: dict[str, Any] = {"repository": "octo/tool", "version": "^9", "tag_pattern": None, "left_out": []}
AS_FILE: Change = ("executable", False)
SUGGESTIONS = {
    "AssetNotFound": Suggestion(
        lambda names, source: AssetNotFound(**RELEASE, name="x", available=names, source=source),
        ASSETS,
        of_names("file"),
    ),
    "NoAssetForPlatform": Suggestion(
        lambda names, source: NoAssetForPlatform(**FOR, available=names, source=source), ASSETS, of_names("file")
    ),
    "AssetAmbiguous": Suggestion(
        lambda names, source: AssetAmbiguous(**FOR, candidates=names, source=source), ASSETS, of_names("file")
    ),
    "ReleaseNotFound": Suggestion(
        lambda names, source: ReleaseNotFound(**RELEASE, available=names, source=source),
        SHOWN_TAGS,
        of_names("version"),
    ),
    "NoLatestRelease": Suggestion(
        lambda names, source: NoLatestRelease(repository="octo/tool", prereleases=names, source=source),
        SHOWN_TAGS,
        of_names("version"),
    ),
    "NoMatchingRelease": Suggestion(
        lambda names, source: NoMatchingRelease(**NO_RELEASE, available=names, looked_at=1, source=source),
        SHOWN_TAGS,
        of_names("version"),
    ),
    "NotExecutable": Suggestion(
        lambda names, source: NotExecutable(file="x", reason="y", instead=names[0], source=source),
        ASSETS,
        lambda names: [("file", names[0]), AS_FILE],
    ),
    "ForeignExecutable": Suggestion(
        lambda names, source: ForeignExecutable(file="x", found="y", wanted="z", instead=names[0], source=source),
        ASSETS,
        lambda names: [("file", names[0]), AS_FILE],
    ),
    "EntryNotFound": Suggestion(
        lambda names, source: EntryNotFound(archive="a", patterns=["x"], available=names, source=source),
        ENTRIES,
        of_names("path"),
    ),
    "ProgramAmbiguous": Suggestion(
        lambda names, source: ProgramAmbiguous(archive="a", name="x", candidates=names, source=source),
        ENTRIES,
        of_names("path"),
    ),
    "ProgramNotFound": Suggestion(
        lambda names, source: ProgramNotFound(archive="a", name="x", available=names, source=source),
        TARGETS,
        of_names("target"),
    ),
    "NoProgramInArchive": Suggestion(
        lambda names, source: NoProgramInArchive(archive="a", available=names, source=source),
        ENTRIES,
        lambda _: [("extract", "all")],
    ),
    "ArchiveUnsupported": Suggestion(
        lambda names, source: ArchiveUnsupported(archive="a", format="x", alternatives=names, source=source),
        ENTRIES,
        lambda _: [("extract", "none")],
    ),
    "PathConflict": Suggestion(
        lambda names, source: PathConflict(path=names[0], source=source),
        ENTRIES,
        lambda _: [("layer", "github-assets-2")],
    ),
}


@pytest.mark.parametrize("suggestion", SUGGESTIONS.values(), ids=SUGGESTIONS)
@settings(max_examples=examples(100, parts=len(SUGGESTIONS)))
@given(place=st.sampled_from(ALSO_ARGUMENTS), written=WRITTEN, data=st.data())
def test_a_message_with_lines_to_paste(
    suggestion: Suggestion, place: Place, written: Written, data: st.DataObject
) -> None:
    request = place.read(written)
    names = data.draw(st.lists(suggestion.names, min_size=1, max_size=3))

    text = message(suggestion.error(names, request.source))

    changes = suggestion.changes(names)
    lines = [line.strip(" ") for line in text.split("\n") if line.startswith("  ")][-len(changes) :]
    for line, change in zip(lines, changes, strict=True):
        check(place, written, request, line, change)


def test_a_missing_repository_is_a_line_to_paste() -> None:
    with pytest.raises(KeyMissing) as caught:
        read_table({"file": "x"}, HERE, NOTHING)

    line = message(caught.value).partition("Add it: ")[2].split("\n")[0]
    assert str(read_table({"file": "x", **tomllib.loads(line)}, HERE, NOTHING).repository) == "owner/name"


def test_a_variable_that_is_set_is_the_one_to_change() -> None:
    found = read_asset_variables(Environment(None, {"REPO": "a/b", "BP_GITHUB_ASSET_FILE": "x"}))
    assert found

    assert found.source.assignment("file", "y") == "BP_GITHUB_ASSET_FILE=y"
    assert found.source.assignment("target", "y") == "TARGET=y"
    assert found.source.setting("repo", "version", "file") == "REPO, VERSION and BP_GITHUB_ASSET_FILE"


def test_a_key_without_a_variable_needs_a_file() -> None:
    request = PLACES["variables"].read({"repo": "a/b"})

    assert request.source.assignment("layer", "x") == (
        'assets = [{ repo = "a/b", layer = "x" }]  # in github-assets.toml, instead of REPO in the environment'
    )


def test_what_only_our_variables_can_say() -> None:
    source = PLACES["variables"].read({"repo": "a/b"}).source

    assert source.assignment("executable", False) == "BP_GITHUB_ASSET_EXECUTABLE=false"
    assert source.assignment("extract", "none") == "BP_GITHUB_ASSET_EXTRACT=none"
    assert source.assignment("path", "bin/tool") == "BP_GITHUB_ASSET_PATH=bin/tool"
