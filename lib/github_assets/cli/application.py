"""What every command knows: the application's configuration, as a build would read it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.files import PROJECT, decode, read_bytes
from github_assets.config.names import valid_variable_name
from github_assets.config.parsing import parse_toml
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment, read_libc
from github_assets.log import Log
from github_assets.platforms import Platform
from github_assets.resolution.lock import Lock, is_platform, name_of, parse_platform
from github_assets.resolution.requests import read_asset_requests
from github_assets.resolution.session import Session

PLATFORMS = ("linux/amd64", "linux/arm64")
_BUILD_VARIABLES = (("build", "env"), ("io", "buildpacks", "build", "env"))
"""Where project.toml has the build's variables: in schema 0.1, and in the later ones."""


class Application(NamedTuple):
    """An application, and the variables that its build would have."""

    directory: str
    environment: Environment
    plan: str | None
    bindings_root: str | None
    log: Log

    def requests(self) -> list[AssetRequest]:
        """Return what the configuration asks for. Raises what `read_asset_requests` raises."""
        return read_asset_requests(self.directory, self.environment, self.log, self.plan)

    def session(self) -> Session:
        """Return a session, in which all requests of the command are made."""
        return Session(self.environment, self.bindings_root, self.log)

    def platforms(self, asked: Sequence[str] | None, lock: Lock | None) -> list[Platform]:
        """Return the platforms that are asked for, or else the lock file's, or else those of the buildpack."""
        libc = read_libc(self.environment)
        names = asked or (map(name_of, lock.platforms) if lock else PLATFORMS)
        return [parse_platform(name, libc) for name in sorted(set(names))]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell which configuration is meant."""
    parser.add_argument("--directory", metavar="DIR", default=".", help="the application (default: the current folder)")
    parser.add_argument(
        "--env",
        metavar="NAME=VALUE",
        action="append",
        type=_variable,
        default=[],
        help="a variable of the build, as for pack build; wins over project.toml, which wins over the environment",
    )
    parser.add_argument("--plan", metavar="FILE", help="a buildpack plan, whose assets count too")


def add_platforms(parser: argparse.ArgumentParser) -> None:
    """Add `--platform`."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        action="append",
        type=_platform,
        help=f"may be repeated (default: those of the lock file, or else {' and '.join(PLATFORMS)})",
    )


def read(options: argparse.Namespace, variables: Mapping[str, str], log: Log) -> Application:
    """Return the application that the options name. Raises FileUnreadable."""
    platform_dir = variables.get("CNB_PLATFORM_DIR")
    files = ApplicationFiles(options.directory, platform_dir)
    project = _build_variables(options.directory)
    environment = Environment.of_command(dict(options.env), project, variables, files)
    return Application(options.directory, environment, options.plan, platform_dir, log)


def _build_variables(directory: str) -> dict[str, str]:
    """Return the build's variables in project.toml (buildpacks.io, "Project Descriptor")."""
    data = read_bytes(os.path.join(directory, PROJECT), PROJECT)
    found: dict[str, str] = {}
    for path in _BUILD_VARIABLES if data else ():
        place: object = parse_toml(decode(data or b"", PROJECT), PROJECT)
        for name in path:
            place = place.get(name) if isinstance(place, dict) else None
        for entry in place if isinstance(place, list) else []:
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
    if not is_platform(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not OS/ARCH, such as linux/amd64")
    return text
