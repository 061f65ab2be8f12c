"""The keys of an asset, and how a table of them becomes a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from github_assets.config.names import printable, valid_layer_name, valid_process_type, valid_variable_name
from github_assets.config.patterns import LONGEST, Pattern, TagPattern, parse_pattern, parse_tag_pattern
from github_assets.config.request import (
    ALL,
    APPEND,
    ATTESTED,
    AUTO,
    DEFAULT,
    DIGEST,
    EXECUTABLES,
    NONE,
    OVERRIDE,
    PREPEND,
    REQUIRED,
    AssetRequest,
    LaunchVariable,
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

_OTHER_WORDS = {
    "age": "min_age",
    "archive": "extract",
    "as": "target",
    "asset": "file",
    "asset_name": "file",
    "attestation": "minimum",
    "attested": "minimum",
    "auth": "token_env",
    "bin": "target",
    "binary": "target",
    "checksum": "sha256",
    "command": "process",
    "dest": "target",
    "destination": "target",
    "digest": "sha256",
    "filename": "file",
    "glob": "file",
    "hash": "sha256",
    "host": "api_url",
    "level": "minimum",
    "name": "target",
    "output": "target",
    "ref": "version",
    "regex": "file",
    "release": "version",
    "rename": "target",
    "repository": "repo",
    "server": "api_url",
    "signature": "minimum",
    "tag": "version",
    "unpack": "extract",
    "url": "repo",
    "verification": "verify",
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
_ACTIONS = (OVERRIDE, DEFAULT, APPEND, PREPEND)
_DELIMITER = "delimiter"
_HEXADECIMAL = frozenset("0123456789abcdef")


Schema = dict[str, Any]
"""A JSON schema, draft 7 (json-schema.org). Its expressions mean the same in Python, JavaScript and Rust."""
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
    check_extract(values, source)
    variable = values.pop("token_env", None)
    return AssetRequest(
        repository=values.pop("repo"),
        source=with_asset(source, table),
        token=read_token_env(variable, source, environment) if variable else None,
        **values,
    )


def check_extract(values: Mapping[str, Any], source: Location) -> None:
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
    meant = key_meant(key)
    return sorted(nearest_first(key, known), key=lambda name: name != meant)


def key_meant(word: str) -> str | None:
    """Return the key that is called so elsewhere, or in the plural, or None."""
    text = word.lower()
    return _OTHER_WORDS.get(text) or _OTHER_WORDS.get(text.removesuffix("s"))


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
    """Return a number of directories. Raises SettingInvalid, SettingMistyped."""
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


def _env(value: object, where: str) -> tuple[LaunchVariable, ...]:
    if not isinstance(value, dict):
        raise mistyped(value, where, 'a table of environment variables such as NAME = "value"')
    errors = ErrorCollector()
    variables = []
    for name, setting in value.items():
        with errors:
            if not isinstance(name, str):
                raise mistyped(name, f"a name in {where}", _STRING)
            if not valid_variable_name(name):
                raise SettingInvalid(
                    where=f"a name in {where}", value=name, expected="the name of an environment variable"
                )
            variables.append(_launch_variable(name, setting, f"{name} in {where}"))
    errors.raise_collected()
    return tuple(sorted(variables, key=lambda variable: variable.name))


def _launch_variable(name: str, setting: object, where: str) -> LaunchVariable:
    if isinstance(setting, str):
        return LaunchVariable(name, OVERRIDE, _env_text(setting, where))
    if not isinstance(setting, dict):
        raise mistyped(setting, where, f'{_STRING}, or a table such as {{ append = "value", delimiter = " " }}')
    actions = [key for key in check_keys(setting, where, (*_ACTIONS, _DELIMITER)) if key in _ACTIONS]
    if len(actions) != 1:
        if actions:
            raise SettingsConflict(where=where, settings=actions)
        raise SettingInvalid(where=where, value="", expected=f"one of the keys {', '.join(_ACTIONS)}")
    action = actions[0]
    joins = action in (APPEND, PREPEND)
    if joins and _DELIMITER not in setting:
        expected = 'a delimiter as well, such as delimiter = " " or delimiter = ":"'
        raise SettingInvalid(where=where, value=f"{action} without delimiter", expected=expected)
    if not joins and _DELIMITER in setting:
        raise SettingsConflict(where=where, settings=[action, _DELIMITER])
    value = _env_text(setting[action], f"{action} of {where}")
    return LaunchVariable(
        name, action, value, _env_text(setting[_DELIMITER], f"{_DELIMITER} of {where}") if joins else None
    )


def _env_text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise mistyped(value, where, _STRING)
    if not printable(value):
        raise SettingInvalid(where=where, value=value, expected=f"{_STRING}, without control characters")
    return value


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
    """What a key means, the function that reads its value, and the JSON schema of its values.

    The schema accepts what the function does; where that takes more than a regular expression, it accepts more.
    """

    description: str
    read: Reader
    schema: Schema


def _switch(description: str) -> Key:
    return Key(description, _boolean, {"type": "boolean"})


def _choice(description: str, *words: str) -> Key:
    return Key(description, _one_of(*words), {"enum": [*words]})


def _text(pattern: str = r"^\S(.*\S)?$", **more: object) -> Schema:
    return {"type": "string", "pattern": pattern, **more}


def _name(pattern: str, *reserved: str) -> Schema:
    return _text(pattern, **{"not": {"enum": [*reserved]}})


def _table_of(*keys: str) -> Schema:
    properties = dict.fromkeys(keys, _VALUE)
    return {"type": "object", "additionalProperties": False, "required": [*keys], "properties": properties}


_GLOB = _text(r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\]+$")
_WORD = "[A-Za-z0-9_.-]+"
_VARIABLE = "[A-Za-z_][A-Za-z0-9_]{0,254}"
_VALUE = _text(r"^[^\x00-\x1f]*$")

KEYS = {
    "repo": Key(
        "Required: owner/name, or the repository's URL.",
        _repository,
        _text(rf"^([A-Za-z]+://[^/@?# ]+/|(ssh://)?git@[^/@:?# ]+[:/]|[A-Za-z.]+\.[A-Za-z]+/)?{_WORD}/{_WORD}/?$"),
    ),
    "version": Key("A tag, `latest` (default), or a range.", _version, _text(maxLength=255)),
    "file": Key(
        "The asset: an exact name, a glob, a /regular expression/, or a template.", _file, _text(maxLength=LONGEST)
    ),
    "target": Key("The file name under bin/.", _target, _text(r"^[^\s/\\]([^/\\]*[^\s/\\])?$")),
    "sha256": Key("The asset's SHA-256.", _sha256, _text("^(sha256:)?[0-9A-Fa-f]{64}$")),
    "path": Key(
        "Globs of the files to install from an archive.",
        _globs,
        {"anyOf": [_GLOB, {"type": "array", "items": _GLOB, "minItems": 1}]},
    ),
    "strip_components": Key(
        "How many leading directories to strip from the paths in an archive.",
        read_components,
        {"type": "integer", "minimum": 0, "maximum": _MOST_COMPONENTS},
    ),
    "extract": _choice(
        "What to install from an archive: its `executables` (default), `all` files, or `none`: the archive itself.",
        EXECUTABLES,
        ALL,
        NONE,
    ),
    "executable": _switch("`false` for a file that is not an executable, or not for this platform."),
    "layer": Key("The layer to install to.", _layer, _name("^[A-Za-z0-9_-]{1,240}$", "build", "launch", "store")),
    "token_env": Key(
        "The environment variable that holds the token.",
        read_variable,
        _text(f"^(?!gh[opsur]_|github_pat_|[0-9a-f]{{40}}$){_VARIABLE}$"),
    ),
    "prerelease": _switch("`true` to include pre-releases."),
    "tag_pattern": Key(
        "A glob or /regular expression/: only matching tags count.",
        _tag_pattern,
        _text(r"^/.+/$|[*?\[]", maxLength=LONGEST),
    ),
    "min_age": Key("The minimum age of a release, such as 24h or 3d.", _duration, _text("^[0-9]{1,9}[smhdw]$")),
    "verify": _choice("`auto` (default), or `required`: fail if no checksum is published.", AUTO, REQUIRED),
    "minimum": _choice(
        "How an asset must be verified: `digest`, by a checksum, or `attested`, by an attestation in the lock file.",
        ATTESTED,
        DIGEST,
    ),
    "process": Key(
        "The process type, or `false` for none.",
        _process,
        {"anyOf": [{"type": "boolean"}, _name(f"^{_WORD}$", ".", "..", "web")]},
    ),
    "api_url": Key("The base URL of the repository's API.", _url, _text("^[A-Za-z]+://[^@?# ]+$")),
    "env": Key(
        "Environment variables of the image's processes; `{layer}` is the layer's path.",
        _env,
        {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {
                f"^{_VARIABLE}$": {
                    "anyOf": [
                        _VALUE,
                        _table_of(OVERRIDE),
                        _table_of(DEFAULT),
                        _table_of(APPEND, _DELIMITER),
                        _table_of(PREPEND, _DELIMITER),
                    ]
                }
            },
        },
    ),
}
"""Every key of an asset, in the order of docs/assets.md."""
