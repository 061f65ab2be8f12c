"""Every place in which assets may stand, and what each key comes to."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from github_assets.config.patterns import Pattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import AssetRequest, Repository, Requests
from github_assets.config.tables import KEYS
from github_assets.config.versions import Version
from github_assets.locations import Location
from github_assets.secrets import Secret

from .conftest import App

NOWHERE = Location("")

PROBE = Repository("grpc-ecosystem", "grpc-health-probe")
TABLE = 'repo = "grpc-ecosystem/grpc-health-probe"\nversion = "v0.4.45"\ntarget = "probe"\n'
PLACES = [
    ("project.toml", f"[[metadata.github-assets]]\n{TABLE}", "[[metadata.github-assets]] number 1"),
    (
        "project.toml",
        f'[_]\nschema-version = "0.2"\n[[_.metadata.github-assets]]\n{TABLE}',
        "[[_.metadata.github-assets]] number 1",
    ),
    ("github-assets.toml", f"[[assets]]\n{TABLE}", "[[assets]] number 1"),
    (
        "github-assets.yaml",
        "assets:\n- repo: grpc-ecosystem/grpc-health-probe\n  version: v0.4.45\n  target: probe\n",
        "assets number 1",
    ),
    (
        "github-assets.yml",
        'assets: [{repo: grpc-ecosystem/grpc-health-probe, version: "v0.4.45", target: probe}]',
        "assets number 1",
    ),
]

ALL_KEYS_TOML = """
[[assets]]
repo = "https://ghe.example.com/team/tools"
version = ">=1.2 <2"
file = "tools-{version}-{os}-{arch}.tar.gz"
target = "tool"
sha256 = "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"
path = ["bin/*", "share/**"]
strip_components = 1
extract = "executables"
executable = false
layer = "tools_2-x"
token_env = "TEAM_TOKEN"
prerelease = true
tag_pattern = "cli-v*"
min_age = "3d"
verify = "required"
process = "the-tool"
api_url = "https://GHE.example.com/api/v3/"
"""
ALL_KEYS_YAML = """
assets:
  - repo: https://ghe.example.com/team/tools
    version: ">=1.2 <2"
    file: "tools-{version}-{os}-{arch}.tar.gz"
    target: tool
    sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    path:
      - bin/*
      - share/**
    strip_components: 1
    extract: executables
    executable: no
    layer: tools_2-x
    token_env: TEAM_TOKEN
    prerelease: yes
    tag_pattern: cli-v*
    min_age: 3d
    verify: required
    process: the-tool
    api_url: https://ghe.example.com/api/v3
"""


@pytest.mark.parametrize(("file", "text", "header"), PLACES)
def test_asset_in_each_place(app: App, file: str, text: str, header: str) -> None:
    app.write(file, text)
    assert app.only() == AssetRequest(PROBE, Location(f"{header} in {file}"), Version("v0.4.45"), target="probe")
    assert app.read().warnings == []


@pytest.mark.parametrize(
    ("file", "text"), [("github-assets.toml", ALL_KEYS_TOML), ("github-assets.yaml", ALL_KEYS_YAML)]
)
def test_every_key(app: App, file: str, text: str) -> None:
    app.write(file, text)
    asset = app.only({"TEAM_TOKEN": "its-token"})
    assert asset._replace(source=NOWHERE) == AssetRequest(
        repository=Repository("team", "tools", "https://ghe.example.com"),
        source=NOWHERE,
        version=Version(">=1.2 <2"),
        file=Pattern("tools-{version}-{os}-{arch}.tar.gz"),
        target="tool",
        token=Secret("its-token"),
        token_env="TEAM_TOKEN",
        sha256="0123456789abcdef" * 4,
        path=("bin/*", "share/**"),
        strip_components=1,
        extract="executables",
        executable=False,
        layer="tools_2-x",
        prerelease=True,
        tag_pattern=parse_tag_pattern("cli-v*"),
        min_age=3 * 86400,
        verify="required",
        process="the-tool",
        api_url="https://ghe.example.com/api/v3",
    )


def test_the_example_of_every_key_names_every_key() -> None:
    (table,) = tomllib.loads(ALL_KEYS_TOML)["assets"]
    assert list(table) == list(KEYS)
    assert all(key.description.endswith(".") for key in KEYS.values())


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ('path = "bin/*"', "path", ("bin/*",)),
        ("process = false", "process", False),
        ("process = true", "process", True),
        ('extract = "all"', "extract", "all"),
        ('min_age = "90s"', "min_age", 90),
        ('min_age = "15m"', "min_age", 900),
        ('min_age = "24h"', "min_age", 86400),
        ('min_age = "2w"', "min_age", 1209600),
        ('version = "cli/v1@2"', "version", Version("cli/v1@2")),
        ('version = "~0.4"', "version", Version("~0.4")),
        ('version = "1.x"', "version", Version("1.x")),
        ('version = "latest"', "version", Version("latest")),
        ('file = "/a{1,3}/"', "file", parse_pattern("/a{1,3}/")),
        ('layer = "x"', "layer", "x"),
        ("strip_components = 0", "strip_components", 0),
        ("", "layer", "github-assets"),
    ],
)
def test_values(app: App, line: str, field: str, value: object) -> None:
    app.write("github-assets.toml", f'[[assets]]\nrepo = "a/b"\n{line}\n')
    assert getattr(app.only(), field) == value


def test_all_sources_add_up_in_order(app: App) -> None:
    app.write("project.toml", '[[metadata.github-assets]]\nrepo = "o/project"\n')
    app.write("github-assets.toml", '[[assets]]\nrepo = "o/toml"\n')
    app.write("github-assets.yaml", "assets: [{repo: o/yaml1}, {repo: o/yaml2}]")
    app.write("deploy/more.yml", "assets: [{repo: o/named}]")
    app.plan.write_text('[[entries]]\nname = "github-assets"\n[entries.metadata]\nrepo = "o/plan"\n')
    variables = {"REPO": "o/env", "BP_GITHUB_ASSETS": "o/spec", "GITHUB_ASSETS_PATH": "deploy/more.yml"}
    assert [(asset.repository.name, str(asset.source)) for asset in app.read(variables).assets] == [
        ("env", "REPO in the environment"),
        ("spec", "BP_GITHUB_ASSETS item 1"),
        ("project", "[[metadata.github-assets]] number 1 in project.toml"),
        ("toml", "[[assets]] number 1 in github-assets.toml"),
        ("yaml1", "assets number 1 in github-assets.yaml"),
        ("yaml2", "assets number 2 in github-assets.yaml"),
        ("named", "assets number 1 in deploy/more.yml"),
        ("plan", "entry 1 of the buildpack plan"),
    ]


def test_no_configuration_asks_for_nothing(app: App) -> None:
    assert app.read() == Requests([], [])


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("project.toml", "this is [ no toml, and not for us"),
        ("project.toml", '[project]\nid = "x"\n[[build.buildpacks]]\nuri = "docker://github-assets"\n'),
        ("project.toml", '[_]\nschema-version = "0.2"\n[_.metadata]\nother = "github-assets"\n'),
        ("project.toml", "metadata = 1\n_ = 2\n# github-assets\n"),
        ("project.toml", "[[metadata]]\n# github-assets\n"),
        ("project.toml", "[metadata]\ngithubassets = []\ngithubasset = []\n"),
        ("github-assets.toml", ""),
        ("github-assets.toml", "assets = []"),
        ("github-assets.yaml", "# nothing\n"),
        ("github-assets.yaml", "assets: []"),
    ],
)
def test_files_without_assets(app: App, file: str, text: str) -> None:
    app.write(file, text)
    assert app.read() == Requests([], [])


@pytest.mark.parametrize(
    ("text", "read", "right"),
    [
        (f"[[_.metadata.github-assets]]\n{TABLE}", "[[_.metadata.github-assets]]", "[[metadata.github-assets]]"),
        (
            f'[_]\nschema-version = "0.2"\n[[metadata.github-assets]]\n{TABLE}',
            "[[metadata.github-assets]]",
            "[[_.metadata.github-assets]]",
        ),
    ],
)
def test_table_of_the_other_schema_is_read_with_a_warning(app: App, text: str, read: str, right: str) -> None:
    app.write("project.toml", text)
    requests = app.read()
    assert [asset.repository for asset in requests.assets] == [PROBE]
    assert requests.warnings == [f"{read} in project.toml belongs to another schema version; rename it to {right}."]


def test_byte_order_mark_and_windows_lines(app: App) -> None:
    app.write("github-assets.toml", b'\xef\xbb\xbf[[assets]]\r\nrepo = "a/b"\r\n')
    app.write("github-assets.yaml", b"\xef\xbb\xbfassets:\r\n- repo: c/d\r\n")
    assert [str(asset.repository) for asset in app.read().assets] == ["a/b", "c/d"]


def test_yaml_anchors_and_merge_keys(app: App) -> None:
    app.write(
        "github-assets.yaml",
        "assets:\n- &first {repo: a/b, version: v1, layer: x}\n"
        "- &second {<<: *first, repo: c/d}\n- {<<: [*second, *first], version: v2}\n",
    )
    assert [(str(asset.repository), asset.version.text) for asset in app.read().assets] == [
        ("a/b", "v1"),
        ("c/d", "v1"),
        ("c/d", "v2"),
    ]


@pytest.mark.parametrize("path", ["deploy/aa.toml", "./deploy/aa.toml", "/deploy/aa.toml", "deploy/../deploy/aa.toml"])
def test_named_file(app: App, path: str) -> None:
    app.write("deploy/aa.toml", f"[[assets]]\n{TABLE}")
    assert app.only({"GITHUB_ASSETS_PATH": path}).source.name == "[[assets]] number 1 in deploy/aa.toml"


def test_named_file_by_its_whole_path(app: App) -> None:
    app.write("aa.toml", f"[[assets]]\n{TABLE}")
    assert app.only({"GITHUB_ASSETS_PATH": f"{app.folder}/aa.toml"}).repository == PROBE


@pytest.mark.parametrize("place", ["metadata", "_.metadata"])
def test_named_file_may_be_a_project_descriptor(app: App, place: str) -> None:
    app.write("aa.toml", f'[_]\nschema-version = "0.1"\n[project]\nid = "x"\n[[{place}.github-assets]]\n{TABLE}')
    assert app.only({"GITHUB_ASSETS_PATH": "aa.toml"}).repository == PROBE


@pytest.mark.parametrize(("file", "text", "_header"), PLACES)
def test_named_file_that_is_read_anyway_is_read_once(app: App, file: str, text: str, _header: str) -> None:
    app.write(file, text)
    assert app.only({"GITHUB_ASSETS_PATH": file}).repository == PROBE


class TestToken:
    """The environment's token goes to the GitHub that it is for, and an asset's own token wins."""

    def tokens(self, app: App, variables: dict[str, str]) -> dict[str, str | None]:
        return {
            str(asset.repository): asset.token.reveal() if asset.token else None for asset in app.read(variables).assets
        }

    def test_of_the_environment_is_for_github(self, app: App) -> None:
        app.write(
            "github-assets.yaml", "assets: [{repo: f/f}, {repo: g/g, token_env: MINE}, {repo: https://evil.io/h/h}]"
        )
        assert self.tokens(app, {"TOKEN": "t", "MINE": "m", "BP_GITHUB_ASSETS": "s/s https://github.com/w/w"}) == {
            "s/s": "t",
            "https://github.com/w/w": "t",
            "f/f": "t",
            "g/g": "m",
            "https://evil.io/h/h": None,
        }

    def test_is_for_the_server_of_repo(self, app: App) -> None:
        variables = {"REPO": "https://ghe.io/a/a", "TOKEN": "t", "BP_GITHUB_ASSETS": "s/s https://ghe.io/b/b"}
        assert self.tokens(app, variables) == {"https://ghe.io/a/a": "t", "s/s": None, "https://ghe.io/b/b": "t"}

    def test_is_for_the_server_of_the_environment(self, app: App) -> None:
        variables = {
            "GITHUB_SERVER_URL": "https://ghe.io",
            "TOKEN": "t",
            "BP_GITHUB_ASSETS": "s/s https://github.com/b/b",
        }
        assert self.tokens(app, variables) == {"s/s": "t", "https://github.com/b/b": None}

    def test_stays_away_from_an_api_that_a_file_names(self, app: App) -> None:
        app.write(
            "github-assets.yaml", "assets: [{repo: f/f, api_url: https://evil.io}, {repo: g/g, api_url: https://ok.io}]"
        )
        assert self.tokens(app, {"TOKEN": "t", "GITHUB_API_URL": "https://ok.io"}) == {"f/f": None, "g/g": "t"}

    def test_of_our_own_name_needs_no_repo_when_there_are_assets(self, app: App) -> None:
        assert self.tokens(app, {"BP_GITHUB_ASSET_TOKEN": "t", "BP_GITHUB_ASSETS": "s/s"}) == {"s/s": "t"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("target: x", "target: y"),
        ("target: x", "target: x\n  layer: other"),
        ("file: x", "file: y"),
        ("file: x*", "file: x*"),
        ("file: x.tar.gz", "file: x.tar.gz"),
        ("file: x.gz", "file: x.gz"),
        ("target: x\n  extract: all", "target: x"),
        ("file: x\n  path: a", "file: x\n  path: b"),
    ],
)
def test_places_that_differ_or_are_not_known_yet(app: App, first: str, second: str) -> None:
    app.write("github-assets.yaml", f"assets:\n- repo: a/b\n  {first}\n- repo: a/b\n  {second}\n")
    assert len(app.read().assets) == 2


def test_without_files_no_parser_is_imported(app: App) -> None:
    app.write("project.toml", '[project]\nid = "github"\n')
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from github_assets.config.settings import Environment\n"
        "from github_assets.config.collect import read_requests\n"
        "assert read_requests(sys.argv[2], Environment(None, {'BP_GITHUB_ASSETS': 'a/b'})).assets\n"
        "print(*sys.modules)"
    )
    lib = Path(__file__).parents[3] / "lib"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, lib, app.folder],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.defpath},
    )
    imported = set(run.stdout.split())
    assert "github_assets.config.specs" in imported
    assert not imported & {"tomllib", "toml", "yaml", "difflib", "socket", "dataclasses", "pathlib"}
    assert not imported & {f"github_assets.config.{name}" for name in ("build_plan", "legacy", "parsing", "tables")}
