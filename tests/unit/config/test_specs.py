from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.names import valid_file_name, valid_repository_name
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.settings import Environment
from github_assets.config.specs import parse_spec, read_specs
from github_assets.config.versions import Version, is_tag
from github_assets.errors import GithubAssetsError, SeveralFailed
from github_assets.errors.config import SettingInvalid, ValueQuoted
from github_assets.locations import QUOTES, Location
from github_assets.messages import message
from tests.properties import examples

from .conftest import App

GHE = "https://ghe.example.com:8443"
SPECS = [
    ("o/r", None, "latest", None, None),
    ("o/r@v1.2.3", None, "v1.2.3", None, None),
    ("o/r:file", None, "latest", "file", None),
    ("o/r>target", None, "latest", None, "target"),
    ("o/r@v1:file>target", None, "v1", "file", "target"),
    ("o/r@^1.2>t", None, "^1.2", None, "t"),
    ("o/r@1.x", None, "1.x", None, None),
    ("o/r@<2:f", None, "<2", "f", None),
    ("o/r@cli/v1:f", None, "cli/v1", "f", None),
    ("o/r@@scope/pkg@1.0.0:f@2", None, "@scope/pkg@1.0.0", "f@2", None),
    ("o/r:r-*-{os}_{arch}.tar.gz>r", None, "latest", "r-*-{os}_{arch}.tar.gz", "r"),
    ("o/r:a:b", None, "latest", "a:b", None),
    ("o/r:/^(?:a|b)-(?P<os>.*)@[^/]$/>t", None, "latest", "/^(?:a|b)-(?P<os>.*)@[^/]$/", "t"),
    ("github.com/o/r@v1", None, "v1", None, None),
    ("https://github.com/o/r@v1:f>t", "https://github.com", "v1", "f", "t"),
    (f"{GHE}/o/r", GHE, "latest", None, None),
    (f"{GHE}/o/r.git@v1:f>t", GHE, "v1", "f", "t"),
    ("git@github.com:o/r.git", "https://github.com", "latest", None, None),
    ("ssh://git@ghe.example.com/o/r", "https://ghe.example.com", "latest", None, None),
]
WRONG = [
    ("jq", 'BP_GITHUB_ASSETS item 2 is invalid: "jq".'),
    ("a/b/c", 'BP_GITHUB_ASSETS item 2 is invalid: "a/b/c".'),
    ("o/r@", 'version of BP_GITHUB_ASSETS item 2 is invalid: "".'),
    ("o/r@>=1.2", 'version of BP_GITHUB_ASSETS item 2 is invalid: "".'),
    ("o/r@v1..2", 'version of BP_GITHUB_ASSETS item 2 is invalid: "v1..2".'),
    ("o/r:", 'file of BP_GITHUB_ASSETS item 2 is invalid: "".'),
    ("o/r:>t", 'file of BP_GITHUB_ASSETS item 2 is invalid: "".'),
    ("o/r:/a{1", 'file of BP_GITHUB_ASSETS item 2 is invalid: "/a{1".'),
    ("o/r:/", 'file of BP_GITHUB_ASSETS item 2 is invalid: "/".'),
    ("o/r://", 'file of BP_GITHUB_ASSETS item 2 is invalid: "//".'),
    ("o/r:/a/b", 'file of BP_GITHUB_ASSETS item 2 is invalid: "/a/b".'),
    ("o/r>", 'target of BP_GITHUB_ASSETS item 2 is invalid: "".'),
    ("o/r>a/b", 'target of BP_GITHUB_ASSETS item 2 is invalid: "a/b".'),
    ("o/r>a>b", 'target of BP_GITHUB_ASSETS item 2 is invalid: "a>b".'),
    ("http://github.com/o/r", 'BP_GITHUB_ASSETS item 2 is invalid: "http://github.com".'),
    ("https://github.com", 'BP_GITHUB_ASSETS item 2 is invalid: "https://github.com".'),
    ("https://me:s3cr3t@github.com/o/r", 'BP_GITHUB_ASSETS item 2 is invalid: "https://***@github.com".'),
    ("s3cr3t@github.com/o/r", 'BP_GITHUB_ASSETS item 2 is invalid: "***@github.com/o/r".'),
    ("s3cr3t:x@github.com/o/r", 'BP_GITHUB_ASSETS item 2 is invalid: "***@github.com/o/r".'),
    ("o/\x1b", "BP_GITHUB_ASSETS is invalid: (not shown)."),
]


def read(text: str) -> list[AssetRequest]:
    return read_specs(Environment(None, {"BP_GITHUB_ASSETS": text}))


def asset(repository: Repository, source: str, version: str, file: str | None, target: str | None) -> AssetRequest:
    return AssetRequest(repository, Location(source), Version(version), Pattern(file) if file else None, target)


@pytest.mark.parametrize(("text", "server", "version", "file", "target"), SPECS)
def test_spec(text: str, server: str | None, version: str, file: str | None, target: str | None) -> None:
    assert read(text) == [asset(Repository("o", "r", server), "BP_GITHUB_ASSETS item 1", version, file, target)]


@pytest.mark.parametrize("separator", [",", " ", "\n", ", ", " ,\r\n\t,", ",,"])
def test_separators(separator: str) -> None:
    text = separator.join(["", "a/b@v1", "c/d:f", "e/f>t", ""])
    assert [(str(asset.repository), str(asset.source)) for asset in read(text)] == [
        ("a/b", "BP_GITHUB_ASSETS item 1"),
        ("c/d", "BP_GITHUB_ASSETS item 2"),
        ("e/f", "BP_GITHUB_ASSETS item 3"),
    ]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_error_names_the_item(text: str, what: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        read(f"a/b {text} c/d")
    error_text = message(raised.value)
    assert error_text.splitlines()[0] == f"ERROR: {what}"
    assert "s3cr3t" not in error_text


def test_regular_expression_cut_at_a_comma_tells_why() -> None:
    with pytest.raises(SeveralFailed) as raised:
        read("o/r:/a{1,2}/")
    assert "commas, spaces and > are separators here" in message(raised.value)


@pytest.mark.parametrize("specs", ["a/b,x," * 501, "a/b" + ":x" * 40_000], ids=["many", "long"])
def test_more_than_anybody_needs(specs: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        read(specs)
    assert (raised.value.where, raised.value.expected[:8]) == ("BP_GITHUB_ASSETS", "at most ")


def words(*without: str) -> st.SearchStrategy[str]:
    return st.text(st.characters(blacklist_characters=",>", blacklist_categories=["Z", "C"]), min_size=1).filter(
        lambda text: not any(mark in text for mark in without) and not text.startswith(QUOTES)
    )


@settings(max_examples=examples(200))
@given(
    owner=st.text("aZ0-_.", min_size=1, max_size=100).filter(valid_repository_name),
    name=st.text("bY1-_.", min_size=1, max_size=95).filter(
        lambda text: valid_repository_name(text) and not text.endswith(".git")
    ),
    server=st.sampled_from(["", "https://github.com/", "https://ghe.example.com:8443/", "github.com/"]),
    version=st.none() | st.sampled_from(["@scope/x@1", "cli/v1@2"]) | words(":").filter(is_tag),
    file=st.none() | words("/", "{") | words("\\", "(", ")", "[", "*", "+", "?", "{").map(lambda text: f"/{text}/"),
    target=st.none() | words().filter(valid_file_name),
)
def test_round_trip(
    owner: str, name: str, server: str, version: str | None, file: str | None, target: str | None
) -> None:
    parts = [server, owner, "/", name]
    parts += ["@", version] if version else []
    parts += [":", file] if file else []
    parts += [">", target] if target else []
    origin = server.removesuffix("/") if "://" in server else None
    expected = asset(Repository(owner, name, origin), "here", version or "latest", file, target)
    assert parse_spec("".join(parts), "here") == expected


@settings(max_examples=examples(200))
@given(st.text() | st.text("ab/@:>,. \n*^{}https"))
def test_any_text_gives_assets_or_an_error_of_ours(text: str) -> None:
    try:
        number = len(read(text))
    except GithubAssetsError:
        return
    assert number == len(text.replace(",", " ").split())


@pytest.mark.parametrize(
    ("spec", "setting"),
    [
        ("a/b@'v1'", "version of item"),
        ("a/b:'x'", "file of item"),
        ('a/b:x>"y"', "target of item"),
        ("a/b>\u201cy\u201d", "target of item"),
        ("a/b>\u00aby\u00bb", "target of item"),
    ],
)
def test_quotes_within_a_spec(spec: str, setting: str) -> None:
    with pytest.raises(ValueQuoted) as caught:
        parse_spec(spec, "item")
    assert caught.value.setting == setting


@pytest.mark.parametrize("text", [",", " , ,", ",\n,"])
def test_separators_alone_are_no_list(text: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        read(text)
    assert raised.value.where == "BP_GITHUB_ASSETS"
    assert raised.value.expected.startswith("owner/repo")


@pytest.mark.parametrize("text", ["a/b\nc/d", "a/b,\n  c/d\n"])
def test_lines_are_a_list_of_a_build_too(app: App, text: str) -> None:
    assert [str(asset.repository) for asset in app.read({"BP_GITHUB_ASSETS": text}).assets] == ["a/b", "c/d"]
