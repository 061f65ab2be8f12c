"""The files of the application that list assets.

`project.toml` (buildpacks.io, "Project Descriptor": schema 0.1 has `metadata`, later ones `_.metadata`), the files of
our own name, and the one that GITHUB_ASSETS_PATH names. A file without assets costs a read, and no parser.
"""

from __future__ import annotations

import os
import stat

from github_assets.config.request import AssetRequest, Configuration, check_number
from github_assets.config.settings import ASSETS_PATH, TOKENS, Environment
from github_assets.errors import ErrorCollector
from github_assets.errors.config import FileUnreadable, KeyUnknown, SettingInvalid, SettingsConflict
from github_assets.locations import Location, YamlTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROJECT = "project.toml"
OWN_FILES = ("github-assets.toml", "github-assets.yaml", "github-assets.yml")
LOCK_FILE = "github-assets.lock"
TABLE = "github-assets"
LIST = "assets"
LARGEST_FILE = 256 << 10
"""Bytes; PyYAML reads some 50,000 a second."""

_LEGACY_TABLES = ("githubasset", "githubassets")
_TABLE_NAMES = (b"github-asset", b"githubasset", b"github_asset")
"""A project.toml that has none of them lists no assets."""
_METADATA = ("metadata", "_.metadata")
_YAML = (".yaml", ".yml")
_ENDINGS = (".toml", ".json", ".lock", *_YAML)


def read_files(app_dir: str, environment: Environment) -> Configuration:
    """Return the assets of all files, in the order above. Raises the errors of `errors.config`."""
    errors = ErrorCollector()
    assets, warnings = list[AssetRequest](), list[str]()
    named = None
    descriptor = b""
    with errors:
        named = _named_file(app_dir, environment)
    for file in (PROJECT, *OWN_FILES):
        with errors:
            data = read_application_file(app_dir, file) if file != named else None
            if file == PROJECT and data:
                descriptor = data
            if data is None or (file == PROJECT and not any(name in data.lower() for name in _TABLE_NAMES)):
                continue
            found = (_project if file == PROJECT else _own)(_parse(data, file), file, environment)
            assets += found.assets
            warnings += found.warnings
    with errors:
        if named is not None:
            found = _read_named(app_dir, named, environment)
            assets += found.assets
            warnings += found.warnings
    errors.raise_collected()
    if b"TOKEN" in descriptor:
        from github_assets.config.published_secrets import token_warnings

        names = {*TOKENS, *(asset.token.setting for asset in assets if asset.token)}
        warnings += token_warnings(descriptor.decode("utf-8-sig", "replace"), PROJECT, names)
    return Configuration(assets, warnings)


def misnamed_files(app_dir: str, environment: Environment) -> list[tuple[str, str]]:
    """Return the names of files that are nearly called as ours are, and that nobody reads, each with that of ours."""
    try:
        names = os.listdir(app_dir)
    except OSError:
        return []
    known = (*OWN_FILES, LOCK_FILE, _named_file(app_dir, environment))
    return [
        (name, LOCK_FILE if ".lock" in name.lower() else OWN_FILES[0])
        for name in sorted(names)
        if name not in known
        and name.lower().endswith(_ENDINGS)
        and _is_meant_for_us(name.removeprefix(".").partition(".")[0])
    ]


def read_application_file(app_dir: str, name: str, largest: int = LARGEST_FILE) -> bytes | None:
    """Return the bytes of one of the application's files, None where there is none. Raises FileUnreadable.

    A symbolic link is followed where it stays in the application.
    """
    path = os.path.join(app_dir, name)
    if os.path.islink(path) or "/" in name:
        path, root = os.path.realpath(path), os.path.realpath(app_dir)
        if os.path.commonpath((path, root)) != root:
            raise FileUnreadable(file=name, reason="it is a symbolic link that leaves the application")
    return read_bytes(path, name, largest)


def read_bytes(path: str, shown: str, largest: int = LARGEST_FILE) -> bytes | None:
    """Return the bytes of a regular file, None where there is none. Raises FileUnreadable; `shown` names it there."""
    try:
        # What is no regular file might have to be waited for, or never end.
        with open(path, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileUnreadable(file=shown, reason="it is not a regular file")
            data = file.read(largest + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileUnreadable(file=shown, reason=error.strerror or str(error)) from None
    if len(data) > largest:
        raise FileUnreadable(file=shown, reason=f"it is larger than {largest} bytes")
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
    path = os.path.normpath(value.removeprefix(app_dir.rstrip("/") + "/").lstrip("/"))
    root = os.path.realpath(app_dir)
    if os.path.commonpath((os.path.realpath(os.path.join(root, path)), root)) != root:
        raise SettingInvalid(where=ASSETS_PATH, value=value, expected="a file inside the application directory")
    if not path.endswith((".toml", *_YAML)):
        raise SettingInvalid(where=ASSETS_PATH, value=value, expected="a file name ending in .toml, .yaml or .yml")
    return path


def assets_file(app_dir: str, environment: Environment) -> tuple[str, tuple[str, ...]]:
    """Return the file that another asset belongs in, and the keys that lead to the list of assets there.

    The file that lists assets already, or else the first of our own, of GITHUB_ASSETS_PATH, and project.toml that is
    there, or else a new github-assets.toml. Raises what `read_files` raises.
    """
    named = _named_file(app_dir, environment)
    places = [(file, _read_document(app_dir, file)) for file in (*OWN_FILES, *filter(None, [named]), PROJECT)]
    there = [(file, document) for file, document in places if document is not None]
    listing = [(file, document) for file, document in there if _lists_assets(document)]
    for file, document in (*listing, *there):
        return file, _keys(document, file)
    return OWN_FILES[0], (LIST,)


def _read_document(app_dir: str, file: str) -> dict[str, Any] | None:
    data = read_application_file(app_dir, file)
    return None if data is None else _parse(data, file)


def _keys(document: dict[str, Any], file: str) -> tuple[str, ...]:
    """Return the keys that lead to the list of assets in a file."""
    if file != PROJECT and not _is_descriptor(document):
        return (LIST,)
    path = next((path for path in _METADATA if TABLE in _table(document, path)), _schema(document))
    return (*path.split("."), TABLE)


def _lists_assets(document: dict[str, Any]) -> bool:
    return bool(document.get(LIST)) or any(TABLE in _table(document, path) for path in _METADATA)


def _is_descriptor(document: dict[str, Any]) -> bool:
    return LIST not in document and any(_table(document, path) for path in _METADATA)


def _schema(document: dict[str, Any]) -> str:
    """Return where a project descriptor's metadata belongs by its schema version."""
    return _METADATA[_table(document, "_").get("schema-version", "0.1") != "0.1"]


def _read_named(app_dir: str, file: str, environment: Environment) -> Configuration:
    data = read_application_file(app_dir, file)
    if data is None:
        raise SettingInvalid(
            where=ASSETS_PATH, value=file, expected="an existing file, relative to the application directory"
        )
    document = _parse(data, file)
    return (_project if _is_descriptor(document) else _own)(document, file, environment)


def _own(document: dict[str, Any], file: str, environment: Environment) -> Configuration:
    from github_assets.config.tables import check_keys

    if not check_keys(document, file, {LIST: None}):
        return Configuration([], [])
    return _assets(document[LIST], LIST if file.endswith(_YAML) else f"[[{LIST}]]", file, environment)


def _project(document: dict[str, Any], file: str, environment: Environment) -> Configuration:
    schema = _schema(document)
    found = [path for path in _METADATA if TABLE in _table(document, path)]
    if len(found) > 1:
        raise SettingsConflict(where=file, settings=[f"[[{path}.{TABLE}]]" for path in found])
    errors = ErrorCollector()
    assets, warnings = list[AssetRequest](), list[str]()
    for name in (*document, *_table(document, "_")):
        with errors:
            if _is_meant_for_us(name):
                raise KeyUnknown(where=file, key=name, known=[f"{schema}.{TABLE}"])
    for path in _METADATA:
        for name, value in _table(document, path).items():
            with errors:
                read = _metadata(name, value, path, file, environment)
                assets += read.assets
                warnings += read.warnings
            if name == TABLE and path != schema:
                warnings.append(
                    f"[[{path}.{TABLE}]] in {file} belongs to another schema version;"
                    f" rename it to [[{schema}.{TABLE}]]."
                )
    errors.raise_collected()
    return Configuration(assets, warnings)


def _metadata(name: str, value: object, path: str, file: str, environment: Environment) -> Configuration:
    """Return the assets of one key of a project descriptor's metadata; most are for others."""
    if name == TABLE:
        return _assets(value, f"[[{path}.{TABLE}]]", file, environment)
    if name in _LEGACY_TABLES:
        from github_assets.config.legacy import read_legacy

        return read_legacy(_list(value, f"[[{path}.{name}]]", file), name, path, file, environment)
    if _is_meant_for_us(name):
        raise KeyUnknown(where=f"[{path}] in {file}", key=name, known=[TABLE])
    return Configuration([], [])


def _is_meant_for_us(name: str) -> bool:
    return name.lower().replace("_", "").replace("-", "") in _LEGACY_TABLES


def _assets(value: object, header: str, file: str, environment: Environment) -> Configuration:
    from github_assets.config.tables import read_table

    kind = YamlTable if file.endswith(_YAML) else Location
    errors = ErrorCollector()
    assets = list[AssetRequest]()
    for number, table in enumerate(_list(value, header, file), start=1):
        with errors:
            assets.append(read_table(table, kind(f"{header} number {number} in {file}"), environment))
    errors.raise_collected()
    return Configuration(assets, [])


def _list(value: object, header: str, file: str) -> list[object]:
    from github_assets.config.tables import mistyped

    if not isinstance(value, list):
        raise mistyped(value, f"{header.strip('[]')} in {file}", f"a list of tables, {header}")
    check_number(len(value), f"{header} in {file}")
    return value


def _table(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the table at a dotted path, {} where there is none."""
    table: Any = document
    for name in path.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}
