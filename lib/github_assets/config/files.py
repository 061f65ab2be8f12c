"""The files of the application that list assets.

`project.toml` (buildpacks.io, "Project Descriptor": schema 0.1 has `metadata`, later ones `_.metadata`), the files of
our own name, and the one that GITHUB_ASSETS_PATH names. A file without assets costs a read, and no parser.
"""

from __future__ import annotations

import os

from github_assets.config.request import Requests
from github_assets.config.settings import ASSETS_PATH, TOKENS, Environment
from github_assets.errors.config import FileUnreadable, KeyUnknown, SettingInvalid, SettingsConflict
from github_assets.locations import Location, YamlTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROJECT = "project.toml"
OWN_FILES = ("github-assets.toml", "github-assets.yaml", "github-assets.yml")
TABLE = "github-assets"
LIST = "assets"
LARGEST_FILE = 1 << 20
"""Bytes."""

_LEGACY_TABLES = ("githubasset", "githubassets")
_MARKS = (b"github-asset", b"githubasset", b"github_asset")
_PLACES = ("metadata", "_.metadata")


def read_files(app_dir: str, environment: Environment) -> Requests:
    """Return the assets of all files, in the order above.

    Raises FileUnreadable, KeyMissing, KeyUnknown, SettingInvalid, SettingMistyped, SettingsConflict, TokenMissing.
    """
    named = _named_file(app_dir, environment)
    assets, warnings = [], []
    descriptor = None
    for file in (PROJECT, *OWN_FILES):
        if file == named:
            continue
        data = read_bytes(os.path.join(app_dir, file), file)
        if file == PROJECT and data and b"TOKEN" in data:
            descriptor = data
        if data is None or (file == PROJECT and not any(mark in data.lower() for mark in _MARKS)):
            continue
        found = (_project if file == PROJECT else _own)(_parse(data, file), file, environment)
        assets += found.assets
        warnings += found.warnings
    if named is not None:
        found = _read_named(app_dir, named, environment)
        assets += found.assets
        warnings += found.warnings
    if descriptor:
        from github_assets.config.exposed_tokens import exposed_tokens

        names = {*TOKENS, *(asset.token_env for asset in assets if asset.token_env)}
        warnings += exposed_tokens(descriptor.decode("utf-8-sig", "replace"), PROJECT, names)
    return Requests(assets, warnings)


def read_bytes(path: str, shown: str) -> bytes | None:
    """Return the file's bytes, None where there is none. Raises FileUnreadable; `shown` names the file in it."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileUnreadable(file=shown, reason=error.strerror or str(error)) from None
    if len(data) > LARGEST_FILE:
        raise FileUnreadable(file=shown, reason=f"it is larger than {LARGEST_FILE} bytes")
    return data


def decode(data: bytes, shown: str) -> str:
    """Return UTF-8 as text, without a byte order mark. Raises FileUnreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileUnreadable(file=shown, reason=f"it is not UTF-8 (at line {line})") from None


def _parse(data: bytes, file: str) -> dict[str, Any]:
    from github_assets.config.parsing import parse

    return parse(decode(data, file), file)


def _named_file(app_dir: str, environment: Environment) -> str | None:
    """Return the path of the file of GITHUB_ASSETS_PATH below the application directory.

    It never leaves it: version 2.1 took a leading slash for the application directory too.
    """
    value = environment.get(ASSETS_PATH)
    if not value:
        return None
    root = os.path.realpath(app_dir)
    inside = value.removeprefix(app_dir.rstrip("/") + "/").lstrip("/")
    path = os.path.normpath(inside)
    if not os.path.realpath(os.path.join(root, path)).startswith(root.rstrip("/") + "/"):
        raise SettingInvalid(where=ASSETS_PATH, value=value, expected="a file inside the application directory")
    if not path.endswith((".toml", ".yaml", ".yml")):
        raise SettingInvalid(where=ASSETS_PATH, value=value, expected="a file name ending in .toml, .yaml or .yml")
    return path


def _read_named(app_dir: str, file: str, environment: Environment) -> Requests:
    data = read_bytes(os.path.join(app_dir, file), file)
    if data is None:
        raise SettingInvalid(
            where=ASSETS_PATH, value=file, expected="an existing file, relative to the application directory"
        )
    document = _parse(data, file)
    is_descriptor = LIST not in document and any(_table(document, place) for place in _PLACES)
    return (_project if is_descriptor else _own)(document, file, environment)


def _own(document: dict[str, Any], file: str, environment: Environment) -> Requests:
    from github_assets.config.tables import check_keys

    if not check_keys(document, file, {LIST: None}):
        return Requests([], [])
    header = LIST if file.endswith((".yaml", ".yml")) else f"[[{LIST}]]"
    return _new(document[LIST], header, file, environment)


def _project(document: dict[str, Any], file: str, environment: Environment) -> Requests:
    from github_assets.config.legacy import read_legacy

    right_place = _PLACES[_table(document, "_").get("schema-version", "0.1") != "0.1"]
    found = [place for place in _PLACES if TABLE in _table(document, place)]
    if len(found) > 1:
        raise SettingsConflict(where=file, settings=[f"[[{place}.{TABLE}]]" for place in found])
    assets, warnings = [], []
    for place in _PLACES:
        for name, value in _table(document, place).items():
            if name == TABLE:
                read = _new(value, f"[[{place}.{TABLE}]]", file, environment)
                if place != right_place:
                    warnings.append(
                        f"[[{place}.{TABLE}]] in {file} belongs to another schema version;"
                        f" rename it to [[{right_place}.{TABLE}]]."
                    )
            elif name in _LEGACY_TABLES:
                read = read_legacy(name, _list(value, f"[[{place}.{name}]]", file), place, file, environment)
            elif name.lower().replace("_", "").replace("-", "") in _LEGACY_TABLES:
                raise KeyUnknown(where=f"[{place}] in {file}", key=name, known=[TABLE])
            else:
                continue
            assets += read.assets
            warnings += read.warnings
    return Requests(assets, warnings)


def _new(value: object, header: str, file: str, environment: Environment) -> Requests:
    from github_assets.config.tables import read_table

    tables = enumerate(_list(value, header, file), start=1)
    kind = YamlTable if file.endswith((".yaml", ".yml")) else Location
    return Requests([read_table(table, kind(f"{header} number {n} in {file}"), environment) for n, table in tables], [])


def _list(value: object, header: str, file: str) -> list[object]:
    from github_assets.config.tables import mistyped

    if not isinstance(value, list):
        raise mistyped(value, f"{header.strip('[]')} in {file}", f"a list of tables, {header}")
    return value


def _table(document: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the table at a dotted place, {} where there is none."""
    table: Any = document
    for name in place.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}
