"""Every environment variable that is read, and how.

A value stands in `<platform>/env/<NAME>` (Buildpack spec, "Provided by the Platform") or in the process environment,
where operators' and earlier buildpacks' variables arrive; the file wins.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from github_assets.config.names import printable, valid_tag
from github_assets.config.request import LATEST, AssetRequest, check_target, check_url, parse_repository
from github_assets.errors import SettingInvalid, SettingMissing
from github_assets.secrets import Secret

PREFIX = "BP_GITHUB_ASSET_"

REPO = "REPO"
"""`owner/name`, or the repository's URL. Example: grpc-ecosystem/grpc-health-probe"""
FILE = "FILE"
"""The asset's name. Example: grpc_health_probe-linux-amd64"""
TARGET = "TARGET"
"""The file's name under bin/. Example: grpc_health_probe"""
VERSION = "VERSION"
"""A tag, or `latest`. Example: v0.4.45"""
TOKEN = "TOKEN"  # noqa: S105 - a variable's name
"""A token that may read the repository."""

GITHUB_API_URL = "GITHUB_API_URL"
"""Where the API is, when not at api.github.com; GitHub's runners set it. Example: https://ghe.example.com/api/v3"""
GITHUB_SERVER_URL = "GITHUB_SERVER_URL"
"""Which GitHub `owner/name` means, when not github.com. Example: https://ghe.example.com"""
TIMEOUT = "BP_GITHUB_ASSETS_TIMEOUT"
"""Seconds that all requests of a build may take together."""
LOG_LEVEL = "BP_LOG_LEVEL"
"""`DEBUG` says more."""
SSL_CERT_FILE = "SSL_CERT_FILE"
"""A PEM file of certificate authorities to trust instead of the system's."""
SERVICE_BINDING_ROOT = "SERVICE_BINDING_ROOT"
"""Where bindings are mounted, when not at `<platform>/bindings`."""

DEFAULT_TIMEOUT = 600


class Setting(NamedTuple):
    """A variable that is set: the name under which it was found, and its value without white space around it."""

    name: str
    value: str


class Environment:
    """The variables of one run."""

    def __init__(self, platform_dir: str | None, process: Mapping[str, str]) -> None:
        self._files = os.path.join(platform_dir, "env") if platform_dir else None
        self._process = process

    def get(self, name: str) -> str | None:
        """Return the variable's value without white space around it, or None. Raises SettingInvalid if unreadable."""
        text = self._from_file(name)
        if text is None:
            text = self._process.get(name)
        if text is None:
            return None
        text = text.strip()
        if not printable(text):
            raise SettingInvalid(where=name, value="(not shown)", expected="text without control characters")
        return text

    def asset_setting(self, name: str) -> Setting | None:
        """Return the setting of REPO, FILE, TARGET, VERSION or TOKEN; the BP_GITHUB_ASSET_ name wins."""
        for variable in (PREFIX + name, name):
            value = self.get(variable)
            if value is not None:
                return Setting(variable, value)
        return None

    def _from_file(self, name: str) -> str | None:
        if self._files is None:
            return None
        try:
            with open(os.path.join(self._files, name), encoding="utf-8", newline="") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingInvalid(
                where=f"{name} (file in the platform's env directory)",
                value="(not shown)",
                expected=f"a readable UTF-8 file ({type(error).__name__})",
            ) from None


def read_asset_request(environment: Environment) -> AssetRequest | None:
    """Return the asset that REPO and its companions name, or None where REPO is not set.

    Raises SettingInvalid, SettingMissing.
    """
    repo = environment.asset_setting(REPO)
    if repo is None or not repo.value:
        for name in (FILE, TARGET, VERSION, TOKEN):
            if environment.get(PREFIX + name):
                raise SettingMissing(name=PREFIX + REPO, because=f"{PREFIX + name} is set")
        return None
    repository = parse_repository(repo.value, repo.name)
    version = environment.asset_setting(VERSION)
    file = environment.asset_setting(FILE)
    target = environment.asset_setting(TARGET)
    token = environment.asset_setting(TOKEN)
    return AssetRequest(
        repository=repository,
        source=f"{repo.name} in the environment",
        version=_version(version) or LATEST,
        file=_file(file),
        target=check_target(target.value, target.name) if target else None,
        token=_token(token),
    )


def read_timeout(environment: Environment) -> float:
    """Return the seconds that all requests may take together. Raises SettingInvalid."""
    text = environment.get(TIMEOUT)
    if not text:
        return DEFAULT_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86400:  # NaN fails too
        raise SettingInvalid(where=TIMEOUT, value=text, expected="seconds, more than 0 and at most 86400")
    return seconds


def read_url(environment: Environment, name: str) -> str | None:
    """Return the URL that a variable holds, or None. Raises SettingInvalid."""
    text = environment.get(name)
    return check_url(text, name) if text else None


def read_debug(environment: Environment) -> bool:
    """Return whether BP_LOG_LEVEL asks for more lines."""
    return (environment.get(LOG_LEVEL) or "").upper() == "DEBUG"


def _version(setting: Setting | None) -> str | None:
    if setting is None or not setting.value:
        return None
    if not valid_tag(setting.value):
        raise SettingInvalid(where=setting.name, value=setting.value, expected="a tag such as v1.2.3, or latest")
    return setting.value


def _file(setting: Setting | None) -> str | None:
    if setting is None or not setting.value:
        return None
    return setting.value


def _token(setting: Setting | None) -> Secret | None:
    if setting is None or not setting.value:
        return None
    if not setting.value.isascii() or " " in setting.value:
        raise SettingInvalid(where=setting.name, value="(not shown)", expected="a token: ASCII letters and digits")
    return Secret(setting.value)
