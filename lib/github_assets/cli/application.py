"""The application that a command works on, configured as in a build."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from github_assets.cli.asset_argument import check_no_keys, read_asset
from github_assets.cli.options import PLATFORMS
from github_assets.config.application_files import ApplicationFiles
from github_assets.config.files import PROJECT, decode, read_application_file
from github_assets.config.parsing import parse_toml
from github_assets.config.project_descriptor import build_variables
from github_assets.config.request import AssetRequest, Token
from github_assets.config.settings import Environment, read_libc
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.platforms import Platform, parse_platform
from github_assets.resolution.lock import Lock
from github_assets.resolution.lock_file import read_lock
from github_assets.resolution.plan import PlannedAsset, find_releases, resolve_platforms
from github_assets.resolution.requests import read_asset_requests
from github_assets.resolution.session import Session


class Application:
    """An application and the options of the command; everything else is read when it is needed."""

    def __init__(self, options: argparse.Namespace, variables: Mapping[str, str], log: Log) -> None:
        """Take the variables of the command's process."""
        self.options, self.log = options, log
        self.directory: str = getattr(options, "directory", ".")
        self._variables = variables
        self.platform_dir = variables.get("CNB_PLATFORM_DIR")

    @cached_property
    def environment(self) -> Environment:
        """The variables of a build. Raises FileUnreadable."""
        given = {name: self._variables.get(name, "") if value is None else value for name, value in self.options.env}
        files = ApplicationFiles(self.directory, self.platform_dir)
        project = _build_variables(self.directory) if getattr(self.options, "project", True) else {}
        return Environment.of_command(given, project, self._variables, files)

    @cached_property
    def requests(self) -> list[AssetRequest]:
        """The asset that is the command's argument, or else the configured ones.

        Raises what `read_asset` and `read_asset_requests` raise.
        """
        if not getattr(self.options, "asset", None):
            check_no_keys(self.options)
            return read_asset_requests(self.directory, self.environment, self.platform_dir, self.log, self.options.plan)
        request = read_asset(self.options, self.environment)
        if isinstance(request.token, Token):
            self.log.add_secrets([request.token.secret])
        return [request]

    @cached_property
    def servers(self) -> Servers:
        """The GitHub that `owner/name` means. Raises SettingInvalid."""
        return read_servers(self.environment)

    @cached_property
    def session(self) -> Session:
        """The session for all requests of the command. Raises SettingInvalid, SettingsConflict."""
        return Session(self.environment, self.platform_dir, self.log)

    @cached_property
    def lock(self) -> Lock | None:
        """The content of the lock file, or None if there is none. Raises LockInvalid, MergeConflict."""
        return read_lock(self.directory)

    @property
    def platform(self) -> Platform:
        """The only platform in the options. Raises SettingInvalid."""
        return parse_platform(self.options.platform, read_libc(self.environment))

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

    def print(self, lines: Iterable[str], document: Mapping[str, Any]) -> None:
        """Print the results of the command to standard output: lines, or with `--json` the document."""
        out = Log()
        if self.options.json:
            lines = json.dumps(document, indent=2).split("\n")
        for line in lines:
            out.title(line)


def _build_variables(directory: str) -> dict[str, str]:
    """Return the build-time variables in project.toml (buildpacks.io, "Project Descriptor")."""
    data = read_application_file(directory, PROJECT)
    if not data:
        return {}
    return {each.name: each.value for each in build_variables(parse_toml(decode(data, PROJECT), PROJECT))}
