"""Which files the application can write to."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.settings import APPLICATION, OPERATOR, PLATFORM, Environment
from tests.properties import examples


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("workspace/deep", "platform/env", "platform/bindings/b", "layers/ours", "layers/npm", "mnt"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "link").symlink_to("workspace")
    (tmp_path / "mnt/link").symlink_to("../workspace/deep")
    return tmp_path


def files(root: Path) -> ApplicationFiles:
    return ApplicationFiles(str(root / "workspace"), str(root / "platform"), str(root / "layers"))


# directories


@pytest.mark.parametrize(
    ("path", "brings", "may_fill", "given"),
    [
        ("workspace", True, True, True),
        ("workspace/deep/x", True, True, True),
        ("workspace/../workspace/x", True, True, True),
        ("nowhere/../workspace/x", True, True, True),
        ("link/x", True, True, True),
        ("mnt/link", True, True, True),
        ("mnt/link/../../mnt/x", False, False, False),
        ("platform/env/X", True, True, True),
        ("layers/npm/x", False, True, True),
        ("platform/bindings/b/token", False, False, True),
        ("workspaces/x", False, False, False),
        ("mnt/x", False, False, False),
    ],
)
def test_a_path(root: Path, path: str, brings: bool, may_fill: bool, given: bool) -> None:
    found = files(root)
    place = str(root / path)

    assert (found.brings(place), found.may_fill(place), found.is_given(place)) == (brings, may_fill, given)


@pytest.mark.parametrize(
    "path",
    ["/proc/self/cwd/x", "/proc/self/environ", "/proc/1/root", "/dev/fd/3", "/dev/stdin", "/sys/x", "/mnt/../proc/x"],
)
def test_the_kernel_has_the_application_under_other_names(root: Path, path: str) -> None:
    assert files(root).brings(path)


def test_a_relative_path_is_in_the_application(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "workspace")

    assert [files(root).brings(path) for path in ("x", "./x", "..", "../mnt/x")] == [True, True, False, False]


def test_an_application_that_is_linked_to(root: Path) -> None:
    found = ApplicationFiles(str(root / "link"))

    assert found.brings(str(root / "workspace/x"))
    assert found.brings(str(root / "link/x"))


# variables


@pytest.mark.parametrize(
    "text",
    [
        '[[build.env]]\nname = "X"\nvalue = "v"',
        '[[io.buildpacks.build.env]]\nname = "X"\nvalue = "v"',
        '[[io.buildpacks.env.build]]\nname = "X"\nvalue = "v"',
        '[[io.buildpacks.env]]\nname = "X"\nvalue = "v"',
        '[io.buildpacks]\nbuild = { env = [{ name = "X", value = "v" }] }',
        '[[BUILD.Env]]\nNAME = "X"\nValue = " v\\n"',
        '[[build.env]]\nname = "X"\nvalue = "w"\n[[build.env]]\nname = "X"\nvalue = "v"',
        '\ufeff[[build.env]]\nname = "X"\nvalue = "v"',
        '[[build.env]]\nname = "X"\nNAME = "Y"\nvalue = "v"\nexec-env = ["production"]',
    ],
)
def test_a_variable_of_project_toml(root: Path, text: str) -> None:
    (root / "workspace/project.toml").write_text(text)
    found = files(root)

    assert found.sets("X", "v")
    assert found.sets("X", " v\n")
    assert not found.sets("X", "another")
    assert not found.sets("x", "v")
    assert not found.may_set("Z", "v")


@pytest.mark.parametrize("text", [b"\xff", b"[x", b"x = 1\nx = 2", b"#" * (1 << 21), b"x = " + b"[" * 5000])
def test_a_project_toml_only_for_the_platform(root: Path, text: bytes) -> None:
    """It may say anything; but that a secret is the application's own is not believed of it."""
    (root / "workspace/project.toml").write_bytes(text)

    assert files(root).may_set("X", "v")
    assert not files(root).sets("X", "v")


def test_without_a_project_toml_it_sets_nothing(root: Path) -> None:
    assert not files(root).may_set("X", "v")
    assert not ApplicationFiles(None).may_set("X", "v")


@pytest.mark.parametrize(
    ("project", "platform", "process", "expected"),
    [
        (None, None, None, (OPERATOR, None, None, None)),
        (None, None, "o", (OPERATOR, "o", "o", "o")),
        (None, "u", "o", (PLATFORM, "u", "u", "o")),
        (None, "u", "u", (PLATFORM, "u", "u", "u")),
        ("a", "a", "o", (APPLICATION, "a", "o", "o")),
        ("a", "a", None, (APPLICATION, "a", None, None)),
        ("a", "u", None, (PLATFORM, "u", "u", None)),
        ("a", None, "a", (OPERATOR, "a", "a", "a")),
    ],
)
def test_who_set_a_variable(
    root: Path, project: str | None, platform: str | None, process: str | None, expected: tuple[object, ...]
) -> None:
    if project:
        (root / "workspace/project.toml").write_text(f'[[build.env]]\nname = "X"\nvalue = "{project}"')
    if platform:
        (root / "platform/env/X").write_text(platform)
    environment = Environment(str(root / "platform"), {"X": process} if process else {}, files(root))

    assert (
        environment.set_by("X"),
        *(environment.get("X", by) for by in (APPLICATION, PLATFORM, OPERATOR)),
    ) == expected


@pytest.mark.parametrize(
    ("option", "project", "process", "expected"),
    [
        ("c", "a", "o", (OPERATOR, "c", "c")),
        (None, "a", "o", (APPLICATION, "a", "o")),
        (None, "a", None, (APPLICATION, "a", None)),
        (None, None, "o", (OPERATOR, "o", "o")),
    ],
)
def test_who_set_a_variable_of_a_command(
    option: str | None, project: str | None, process: str | None, expected: tuple[object, ...]
) -> None:
    layers = [{"X": value} if value else {} for value in (option, project, process)]
    environment = Environment.of_command(*layers, ApplicationFiles(None))

    assert (environment.set_by("X"), environment.get("X"), environment.get("X", OPERATOR)) == expected


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=examples(100))
@given(
    variables=st.dictionaries(TEXT, TEXT, max_size=3),
    place=st.sampled_from(["build.env", "io.buildpacks.build.env", "x"]),
    upper=st.booleans(),
)
def test_every_variable_is_found(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str], place: str, upper: bool
) -> None:
    root = tmp_path_factory.getbasetemp()
    keys = ("NAME", "Value") if upper else ("name", "value")
    quoted = [(_toml(name), _toml(value)) for name, value in variables.items()]
    text = "".join(f"[[{place}]]\n{keys[0]} = {name}\n{keys[1]} = {value}\n" for name, value in quoted)
    (root / "project.toml").write_bytes(text.encode())
    found = ApplicationFiles(os.fspath(root))

    assert all(found.sets(name, value) for name, value in variables.items())


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
