"""Reads and writes `github-assets.lock`: every value is checked, and the order is always the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from github_assets.config.files import LOCK_FILE, decode, read_application_file
from github_assets.config.names import loopback_name, printable, valid_file_name, valid_repository_name, valid_tag
from github_assets.config.request import check_url
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import FileUnreadable
from github_assets.errors.resolution import LockInvalid
from github_assets.platforms import parse_platform, valid_platform_name
from github_assets.resolution.lock import (
    FIRST_DOWNLOAD,
    LOCK_COMMAND,
    PROVENANCE,
    RELEASE,
    Attestation,
    Lock,
    LockedAsset,
    LockKey,
)
from github_assets.transfer.source import CONFIGURATION, GITHUB, OF_THE_RELEASE

_FORMAT = 1
_LARGEST = 1 << 20
"""Bytes."""
_HEADER = f"# Written by `{LOCK_COMMAND}`, commit it. A build installs exactly these assets, without asking GitHub.\n"
_TABLE = "[[assets]]"
_HEXADECIMAL = frozenset("0123456789abcdef")


def read_lock(app_dir: str) -> Lock | None:
    """Return the application's lock, or None if it has no lock file. Raises LockInvalid, MergeConflict."""
    try:
        data = read_application_file(app_dir, LOCK_FILE, _LARGEST)
        if data is None:
            return None
        from github_assets.config.parsing import parse_toml

        document = parse_toml(decode(data, LOCK_FILE), LOCK_FILE)
    except FileUnreadable as error:
        raise LockInvalid(where=LOCK_FILE, reason=f"cannot be read: {error.reason}") from None
    return parse(document)


def parse(document: dict[str, Any]) -> Lock:
    """Return the lock in a parsed file. Raises LockInvalid."""
    if document.get("format") != _FORMAT:
        raise LockInvalid(
            where=f"format of {LOCK_FILE}", reason=f"is not {_FORMAT}, the only one that this version supports"
        )
    values = _read(document, _FILE_KEYS, LOCK_FILE)
    platforms = tuple(parse_platform(name) for name in values["platforms"])
    assets = tuple(
        _read_asset(table, f"{_TABLE} number {number} in {LOCK_FILE}")
        for number, table in enumerate(values.get("assets", []), start=1)
    )
    seen = set()
    for number, each in enumerate(assets, start=1):
        if (each.key, each.platform) in seen:
            raise LockInvalid(where=f"{_TABLE} number {number} in {LOCK_FILE}", reason="repeats an earlier table")
        seen.add((each.key, each.platform))
    return Lock(platforms, assets)


def to_text(lock: Lock) -> str:
    """Return the lock file's text, which does not depend on the order of the assets."""
    from github_assets.files import to_toml

    tables = sorted(
        (_table(each) for each in lock.assets), key=lambda table: [str(table.get(key, "")) for key in _ASSET_KEYS]
    )
    platforms = sorted(each.name for each in lock.platforms)
    return f"{_HEADER}{to_toml({'format': _FORMAT, 'platforms': platforms, 'assets': tables})}"


def _table(locked: LockedAsset) -> dict[str, object]:
    values: dict[str, object] = {
        name: value
        for name, value in locked.key._asdict().items()
        if name not in LockKey._field_defaults or name == "version" or value != LockKey._field_defaults[name]
    }
    values["platform"] = locked.platform.name
    if locked.platform.libc:
        values["libc"] = locked.platform.libc
    values |= {name: getattr(locked, name) for name in LockedAsset._fields if name not in ("key", "platform")}
    values["attestations"] = [each._asdict() for each in locked.attestations]
    return {name: value for name, value in values.items() if value != []}


def _read_asset(table: object, where: str) -> LockedAsset:
    values = _read(table, _ASSET_KEYS, where)
    platform = parse_platform(values.pop("platform"), values.pop("libc", None))
    key = {name: values.pop(name) for name in LockKey._fields if name in values}
    tables = enumerate(values.get("attestations", []), start=1)
    attestations = [_read(each, _ATTESTATION_KEYS, f"attestations number {n} of {where}") for n, each in tables]
    values["attestations"] = tuple(Attestation(**each) for each in attestations)
    return LockedAsset(LockKey(**key), platform, **values)


def _read(table: object, keys: dict[str, _Key], where: str) -> dict[str, Any]:
    """Return a copy of the table after checking its keys and values. Raises LockInvalid."""
    if not isinstance(table, dict):
        raise LockInvalid(where=where, reason="is not a table")
    for name in table:
        if name not in keys:
            raise LockInvalid(where=f"{name!a} of {where}", reason="is unknown")
    for name, key in keys.items():
        if name not in table:
            if key.required:
                raise LockInvalid(where=f"{name} of {where}", reason="is missing")
        elif not key.valid(table[name]):
            raise LockInvalid(where=f"{name} of {where}", reason=f"is not {key.expected}")
    return table.copy()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and printable(value)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_repository(value: object) -> bool:
    parts = value.split("/") if isinstance(value, str) else []
    return len(parts) == 2 and all(map(valid_repository_name, parts))


def _is_server(value: object) -> bool:
    try:
        return isinstance(value, str) and check_url(value, "") == value
    except GithubAssetsError:
        return False


def _is_url(value: object) -> bool:
    if not isinstance(value, str) or not printable(value) or any(character in value for character in "?#\\ "):
        return False
    scheme, _, rest = value.partition("://")
    host = rest.partition("/")[0]
    return _is_server(f"{scheme}://{host}") and (scheme == "https" or loopback_name(host.rpartition(":")[0] or host))


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and _HEXADECIMAL.issuperset(value)


def _is_platforms(value: object) -> bool:
    return isinstance(value, list) and all(map(valid_platform_name, value))


def _is_verifier(value: object) -> bool:
    if not isinstance(value, str) or value == FIRST_DOWNLOAD:
        return value == FIRST_DOWNLOAD
    for publisher in (CONFIGURATION, GITHUB):
        if value == publisher:
            return True
        value = value.removeprefix(f"{publisher}, ")
    return value.endswith(OF_THE_RELEASE) and valid_file_name(value.removesuffix(OF_THE_RELEASE))


def _is_signer(value: object) -> bool:
    return isinstance(value, str) and printable(value) and value.startswith("https://")


class _Key(NamedTuple):
    """What the value of a key must be, in words and as a predicate."""

    expected: str
    valid: Callable[[object], bool]
    required: bool = True


_TEXT = _Key("a text", _is_text)
_BOOLEAN = _Key("true or false", lambda value: isinstance(value, bool))
_TABLES = _Key("a list of tables", lambda value: isinstance(value, list))
_FILE_KEYS = {
    "format": _Key("a number", _is_number),
    "platforms": _Key("a list of platforms", _is_platforms),
    "assets": _TABLES._replace(required=False),
}
_ASSET_KEYS = {
    "repository": _Key("owner/name", _is_repository),
    "server": _Key("the URL of a GitHub", _is_server),
    "version": _TEXT,
    "file": _TEXT._replace(required=False),
    "target": _TEXT._replace(required=False),
    "tag_pattern": _TEXT._replace(required=False),
    "prerelease": _BOOLEAN._replace(required=False),
    "min_age": _Key("a number of seconds", _is_number, required=False),
    "api_url": _Key("an https:// URL", _is_server, required=False),
    "platform": _Key("a platform such as linux/amd64", valid_platform_name),
    "libc": _Key("gnu or musl", lambda value: value in ("gnu", "musl"), required=False),
    "repository_id": _Key("a repository's number", _is_number),
    "tag": _Key("a tag", lambda value: isinstance(value, str) and valid_tag(value)),
    "release_id": _Key("a release's number", _is_number),
    "immutable": _BOOLEAN,
    "asset": _Key("a file's name", lambda value: isinstance(value, str) and valid_file_name(value)),
    "id": _Key("an asset's number", _is_number),
    "size": _Key("a number of bytes", _is_number),
    "sha256": _Key("64 hexadecimal digits in lower case", _is_digest),
    "url": _Key("an https:// URL without query", _is_url),
    "verified_by": _Key("who verifies an asset", _is_verifier),
    "attestations": _TABLES._replace(required=False),
}
"""Every key of an asset, in the order of the file."""
_ATTESTATION_KEYS = {
    "predicate": _Key("a predicate type that is verified here", lambda value: value in (*PROVENANCE, *RELEASE)),
    "signer": _Key("an https:// URL", _is_signer),
}
