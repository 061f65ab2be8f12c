"""The keys of an asset, and how a table of them becomes a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from github_assets.config.names import printable, valid_layer_name, valid_process_type, valid_variable_name
from github_assets.config.patterns import Pattern, TagPattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import (
    ALL,
    AUTO,
    EXECUTABLES,
    REQUIRED,
    AssetRequest,
    Repository,
    check_target,
    check_token,
    check_url,
    parse_repository,
)
from github_assets.config.settings import Environment
from github_assets.config.versions import Version, parse_version
from github_assets.errors.config import KeyMissing, KeyUnknown, SettingInvalid, SettingMistyped, TokenMissing
from github_assets.locations import Location
from github_assets.secrets import Secret
from github_assets.text import nearest_first

_STRING = "a string in quotes"
_KINDS: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a float",
    list: "a list",
    dict: "a table",
    type(None): "empty",
}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST_COMPONENTS = 100
_TOKEN_STARTS = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")
_HEXADECIMAL = frozenset("0123456789abcdef")


def mistyped(value: object, where: str, expected: str) -> SettingMistyped:
    """Return the error for a value of the wrong type, without the value."""
    return SettingMistyped(where=where, found=_KINDS.get(type(value), f"a {type(value).__name__}"), expected=expected)


def read_table(table: object, source: Location, environment: Environment) -> AssetRequest:
    """Return the asset that a table of `KEYS` describes.

    Raises KeyMissing, KeyUnknown, SettingInvalid, SettingMistyped, TokenMissing.
    """
    checked = check_keys(table, source, KEYS)
    values = {key: KEYS[key].read(value, source.setting(key)) for key, value in checked.items()}
    if "repo" not in values:
        raise KeyMissing(source=source, key="repo")
    variable = values.get("token_env")
    return AssetRequest(
        repository=values.pop("repo"),
        source=with_asset(source, checked),
        token=read_token(variable, source, environment) if variable else None,
        **values,
    )


def with_asset(source: Location, table: Mapping[str, Any]) -> Location:
    """Return the location with what its table says of the asset."""
    keys = (key for key in ("repo", "version", "file", "target") if key in table)
    return source._replace(asset=tuple((key, table[key]) for key in keys))


def check_keys(table: object, source: Location | str, known: Mapping[str, object]) -> dict[str, Any]:
    """Return the table, which has known keys only. Raises KeyUnknown, SettingMistyped."""
    if not isinstance(table, dict):
        raise mistyped(table, str(source), 'a table of keys such as repo = "owner/name"')
    for key in table:
        if not isinstance(key, str):
            raise mistyped(key, f"a key of {source}", _STRING)
        if key not in known:
            raise KeyUnknown(where=str(source), key=key, known=nearest_first(key, known))
    return table


def read_string(value: object, where: str, expected: str = _STRING) -> str:
    """Return the value, which is a text of at least one character. Raises SettingInvalid, SettingMistyped."""
    if not isinstance(value, str):
        raise mistyped(value, where, expected)
    if not value or value != value.strip() or not printable(value):
        raise SettingInvalid(
            where=where,
            value=value,
            expected=f"{expected}, not empty, without control characters or surrounding white space",
        )
    return value


def read_components(value: object, where: str) -> int:
    """Return a number of folders. Raises SettingInvalid, SettingMistyped."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise mistyped(value, where, "an integer, without quotes")
    if not 0 <= value <= _MOST_COMPONENTS:
        shown = str(value) if abs(value) < 1_000_000 else "(not shown)"
        raise SettingInvalid(where=where, value=shown, expected=f"a number from 0 to {_MOST_COMPONENTS}")
    return value


def read_variable(value: object, where: str) -> str:
    """Return an environment variable's name. Raises SettingInvalid, SettingMistyped."""
    expected = "the name of an environment variable, such as GITHUB_TOKEN"
    if not isinstance(value, str):
        raise mistyped(value, where, expected)
    is_token = value.startswith(_TOKEN_STARTS) or (len(value) == 40 and _HEXADECIMAL.issuperset(value))
    if is_token or not valid_variable_name(value):
        raise SettingInvalid(where=where, value="(not shown)", expected=f"{expected}, never the token itself")
    return value


def read_token(variable: str, source: Location, environment: Environment) -> Secret:
    """Return the token that a variable named by `source` holds. Raises SettingInvalid, TokenMissing."""
    text = environment.get(variable)
    if not text:
        raise TokenMissing(name=variable, source=source)
    return check_token(text, variable)


def _repository(value: object, where: str) -> Repository:
    return parse_repository(read_string(value, where), where)


def _version(value: object, where: str) -> Version:
    return parse_version(read_string(value, where, 'a string in quotes, such as "1.10"'), where)


def _file(value: object, where: str) -> Pattern:
    return parse_pattern(read_string(value, where), where)


def _tag_pattern(value: object, where: str) -> TagPattern:
    return parse_tag_pattern(read_string(value, where), where)


def _target(value: object, where: str) -> str:
    return check_target(read_string(value, where), where)


def _sha256(value: object, where: str) -> str:
    text = read_string(value, where)
    digits = text.removeprefix("sha256:").lower()
    if len(digits) != 64 or not _HEXADECIMAL.issuperset(digits):
        raise SettingInvalid(where=where, value=text, expected="the asset's SHA-256, 64 hexadecimal digits")
    return digits


def _globs(value: object, where: str) -> tuple[str, ...]:
    expected = "a glob of paths in the archive, or a list of globs"
    globs = value if isinstance(value, list) else [value]
    if not globs:
        raise SettingInvalid(where=where, value="[]", expected=f"{expected}, at least one")
    for glob in globs:
        text = read_string(glob, where, expected)
        if text.startswith("/") or "\\" in text or ".." in text.split("/"):
            raise SettingInvalid(
                where=where, value=text, expected="a path relative to the archive's root: no leading /, no .., no \\"
            )
    return tuple(globs)


def _one_of(*words: str) -> Callable[[object, str], str]:
    def read(value: object, where: str) -> str:
        text = read_string(value, where)
        if text not in words:
            raise SettingInvalid(where=where, value=text, expected=" or ".join(words))
        return text

    return read


def _boolean(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise mistyped(value, where, "true or false, without quotes")
    return value


def _layer(value: object, where: str) -> str:
    text = read_string(value, where)
    if not valid_layer_name(text):
        raise SettingInvalid(
            where=where,
            value=text,
            expected="a layer name: ASCII letters, digits, - and _; not build, launch or store",
        )
    return text


def _duration(value: object, where: str) -> int:
    expected = "a duration in quotes, a number followed by s, m, h, d or w, such as 24h or 3d"
    text = read_string(value, where, expected)
    number, unit = text[:-1], text[-1]
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and unit in _SECONDS):
        raise SettingInvalid(where=where, value=text, expected=expected)
    return int(number) * _SECONDS[unit]


def _process(value: object, where: str) -> str | bool:
    if isinstance(value, bool):
        return value
    text = read_string(value, where, "a process type, or false")
    if not valid_process_type(text):
        raise SettingInvalid(
            where=where,
            value=text,
            expected="a process type: ASCII letters, digits, - . and _; not web, which belongs to the application",
        )
    return text


def _url(value: object, where: str) -> str:
    return check_url(read_string(value, where), where)


class Key(NamedTuple):
    """What a key means, and the function that reads its value."""

    description: str
    read: Callable[[object, str], Any]


KEYS = {
    "repo": Key("Required: owner/name, or the repository's URL.", _repository),
    "version": Key("A tag, `latest` (the default), or a range.", _version),
    "file": Key("The asset's name: exact, a glob, a /regular expression/ or a template.", _file),
    "target": Key("The file's name under bin/.", _target),
    "sha256": Key("The asset's SHA-256.", _sha256),
    "path": Key("Globs of the files to keep of an archive.", _globs),
    "strip_components": Key("How many leading folders of an archive's paths are dropped.", read_components),
    "extract": Key("`executables` of an archive (the default), or `all` files.", _one_of(EXECUTABLES, ALL)),
    "executable": Key("`false`: a file that is not to be executed.", _boolean),
    "layer": Key("The layer that the asset goes to.", _layer),
    "token_env": Key("The environment variable that holds the token.", read_variable),
    "prerelease": Key("`true`: pre-releases count too.", _boolean),
    "tag_pattern": Key("A glob: only tags that match it count.", _tag_pattern),
    "min_age": Key("How old a release must be, such as 24h or 3d.", _duration),
    "verify": Key("`auto` (the default), or `required`: refuse what nothing vouches for.", _one_of(AUTO, REQUIRED)),
    "process": Key("The process type's name, or `false` for none.", _process),
    "api_url": Key("The base URL of the repository's API.", _url),
}
"""Every key of an asset, in the order in which docs/assets.md has them."""
