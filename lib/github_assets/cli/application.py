"""What every command works on: an application, configured as a build would find it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from functools import cached_property

from github_assets.config.files import PROJECT, decode, read_bytes
from github_assets.config.names import valid_variable_name
from github_assets.config.parsing import parse_toml
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment, read_libc
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.platforms import Platform, parse_platform, valid_platform_name
from github_assets.resolution.lock import Lock
from github_assets.resolution.lock_file import read_lock
from github_assets.resolution.requests import read_asset_requests
from github_assets.resolution.session import Session

PLATFORMS = ("linux/amd64", "linux/arm64")
_BUILD_VARIABLES = (("build", "env"), ("io", "buildpacks", "build", "env"))
"""Where project.toml has the build's variables: in schema 0.1, and in the later ones."""


class Application:
    """An application, the options of the command that works on it, and what is read when the command needs it."""

    def __init__(self, options: argparse.Namespace, variables: Mapping[str, str], log: Log) -> None:
        """Read the build's variables. Raises FileUnreadable."""
        self.options, self.log = options, log
        self.directory: str = options.directory
        process = {**variables, **_build_variables(self.directory), **dict(options.env)}
        self.environment = Environment(None, process)
        self._platform_dir = variables.get("CNB_PLATFORM_DIR")

    @cached_property
    def requests(self) -> list[AssetRequest]:
        """What the configuration asks for. Raises what `read_asset_requests` raises."""
        return read_asset_requests(self.directory, self.environment, self.log, self.options.plan)

    @cached_property
    def servers(self) -> Servers:
        """The GitHub that `owner/name` means. Raises SettingInvalid."""
        return read_servers(self.environment)

    @cached_property
    def session(self) -> Session:
        """The way to GitHub, for all requests of the command. Raises SettingInvalid, SettingsConflict."""
        return Session(self.environment, self._platform_dir, self.log)

    @cached_property
    def lock(self) -> Lock | None:
        """The content of the lock file, None where there is none. Raises FileUnreadable, LockInvalid."""
        return read_lock(self.directory)

    def platforms(self, lock: Lock | None) -> list[Platform]:
        """Return the platforms of the options, or else the lock's, or else those of the buildpack."""
        libc = read_libc(self.environment)
        names = self.options.platform or ([each.name for each in lock.platforms] if lock else PLATFORMS)
        return [parse_platform(name, libc) for name in sorted(set(names))]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell which configuration is meant."""
    parser.add_argument(
        "--directory", metavar="DIR", default=".", help="application directory (default: the current one)"
    )
    parser.add_argument(
        "--env",
        metavar="NAME=VALUE",
        action="append",
        type=_variable,
        default=[],
        help="build-time variable, as in pack build; overrides project.toml, which overrides the environment",
    )
    parser.add_argument("--plan", metavar="FILE", help="buildpack plan with more assets")


def add_platforms(parser: argparse.ArgumentParser) -> None:
    """Add `--platform`."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        action="append",
        type=_platform,
        help=f"can be repeated (default: the lock file's platforms, or else {' and '.join(PLATFORMS)})",
    )


def _build_variables(directory: str) -> dict[str, str]:
    """Return the build's variables in project.toml (buildpacks.io, "Project Descriptor")."""
    data = read_bytes(os.path.join(directory, PROJECT), PROJECT)
    found: dict[str, str] = {}
    for path in _BUILD_VARIABLES if data else ():
        table: object = parse_toml(decode(data or b"", PROJECT), PROJECT)
        for name in path:
            table = table.get(name) if isinstance(table, dict) else None
        for entry in table if isinstance(table, list) else []:
            match entry:
                case {"name": str(name), "value": str(value)}:
                    found[name] = value
    return found


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not valid_variable_name(name):
        raise argparse.ArgumentTypeError(f"{name!a} is not NAME=VALUE")
    return name, value


def _platform(text: str) -> str:
    if not valid_platform_name(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not OS/ARCH, such as linux/amd64")
    return text
