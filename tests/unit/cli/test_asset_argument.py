"""`owner/repo…` and URLs as the argument of a command."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.cli.asset_argument import COMMAND_LINE, read_asset, table_of
from github_assets.config.settings import Environment
from github_assets.errors.config import SettingInvalid
from tests.properties import examples

URL = "https://github.com/octo/tool"
ENVIRONMENT = Environment(None, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("octo/tool", {"repo": "octo/tool"}),
        ("octo/tool@^1.2", {"repo": "octo/tool", "version": "^1.2"}),
        ("octo/tool@cli/v1:x-*>x", {"repo": "octo/tool", "version": "cli/v1", "file": "x-*", "target": "x"}),
        (URL, {"repo": URL}),
        (f"{URL}/", {"repo": URL}),
        (f"{URL}?tab=readme-ov-file#usage", {"repo": URL}),
        (f"{URL}@v1", {"repo": URL, "version": "v1"}),
        (f"{URL}/releases", {"repo": URL}),
        (f"{URL}/releases/latest", {"repo": URL}),
        (f"{URL}/releases/latest/download/x", {"repo": URL, "file": "x"}),
        (f"{URL}/releases/tag/v1", {"repo": URL, "version": "v1"}),
        (f"{URL}/releases/tag/cli/v1?expanded=true", {"repo": URL, "version": "cli/v1"}),
        (f"{URL}/releases/tag/cli%2Fv1", {"repo": URL, "version": "cli/v1"}),
        (f"{URL}/releases/download/v1/x", {"repo": URL, "version": "v1", "file": "x"}),
        (f"{URL}/releases/download/cli/v1/x%2By", {"repo": URL, "version": "cli/v1", "file": "x+y"}),
        (f"{URL}/releases/download/v1/x[1]", {"repo": URL, "version": "v1", "file": "x[[]1]"}),
        ("github.com/octo/tool/releases/tag/v1", {"repo": URL, "version": "v1"}),
        ("https://ghe.example.com/octo/tool", {"repo": "https://ghe.example.com/octo/tool"}),
    ],
)
def test_what_it_says(text: str, expected: dict[str, str]) -> None:
    assert table_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "octo", "octo/", "/tool", "octo/tool/x", "octo/tool@", "https://", "https://github.com/octo"),
        *(f"{URL}/issues", f"{URL}/releases/tag", f"{URL}/releases/download/v1", "ftp://github.com/octo/tool"),
    ],
)
def test_what_it_cannot_be(text: str) -> None:
    with pytest.raises(SettingInvalid):
        read_asset(argparse.Namespace(asset=text, keys=(), plan=None), ENVIRONMENT)


def test_a_credential_in_a_url_is_not_repeated() -> None:
    with pytest.raises(SettingInvalid) as raised:
        read_asset(argparse.Namespace(asset="https://me:secret@github.com/octo/tool", keys=(), plan=None), ENVIRONMENT)
    assert "secret" not in str(raised.value)


@settings(max_examples=examples(200))
@given(st.text(max_size=80) | st.builds(lambda rest: f"{URL}/releases/{rest}", st.text(max_size=80)))
def test_any_text_is_an_asset_or_one_error(text: str) -> None:
    try:
        request = read_asset(argparse.Namespace(asset=text, keys=(), plan=None), ENVIRONMENT)
    except SettingInvalid:
        return
    assert request.repository.owner in text


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("version", "v1", "octo/tool@v1"),
        ("file", "a b*", "--file 'a b[*]'"),
        ("target", "x", "--target x"),
        ("executable", False, "--no-executable"),
        ("prerelease", True, "--prerelease"),
        ("min_age", "3d", "--min-age 3d"),
    ],
)
def test_what_to_paste(key: str, value: str | bool, expected: str) -> None:
    assert COMMAND_LINE._replace(asset=(("repo", "octo/tool"),)).assignment(key, value) == expected
