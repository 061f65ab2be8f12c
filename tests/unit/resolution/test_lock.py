"""Whether a lock matches the configuration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings

from github_assets.config.patterns import Pattern, TagPattern
from github_assets.config.request import AssetRequest, LaunchVariable, Repository
from github_assets.config.versions import Version
from github_assets.errors.resolution import LockOutdated
from github_assets.github.servers import Servers
from github_assets.locations import Location
from github_assets.platforms import Platform
from github_assets.resolution.lock import Lock, LockKey, lock_key
from tests.properties import examples
from tests.unit.resolution.samples import AMD64, ARM64, JQ, KEYS, REQUEST, SERVERS


@settings(max_examples=examples(100))
@given(KEYS, KEYS)
def test_an_asset_locked_for_another_request_is_not_used(was: LockKey, now: LockKey) -> None:
    owner, name = now.repository.split("/")
    request = AssetRequest(
        Repository(owner, name, now.server),
        Location("X"),
        version=Version(now.version),
        file=None if now.file is None else Pattern(now.file, exact=False),
        target=now.target,
        tag_pattern=None if now.tag_pattern is None else TagPattern(now.tag_pattern, re.compile("")),
        prerelease=now.prerelease,
        min_age=now.min_age,
        api_url=now.api_url,
    )
    lock = Lock((AMD64,), (JQ._replace(key=was),))

    if was == now:
        assert lock.find(lock_key(request, SERVERS), AMD64) == lock.assets[0]
        return
    with pytest.raises(LockOutdated) as caught:
        lock.assets_for([request], SERVERS, AMD64)
    [difference] = caught.value.differences
    assert str(now) in difference
    if was.repository == now.repository:
        differing = {name for name in LockKey._fields if getattr(was, name) != getattr(now, name)}
        assert differing == {name for name in LockKey._fields if f"{name} is " in difference}


def test_the_server_of_a_name_is_part_of_the_key() -> None:
    lock = Lock((AMD64,), (JQ,))
    assert lock.differences([REQUEST], SERVERS, [AMD64]) == []
    [difference] = lock.differences([REQUEST], Servers("https://ghe.example.com", "https://x"), [AMD64])
    assert difference.endswith("server is https://ghe.example.com, locked as https://github.com")


ENV = (LaunchVariable("A", "override", "b"),)


@pytest.mark.parametrize(
    "extra", [{"layer": "x"}, {"extract": "all"}, {"process": False}, {"path": ("x",)}, {"env": ENV}]
)
def test_installation_options_are_not_locked(extra: dict[str, Any]) -> None:
    assert Lock((AMD64,), (JQ,)).assets_for([REQUEST._replace(**extra)], SERVERS, AMD64) == [JQ]


def test_the_command_for_a_platform_that_is_missing() -> None:
    lock = Lock((AMD64,), (JQ,))
    for platform, options in (
        (AMD64, ""),
        (ARM64, " --platform linux/amd64 --platform linux/arm64"),
        (Platform("linux", "amd64", "musl"), " --env BP_GITHUB_ASSETS_LIBC=musl"),
    ):
        assert lock.update_command([platform]) == f"github-assets lock{options}"


def test_every_field_of_a_request_is_locked_or_is_not_on_purpose() -> None:
    locked = set(LockKey._fields) | {"repository"}
    not_locked = {"source", "token", "sha256", "path", "strip_components", "extract", "executable"}
    not_locked |= {"layer", "verify", "minimum", "process", "env", "folder"}

    assert set(AssetRequest.__annotations__) == (locked - {"server"}) | not_locked
