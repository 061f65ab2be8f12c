"""Files with any content give assets, or an error with a message."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.legacy import KINDS
from github_assets.config.parsing import parse
from github_assets.config.patterns import Pattern, TagPattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import (
    APPEND,
    OVERRIDE,
    AssetRequest,
    Configuration,
    LaunchVariable,
    Repository,
    Token,
)
from github_assets.config.settings import OPERATOR
from github_assets.config.tables import KEYS
from github_assets.config.versions import Version, parse_version
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import FileUnreadable
from github_assets.messages import message
from github_assets.secrets import Secret
from tests.messages import parts_of
from tests.properties import examples

from .conftest import App

SECRET = "hunter2secret"
FIELDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(["extract", "layer", "verify"], (str,)),
    **dict.fromkeys(["target", "sha256", "api_url", "minimum"], (str, type(None))),
    "token": (Token, type(None)),
    "version": (Version,),
    "file": (Pattern, type(None)),
    "tag_pattern": (TagPattern, type(None)),
    **dict.fromkeys(["executable", "prerelease"], (bool,)),
    **dict.fromkeys(["strip_components", "min_age"], (int,)),
    "path": (tuple,),
    "process": (str, bool),
}
"""The fields of a request, and what they hold whatever was written."""
TEXT = st.text(max_size=20) | st.sampled_from(["a/b", "v1", "/x/", "24h", "all", "GH_TOKEN", "bin", "\ud800"])
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
        "build": st.fixed_dictionaries({}, optional={"env": ENTRIES | st.just([{"name": "TOKEN", "value": SECRET}])}),
        "entries": VALUES
        | st.lists(st.fixed_dictionaries({"name": NAMES}, optional={"metadata": TABLES}) | VALUES, max_size=2),
    },
)
TOML_WORDS = st.lists(
    st.sampled_from(["[[", "]]", "assets", "=", '"', "'''", "\n", "1", ".", "{", "}", "\\u", "repo"])
).map("".join)
TOML = ["project.toml", "named.toml", "github-assets.toml", "plan.toml"]
MARK = b"# github-assets, metadata, TOKEN\n"
"""Files without it are not parsed."""
YAML_WORDS = st.lists(
    st.sampled_from(
        [
            "assets",
            ":",
            "- ",
            "\n",
            "  ",
            "&a ",
            "*a",
            "<<",
            "!!int ",
            "!!int x\n",
            "2024-13-45\n",
            "!!map ",
            "? ",
            "{",
            "}",
            "[",
            "]",
            "|",
            "'",
        ]
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


def toml_of(document: Mapping[str, object]) -> bytes:
    return "\n".join(f"{json.dumps(key)} = {inline(value)}" for key, value in document.items()).encode()


def given_to(app: App, file: str, data: bytes) -> Configuration:
    """Return what a file alone asks for."""
    for other in app.folder.iterdir():
        other.unlink()
    app.plan.unlink(missing_ok=True)
    app.write(f"../{file}" if file == app.plan.name else file, data)
    named = {"GITHUB_ASSETS_PATH": "named.toml"} if file == "named.toml" else {}
    return app.read({"GH_TOKEN": "t", **named})


def check(app: App, file: str, data: bytes) -> None:
    try:
        read = given_to(app, file, data)
    except GithubAssetsError as error:
        text = message(error)
    else:
        for asset in read.assets:
            assert [name for name, kinds in FIELDS.items() if not isinstance(getattr(asset, name), kinds)] == []
        text = "".join([*(asset.source.name for asset in read.assets), *read.warnings])
    text.encode()
    assert SECRET not in text


@settings(max_examples=examples(100))
@given(data=st.binary(max_size=40) | TOML_WORDS.map(str.encode), file=st.sampled_from(TOML))
def test_text_as_toml(app: App, data: bytes, file: str) -> None:
    check(app, file, MARK + data)


@settings(max_examples=examples(150))
@given(data=st.binary(max_size=40) | YAML_WORDS.map(str.encode))
def test_text_as_yaml(app: App, data: bytes) -> None:
    check(app, "github-assets.yaml", data)


@settings(max_examples=examples(150))
@given(document=DOCUMENTS)
def test_document_as_yaml(app: App, document: object) -> None:
    check(app, "github-assets.yaml", yaml.safe_dump(document).encode())


@settings(max_examples=examples(200))
@given(document=DOCUMENTS, file=st.sampled_from(TOML))
def test_document_as_toml(app: App, document: dict[str, object], file: str) -> None:
    check(app, file, MARK + toml_of(document))


WORD = st.text("aZ0_", min_size=1, max_size=5)


def same(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, object]]:
    return values.map(lambda value: (value, value))


SECONDS = st.sampled_from([("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800)])


def parsed(parse: Callable[[str], object], *texts: str) -> st.SearchStrategy[tuple[object, object]]:
    return st.sampled_from([(text, parse(text)) for text in texts])


VALID: dict[str, st.SearchStrategy[tuple[object, object]]] = {
    "version": parsed(parse_version, "v1", "latest", "^1.2", "1.x", "@scope/x@1", ">=1 <2", "käse"),
    "file": parsed(parse_pattern, "tool", "tool-*", "/^tool:(a|b) 'x'$/", "{os}_{arch}.tar.gz", 'a"b', "1.10"),
    "target": same(WORD | st.sampled_from(["a b", "yes", "1.0", "null", "~"])),
    "sha256": st.sampled_from([("sha256:" + "AB" * 32, "ab" * 32), ("0" * 64, "0" * 64)]),
    "path": WORD.map(lambda glob: (glob, (glob,)))
    | st.lists(WORD, min_size=1).map(lambda globs: (globs, tuple(globs))),
    "strip_components": same(st.integers(0, 100)),
    "extract": same(st.sampled_from(["all", "executables"])),
    "executable": same(st.booleans()),
    "env": st.sampled_from(
        [
            ({"A": "b"}, (LaunchVariable("A", OVERRIDE, "b", None),)),
            ({"A": {"append": "b", "delimiter": ":"}}, (LaunchVariable("A", APPEND, "b", ":"),)),
        ]
    ),
    "layer": same(WORD),
    "token_env": st.just(("GH_TOKEN", Token(Secret("t"), "GH_TOKEN", OPERATOR))),
    "prerelease": same(st.booleans()),
    "tag_pattern": parsed(parse_tag_pattern, "cli-v*", "/^v/"),
    "min_age": st.builds(lambda count, unit: (f"{count}{unit[0]}", count * unit[1]), st.integers(0, 999), SECONDS),
    "verify": same(st.sampled_from(["auto", "required"])),
    "minimum": same(st.sampled_from(["attested", "digest"])),
    "process": same(st.booleans() | WORD),
    "api_url": st.just(("HTTPS://GHE.example.com/api/v3/", "https://ghe.example.com/api/v3")),
}
"""Values of every key but `repo`, as they are written and as they are meant."""


def test_every_key_has_valid_values() -> None:
    assert {"repo", *VALID} == set(KEYS)


def is_consistent(table: dict[str, tuple[object, object]]) -> bool:
    """Whether no key rules out another one."""
    extract, executable = (table.get(key, (None, True))[1] for key in ("extract", "executable"))
    useless = {"none": {"path", "strip_components"}, "all": set() if executable else {"target"}}
    return useless.get(str(extract), set()).isdisjoint(table)


@settings(max_examples=examples(100))
@given(
    table=st.fixed_dictionaries({}, optional=VALID).filter(is_consistent),
    file=st.sampled_from([*TOML, "github-assets.yaml"]),
)
def test_valid_documents_are_parsed(app: App, table: dict[str, tuple[object, object]], file: str) -> None:
    written = {"repo": "octo/tool", **{key: value for key, (value, _) in table.items()}}
    document: dict[str, object] = {"assets": [written]}
    if file == "project.toml":
        document = {"metadata": {"github-assets": [written]}}
    elif file == "plan.toml":
        document = {"entries": [{"name": "github-assets", "metadata": written}]}
    read = given_to(app, file, yaml.safe_dump(document).encode() if file.endswith("yaml") else toml_of(document))

    values = {key.removesuffix("_env"): meant for key, (_, meant) in table.items()}
    assert read.assets == [AssetRequest(Repository("octo", "tool"), read.assets[0].source, **values)]
    assert read.warnings == []


@pytest.mark.parametrize(
    ("file", "text", "excerpt"),
    [
        ("github-assets.toml", '[[assets]]\nrepo "octo/tool"\n', (2, 'repo "octo/tool"', 6)),
        ("github-assets.toml", '[[assets]]\r\n\trepo "x"\r\n', (2, ' repo "x"', 7)),
        ("github-assets.yaml", "assets:\n- repo: octo/tool\n  repo: x\n", (3, "  repo: x", 3)),
        ("github-assets.toml", "# x\nx = [\n", None),
        ("github-assets.toml", f"a = {'x, ' * 40}\n", (1, f"a = {'x, ' * 40}"[:64], 5)),
        ("github-assets.toml", 'path = """\nhunter2 \\q\n"""\n', None),
        ("github-assets.toml", f"[[assets]]\nsha256 = {'ab' * 32}\n", (2, "sha256 = " + "*" * 60, 10)),
    ],
)
def test_what_cannot_be_parsed_is_shown(file: str, text: str, excerpt: tuple[int, str, int] | None) -> None:
    with pytest.raises(FileUnreadable) as raised:
        parse(text, file)

    assert raised.value.excerpt == excerpt


@given(
    before=st.sampled_from(["value", "token", "TOKEN", "GH_SECRET", "api-key", "password"]),
    between=st.sampled_from([" = ", "=", ": ", " ", ' = "', ' "', " = ['"]),
    secret=st.text("abcXYZ019_.-/+", min_size=4),
    after=st.sampled_from(["", '"', "']", " = 1", " \\"]),
)
def test_no_secret_of_a_line_is_shown(before: str, between: str, secret: str, after: str) -> None:
    secret = f"hunter2{secret}"
    with pytest.raises(FileUnreadable) as raised:
        parse(f"[[assets]]\n{before}{between}{secret}{after}\nx x\n", "github-assets.toml")

    assert secret not in message(raised.value)
    assert "hunter2" not in message(raised.value)


@given(secret=st.text("abcXYZ019_", min_size=20))
def test_no_long_word_of_a_line_is_shown(secret: str) -> None:
    with pytest.raises(FileUnreadable) as raised:
        parse(f'name "{secret}"\n', "github-assets.toml")

    assert secret not in message(raised.value)
    assert parts_of(raised.value).advice.startswith(f'  1 | name "{"*" * min(len(secret), 59)}')
