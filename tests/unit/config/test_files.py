"""Every file that can list assets, and the value of each key."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from github_assets.config.patterns import Pattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import AssetRequest, Configuration, LaunchVariable, Repository, Token
from github_assets.config.settings import APPLICATION, OPERATOR
from github_assets.config.tables import KEYS
from github_assets.config.versions import Version
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import FileUnreadable, KeyUnknown, MergeConflict, SettingInvalid
from github_assets.locations import Location
from github_assets.secrets import Secret
from tests.messages import parts_of

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
token_env = "BP_GITHUB_ASSET_TOKEN_TEAM"
prerelease = true
tag_pattern = "cli-v*"
min_age = "3d"
verify = "required"
minimum = "digest"
process = "the-tool"
api_url = "https://GHE.example.com/api/v3/"
env.TOOL_OPTIONS = { append = "--home={layer}", delimiter = " " }
env.TOOL_HOME = "{layer}/share"
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
    token_env: BP_GITHUB_ASSET_TOKEN_TEAM
    prerelease: yes
    tag_pattern: cli-v*
    min_age: 3d
    verify: required
    minimum: digest
    process: the-tool
    api_url: https://ghe.example.com/api/v3
    env:
      TOOL_HOME: "{layer}/share"
      TOOL_OPTIONS: {append: "--home={layer}", delimiter: " "}
"""


@pytest.mark.parametrize(("file", "text", "header"), PLACES)
def test_assets_in_each_place(app: App, file: str, text: str, header: str) -> None:
    app.write(file, text)
    assert app.only() == AssetRequest(PROBE, Location(f"{header} in {file}"), Version("v0.4.45"), target="probe")
    assert app.read().warnings == []


@pytest.mark.parametrize(
    ("file", "text"), [("github-assets.toml", ALL_KEYS_TOML), ("github-assets.yaml", ALL_KEYS_YAML)]
)
def test_every_key(app: App, file: str, text: str) -> None:
    app.write(file, text)
    asset = app.only({"BP_GITHUB_ASSET_TOKEN_TEAM": "its-token"})
    assert asset._replace(source=NOWHERE) == AssetRequest(
        repository=Repository("team", "tools", "https://ghe.example.com"),
        source=NOWHERE,
        version=Version(">=1.2 <2"),
        file=Pattern("tools-{version}-{os}-{arch}.tar.gz"),
        target="tool",
        token=Token(Secret("its-token"), "BP_GITHUB_ASSET_TOKEN_TEAM", OPERATOR),
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
        minimum="digest",
        process="the-tool",
        api_url="https://ghe.example.com/api/v3",
        env=(
            LaunchVariable("TOOL_HOME", "override", "{layer}/share"),
            LaunchVariable("TOOL_OPTIONS", "append", "--home={layer}", " "),
        ),
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
        ("env = {}", "env", ()),
        ("env.A = ''", "env", (LaunchVariable("A", "override", ""),)),
        ("env.A.default = 'x'", "env", (LaunchVariable("A", "default", "x"),)),
        ("env.A.override = ' x '", "env", (LaunchVariable("A", "override", " x "),)),
        ("env.A = { prepend = 'x', delimiter = '' }", "env", (LaunchVariable("A", "prepend", "x", ""),)),
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


def test_no_configuration_requests_nothing(app: App) -> None:
    assert app.read() == Configuration([], [])


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
    assert app.read() == Configuration([], [])


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


def test_an_asset_only_gets_the_token_that_it_names(app: App) -> None:
    app.write("github-assets.yaml", "assets: [{repo: f/f}, {repo: g/g, token_env: GH_TOKEN}]")
    assets = app.read({"REPO": "a/a", "TOKEN": "t", "GH_TOKEN": "m", "BP_GITHUB_ASSETS": "s/s"}).assets
    assert [asset.token and asset.token.secret.reveal() for asset in assets] == [None, None, None, "m"]


def test_a_prefixed_token_needs_no_repo_if_there_are_assets(app: App) -> None:
    assert len(app.read({"BP_GITHUB_ASSET_TOKEN": "t", "BP_GITHUB_ASSETS": "s/s"}).assets) == 1


@pytest.mark.parametrize(
    ("project", "named"),
    [
        ('[[build.env]]\nname = "NPM_TOKEN"\nvalue = "t"', True),
        ('[[io.buildpacks.build.env]]\nname = "NPM_TOKEN"\nvalue = " t\\n"', True),
        ('[[build.env]]\nname = "NPM_TOKEN"\nvalue = "another"', False),
        ('[[build.env]]\nname = "NPM_TOKEN"\nvalue =', False),
        ("", False),
    ],
)
def test_token_env_names_our_variables_or_the_applications(app: App, project: str, named: bool) -> None:
    app.write("project.toml", project)
    app.write("github-assets.yaml", "assets: [{repo: f/f, token_env: NPM_TOKEN}]")
    app.set(NPM_TOKEN="t")
    if named:
        token = app.only().token
        assert token == Token(Secret("t"), "NPM_TOKEN", APPLICATION)
    else:
        with pytest.raises(SettingInvalid) as refused:
            app.read()
        assert refused.value.where == "token_env of assets number 1 in github-assets.yaml"


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


@pytest.mark.parametrize("file", ["project.toml", "github-assets.toml", "github-assets.yaml", "named.toml"])
def test_what_is_no_regular_file_is_not_waited_for(app: App, file: str) -> None:
    os.mkfifo(app.folder / file)

    with pytest.raises(FileUnreadable) as raised:
        app.read({"GITHUB_ASSETS_PATH": "named.toml"} if file == "named.toml" else {})
    assert (raised.value.file, raised.value.reason) == (file, "it is not a regular file")


@pytest.mark.parametrize("file", ["project.toml", "github-assets.toml", "github-assets.yaml"])
@pytest.mark.parametrize("target", ["/etc/hostname", "../outside", "/nonexistent", "sub/link"])
def test_a_link_out_of_the_application_is_not_followed(app: App, file: str, target: str) -> None:
    (app.folder.parent / "outside").write_text('[[assets]]\nrepo = "out/side"\n')
    (app.folder / "sub").mkdir()
    (app.folder / "sub/link").symlink_to(app.folder.parent / "outside")
    (app.folder / file).symlink_to(target)

    with pytest.raises(FileUnreadable) as raised:
        app.read()
    assert raised.value.reason == "it is a symbolic link that leaves the application"


def test_a_link_that_stays_in_the_application_is_followed(app: App) -> None:
    app.write("deploy/assets.toml", '[[assets]]\nrepo = "a/b"\n')
    (app.folder / "github-assets.toml").symlink_to("deploy/assets.toml")
    (app.folder / "github-assets.yaml").symlink_to("nowhere")

    assert str(app.only().repository) == "a/b"


MERGED = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(900)) + "}\nassets:\n" + "- {<<: *a, repo: a/b}\n" * 3000
MERGED_AT_ONCE = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(3000)) + "}\nb: {<<: [" + "*a," * 3000 + "]}\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("github-assets.toml", '[[assets]]\nrepo = "a/b"\n' * 10_000),
        ("github-assets.toml", f"assets = [{'{},' * 80_000}]"),
        ("github-assets.yaml", f"assets: [{'{repo: a/b},' * 5_000}]"),
        ("github-assets.yaml", f"a: &a {{repo: a/b}}\nassets: [{'*a,' * 80_000}]"),
        ("github-assets.yaml", MERGED),
        ("github-assets.yaml", MERGED_AT_ONCE),
        ("project.toml", "[[metadata.githubassets]]\n" * 9000),
    ],
    ids=[
        "tables",
        "inline tables",
        "mappings",
        "aliases",
        "merge keys",
        "merge keys at once",
        "the predecessor's tables",
    ],
)
def test_a_list_that_would_take_much_memory_is_refused(app: App, file: str, text: str) -> None:
    app.write(file, text)

    with pytest.raises((SettingInvalid, FileUnreadable)) as raised:
        app.read()
    error = raised.value
    assert "too many" in error.reason if isinstance(error, FileUnreadable) else error.expected == "at most 1000"


def test_a_thousand_assets(app: App) -> None:
    app.write("github-assets.yaml", "assets:\n" + "".join(f"- {{repo: a/b, target: t{n}}}\n" for n in range(1000)))

    assert len(app.read().assets) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000 + "a = 1\n",
        '[[assets]]\n"' + "e" * 200_000 + '" = 1\n',
        "[[assets]]\n" + "[" * 100_000,
        '[[assets]]\nrepo = "' + "a" * 200_000 + '"\n',
        "x = " + "9" * 200_000 + "\n",
    ],
    ids=["dots", "a long key", "nested", "a long value", "a long number"],
)
def test_a_hostile_file_is_refused_soon(app: App, text: str) -> None:
    """It ends: with the square of these sizes it would not."""
    app.write("github-assets.toml", text)

    with pytest.raises(GithubAssetsError):
        app.read()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("github-assets.toml", '[[assets]]\n<<<<<<< HEAD\nrepo = "a/b"\n=======\nrepo = "c/d"\n>>>>>>> other\n'),
        ("github-assets.yaml", "assets:\n<<<<<<< HEAD\n- repo: a/b\n=======\n- repo: c/d\n>>>>>>> other\n"),
    ],
)
def test_a_merge_conflict_is_told_as_such(app: App, file: str, text: str) -> None:
    app.write(file, text)

    with pytest.raises(MergeConflict) as raised:
        app.read()
    said = parts_of(raised.value)
    assert said.headline == f"{file} has an unresolved merge conflict, at line 2."
    assert said.advice == "Resolve it, and commit the file."


def test_without_files_no_parser_is_imported(app: App) -> None:
    app.write("project.toml", '[project]\nid = "github"\n')
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from github_assets.config.settings import Environment\n"
        "from github_assets.config.configuration import read_configuration\n"
        "assert read_configuration(sys.argv[2], Environment(None, {'BP_GITHUB_ASSETS': 'a/b'})).assets\n"
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


@pytest.mark.parametrize(
    "name",
    ["github_assets.toml", "github-asset.yml", "GitHub-Assets.toml", "github-assets.json", ".github-assets.toml"],
)
def test_a_file_that_is_nearly_called_as_ours(app: App, name: str) -> None:
    app.write(name, "")

    assert app.read({"REPO": "a/b"}).warnings == [f"{name} is not read. Did you mean github-assets.toml?"]


@pytest.mark.parametrize(
    "name", ["github_assets.lock", "GitHub-Assets.lock", "github-asset.lock", "github-assets.lock.json"]
)
def test_a_file_that_is_nearly_called_as_the_lock_file(app: App, name: str) -> None:
    app.write(name, "")

    assert app.read({"REPO": "a/b"}).warnings == [f"{name} is not read. Did you mean github-assets.lock?"]


@pytest.mark.parametrize("name", ["github-assets.lock", "github-assets.md", "assets.toml", "github-assets.toml"])
def test_files_that_are_ours_or_of_others(app: App, name: str) -> None:
    app.write(name, "")

    assert app.read({"REPO": "a/b"}).warnings == []


def test_a_file_of_another_name_that_is_named(app: App) -> None:
    app.write("github_assets.toml", "[[assets]]\nrepo = 'a/b'\n")

    assert app.read({"GITHUB_ASSETS_PATH": "github_assets.toml"}).warnings == []


@pytest.mark.parametrize("header", ["[[github-assets]]", "[[_.github-assets]]", "[github_assets]", "[[GithubAssets]]"])
def test_a_table_outside_of_the_metadata(app: App, header: str) -> None:
    app.write("project.toml", f"{header}\nrepo = 'a/b'\n")

    with pytest.raises(KeyUnknown) as caught:
        app.read()
    assert caught.value.known == ["metadata.github-assets"]
