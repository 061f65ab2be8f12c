"""Every environment variable that is read, and how.

A value stands in `<platform>/env/<NAME>` (Buildpack spec, "Provided by the Platform") or in the process environment,
where operators' and earlier buildpacks' variables arrive; the file wins.
"""

from __future__ import annotations

import os

from github_assets.config.names import printable
from github_assets.config.request import check_token, check_url
from github_assets.errors.config import SettingInvalid, ValueQuoted
from github_assets.locations import QUOTES
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
ENABLED = "BP_GITHUB_ASSETS_ENABLED"
"""`false`: detection fails whatever is configured, so that the buildpack is left out."""
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

OWN_VARIABLES = (
    *(PREFIX + name for name in (REPO, FILE, TARGET, VERSION, TOKEN)),
    ASSETS,
    ENABLED,
    LIBC,
    PROVIDE,
    TIMEOUT,
)
"""Every variable with our prefix; another one with it is an error."""

DEFAULT_TIMEOUT = 600
_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")


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
        """Return the variable's value without white space around it, or None. Raises SettingInvalid, ValueQuoted."""
        text = self._raw(name)
        return None if text is None else checked_text(text, name)

    def words(self, name: str) -> list[str]:
        """Return what white space and commas separate in the variable's value. Raises SettingInvalid, ValueQuoted."""
        return [checked_text(word, name) for word in (self._raw(name) or "").replace(",", " ").split()]

    def names(self) -> set[str]:
        """Return the names of all variables."""
        try:
            files = os.listdir(self._files or "")
        except OSError:
            files = []
        return {*files, *self._process}

    def is_set(self, name: str) -> bool:
        """Return whether the variable has a value, readable or not."""
        try:
            return bool((self._raw(name) or "").strip())
        except SettingInvalid:
            return True

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
                    return checked_text(text, spelling)
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


def read_enabled(environment: Environment) -> bool:
    """Return whether the buildpack is to take part. Raises SettingInvalid."""
    return _switch(environment, ENABLED, unset=True)


def read_provide(environment: Environment) -> bool:
    """Return whether other buildpacks may ask for assets. Raises SettingInvalid."""
    return _switch(environment, PROVIDE, unset=False)


def read_url(environment: Environment, name: str) -> str | None:
    """Return the URL that a variable holds, or None. Raises SettingInvalid."""
    text = environment.get(name)
    return check_url(text, name) if text else None


def checked_text(text: str, setting: str) -> str:
    """Return a value without white space around it. Raises SettingInvalid, ValueQuoted."""
    text = text.strip()
    if not printable(text):
        raise SettingInvalid(where=setting, value="(not shown)", expected="text without control characters")
    if text.startswith(QUOTES):
        raise ValueQuoted(setting=setting)
    return text


def _switch(environment: Environment, name: str, *, unset: bool) -> bool:
    text = environment.get(name)
    if not text:
        return unset
    if text.lower() not in (*_TRUE, *_FALSE):
        raise SettingInvalid(where=name, value=text, expected="true or false")
    return text.lower() in _TRUE
