"""Every environment variable that is read, and how.

A value stands in `<platform>/env/<NAME>` (Buildpack spec, "Provided by the Platform") or in the process environment,
where operators' and earlier buildpacks' variables arrive; the file wins.
"""

from __future__ import annotations

import os

from github_assets.config.names import printable
from github_assets.config.patterns import Pattern, parse_pattern
from github_assets.config.request import (
    AssetRequest,
    check_target,
    check_token,
    check_url,
    parse_repository,
)
from github_assets.config.versions import LATEST, Version, parse_version
from github_assets.errors.config import SettingInvalid, SettingMissing
from github_assets.locations import Variables
from github_assets.secrets import Secret
from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "BP_GITHUB_ASSET_"

REPO = "REPO"
"""`owner/name`, or the repository's URL. Example: grpc-ecosystem/grpc-health-probe"""
FILE = "FILE"
"""The asset's name. Example: grpc_health_probe-linux-amd64"""
TARGET = "TARGET"
"""The file's name under bin/. Example: grpc_health_probe"""
VERSION = "VERSION"
"""A tag, `latest`, or a range. Example: v0.4.45"""
TOKEN = "TOKEN"  # noqa: S105 - a variable's name
"""A token that may read the repository."""

ASSETS = "BP_GITHUB_ASSETS"
"""Several assets as short specs. Example: jqlang/jq@1.7:jq-linux-amd64>jq,mikefarah/yq"""
ASSETS_PATH = "GITHUB_ASSETS_PATH"
"""A file of the application that lists assets too. Example: deploy/assets.toml"""
CLOUD_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
"""A token for github.com, and for the SUB.ghe.com that GITHUB_SERVER_URL or GH_HOST names; the first that is set."""
ENTERPRISE_TOKENS = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""A token for the GitHub Enterprise Server that GITHUB_SERVER_URL or GH_HOST names; the first that is set."""
TOKENS = (TOKEN, PREFIX + TOKEN, *CLOUD_TOKENS, *ENTERPRISE_TOKENS)
GH_HOST = "GH_HOST"
"""The host that such a token is for. Example: ghe.example.com"""
GITHUB_API_URL = "GITHUB_API_URL"
"""Where the API is, when not at api.github.com; GitHub's runners set it. Example: https://ghe.example.com/api/v3"""
GITHUB_SERVER_URL = "GITHUB_SERVER_URL"
"""Which GitHub `owner/name` means, when not github.com. Example: https://ghe.example.com"""
LIBC = "BP_GITHUB_ASSETS_LIBC"
"""`gnu` or `musl`: the run image's C library, when assets are chosen by platform. Unset: static and musl first."""
PROVIDE = "BP_GITHUB_ASSETS_PROVIDE"
"""`true`: pass detection even when nothing is asked for here, so that other buildpacks may require `github-assets`."""
TIMEOUT = "BP_GITHUB_ASSETS_TIMEOUT"
"""Seconds that all requests of a build may take together."""
SSL_CERT_FILE = "SSL_CERT_FILE"
"""A PEM file of certificate authorities to trust instead of the system's."""
SSL_CERT_DIR = "SSL_CERT_DIR"
"""Folders of certificate authorities to trust too, with OpenSSL's hashed names and colons between them."""
SERVICE_BINDING_ROOT = "SERVICE_BINDING_ROOT"
"""Where bindings are mounted, when not at `<platform>/bindings`."""
CNB_BINDINGS = "CNB_BINDINGS"
"""The same, as it was called before."""
DEPENDENCY_MIRROR = "BP_DEPENDENCY_MIRROR"
"""Where assets are had instead of their own host (Paketo's RFC 0060); with `_GITHUB_COM` after it: those of that host.
Example: https://mirror.example.org/{originalHost}"""

DEFAULT_TIMEOUT = 600
_TRUE = ("1", "t", "true")
_FALSE = ("", "0", "f", "false")


class Setting(Value):
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
        text = self._raw(name)
        return None if text is None else _printable(text.strip(), name)

    def words(self, name: str) -> list[str]:
        """Return what white space and commas separate in the variable's value. Raises SettingInvalid if unreadable."""
        return [_printable(word, name) for word in (self._raw(name) or "").replace(",", " ").split()]

    def asset_setting(self, name: str) -> Setting | None:
        """Return the setting of REPO, FILE, TARGET, VERSION or TOKEN; the BP_GITHUB_ASSET_ name wins."""
        for variable in (PREFIX + name, name):
            value = self.get(variable)
            if value is not None:
                return Setting(variable, value)
        return None

    def in_any_case(self, name: str) -> str | None:
        """Return the value of a variable in lower or upper case; a file of either wins. Raises SettingInvalid."""
        for find in (self._from_file, self._process.get):
            for spelling in (name.lower(), name.upper()):
                text = find(spelling)
                if text is not None:
                    return _printable(text.strip(), spelling)
        return None

    def _raw(self, name: str) -> str | None:
        text = self._from_file(name)
        return self._process.get(name) if text is None else text

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


def read_asset_request(environment: Environment, *, others: bool = False) -> AssetRequest | None:
    """Return the asset that REPO and its companions name, or None where REPO is not set.

    `others` tells that there are other assets, which a token may be for. Raises SettingInvalid, SettingMissing.
    """
    repo = environment.asset_setting(REPO)
    if repo is None or not repo.value:
        for name in (FILE, TARGET, VERSION) if others else (FILE, TARGET, VERSION, TOKEN):
            if environment.get(PREFIX + name):
                raise SettingMissing(name=PREFIX + REPO, because=f"{PREFIX + name} is set")
        return None
    repository = parse_repository(repo.value, repo.name)
    version = environment.asset_setting(VERSION)
    file = environment.asset_setting(FILE)
    target = environment.asset_setting(TARGET)
    return AssetRequest(
        repository=repository,
        source=_location(environment, repo),
        version=_version(version),
        file=_file(file),
        target=check_target(target.value, target.name) if target else None,
        token=read_token(environment),
    )


def _location(environment: Environment, repo: Setting) -> Variables:
    variables, asset = [], []
    for name in (REPO, VERSION, FILE, TARGET, TOKEN):
        setting = environment.asset_setting(name)
        variables.append((name.lower(), setting.name if setting else repo.name.removesuffix(REPO) + name))
        if setting and setting.value and name != TOKEN:
            asset.append((name.lower(), setting.value))
    return Variables(f"{repo.name} in the environment", tuple(asset), tuple(variables))


def read_token(environment: Environment) -> Secret | None:
    """Return the environment's token, or None. Raises SettingInvalid."""
    setting = environment.asset_setting(TOKEN)
    return check_token(setting.value, setting.name) if setting and setting.value else None


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
        raise SettingInvalid(where=TIMEOUT, value=text, expected="a number of seconds, more than 0 and at most 86400")
    return seconds


def read_libc(environment: Environment) -> str | None:
    """Return `gnu`, `musl`, or None where it is not set. Raises SettingInvalid."""
    text = environment.get(LIBC) or None
    if text not in (None, "gnu", "musl"):
        raise SettingInvalid(where=LIBC, value=text, expected="gnu or musl")
    return text


def read_provide(environment: Environment) -> bool:
    """Return whether other buildpacks may ask for assets. Raises SettingInvalid."""
    text = (environment.get(PROVIDE) or "").lower()
    if text not in (*_TRUE, *_FALSE):
        raise SettingInvalid(where=PROVIDE, value=text, expected="true or false")
    return text in _TRUE


def read_url(environment: Environment, name: str) -> str | None:
    """Return the URL that a variable holds, or None. Raises SettingInvalid."""
    text = environment.get(name)
    return check_url(text, name) if text else None


def _printable(text: str, name: str) -> str:
    if not printable(text):
        raise SettingInvalid(where=name, value="(not shown)", expected="text without control characters")
    return text


def _version(setting: Setting | None) -> Version:
    return parse_version(setting.value, setting.name) if setting and setting.value else LATEST


def _file(setting: Setting | None) -> Pattern | None:
    return parse_pattern(setting.value, setting.name) if setting and setting.value else None
