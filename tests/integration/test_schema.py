"""The JSON schemas in docs/ are those of the table of keys, and accept what the buildpack accepts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.schema import schemas
from github_assets.config.tables import KEYS
from github_assets.errors import GithubAssetsError
from tests.documents import DOCUMENTS, ROOT, blocks
from tests.properties import examples
from tests.unit.config.conftest import App
from tests.unit.config.test_tables import KEYS as WRONG

PROGRAMS = Path(sys.executable).parent
OWN, PROJECT = (ROOT / "docs" / f"{name}.schema.json" for name in ("github-assets", "project"))
NOT_IN_SCHEMA = {
    "version = 'a b'",
    "version = '> ../..'",
    "file = '{x}'",
    "file = '/(/'",
    "api_url = 'http://x.io'",
    "token_env = 'NPM_TOKEN'",
}
"""Wrong values that only the buildpack refuses."""


def validator(file: Path) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(file.read_text()))


def test_the_files_are_current() -> None:
    """If they are not: PYTHONPATH=lib python docs/schema.py"""
    for file, content in schemas().items():
        assert file.read_text() == content, file.name
        jsonschema.Draft7Validator.check_schema(json.loads(content))


# documented examples


def documented() -> Iterator[tuple[str, str, str]]:
    """Yield the name, suffix and text of every example of a file with assets."""
    for name, block in blocks("sh"):
        for file, text in re.findall(r"^cat > (\S+\.(?:toml|ya?ml)) <<'EOF'\n(.*?)^EOF$", block, re.M | re.S):
            yield name, Path(file).suffix, text
    for language in ("toml", "yaml"):
        for name, block in blocks(language):
            yield name, f".{language}", block
    for path in (ROOT / "project.toml.example", *(ROOT / "examples").rglob("*.toml")):
        yield path.name, ".toml", path.read_text()


def schema_of(document: dict[str, Any]) -> Path | None:
    if "assets" in document:
        return OWN
    return PROJECT if {"_", "metadata"} & document.keys() else None


def read(text: str, suffix: str) -> Any:
    return tomllib.loads(text) if suffix == ".toml" else yaml.safe_load(text)


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "app").mkdir()
    return App(tmp_path / "app")


@pytest.mark.parametrize(("suffix", "text"), [pytest.param(*rest, id=name) for name, *rest in documented()])
def test_documented_examples_are_valid(app: App, suffix: str, text: str) -> None:
    document = read(text, suffix)
    schema = schema_of(document)
    if schema:
        validator(schema).validate(document)
        app.write(f"{'project' if schema == PROJECT else 'github-assets'}{suffix}", text)
        app.read()


def test_there_are_documented_examples() -> None:
    found = [schema_of(read(text, suffix)) for _, suffix, text in documented()]
    assert found.count(OWN) >= 2
    assert found.count(PROJECT) >= 1


def test_the_documented_addresses_are_those_of_the_schemas() -> None:
    named = {
        address
        for path in (*DOCUMENTS, ROOT / "project.toml.example")
        for address in re.findall(r"https://\S+\.schema\.json", path.read_text())
    }
    assert named == {json.loads(content)["$id"] for content in schemas().values()}


# what is refused, and what is not


@pytest.mark.parametrize(
    "line", [line for line, _, _ in WRONG if "SPACED" not in line and "0x" not in line], ids=lambda line: line[:40]
)
def test_wrong_tables_are_refused(line: str) -> None:
    table = tomllib.loads(f"repo = 'a/b'\n{line}" if not line.startswith("repo =") else line)

    assert validator(OWN).is_valid({"assets": [table]}) is (line in NOT_IN_SCHEMA)


@pytest.mark.parametrize("table", [{}, {"file": "x"}, {"repo": "a"}, {"repo": "a/b c"}, {"repo": 1}, "a/b", []])
def test_wrong_assets_are_refused(table: Any) -> None:
    assert not validator(OWN).is_valid({"assets": [table]})
    for document in ({"metadata": {"github-assets": [table]}}, {"_": {"metadata": {"github-assets": [table]}}}):
        assert not validator(PROJECT).is_valid(document)


@pytest.mark.parametrize("document", [{"asset": []}, {"assets": {}}, {"assets": [], "x": 1}, []])
def test_wrong_files_are_refused(document: Any) -> None:
    assert not validator(OWN).is_valid(document)


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text("aB0-_./:@{}*?[]^~<>= \\|hd", max_size=12),
    st.from_regex(r"\A(https://|(ssh://)?git@)?[a-z.]{1,9}([/:][a-zA-Z.-]{1,4}){1,2}/?\Z", fullmatch=True),
    st.from_regex(r"\A(sha256:)?[0-9A-Fa-f]{64}\Z", fullmatch=True),
    st.from_regex(r"\A[0-9]{1,9}[smhdw]\Z", fullmatch=True),
    st.sampled_from(["all", "none", "executables", "auto", "required", "attested", "digest", "web", "v1.2.3", "^1"]),
)
ACTIONS = st.dictionaries(st.sampled_from(["append", "prepend", "default", "override", "delimiter"]), TEXTS, max_size=3)
VALUES = st.one_of(
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.booleans(),
    st.integers(-2, 102),
    st.floats(),
    st.none(),
    st.just(date(2024, 1, 2)),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
    st.dictionaries(st.sampled_from(["A", "_b1", "1c", "d e"]), TEXTS | ACTIONS, max_size=2),
)


@pytest.mark.parametrize("name", KEYS)
@settings(max_examples=examples(200, len(KEYS)))
@given(VALUES)
def test_what_the_buildpack_accepts_is_valid(name: str, value: object) -> None:
    try:
        KEYS[name].read(value, name)
    except GithubAssetsError:
        return
    jsonschema.Draft7Validator(KEYS[name].schema).validate(value)


# the tools that read them


RIGHT = '[[assets]]\nrepo = "a/b"\npath = ["bin/*"]\nprocess = false\n'
MISSPELT = f'{RIGHT}\n[[assets]]\nrepo = "c/d"\nvesion = "1"\n'


def check(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAMS / command[0], *command[1:]], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", [OWN, PROJECT], ids=lambda path: path.stem)
@pytest.mark.parametrize("valid", [True, False])
def test_taplo(tmp_path: Path, schema: Path, valid: bool) -> None:
    text = RIGHT if valid else MISSPELT
    file = tmp_path / "file.toml"
    body = text.replace("[[assets]]", "[[_.metadata.github-assets]]") if schema == PROJECT else text
    file.write_text(f"#:schema {schema.as_uri()}\n{body}")

    done = check("taplo", "lint", file)

    assert (done.returncode == 0) is valid, done.stderr
    assert ("vesion" in done.stderr) is not valid


def test_check_jsonschema(tmp_path: Path) -> None:
    files = {}
    for text in (RIGHT, MISSPELT):
        for suffix in (".toml", ".yaml"):
            file = tmp_path / f"{'right' if text == RIGHT else 'misspelt'}{suffix}"
            file.write_text(text if suffix == ".toml" else yaml.safe_dump(tomllib.loads(text)))
            files[file.name] = str(file)

    done = check("check-jsonschema", "--output-format", "json", "--schemafile", OWN, *files.values())

    assert done.returncode == 1
    errors = json.loads(done.stdout)["errors"]
    assert sorted(error["filename"] for error in errors) == [files["misspelt.toml"], files["misspelt.yaml"]]
    assert all("vesion" in error["message"] for error in errors)
