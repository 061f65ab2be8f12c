"""The argument that names one asset: `owner/repo[@version][:file][>target]`, or the URL of what GitHub shows."""

from __future__ import annotations

import argparse
import shlex
from urllib.parse import quote, unquote

from github_assets.config.request import AssetRequest, Repository, parse_repository
from github_assets.config.settings import Environment
from github_assets.config.specs import parse_spec
from github_assets.config.tables import read_table
from github_assets.github.servers import GITHUB
from github_assets.locations import QUOTES, Location, enumerated, literal

ARGUMENT = "ASSET"
_SEPARATORS = frozenset("@:>")
_ENDS_VERSION = frozenset(",:> \t")


class Arguments(Location):
    """The arguments of a command."""

    def setting(self, *keys: str) -> str:
        """Return the names of options, or of the argument."""
        return enumerated([ARGUMENT if key in ("repo", "version") else _option(key) for key in keys])

    def assignment(self, key: str, value: str | bool) -> str:
        """Return what to add to the command, ready to paste into a shell."""
        if isinstance(value, bool):
            return _option(key) if value else f"--no-{key.replace('_', '-')}"
        if key == "version":
            repo = str(dict(self.asset).get("repo", "owner/name"))
            if _ENDS_VERSION.isdisjoint(value) and not value.startswith(QUOTES):
                return shlex.quote(f"{repo}@{value}")
            return shlex.quote(f"{repo if '://' in repo else f'{GITHUB}/{repo}'}/releases/tag/{quote(value, safe='/')}")
        if key == "repo":
            return shlex.quote(value)
        text = str(literal(key, value))
        return f"{_option(key)}{'=' if text.startswith('-') else ' '}{shlex.quote(text)}"


COMMAND_LINE = Arguments("the command line")


def add_asset(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the argument."""
    parser.add_argument(
        "asset",
        metavar=ARGUMENT,
        nargs="?" if optional else None,
        help="owner/repo[@version], or the URL of a repository, a release or an asset"
        + (" (default: what is configured)" if optional else ""),
    )


def read_asset(options: argparse.Namespace, environment: Environment) -> AssetRequest:
    """Return the asset that a command's arguments describe.

    Raises the errors of `errors.config`, and SystemExit if the argument and an option contradict each other.
    """
    return read_table(asset_table(options), COMMAND_LINE, environment)


def check_no_keys(options: argparse.Namespace) -> None:
    """Raise SystemExit if there are options for an asset, but no argument that names it."""
    for key in getattr(options, "keys", ()):
        if getattr(options, key) is not None:
            options.usage_error(f"{_option(key)}: only with {ARGUMENT}")


def asset_table(options: argparse.Namespace) -> dict[str, object]:
    """Return the keys of the asset that a command's arguments describe.

    Raises SettingInvalid, and SystemExit if the argument and an option contradict each other.
    """
    if options.plan:
        options.usage_error(f"--plan: not with {ARGUMENT}")
    table: dict[str, object] = dict(table_of(options.asset))
    for key in options.keys:
        value = getattr(options, key)
        if value is None:
            continue
        if key in table:
            options.usage_error(f"{_option(key)}: {ARGUMENT} already says {table[key]!a}")
        table[key] = value
    return table


def table_of(text: str) -> dict[str, str]:
    """Return the keys `repo`, `version`, `file` and `target`, as far as the argument has them. Raises SettingInvalid.

    These URLs end in what is shown: `/releases/tag/TAG`, `/releases/download/TAG/ASSET`, `/releases/latest` and
    `/releases/latest/download/ASSET`.
    """
    server, path = _server_and_path(text)
    owner, name, *rest = [*path.split("/"), ""]
    url = f"{server}{owner}/{name}"
    match rest:
        case ["releases", "latest", "download", asset, ""]:
            keys = {"repo": url, "file": asset}
        case ["releases", "download", *tag, asset, ""] if tag:
            keys = {"repo": url, "version": "/".join(tag), "file": asset}
        case ["releases", "tag", *tag, ""] if tag:
            keys = {"repo": url, "version": "/".join(tag)}
        case ["releases", ""] | ["releases", "latest", ""]:
            keys = {"repo": url}
        case [""] if server and _SEPARATORS.isdisjoint(name):
            keys = {"repo": url}
        case _:
            return {key: str(value) for key, value in parse_spec(text, ARGUMENT).source.asset}
    texts = {key: unquote(value) for key, value in keys.items()}
    return {key: str(literal(key, value)) for key, value in texts.items()}


def repository_of(text: str) -> Repository:
    """Return the repository that `owner/name` or a URL names. Raises SettingInvalid."""
    return parse_repository(table_of(text)["repo"], ARGUMENT)


def _server_and_path(text: str) -> tuple[str, str]:
    """Return the URL of a server with a closing slash, empty if there is none, and the path of a repository there."""
    scheme, separator, rest = text.partition("://")
    if not separator and not text.lower().startswith(("github.com/", "www.github.com/")):
        return "", text
    host, _, path = (rest if separator else text).partition("/")
    return f"{scheme if separator else 'https'}://{host}/", path.partition("#")[0].partition("?")[0].rstrip("/")


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"
