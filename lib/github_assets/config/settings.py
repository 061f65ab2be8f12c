"""Every environment variable that is read, and how.

A value stands in `<platform>/env/<NAME>` (Buildpack spec, "Provided by the Platform") or in the process environment,
where operators' and earlier buildpacks' variables arrive; the file wins. Who set it decides where a secret may go.
"""

from __future__ import annotations

import os

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.names import printable
from github_assets.config.request import Token, check_server, check_token, check_url
from github_assets.errors.config import ApplicationPath, SettingInvalid, ValueQuoted
from github_assets.locations import QUOTES
from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

APPLICATION, PLATFORM, OPERATOR = range(3)
"""Who set a variable, the least trusted first. Which of the platform's variables are the user's, and which are those of
project.toml, only project.toml itself can tell. Bindings are the operator's too."""

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
EXECUTABLE = "EXECUTABLE"
"""`false` for a file that is not an executable, or not for this platform. With our prefix only."""
EXTRACT = "EXTRACT"
"""What to install from an archive: `executables`, `all` or `none`. With our prefix only."""
PATH = "PATH"
"""A glob of the files to install from an archive. With our prefix only. Example: */bin/tool"""

ASSETS = "BP_GITHUB_ASSETS"
"""Several assets as short specs. Example: jqlang/jq@1.7:jq-linux-amd64>jq,mikefarah/yq"""
ASSETS_PATH = "GITHUB_ASSETS_PATH"
"""A file of the application that lists assets too. Example: deploy/assets.toml"""
CLOUD_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
"""A token for github.com, and for the SUB.ghe.com that GITHUB_SERVER_URL or GH_HOST names; the first that is set."""
ENTERPRISE_TOKENS = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""A token for the GitHub Enterprise Server that GITHUB_SERVER_URL or GH_HOST names; the first that is set."""
TOKENS = (TOKEN, PREFIX + TOKEN, *CLOUD_TOKENS, *ENTERPRISE_TOKENS)
TOKEN_PREFIX = f"{PREFIX}{TOKEN}_"
"""Of variables with other tokens, which token_env may name too. Example: BP_GITHUB_ASSET_TOKEN_COMPANY"""
GH_HOST = "GH_HOST"
"""The host that tokens are for, where it is not github.com. Example: ghe.example.com"""
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
LOG_LEVEL = "BP_LOG_LEVEL"
"""`debug`: the log shows every request and decision; other buildpacks read it too."""
NO_COLOR = "NO_COLOR"
"""Set: no colors, whatever else asks for them (no-color.org)."""
FORCE_COLOR = "FORCE_COLOR"
"""Set, but not to 0: colors also where there is no terminal (force-color.org)."""
TERM = "TERM"
"""`dumb`: a terminal without colors."""
SSL_CERT_FILE = "SSL_CERT_FILE"
"""A PEM file of certificate authorities to trust instead of the system's."""
SSL_CERT_DIR = "SSL_CERT_DIR"
"""Directories of certificate authorities to trust too, with OpenSSL's hashed names and colons between them."""
SERVICE_BINDING_ROOT = "SERVICE_BINDING_ROOT"
"""Where bindings are mounted, when not at `<platform>/bindings`."""
CNB_BINDINGS = "CNB_BINDINGS"
"""The same, as it was called before."""
DEPENDENCY_MIRROR = "BP_DEPENDENCY_MIRROR"
"""Where assets are had instead of their own host (Paketo's RFC 0060); with `_GITHUB_COM` after it: those of that host.
Example: https://mirror.example.org/{originalHost}"""

OWN_VARIABLES = (
    *(PREFIX + name for name in (REPO, FILE, TARGET, VERSION, TOKEN, PATH, EXTRACT, EXECUTABLE)),
    ASSETS,
    ENABLED,
    LIBC,
    PROVIDE,
    TIMEOUT,
)
"""Every variable with our prefix; another one with it is an error."""

LONGEST = 64 << 10
"""Characters of a value."""
DEFAULT_TIMEOUT = 600
_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")


class Setting(Value):
    """A variable that is set, or an entry of a binding: its name, and its value without white space around it."""

    name: str
    value: str
    bound: bool = False


class Environment:
    """The variables of one run, and who set them."""

    def __init__(
        self, platform_dir: str | None, process: Mapping[str, str], application: ApplicationFiles | None = None
    ) -> None:
        """Take what a lifecycle hands to a buildpack."""
        self.application = application or ApplicationFiles(None)
        self._files = os.path.join(platform_dir, "env") if platform_dir else None
        self._sources: tuple[tuple[Callable[[str], str | None], int], ...] = (
            (self._from_file, PLATFORM),
            (process.get, OPERATOR),
        )
        self._mappings: tuple[Mapping[str, str], ...] = (process,)

    @classmethod
    def of_command(
        cls,
        options: Mapping[str, str],
        project: Mapping[str, str],
        process: Mapping[str, str],
        application: ApplicationFiles,
    ) -> Environment:
        """Return the variables of a build: a command's options, project.toml's, and those of the command's process."""
        environment = cls(None, {}, application)
        environment._mappings = (options, project, process)
        environment._sources = ((options.get, OPERATOR), (project.get, APPLICATION), (process.get, OPERATOR))
        return environment

    def get(self, name: str, by: int = APPLICATION) -> str | None:
        """Return the variable's value without white space around it, or None.

        A value that somebody less trusted than `by` may have set is passed over. Raises SettingInvalid, ValueQuoted.
        """
        for find, set_by in self._sources:
            text = find(name)
            if text is not None and (by == APPLICATION or self._trusted(name, text, set_by) >= by):
                return checked_text(text, name)
        return None

    def set_by(self, name: str) -> int:
        """Return who set the variable to the value that `get` returns. Raises SettingInvalid if unreadable."""
        for find, set_by in self._sources:
            text = find(name)
            if text is not None:
                return APPLICATION if set_by == PLATFORM and self.application.sets(name, text) else set_by
        return OPERATOR

    def words(self, name: str) -> list[str]:
        """Return what white space and commas separate in the variable's value. Raises SettingInvalid, ValueQuoted."""
        text = self._raw(name) or ""
        _check_length(text, name)
        return [checked_text(word, name) for word in text.replace(",", " ").split()]

    def names(self) -> set[str]:
        """Return the names of all variables."""
        try:
            files = os.listdir(self._files or "")
        except OSError:
            files = []
        return {*files, *(name for mapping in self._mappings for name in mapping)}

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
        for find, _ in self._sources:
            for spelling in (name.lower(), name.upper()):
                text = find(spelling)
                if text is not None:
                    return checked_text(text, spelling)
        return None

    def _trusted(self, name: str, text: str, set_by: int) -> int:
        return APPLICATION if set_by == PLATFORM and self.application.may_set(name, text) else set_by

    def _raw(self, name: str) -> str | None:
        return next((text for find, _ in self._sources if (text := find(name)) is not None), None)

    def _from_file(self, name: str) -> str | None:
        if self._files is None:
            return None
        try:
            with open(os.path.join(self._files, name), encoding="utf-8", newline="") as file:
                return file.read(LONGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingInvalid(
                where=f"{name} (file in the platform's env directory)",
                value="(not shown)",
                expected=f"a readable UTF-8 file ({type(error).__name__})",
            ) from None


def read_token(environment: Environment, name: str) -> Token | None:
    """Return the token that a variable holds, or None. Raises SettingInvalid."""
    text = environment.get(name)
    return Token(check_token(text, name), name, environment.set_by(name)) if text else None


def read_own_token(environment: Environment) -> Token | None:
    """Return the token of TOKEN or BP_GITHUB_ASSET_TOKEN, or None. Raises SettingInvalid."""
    setting = environment.asset_setting(TOKEN)
    return read_token(environment, setting.name) if setting else None


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
    return read_switch(environment, ENABLED)


def read_provide(environment: Environment) -> bool:
    """Return whether other buildpacks may ask for assets. Raises SettingInvalid."""
    return read_switch(environment, PROVIDE, unset=False)


def read_debugging(environment: Environment) -> bool:
    """Return whether the log is to show every request and decision. Raises SettingInvalid."""
    return (environment.get(LOG_LEVEL) or "").lower() == "debug"


def read_color(environment: Environment) -> bool | None:
    """Return whether the log is to use colors; None: on terminals. Raises SettingInvalid."""
    if environment.is_set(NO_COLOR):
        return False
    if (environment.get(FORCE_COLOR) or "0") != "0":
        return True
    return False if environment.get(TERM) == "dumb" else None


def read_url(environment: Environment, name: str, by: int = APPLICATION) -> str | None:
    """Return the URL that a variable holds, or None; `by` as for `Environment.get`. Raises SettingInvalid."""
    text = environment.get(name, by)
    return check_url(text, name) if text else None


def read_server(environment: Environment, name: str, by: int = APPLICATION) -> str | None:
    """Return the origin of the GitHub that a variable names, or None; `by` as for `Environment.get`.

    Raises SettingInvalid.
    """
    text = environment.get(name, by)
    return check_server(text, name) if text else None


def read_path(environment: Environment, name: str) -> str | None:
    """Return the path that a variable holds, or None. Raises SettingInvalid, and as `check_path`."""
    text = environment.get(name)
    if text:
        check_path(environment, name, text)
    return text or None


def check_path(environment: Environment, name: str, path: str) -> None:
    """Raise ApplicationPath where the application may have put there what the variable names.

    An operator's variable may be one that an earlier buildpack set, for a layer of its own.
    """
    application = environment.application
    brought = application.brings if environment.set_by(name) == OPERATOR else application.may_fill
    if brought(path):
        raise ApplicationPath(where=name, path=path)


def checked_text(text: str, setting: str) -> str:
    """Return a value without white space around it. Raises SettingInvalid, ValueQuoted."""
    _check_length(text, setting)
    text = text.strip()
    if not printable(text):
        raise SettingInvalid(where=setting, value="(not shown)", expected="text without control characters")
    if text.startswith(QUOTES):
        raise ValueQuoted(setting=setting)
    return text


def _check_length(text: str, setting: str) -> None:
    if len(text) > LONGEST:
        raise SettingInvalid(where=setting, value="(not shown)", expected=f"at most {LONGEST} characters")


def read_switch(environment: Environment, name: str, *, unset: bool = True) -> bool:
    """Return what a variable says, true or false. Raises SettingInvalid."""
    text = environment.get(name)
    if not text:
        return unset
    if text.lower() not in (*_TRUE, *_FALSE):
        raise SettingInvalid(where=name, value=text, expected="true or false")
    return text.lower() in _TRUE
