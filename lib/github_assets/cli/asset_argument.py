"""The argument that names one asset: `owner/repo[@version][:file][>target]`, or the URL of what GitHub shows."""

from __future__ import annotations

import argparse
import shlex
from urllib.parse import unquote

from github_assets.config.request import AssetRequest, Repository, parse_repository
from github_assets.config.settings import Environment
from github_assets.config.specs import parse_spec
from github_assets.config.tables import read_table
from github_assets.locations import Location, literal

ARGUMENT = "ASSET"
_SEPARATORS = frozenset("@:>")


class Arguments(Location):
    """The arguments of a command."""

    def setting(self, key: str) -> str:
        """Return the name of the option, or of the argument."""
        return ARGUMENT if key in ("repo", "version") else _option(key)

    def assignment(self, key: str, value: str | bool) -> str:
        """Return what to add to the command, ready to paste into a shell."""
        if isinstance(value, bool):
            return _option(key) if value else f"--no-{key.replace('_', '-')}"
        if key in ("repo", "version"):
            return shlex.quote(f"{dict(self.asset).get('repo', 'owner/name')}@{value}" if key == "version" else value)
        return f"{_option(key)} {shlex.quote(str(literal(key, value)))}"


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


def asset_table(options: argparse.Namespace) -> dict[str, object]:
    """Return the keys of the asset that a command's arguments describe.

    Raises SettingInvalid, and SystemExit if the argument and an option contradict each other.
    """
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
            return dict(parse_spec(text, ARGUMENT).source.asset)
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
