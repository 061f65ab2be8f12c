"""The application that a command works on, configured as in a build."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from functools import cached_property

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.files import PROJECT, decode, read_bytes
from github_assets.config.names import valid_variable_name
from github_assets.config.parsing import parse_toml
from github_assets.config.project_descriptor import build_variables
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment, read_libc
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.platforms import Platform, parse_platform, valid_platform_name
from github_assets.resolution.lock import Lock
from github_assets.resolution.lock_file import read_lock
from github_assets.resolution.plan import PlannedAsset, find_releases, resolve_platforms
from github_assets.resolution.requests import read_asset_requests
from github_assets.resolution.session import Session

PLATFORMS = ("linux/amd64", "linux/arm64")


class Application:
    """An application and the options of the command; everything else is read when it is needed."""

    def __init__(self, options: argparse.Namespace, variables: Mapping[str, str], log: Log) -> None:
        """Read the build-time variables. Raises FileUnreadable."""
        self.options, self.log = options, log
        self.directory: str = options.directory
        self._platform_dir = variables.get("CNB_PLATFORM_DIR")
        files = ApplicationFiles(self.directory, self._platform_dir)
        project = _build_variables(self.directory)
        self.environment = Environment.of_command(dict(options.env), project, variables, files)

    @cached_property
    def requests(self) -> list[AssetRequest]:
        """The configured assets. Raises what `read_asset_requests` raises."""
        return read_asset_requests(self.directory, self.environment, self.log, self.options.plan)

    @cached_property
    def servers(self) -> Servers:
        """The GitHub that `owner/name` means. Raises SettingInvalid."""
        return read_servers(self.environment)

    @cached_property
    def session(self) -> Session:
        """The session for all requests of the command. Raises SettingInvalid, SettingsConflict."""
        return Session(self.environment, self._platform_dir, self.log)

    @cached_property
    def lock(self) -> Lock | None:
        """The content of the lock file, or None if there is none. Raises LockInvalid, MergeConflict."""
        return read_lock(self.directory)

    def platforms(self, lock: Lock | None) -> list[Platform]:
        """Return the platforms in the options, or else the lock's, or else the buildpack's."""
        libc = read_libc(self.environment)
        names = self.options.platform or ([each.name for each in lock.platforms] if lock else PLATFORMS)
        return [parse_platform(name, libc) for name in sorted(set(names))]

    def resolve(self) -> dict[Platform, list[PlannedAsset]]:
        """Return the assets that the configuration resolves to now, for each platform.

        Raises what `find_releases` and `resolve_platforms` raise.
        """
        lock = None if self.options.platform else self.lock
        platforms = self.platforms(lock)
        releases = dict(zip(self.requests, find_releases(self.requests, self.session), strict=True))
        asked = bool(self.options.platform or lock)
        return resolve_platforms(dict.fromkeys(platforms, self.requests), releases, self.session, all_platforms=asked)


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Add `--directory`."""
    parser.add_argument(
        "--directory",
        metavar="DIR",
        type=_existing_folder,
        default=".",
        help="application directory (default: the current one)",
    )


def add_variables(parser: argparse.ArgumentParser) -> None:
    """Add `--env`."""
    parser.add_argument(
        "--env",
        metavar="NAME=VALUE",
        action="append",
        type=_variable,
        default=[],
        help="build-time variable, as in pack build; overrides project.toml, which overrides the environment",
    )


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Add `--plan`."""
    parser.add_argument("--plan", metavar="FILE", type=existing_file, help="buildpack plan with more assets")


def add_platforms(parser: argparse.ArgumentParser) -> None:
    """Add `--platform`."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        action="append",
        type=_platform,
        help=f"can be repeated (default: the lock file's platforms, or else {' and '.join(PLATFORMS)})",
    )


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Add the directory that `fetch` fills."""
    parser.add_argument("folder", metavar="FOLDER", help="directory filled by fetch")


def existing_file(text: str) -> str:
    """Return the path that an option names. Raises ArgumentTypeError if there is no file."""
    if not os.path.exists(text) or os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a file")
    return text


def _existing_folder(text: str) -> str:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a directory")
    return text


def _build_variables(directory: str) -> dict[str, str]:
    """Return the build-time variables in project.toml (buildpacks.io, "Project Descriptor")."""
    data = read_bytes(os.path.join(directory, PROJECT), PROJECT)
    if not data:
        return {}
    return {each.name: each.value for each in build_variables(parse_toml(decode(data, PROJECT), PROJECT))}


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not valid_variable_name(name):
        raise argparse.ArgumentTypeError(f"{name!a} is not NAME=VALUE")
    return name, value


def _platform(text: str) -> str:
    if not valid_platform_name(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not OS/ARCH, such as linux/amd64")
    if text not in PLATFORMS:
        raise argparse.ArgumentTypeError(f"{text!a} is not {' or '.join(PLATFORMS)}")
    return text
