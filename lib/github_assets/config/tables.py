"""The keys of an asset, and how a table of them becomes a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from github_assets.config.names import printable, valid_layer_name, valid_process_type, valid_variable_name
from github_assets.config.patterns import Pattern, TagPattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import (
    ALL,
    ATTESTED,
    AUTO,
    DIGEST,
    EXECUTABLES,
    NONE,
    REQUIRED,
    AssetRequest,
    MissingToken,
    Repository,
    Token,
    check_target,
    check_url,
    parse_repository,
)
from github_assets.config.settings import APPLICATION, TOKEN_PREFIX, TOKENS, Environment, read_token
from github_assets.config.versions import Version, parse_version
from github_assets.errors import ErrorCollector
from github_assets.errors.config import (
    KeyMissing,
    KeyUnknown,
    SettingInvalid,
    SettingMistyped,
    SettingsConflict,
)
from github_assets.locations import Location
from github_assets.text import nearest_first

OTHER_WORDS = {
    "asset": "file",
    "binary": "target",
    "checksum": "sha256",
    "destination": "target",
    "digest": "sha256",
    "hash": "sha256",
    "name": "target",
    "release": "version",
    "repository": "repo",
    "tag": "version",
    "url": "repo",
}
"""What a key is called elsewhere."""

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


Reader = Callable[[object, str], Any]
"""Takes a value and the name of its setting, and returns what it means. Raises SettingInvalid, SettingMistyped."""


def mistyped(value: object, where: str, expected: str) -> SettingMistyped:
    """Return the error for a value of the wrong type, without the value."""
    return SettingMistyped(where=where, found=_KINDS.get(type(value), f"a {type(value).__name__}"), expected=expected)


def read_table(table: object, source: Location, environment: Environment) -> AssetRequest:
    """Return the asset that a table of `KEYS` describes.

    Raises the errors of `errors.config`.
    """
    values = read_values(table, source, {name: key.read for name, key in KEYS.items()})
    _check_extract(values, source)
    variable = values.pop("token_env", None)
    return AssetRequest(
        repository=values.pop("repo"),
        source=with_asset(source, table),
        token=read_token_env(variable, source, environment) if variable else None,
        **values,
    )


def _check_extract(values: Mapping[str, Any], source: Location) -> None:
    """Raise SettingsConflict for keys that mean nothing for what is extracted."""
    extract = values.get("extract", EXECUTABLES)
    useless = {NONE: ("path", "strip_components"), ALL: () if values.get("executable", True) else ("target",)}
    for key in useless.get(extract, ()):
        if values.get(key):
            files = " and executable = false" if extract == ALL else ""
            raise SettingsConflict(where=str(source), settings=[f'extract = "{extract}"{files}', key])


def with_asset(source: Location, table: Any) -> Location:
    """Return the location with what its table says of the asset."""
    keys = (key for key in ("repo", "version", "file", "target") if key in table)
    return source._replace(asset=tuple((key, table[key]) for key in keys))


def read_values(table: object, source: Location, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return what the values of a table mean, `repo` among them. Raises the errors of `errors.config`."""
    errors = ErrorCollector()
    with errors:
        if "repo" not in check_keys(table, str(source), readers):
            raise KeyMissing(source=source, key="repo")
    values = {}
    for key, value in table.items() if isinstance(table, dict) else ():
        with errors:
            if key in readers:
                values[key] = readers[key](value, source.setting(key))
    errors.raise_collected()
    return values


def check_keys(table: object, name: str, known: Collection[str]) -> dict[str, Any]:
    """Return the table, which has known keys only. Raises KeyUnknown, SettingMistyped, SeveralFailed for several."""
    if not isinstance(table, dict):
        raise mistyped(table, name, 'a table of keys such as repo = "owner/name"')
    errors = ErrorCollector()
    for key in table:
        with errors:
            if not isinstance(key, str):
                raise mistyped(key, f"a key of {name}", _STRING)
            if key not in known:
                raise KeyUnknown(where=name, key=key, known=_likely(key, known))
    errors.raise_collected()
    return table


def _likely(key: str, known: Collection[str]) -> list[str]:
    """Return the known keys, that first which was probably meant."""
    meant = OTHER_WORDS.get(key.lower())
    return sorted(nearest_first(key, known), key=lambda name: name != meant)


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


def read_token_env(variable: str, source: Location, environment: Environment) -> Token | MissingToken:
    """Return the token that a variable named by `source` holds, or that it holds none.

    The application may name what is for GitHub, or for us, and what it has set itself: no other secret of the build.
    Raises SettingInvalid.
    """
    for_us = variable in TOKENS or variable.startswith(TOKEN_PREFIX)
    if not for_us and environment.set_by(variable) != APPLICATION:
        raise SettingInvalid(
            where=source.setting("token_env"),
            value=variable,
            expected=f"{', '.join(TOKENS)}, or a name that begins with {TOKEN_PREFIX}",
        )
    return read_token(environment, variable) or MissingToken(variable)


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
    read: Reader


KEYS = {
    "repo": Key("Required: owner/name, or the repository's URL.", _repository),
    "version": Key("A tag, `latest` (default), or a range.", _version),
    "file": Key("The asset: an exact name, a glob, a /regular expression/, or a template.", _file),
    "target": Key("The file name under bin/.", _target),
    "sha256": Key("The asset's SHA-256.", _sha256),
    "path": Key("Globs of the files to install from an archive.", _globs),
    "strip_components": Key("How many leading directories to strip from the paths in an archive.", read_components),
    "extract": Key(
        "What to install from an archive: its `executables` (default), `all` files, or `none`: the archive itself.",
        _one_of(EXECUTABLES, ALL, NONE),
    ),
    "executable": Key("`false` for a file that is not an executable, or not for this platform.", _boolean),
    "layer": Key("The layer to install to.", _layer),
    "token_env": Key("The environment variable that holds the token.", read_variable),
    "prerelease": Key("`true` to include pre-releases.", _boolean),
    "tag_pattern": Key("A glob or /regular expression/: only matching tags count.", _tag_pattern),
    "min_age": Key("The minimum age of a release, such as 24h or 3d.", _duration),
    "verify": Key("`auto` (default), or `required`: fail if no checksum is published.", _one_of(AUTO, REQUIRED)),
    "minimum": Key(
        "How an asset must be verified: `digest`, by a checksum, or `attested`, by an attestation in the lock file.",
        _one_of(ATTESTED, DIGEST),
    ),
    "process": Key("The process type, or `false` for none.", _process),
    "api_url": Key("The base URL of the repository's API.", _url),
}
"""Every key of an asset, in the order of docs/assets.md."""
