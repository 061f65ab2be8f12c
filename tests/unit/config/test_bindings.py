from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.bindings import Binding, read_bindings
from github_assets.config.settings import Environment
from github_assets.errors.config import ApplicationPath, SettingInvalid, ValueQuoted
from tests.properties import examples


def write(folder: Path, **entries: str | bytes) -> Path:
    folder.mkdir(parents=True)
    for name, content in entries.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(platform: Path, **variables: str) -> list[Binding]:
    return read_bindings(Environment(None, variables), str(platform))


def test_entries_are_read_without_white_space_around_them(tmp_path: Path) -> None:
    write(tmp_path / "bindings/b", type=" GitHub\n", provider="x", token="\tabc \r\n")

    [binding] = read(tmp_path)

    assert (binding.name, binding.type, list(binding.entries)) == ("b", "github", ["token"])
    assert binding.read("token") == "abc"
    assert binding.read("host") == ""


@pytest.mark.parametrize(
    "kind",
    ["\ufeffgithub", "github\0", "'github'", '"GitHub"', "\u201cgithub\u201d\r\n", "\ufeff'github' \0", "github\u200b"],
)
def test_what_editors_and_shells_leave_around_a_type(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "bindings/b", type=kind, token="\ufeffabc\r\n")

    [binding] = read(tmp_path)

    assert binding.type == "github"
    assert binding.read("token") == "abc"


@pytest.mark.parametrize("kind", ["g\0i\0t\0h\0u\0b\0", "git\nhub"])
def test_a_type_that_is_no_line_of_text(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "bindings/b", type=kind)

    with pytest.raises(SettingInvalid) as caught:
        read(tmp_path)
    assert caught.value.where == "type of the binding b"


def test_an_entry_in_quotes(tmp_path: Path) -> None:
    write(tmp_path / "bindings/b", type="github", token="'s3cret'")

    with pytest.raises(ValueQuoted) as caught:
        read(tmp_path)[0].read("token")
    assert caught.value.setting == "token of the binding b"


def test_sorted_by_name(tmp_path: Path) -> None:
    for name in "cab":
        write(tmp_path / "bindings" / name, type="x")

    assert [binding.name for binding in read(tmp_path)] == ["a", "b", "c"]


def test_kubernetes_links_are_followed_and_not_taken_for_bindings(tmp_path: Path) -> None:
    dated = write(tmp_path / "bindings/b/..2026_11_21", type="github", token="abc").relative_to(tmp_path / "bindings/b")
    (tmp_path / "bindings/b/..data").symlink_to(dated)
    for name in ("type", "token"):
        (tmp_path / "bindings/b" / name).symlink_to(f"..data/{name}")
    write(tmp_path / "bindings/..2026_11_21", type="github")
    write(tmp_path / "elsewhere", type="github", token="def")
    (tmp_path / "bindings/c").symlink_to(tmp_path / "elsewhere")

    assert [(binding.name, binding.read("token")) for binding in read(tmp_path)] == [("b", "abc"), ("c", "def")]


def test_the_layout_of_before(tmp_path: Path) -> None:
    write(tmp_path / "bindings/b/metadata", kind="Dependency-Mapping", provider="x")
    write(tmp_path / "bindings/b/secret", key="value")
    write(tmp_path / "bindings/c/metadata", kind="other")

    assert [(b.type, list(b.entries)) for b in read(tmp_path)] == [("dependency-mapping", ["key"]), ("other", [])]


def test_the_first_root_that_is_set_counts(tmp_path: Path) -> None:
    roots = {}
    for name in ("SERVICE_BINDING_ROOT", "CNB_BINDINGS"):
        write(tmp_path / name / name.lower(), type="x")
        roots[name] = str(tmp_path / name)
    write(tmp_path / "bindings/usual", type="x")

    assert [b.name for b in read(tmp_path, **roots)] == ["service_binding_root"]
    assert [b.name for b in read(tmp_path, CNB_BINDINGS=roots["CNB_BINDINGS"])] == ["cnb_bindings"]
    assert [b.name for b in read(tmp_path)] == ["usual"]
    assert read(tmp_path, SERVICE_BINDING_ROOT=str(tmp_path / "none")) == []


def test_none(tmp_path: Path) -> None:
    assert read(tmp_path) == read_bindings(Environment(None, {}), None) == []


def test_files_beside_bindings_are_not_bindings(tmp_path: Path) -> None:
    (tmp_path / "bindings").mkdir()
    (tmp_path / "bindings/README").write_text("x")

    assert read(tmp_path) == []


@pytest.mark.parametrize("kind", [None, b"\xff"])
def test_a_binding_without_a_readable_type(tmp_path: Path, kind: bytes | None) -> None:
    write(tmp_path / "bindings/b", **({} if kind is None else {"type": kind}))

    with pytest.raises(SettingInvalid):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"s3cret\xff", b"s3cret\nmore", b"s3cret\0"])
def test_an_entry_that_is_not_a_line_of_text_is_not_shown(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "bindings/b", type="github", token=content)

    with pytest.raises(SettingInvalid) as caught:
        read(tmp_path)[0].read("token")
    assert caught.value.where == "token of the binding b"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"), [("a/b, c/d\n\te/*\r\n", ["a/b", "c/d", "e/*"]), ("", []), (" ,\n", []), (None, None)]
)
def test_the_words_of_an_entry(tmp_path: Path, text: str | None, words: list[str] | None) -> None:
    write(tmp_path / "bindings/b", type="x", **({} if text is None else {"names": text}))

    assert read(tmp_path)[0].words("names") == words


@pytest.mark.parametrize("variable", ["SERVICE_BINDING_ROOT", "CNB_BINDINGS"])
@pytest.mark.parametrize("root", ["app/bindings", "link", "mixed", "platform/env", "/proc/self"])
def test_the_application_brings_no_bindings(tmp_path: Path, variable: str, root: str) -> None:
    """Not even one among the operator's: `mixed` has a link to one, as /proc/self has."""
    write(tmp_path / "app/bindings/b", type="github", token="t")
    write(tmp_path / "mixed/a", type="x")
    write(tmp_path / "platform/env/b", type="x")
    (tmp_path / "mixed/b").symlink_to("../app/bindings/b")
    (tmp_path / "link").symlink_to("app/bindings")
    application = ApplicationFiles(str(tmp_path / "app"), str(tmp_path / "platform"))

    with pytest.raises(ApplicationPath) as refused:
        read_bindings(Environment(None, {variable: str(tmp_path / root)}, application), str(tmp_path / "platform"))
    assert refused.value.where == variable


@settings(max_examples=examples(100))
@given(name=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1), text=st.text())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str, text: str) -> None:
    platform = tmp_path_factory.getbasetemp() / "platform"
    shutil.rmtree(platform, ignore_errors=True)
    write(platform / "bindings/b", **{"type": "x", f"key-{name}": text})

    [binding] = read(platform)
    try:
        value = binding.read(f"key-{name}")
    except (SettingInvalid, ValueQuoted):
        return
    assert value == text.removeprefix("\ufeff").strip()
