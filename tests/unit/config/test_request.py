"""Untrusted names: any text is either valid or an error."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from github_assets.config.names import valid_file_name, valid_repository_name, valid_tag
from github_assets.config.request import Repository, check_target, check_url, parse_repository
from github_assets.errors.config import SettingInvalid
from tests.properties import examples

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
NAMES = st.text(LETTERS, min_size=1, max_size=100).filter(valid_repository_name)
SECRETS = st.text(LETTERS, min_size=6, max_size=20).map(lambda text: f"S3CRET{text}")
URL_LIKE = st.text("htps:/@?#.%[]\\ githubcom-1") | st.text()


@settings(max_examples=examples(200))
@given(owner=NAMES, name=NAMES)
def test_owner_and_name(owner: str, name: str) -> None:
    assume(not name.endswith(".git") and owner.lower() not in ("github.com", "www.github.com"))

    assert parse_repository(f"{owner}/{name}", "REPO") == Repository(owner, name)
    for url in (f"https://github.com/{owner}/{name}", f"https://www.github.com/{owner}/{name}.git"):
        assert parse_repository(url, "REPO")._replace(server=None) == Repository(owner, name)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("git@github.com:octo/tool.git", "https://github.com"),
        ("ssh://git@github.com/octo/tool", "https://github.com"),
        ("git@ghe.example.com:octo/tool.git", "https://ghe.example.com"),
        ("ssh://git@ghe.example.com/octo/tool.git/", "https://ghe.example.com"),
    ],
)
def test_what_git_clones_over_ssh(text: str, server: str) -> None:
    assert parse_repository(text, "REPO") == Repository("octo", "tool", server)


@pytest.mark.parametrize(
    "text", ["git@host/octo:tool", "git@:octo/tool", "git@host:22:octo/tool", "ssh://git@host:22/a/b"]
)
def test_what_git_does_not_clone_over_ssh(text: str) -> None:
    with pytest.raises(SettingInvalid):
        parse_repository(text, "REPO")


@pytest.mark.parametrize(
    "text",
    [
        "octo/tool@v1",
        "octo/tool/releases/tag/v1",
        "https://github.com/octo/tool/releases/tag/v1",
        "https://github.com/octo/tool/releases/download/v1/tool",
    ],
)
def test_a_release_in_a_repository(text: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_repository(text, "REPO")
    assert caught.value.expected.endswith(", without a release or an asset, which have settings of their own")


@settings(max_examples=examples(200))
@given(text=URL_LIKE)
def test_any_text_is_a_repository_or_refused(text: str) -> None:
    try:
        repository = parse_repository(text, "REPO")
    except SettingInvalid:
        return
    assert valid_repository_name(repository.owner)
    assert valid_repository_name(repository.name)


@settings(max_examples=examples(200))
@given(
    secret=SECRETS,
    user=st.text(LETTERS, max_size=8),
    scheme=st.sampled_from(["https://", "http://", "ssh://", "", "x:"]),
    rest=st.text("/abc.:").filter(lambda text: "://" not in text),
)
def test_a_refused_url_does_not_show_its_password(secret: str, user: str, scheme: str, rest: str) -> None:
    for text in (
        f"{scheme}{user}:{secret}@github.com{rest}",
        f"{user}:{secret}@github.com://{rest}",
        f"{scheme}{secret}@{rest}",
        f"{scheme}h/a/b?{secret}",
    ):
        with pytest.raises(SettingInvalid) as refused:
            parse_repository(text, "REPO")
        assert secret not in str(refused.value)


@settings(max_examples=examples(200))
@given(text=URL_LIKE)
def test_any_text_is_a_url_or_refused(text: str) -> None:
    try:
        url = check_url(text, "GITHUB_API_URL")
    except SettingInvalid:
        return
    assert url.startswith(("https://", "http://"))
    assert not url.endswith("/")
    assert not set("@?# ") & set(url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com/api/v3"),
        ("HTTPS://GHE.Example.com/API", "https://ghe.example.com/API"),
        ("https://ghe.example.com:8443", "https://ghe.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.9:1", "http://127.0.0.9:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_urls(text: str, url: str) -> None:
    assert check_url(text, "GITHUB_API_URL") == url


@settings(max_examples=examples(200))
@given(name=st.text() | st.text("./\\ ab\n\0ü", max_size=6))
@example("x" * 255)
@example("ü" * 127 + "x")
def test_a_target_is_one_file_in_its_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        check_target(name, "TARGET")
    except SettingInvalid:
        assert not valid_file_name(name)
        return
    path = folder / name
    path.touch()
    assert path.resolve().parent == folder.resolve()
    assert name in [each.name for each in folder.iterdir()]
    path.unlink()


def git_takes(tag: str) -> bool:
    return subprocess.run(["git", "check-ref-format", f"refs/tags/{tag}"], check=False).returncode == 0


@settings(max_examples=examples(150))
@given(tag=st.text("v1.2/-@{}~^:?*[\\ lock\x7fü", min_size=1, max_size=8) | st.text(max_size=12))
@example("v1.lock")
@example("v1.lock/x")
@example(".v1")
@example("a/.b")
@example("@")
@example("v1@{u}")
def test_tags_are_valid_in_git(tag: str) -> None:
    if valid_tag(tag):
        assert git_takes(tag)
    elif "\0" not in tag and tag.isprintable() and not tag.startswith("-") and len(tag.encode()) <= 255:
        assert not git_takes(tag)


@pytest.mark.parametrize(
    "text",
    ["a/b@v0.4.45", "a/b@latest", "a/b@1.0>t", "https://github.com/a/b@v1", "github.com/a/b@v1", "a/b@1.x"],
)
def test_a_version_in_a_repository_is_shown(text: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_repository(text, "REPO")
    assert caught.value.value == text


@pytest.mark.parametrize(
    "text",
    [
        "secret@github.com/a/b",
        "me:secret@github.com/a/b",
        "me/secret@github.com/a/b",
        "me/secret@host/a/b",
        "me/secret@github.com:a/b",
        "me/secret@localhost:8080/a/b",
        "https://me/secret@github.com/a/b",
        "https://secret@github.com/a/b@v1",
        "secret@v1",
        "me:x/secret@v1",
    ],
)
def test_what_may_be_a_credential_is_not_shown(text: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_repository(text, "REPO")
    assert "secret" not in caught.value.value
