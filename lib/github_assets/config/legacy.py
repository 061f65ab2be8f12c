"""The predecessor's tables, as its versions 2.0 and 2.1 read them, and the new form of each.

Both put the assets of a repository into a layer `owner_name`, matched keys without regard to case, and took an empty
string for a key that is left out. 2.0 unpacked a file whose name is an archive's into `untarpath` (default `bin`) and
put another at `bin/<target>`. 2.1 unpacked an archive into `destination`, a directory of the layer, and wrote another
file to `destination` itself; of zip files it stripped no components.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from github_assets.config.names import archive_name, printable, valid_file_name
from github_assets.config.patterns import Pattern, parse_pattern
from github_assets.config.request import ALL, BIN, AssetRequest, Configuration, Repository, Token, check_token
from github_assets.config.settings import APPLICATION, TOKEN_PREFIX, Environment
from github_assets.config.tables import (
    KEYS,
    mistyped,
    read_components,
    read_string,
    read_token_env,
    read_values,
    read_variable,
    with_asset,
)
from github_assets.config.versions import LATEST
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid
from github_assets.locations import LegacyTable, file_value


def read_legacy(
    tables: Sequence[object], kind: str, metadata: str, file: str, environment: Environment
) -> Configuration:
    """Return the assets of the tables `[[<metadata>.<kind>]]` in the file, with the new form of them as a warning.

    Raises the errors of `errors.config`.
    """
    header = f"[[{metadata}.{kind}]]"
    names = tuple(KINDS[kind].names.items())
    errors = ErrorCollector()
    assets = list[AssetRequest]()
    for number, table in enumerate(tables, start=1):
        with errors:
            source = LegacyTable(f"{header} number {number} in {file}", names=names)
            assets.append(_read(kind, table, source, environment))
    errors.raise_collected()
    if not assets:
        return Configuration([], [])
    holds_token = kind == "githubasset" and any(asset.token for asset in assets)
    form = "\n".join(_new_form(asset, metadata, holds_token=holds_token) for asset in assets)
    warnings = [
        f"{header} in {file} uses the deprecated syntax of version {KINDS[kind].version}. Replace it with:\n\n{form}"
    ]
    if holds_token:
        warnings.append(
            f"{file} contains a token, and ends up in the image. Revoke the token, pass a new one to the build in an"
            " environment variable, and name that variable in token_env."
        )
    return Configuration(assets, warnings)


def _read(kind: str, table: object, source: LegacyTable, environment: Environment) -> AssetRequest:
    if isinstance(table, dict):
        table = {key.lower() if isinstance(key, str) else key: it for key, it in table.items() if it != ""}
    values = read_values(table, source, KINDS[kind].keys)
    repository: Repository = values["repo"]
    asset = AssetRequest(repository, source, layer=f"{repository.owner}_{repository.name}".replace(".", "_"))
    asset = KINDS[kind].request(asset, values, environment)
    return asset._replace(source=with_asset(source, _new_keys(asset)))


def _request_2_0(asset: AssetRequest, values: dict[str, Any], _environment: Environment) -> AssetRequest:
    file: Pattern | None = values.get("file")
    asset = asset._replace(file=file, version=values.get("version", LATEST), token=values.get("token"))
    if file and archive_name(file.text):
        return asset._replace(extract=ALL, folder=values.get("untarpath", BIN))
    return asset._replace(target=values.get("target"))


def _request_2_1(asset: AssetRequest, values: dict[str, Any], environment: Environment) -> AssetRequest:
    file: Pattern | None = values.get("asset")
    variable = values.get("token_env")
    asset = asset._replace(
        file=file,
        version=values.get("tag", LATEST),
        token=read_token_env(variable, asset.source, environment) if variable else None,
    )
    destination: str = values.get("destination", "")
    if file and archive_name(file.text):
        strip = 0 if file.text.lower().endswith(".zip") else values.get("strip_components", 0)
        return asset._replace(extract=ALL, folder=destination, strip_components=strip)
    if destination in ("", BIN):
        return asset
    folder, _, target = destination.rpartition("/")
    return asset._replace(target=target, folder=None if folder == BIN else folder)


def _new_form(asset: AssetRequest, metadata: str, *, holds_token: bool) -> str:
    """Return the table to paste, which holds no token."""
    token = asset.token
    folder = BIN if asset.folder is None else asset.folder
    values: dict[str, str | int | None] = {
        **_new_keys(asset),
        "layer": asset.layer,
        "token_env": (_variable(asset.repository) if holds_token else token.setting) if token else None,
    }
    note = ""
    if asset.extract == ALL and folder == BIN:
        note = f'# installs the executables in bin/; for all files, in the layer itself: extract = "{ALL}"\n'
    elif asset.extract == ALL:
        values |= {"extract": ALL, "strip_components": asset.strip_components}
        note = f"# installs in the layer itself, no longer in {folder}/\n" if folder else ""
    elif folder != BIN:
        note = f"# installs in bin/, no longer in {f'{folder}/' if folder else 'the layer itself'}\n"
    lines = (f"{key} = {file_value(value)}\n" for key, value in values.items() if value)
    return f"{note}[[{metadata}.github-assets]]\n{''.join(lines)}"


def _new_keys(asset: AssetRequest) -> dict[str, str]:
    values = {
        "repo": str(asset.repository),
        "version": asset.version.text if asset.version != LATEST else None,
        "file": asset.file.text if asset.file else None,
        "target": asset.target,
    }
    return {key: value for key, value in values.items() if value}


def _variable(repository: Repository) -> str:
    return TOKEN_PREFIX + "".join(letter if letter.isalnum() else "_" for letter in repository.owner.upper())


def _name(value: object, where: str) -> Pattern:
    text = read_string(value, where)
    if not valid_file_name(text):
        raise SettingInvalid(where=where, value=text, expected="the exact name of an asset")
    return parse_pattern(text, where)


def _folder(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise mistyped(value, where, "a path in the layer, in quotes")
    parts = [part for part in value.split("/") if part not in ("", ".")]
    if not all(valid_file_name(part) for part in parts) or not printable(value):
        raise SettingInvalid(where=where, value=value, expected="a path inside the layer, without ..")
    return "/".join(parts)


def _token(value: object, where: str) -> Token:
    if not isinstance(value, str):
        raise mistyped(value, where, "a string in quotes")
    return Token(check_token(value, where), where, APPLICATION)


class Kind(NamedTuple):
    """One of the predecessor's tables: its version, its keys, and how their values become a request."""

    version: str
    names: dict[str, str]
    """Its names for keys of today; not those that mean something else, or more."""
    keys: dict[str, Callable[[object, str], Any]]
    request: Callable[[AssetRequest, dict[str, Any], Environment], AssetRequest]


KINDS = {
    "githubasset": Kind(
        "2.0",
        {"repo": "repo", "version": "version", "file": "file", "target": "target"},
        {
            "repo": KEYS["repo"].read,
            "file": _name,
            "target": KEYS["target"].read,
            "version": KEYS["version"].read,
            "token": _token,
            "untarpath": _folder,
        },
        _request_2_0,
    ),
    "githubassets": Kind(
        "2.1",
        {"repo": "repo", "version": "tag", "file": "asset"},
        {
            "repo": KEYS["repo"].read,
            "asset": _name,
            "tag": KEYS["version"].read,
            "token_env": read_variable,
            "destination": _folder,
            "strip_components": read_components,
        },
        _request_2_1,
    ),
}
