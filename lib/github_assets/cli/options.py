"""Options that several commands have, and the types of their values."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from github_assets.config.names import valid_variable_name
from github_assets.config.request import Repository
from github_assets.config.tables import KEYS
from github_assets.errors.config import SettingInvalid
from github_assets.selection.asset_names import Role, parse_name

PLATFORMS = ("linux/amd64", "linux/arm64")
NO = 3
"""The exit status of a command whose answer is no."""
SELECTING = ("file", "target", "sha256", "prerelease", "tag_pattern", "min_age", "token_env")
"""The keys of an asset that decide which one it is."""
OPTIONAL = tuple(key for key in KEYS if key not in ("repo", "version", "env"))
"""Those that can be options: not what the argument says, nor a table."""


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every command has."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="print results, warnings and errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="print every request and decision too")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


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
        "-e",
        "--env",
        metavar="NAME[=VALUE]",
        action="append",
        type=_variable,
        default=[],
        help="build-time variable, as in pack build: without =VALUE, that of the shell;"
        " overrides project.toml, which overrides the environment",
    )


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add what says which assets are configured."""
    add_directory(parser)
    add_variables(parser)
    parser.add_argument("--plan", metavar="FILE", type=existing_file, help="buildpack plan with more assets")


def add_platforms(parser: argparse.ArgumentParser) -> None:
    """Add `--platform` for several."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        action="append",
        type=platform,
        help="linux/amd64 or linux/arm64, which may be spelled x86_64 or aarch64; can be repeated"
        f" (default: the lock file's platforms, or else {' and '.join(PLATFORMS)})",
    )


def add_platform(parser: argparse.ArgumentParser) -> None:
    """Add `--platform` for one."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        type=platform,
        default=default_platform(os.uname().machine),
        help="linux/amd64 or linux/arm64, which may be spelled x86_64 or aarch64"
        " (default: linux with this machine's architecture)",
    )


def add_keys(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add an option for each of these keys of an asset."""
    group = parser.add_argument_group("keys of the asset", "as in github-assets.toml")
    for name in names:
        options: Mapping[str, Any] = _KEY_OPTIONS.get(name, {"metavar": name.upper()})
        group.add_argument(f"--{name.replace('_', '-')}", dest=name, help=_help(name), **options)
        if name == "process":
            group.add_argument("--no-process", dest=name, action="store_false", help="no process type")
    group.set_defaults(keys=names, **dict.fromkeys(names))


_KEY_OPTIONS: dict[str, dict[str, Any]] = {
    "file": {"metavar": "PATTERN"},
    "target": {"metavar": "NAME"},
    "sha256": {"metavar": "HEX"},
    "path": {"metavar": "GLOB", "action": "append"},
    "strip_components": {"metavar": "N", "type": int},
    "extract": {"choices": ("executables", "all", "none")},
    "executable": {"action": argparse.BooleanOptionalAction},
    "layer": {"metavar": "NAME"},
    "token_env": {"metavar": "VARIABLE"},
    "prerelease": {"action": argparse.BooleanOptionalAction},
    "tag_pattern": {"metavar": "PATTERN"},
    "min_age": {"metavar": "AGE"},
    "verify": {"choices": ("auto", "required")},
    "minimum": {"choices": ("digest", "attested")},
    "process": {"metavar": "TYPE"},
    "api_url": {"metavar": "URL"},
}


def _help(key: str) -> str:
    text = KEYS[key].description.replace("`", "").removesuffix(".")
    return text[0].lower() + text[1:] if text[1].islower() or text[1] == " " else text


def existing_file(text: str) -> str:
    """Return the path that an option names. Raises ArgumentTypeError if there is no file."""
    if not os.path.exists(text) or os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a file")
    return text


def repository(text: str) -> Repository:
    """Return the repository that an option names, as `owner/name` or by its URL. Raises ArgumentTypeError."""
    from github_assets.cli.asset_argument import repository_of

    try:
        return repository_of(text)
    except SettingInvalid:
        raise argparse.ArgumentTypeError(f"{text!a} is not OWNER/NAME") from None


def architecture(text: str) -> str:
    """Return Go's name of an architecture that may be spelled in another way: `amd64` for `x86_64`."""
    _, *words = parse_name(f"x-{text}").words
    known = len(words) == 1 and words[0].role is Role.ARCH and words[0].value.isalnum()
    return words[0].value if known else text


def any_platform(text: str) -> str:
    """Return the platform `os/arch`, where the operating system may be left out. Raises ArgumentTypeError."""
    os_, separator, arch = text.rpartition("/")
    if not arch or "/" in os_ or (separator and not os_):
        raise argparse.ArgumentTypeError(f"{text!a} is not OS/ARCH")
    return f"{os_ or 'linux'}/{architecture(arch)}"


def platform(text: str) -> str:
    """Return the platform of an image, `os/arch`. Raises ArgumentTypeError."""
    name = any_platform(text)
    if name not in PLATFORMS:
        raise argparse.ArgumentTypeError(f"{text!a} is not {' or '.join(PLATFORMS)}")
    return name


def default_platform(machine: str) -> str:
    """Return the platform of images that run on a machine, named as `uname -m` does."""
    return next((name for name in PLATFORMS if name.endswith(f"/{architecture(machine)}")), PLATFORMS[0])


def _existing_folder(text: str) -> str:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a directory")
    return text


def _variable(text: str) -> tuple[str, str | None]:
    name, separator, value = text.partition("=")
    if not valid_variable_name(name):
        raise argparse.ArgumentTypeError(f"{name!a} is not NAME or NAME=VALUE")
    return name, value if separator else None
