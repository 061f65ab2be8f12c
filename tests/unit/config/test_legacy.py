"""The tables of versions 2.0 and 2.1: every published example, where its files go, and the syntax that replaces it.

The examples are those of the README of 2.0.0 and 2.1.0 and of 2.1.1's sample-app; a destination is where the
predecessor wrote to, below its layer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.legacy import KINDS, read_legacy
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest, Repository, Token
from github_assets.config.settings import APPLICATION, Environment
from github_assets.config.tables import read_table
from github_assets.config.versions import Version
from github_assets.errors import GithubAssetsError
from github_assets.locations import Location
from github_assets.messages import message
from github_assets.secrets import Secret
from github_assets.text import printable
from tests.properties import examples

from .conftest import App

NOWHERE = Location("")

README_2_0 = """
[[metadata.githubasset]]
repo = "eugeneware/ffmpeg-static"
file = "linux-x64"
target = "ffmpeg"

[[metadata.githubasset]]
repo = "kkdai/youtube"
file = "youtubedr_2.7.0_linux_arm64.tar.gz"
untarpath = "bin"
"""
NEW_2_0 = """\
[[metadata.githubasset]] in project.toml uses the deprecated syntax of version 2.0. Replace it with:

[[metadata.github-assets]]
repo = "eugeneware/ffmpeg-static"
file = "linux-x64"
target = "ffmpeg"
layer = "eugeneware_ffmpeg-static"

# installs the executables in bin/; for all files, in the layer itself: extract = "all"
[[metadata.github-assets]]
repo = "kkdai/youtube"
file = "youtubedr_2.7.0_linux_arm64.tar.gz"
layer = "kkdai_youtube"
"""
README_2_1 = """
[[build.env]]
name = "APITEST_TOOLCHAIN_TOKEN"
value = "<github-token>"

[[metadata.githubassets]]
repo = "kkdai/youtube"
asset = "youtubedr_2.7.0_linux_arm64.tar.gz"
destination = "bin"

[[metadata.githubassets]]
repo = "qeek-dev/apitest-toolchain"
token_env = "APITEST_TOOLCHAIN_TOKEN"
asset = "apitest-toolchain-linux-amd64"
destination = "bin/apitest-toolchain"
tag = "v0.1.0"

[[metadata.githubassets]]
repo = "stedolan/jq"
asset = "jq-linux64"
destination = "bin/jq"
"""
NEW_2_1 = """\
[[metadata.githubassets]] in project.toml uses the deprecated syntax of version 2.1. Replace it with:

# installs the executables in bin/; for all files, in the layer itself: extract = "all"
[[metadata.github-assets]]
repo = "kkdai/youtube"
file = "youtubedr_2.7.0_linux_arm64.tar.gz"
layer = "kkdai_youtube"

[[metadata.github-assets]]
repo = "qeek-dev/apitest-toolchain"
version = "v0.1.0"
file = "apitest-toolchain-linux-amd64"
target = "apitest-toolchain"
layer = "qeek-dev_apitest-toolchain"
token_env = "APITEST_TOOLCHAIN_TOKEN"

[[metadata.github-assets]]
repo = "stedolan/jq"
file = "jq-linux64"
target = "jq"
layer = "stedolan_jq"
"""
SAMPLE_APP = """
[[metadata.githubassets]]
repo = "eugeneware/ffmpeg-static"
asset = "linux-x64"
destination = "bin/ffmpeg"

[[metadata.githubassets]]
repo = "nats-io/go-nats-examples"
asset = "go-nats-examples-v0.1.0-linux-amd64.zip"
destination = "bin"

[[metadata.githubassets]]
repo = "BtbN/FFmpeg-Builds"
asset = "ffmpeg-N-102569-g36b16a30db-linux64-gpl-shared.tar.xz"
strip_components = 1

[[metadata.githubassets]]
repo = "GoogleContainerTools/skaffold"
asset = "skaffold-linux-amd64"
destination = "bin/skaffold"
"""
LITERAL = "token of [[metadata.githubasset]] number 1 in project.toml"
SECRET_WARNING = (
    "APITEST_TOOLCHAIN_TOKEN is set in [[build.env]] of project.toml, where anyone with the source or the image can"
    " read it. Revoke the token, and pass a new one to the build only: with pack build --env APITEST_TOOLCHAIN_TOKEN,"
    " or in a binding of type github."
)


def asset(owner: str, name: str, file: str, **others: Any) -> AssetRequest:
    return AssetRequest(Repository(owner, name), NOWHERE, file=Pattern(file), layer=f"{owner}_{name}", **others)


YOUTUBE = asset("kkdai", "youtube", "youtubedr_2.7.0_linux_arm64.tar.gz", extract="all", folder="bin")
JQ = asset("stedolan", "jq", "jq-linux64", target="jq")
FFMPEG = asset("eugeneware", "ffmpeg-static", "linux-x64", target="ffmpeg")
NATS = asset("nats-io", "go-nats-examples", "go-nats-examples-v0.1.0-linux-amd64.zip", extract="all", folder="bin")
BUILDS = "ffmpeg-N-102569-g36b16a30db-linux64-gpl-shared.tar.xz"
SKAFFOLD = asset("GoogleContainerTools", "skaffold", "skaffold-linux-amd64", target="skaffold")
TOOLCHAIN = asset(
    "qeek-dev",
    "apitest-toolchain",
    "apitest-toolchain-linux-amd64",
    version=Version("v0.1.0"),
    target="apitest-toolchain",
    token=Token(Secret("<github-token>"), "APITEST_TOOLCHAIN_TOKEN", APPLICATION),
)


def without_sources(assets: list[AssetRequest]) -> list[AssetRequest]:
    return [each._replace(source=NOWHERE) for each in assets]


@pytest.mark.parametrize(
    ("text", "assets", "warnings"),
    [(README_2_0, [FFMPEG, YOUTUBE], [NEW_2_0]), (README_2_1, [YOUTUBE, TOOLCHAIN, JQ], [NEW_2_1, SECRET_WARNING])],
)
def test_readme(app: App, text: str, assets: list[AssetRequest], warnings: list[str]) -> None:
    app.write("project.toml", text)
    app.set(APITEST_TOOLCHAIN_TOKEN="<github-token>")
    read = app.read()
    assert without_sources(read.assets) == assets
    assert read.warnings == warnings


def test_sample_app_in_a_file_of_its_own(app: App) -> None:
    app.write("aa.toml", SAMPLE_APP)
    read = app.read({"GITHUB_ASSETS_PATH": "aa.toml"})
    builds = asset("BtbN", "FFmpeg-Builds", BUILDS, extract="all", folder="", strip_components=1)
    assert without_sources(read.assets) == [FFMPEG, NATS, builds, SKAFFOLD]
    assert read.assets[1].source.name == "[[metadata.githubassets]] number 2 in aa.toml"
    assert (
        f'file = "{BUILDS}"\nlayer = "BtbN_FFmpeg-Builds"\nextract = "all"\nstrip_components = 1\n' in read.warnings[0]
    )


def test_both_tables_in_a_descriptor_of_schema_0_2(app: App) -> None:
    text = (README_2_0 + README_2_1.replace('"kkdai', '"other')).replace("metadata.", "_.metadata.")
    app.write("project.toml", f'{text}\n[_]\nschema-version = "0.2"\n')
    app.set(APITEST_TOOLCHAIN_TOKEN="<github-token>")
    read = app.read()
    assert len(read.assets) == 5
    assert [warning.count("[[_.metadata.github-assets]]") for warning in read.warnings] == [2, 3, 0]


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        ("githubasset", 'target = "x"', {"target": "x"}),
        ("githubasset", 'target = ""\nversion = ""\ntoken = ""\nuntarpath = ""\nfile = ""', {}),
        ("githubasset", 'version = "latest"', {}),
        ("githubasset", 'version = "v1"\nREPO = "a/b"', {"version": Version("v1")}),
        ("githubasset", 'untarpath = "opt"', {}),
        ("githubasset", 'file = "x.tgz"', {"file": Pattern("x.tgz"), "extract": "all", "folder": "bin"}),
        ("githubasset", 'file = "x.zip"\ntarget = "y"', {"file": Pattern("x.zip"), "extract": "all", "folder": "bin"}),
        (
            "githubasset",
            'file = "x.tar"\nuntarpath = "/opt//x/"',
            {"file": Pattern("x.tar"), "extract": "all", "folder": "opt/x"},
        ),
        ("githubasset", 'token = "s3cr3t"', {"token": Token(Secret("s3cr3t"), LITERAL, APPLICATION)}),
        ("githubassets", 'tag = ""\ntoken_env = ""\ndestination = ""\nasset = ""', {}),
        ("githubassets", 'tag = "latest"', {}),
        ("githubassets", 'Asset = "x"\nStrip_Components = 2', {"file": Pattern("x")}),
        ("githubassets", 'destination = "bin/"', {}),
        ("githubassets", 'destination = "./bin/x"', {"target": "x"}),
        ("githubassets", 'destination = "x"', {"target": "x", "folder": ""}),
        ("githubassets", 'destination = "/share/a/x"', {"target": "x", "folder": "share/a"}),
        ("githubassets", 'destination = "bin/a/x"', {"target": "x", "folder": "bin/a"}),
        (
            "githubassets",
            'asset = "x.TAR.GZ"\ndestination = "opt/x"\nstrip_components = 2',
            {"file": Pattern("x.TAR.GZ"), "extract": "all", "folder": "opt/x", "strip_components": 2},
        ),
        (
            "githubassets",
            'asset = "x.zip"\nstrip_components = 2',
            {"file": Pattern("x.zip"), "extract": "all", "folder": "", "strip_components": 0},
        ),
    ],
)
def test_keys(app: App, kind: str, lines: str, expected: Mapping[str, Any]) -> None:
    repo = "" if "REPO" in lines else 'repo = "a/b"\n'
    app.write("project.toml", f"[[metadata.{kind}]]\n{repo}{lines}\n")
    assert app.only() == AssetRequest(
        Repository("a", "b"), Location(f"[[metadata.{kind}]] number 1 in project.toml"), layer="a_b"
    )._replace(**expected)


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        ('asset = "x"\ndestination = "y"', "# installs in bin/, no longer in the layer itself\n"),
        ('asset = "x"\ndestination = "opt/y"', "# installs in bin/, no longer in opt/\n"),
        ('asset = "x.zip"\ndestination = "opt/y"', "# installs in the layer itself, no longer in opt/y/\n"),
        ('asset = "x"\ndestination = "bin/y"', ""),
        ('asset = "x.zip"', ""),
    ],
)
def test_the_new_syntax_has_comments_on_what_changes(app: App, lines: str, note: str) -> None:
    app.write("project.toml", f'[[metadata.githubassets]]\nrepo = "a/b"\n{lines}\n')
    (warning,) = app.read().warnings
    assert warning.partition("\n\n")[2].startswith(f"{note}[[metadata.github-assets]]\n")


def test_dots_in_a_repository_are_replaced_in_its_layer(app: App) -> None:
    app.write("project.toml", '[[metadata.githubassets]]\nrepo = "a/b.js"\n')
    assert app.only().layer == "a_b_js"


def test_a_token_in_the_file_is_used_with_a_warning(app: App) -> None:
    app.write("project.toml", '[[metadata.githubasset]]\nrepo = "my-org/b"\nfile = "x"\ntoken = "s3cr3t"\n')
    read = app.read({"TOKEN": "other"})
    form, token = read.warnings
    assert [each.token for each in read.assets] == [Token(Secret("s3cr3t"), LITERAL, APPLICATION)]
    assert 'token_env = "BP_GITHUB_ASSET_TOKEN_MY_ORG"' in form
    assert token.startswith("project.toml contains a token, and ends up in the image. Revoke the token")
    assert "s3cr3t" not in form + token + repr(read)


@pytest.mark.parametrize(
    ("kind", "lines", "what"),
    [
        ("githubasset", 'asset = "x"', '{} has the unknown key "asset".'),
        ("githubassets", 'file = "x"', '{} has the unknown key "file".'),
        ("githubassets", 'sha256 = "x"', '{} has the unknown key "sha256".'),
        ("githubassets", 'token = "s3cr3t"', "{} contains a token."),
        ("githubassets", 'asset = "a/b"', 'asset of {} is invalid: "a/b".'),
        ("githubassets", 'destination = "../x"', 'destination of {} is invalid: "../x".'),
        ("githubassets", "destination = 1", "destination of {} is an integer."),
        ("githubassets", 'strip_components = "1"', "strip_components of {} is a string."),
        ("githubassets", "tag = 1.2", "tag of {} is a float."),
        ("githubasset", 'untarpath = "a/../b"', 'untarpath of {} is invalid: "a/../b".'),
        ("githubasset", "token = 12", "token of {} is an integer."),
        ("githubasset", 'token = "s3cr3t s3cr3t"', "token of {} is invalid: (not shown)."),
        ("githubasset", 'repo = ""', "{} has no repo."),
    ],
)
def test_errors(app: App, kind: str, lines: str, what: str) -> None:
    repo = "" if "repo" in lines else 'repo = "a/b"\n'
    app.write("project.toml", f"[[metadata.{kind}]]\n{repo}{lines}\n")
    with pytest.raises(GithubAssetsError) as raised:
        app.read()
    error_text = message(raised.value)
    assert error_text.splitlines()[0] == f"ERROR: {what.format(f'[[metadata.{kind}]] number 1 in project.toml')}"
    assert "s3cr3t" not in error_text


NAMES = st.sampled_from(
    ["a", "x'y", 'x"y', "é", "-", "a b", "x.tar.gz", "x.zip", "x.gz", "{os}", "x{", "#", "=", "[x]", "'''"]
)
TAGS = st.sampled_from(["", "latest", "v1", "a/'b", 'a"b', "é", "\xad", "1\xa02", "v1\u200b"])
PATHS = st.lists(st.sampled_from(["bin", "opt", "x y", ".", "", '"']), max_size=3).map("/".join)
LEGACY = {
    "githubasset": st.fixed_dictionaries(
        {"repo": st.sampled_from(["a/b", "A-b/c.d", "1/2", "https://ghe.example.com/a/b"])},
        optional={
            "file": NAMES,
            "target": NAMES,
            "version": TAGS,
            "token": st.just("s3cr3t"),
            "untarpath": PATHS,
        },
    ),
    "githubassets": st.fixed_dictionaries(
        {"repo": st.sampled_from(["a/b", "A-b/c.d", "1/2", "https://ghe.example.com/a/b"])},
        optional={
            "asset": NAMES,
            "tag": TAGS,
            "token_env": st.just("GITHUB_TOKEN"),
            "destination": PATHS,
            "strip_components": st.integers(0, 9),
        },
    ),
}


class AnyToken(Environment):
    """An environment in which every variable holds a token."""

    def get(self, name: str, by: int = APPLICATION) -> str | None:
        return "s3cr3t"


@settings(max_examples=examples(200))
@given(data=st.data(), kind=st.sampled_from(list(LEGACY)), place=st.sampled_from(["metadata", "_.metadata"]))
def test_the_new_syntax_means_the_same(data: st.DataObject, kind: str, place: str) -> None:
    environment = AnyToken(None, {})
    tables = data.draw(st.lists(LEGACY[kind], min_size=1, max_size=3))
    legacy = read_legacy(tables, kind, place, "f", environment)
    assert "s3cr3t" not in "".join(legacy.warnings)
    form = legacy.warnings[0].partition("\n\n")[2]
    assert all(printable(line) == line for line in form.split("\n"))
    document = tomllib.loads(form)
    for part in place.split("."):
        document = document[part]
    again = [read_table(table, NOWHERE, environment) for table in document["github-assets"]]
    assert len(again) == len(legacy.assets)
    for old, new in zip(legacy.assets, again, strict=True):
        assert (old.token and old.token.secret) == (new.token and new.token.secret)
        known: dict[str, Any] = {"source": NOWHERE, "folder": None, "token": new.token}
        if old.extract == "all" and old.folder == "bin":
            known |= {"extract": "executables", "strip_components": 0}
        assert new == old._replace(**known)


def test_kinds_are_the_predecessors_tables() -> None:
    assert {kind: list(KINDS[kind].keys) for kind in KINDS} == {
        "githubasset": ["repo", "file", "target", "version", "token", "untarpath"],
        "githubassets": ["repo", "asset", "tag", "token_env", "destination", "strip_components"],
    }
