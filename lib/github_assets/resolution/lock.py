"""`github-assets.lock`: which asset each request comes to on each platform, so that a build has nothing to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from github_assets.config.files import decode, read_application_file
from github_assets.config.names import loopback_name, printable, valid_file_name, valid_repository_name, valid_tag
from github_assets.config.request import AssetRequest, check_url
from github_assets.config.settings import LIBC
from github_assets.config.versions import LATEST
from github_assets.errors import GithubAssetsError
from github_assets.errors.resolution import LockInvalid, LockOutdated
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.github.servers import Servers
from github_assets.platforms import Platform
from github_assets.selection.resolved import ResolvedAsset, target_of

FILE = "github-assets.lock"
COMMAND = "github-assets lock"
DOWNLOADED = "downloaded here"
"""What vouches for an asset that nothing vouches for: the digest of the bytes that came when it was locked."""

_FORMAT = 1
_LARGEST = 1 << 20
"""Bytes."""
_HEADER = f"# Written by `{COMMAND}`, to be committed: a build takes exactly these assets, and asks nobody.\n"
_TABLE = "[[assets]]"
_HEXADECIMAL = frozenset("0123456789abcdef")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Wanted(NamedTuple):
    """What of a request decides which asset it comes to; `server` is the GitHub's origin."""

    repository: str
    server: str
    version: str = LATEST.text
    file: str | None = None
    target: str | None = None
    tag_pattern: str | None = None
    prerelease: bool = False
    min_age: int = 0
    api_url: str | None = None

    def __str__(self) -> str:
        return f"{self.repository} {self.version}"


class LockedAsset(NamedTuple):
    """What a request came to on a platform; `url` is the browser's, `sha256` 64 hexadecimal digits."""

    wanted: Wanted
    platform: Platform
    tag: str
    asset: str
    id: int
    size: int
    sha256: str
    url: str
    verified_by: str
    attestations: tuple[str, ...] = ()
    """Who signed it, where that was verified when it was locked."""

    @property
    def verified(self) -> bool:
        """Whether anybody but the download itself said what the digest is."""
        return self.verified_by != DOWNLOADED

    @property
    def verified_by_lock(self) -> str:
        """Who vouches for the asset in a build that takes it from here."""
        return f"{FILE}: {self.verified_by}"

    def resolve(self, request: AssetRequest) -> ResolvedAsset:
        """Return the request's asset, of a release of which nothing else is known. Raises SettingInvalid."""
        asset = ReleaseAsset(self.id, self.asset, UPLOADED, self.size, f"sha256:{self.sha256}", self.url)
        release = Release(request.repository, self.tag, False, (asset,))
        return ResolvedAsset(request, release, asset, target_of(request, asset.name, self.tag))


class Lock(NamedTuple):
    """A lock file's content: the platforms that it was made for, and their assets."""

    platforms: tuple[Platform, ...]
    assets: tuple[LockedAsset, ...]

    def find(self, wanted: Wanted, platform: Platform) -> LockedAsset | None:
        """Return what is locked for exactly this, or None."""
        return next((each for each in self.assets if (each.wanted, each.platform) == (wanted, platform)), None)

    def of(self, requests: Sequence[AssetRequest], servers: Servers, platform: Platform) -> list[LockedAsset]:
        """Return what is locked for the requests, in their order. Raises LockOutdated, which lists all that is not."""
        found = [self.find(wanted(request, servers), platform) for request in requests]
        differences = self.differences(requests, servers, [platform])
        if differences:
            raise LockOutdated(file=FILE, differences=differences, command=self.command([platform]))
        return [each for each in found if each]

    def differences(
        self, requests: Sequence[AssetRequest], servers: Servers, platforms: Iterable[Platform]
    ) -> list[str]:
        """Return what the configuration asks for and is not locked like that, a line each."""
        return list(
            dict.fromkeys(
                difference
                for platform in platforms
                for request in requests
                if (difference := self._difference(request, servers, platform))
            )
        )

    def surplus(self, requests: Sequence[AssetRequest], servers: Servers) -> list[str]:
        """Return what is locked, and nothing asks for any more."""
        asked = {wanted(request, servers) for request in requests}
        return list(dict.fromkeys(str(each.wanted) for each in self.assets if each.wanted not in asked))

    def command(self, platforms: Iterable[Platform]) -> str:
        """Return the command that brings the file up to date for these platforms too."""
        platforms = list(platforms)
        former, names = {name_of(each) for each in self.platforms}, {name_of(each) for each in platforms}
        options = [f"--platform {name}" for name in sorted(former | names)] if names - former else []
        libc = [f"--env {LIBC}={each.libc}" for each in platforms[:1] if each.libc]
        return " ".join([COMMAND, *options, *libc])

    def _difference(self, request: AssetRequest, servers: Servers, platform: Platform) -> str | None:
        now = wanted(request, servers)
        locked = self.find(now, platform)
        name = f"{now} ({request.source})"
        if locked:
            if request.sha256 in (None, locked.sha256):
                return None
            return f"{name}: its sha256 is {request.sha256}, locked is {locked.sha256}"
        others = [each.platform for each in self.assets if each.wanted == now]
        if others:
            return f"{name} is not locked for {platform}, only for {', '.join(map(str, others))}"
        former = [each.wanted for each in self.assets if each.wanted.repository == now.repository]
        if not former:
            return f"{name} is not locked"
        nearest = min((_changes(was, now) for was in former), key=len)
        return f"{name}: {', '.join(nearest)}"


def wanted(request: AssetRequest, servers: Servers) -> Wanted:
    """Return what of the request decides which asset it comes to."""
    return Wanted(
        repository=f"{request.repository.owner}/{request.repository.name}",
        server=request.repository.server or servers.server,
        version=request.version.text,
        file=request.file.text if request.file else None,
        target=request.target,
        tag_pattern=request.tag_pattern.text if request.tag_pattern else None,
        prerelease=request.prerelease,
        min_age=request.min_age,
        api_url=request.api_url,
    )


def read_lock(app_dir: str) -> Lock | None:
    """Return the application's lock file, or None where it has none. Raises FileUnreadable, LockInvalid."""
    data = read_application_file(app_dir, FILE, _LARGEST)
    if data is None:
        return None
    from github_assets.config.parsing import parse_toml

    return parse(parse_toml(decode(data, FILE), FILE))


def parse(document: dict[str, Any]) -> Lock:
    """Return the lock that a parsed file is. Raises LockInvalid."""
    if document.get("format") != _FORMAT:
        raise LockInvalid(where=f"format of {FILE}", reason=f"is not {_FORMAT}, the one that is known here")
    names = _read(document, _KEYS, FILE)
    platforms = tuple(parse_platform(name) for name in names["platforms"])
    assets = tuple(
        _read_asset(table, f"{_TABLE} number {number} in {FILE}")
        for number, table in enumerate(names.get("assets", []), start=1)
    )
    seen = set()
    for number, each in enumerate(assets, start=1):
        if (each.wanted, each.platform) in seen:
            raise LockInvalid(where=f"{_TABLE} number {number} in {FILE}", reason="repeats what stands before it")
        seen.add((each.wanted, each.platform))
    return Lock(platforms, assets)


def to_text(lock: Lock) -> str:
    """Return the lock file's text: the same for the same lock, in whatever order it comes."""
    from github_assets.files import to_toml

    tables = sorted(
        (_table(each) for each in lock.assets), key=lambda table: [str(table.get(key, "")) for key in _ASSET]
    )
    content = {"format": _FORMAT, "platforms": sorted(map(name_of, lock.platforms)), "assets": tables}
    return f"{_HEADER}{to_toml(content)}"


def _table(locked: LockedAsset) -> dict[str, object]:
    values: dict[str, object] = {
        name: value
        for name, value in locked.wanted._asdict().items()
        if name not in Wanted._field_defaults or name == "version" or value != Wanted._field_defaults[name]
    }
    values["platform"] = name_of(locked.platform)
    if locked.platform.libc:
        values["libc"] = locked.platform.libc
    values |= {name: getattr(locked, name) for name in LockedAsset._fields if name not in ("wanted", "platform")}
    values["attestations"] = list(locked.attestations)
    return {name: value for name, value in values.items() if value != []}


def _changes(was: Wanted, now: Wanted) -> list[str]:
    """Return in words what differs."""
    return [
        f"its {name} is {_shown(now_)}, locked is {_shown(was_)}"
        for name, was_, now_ in zip(Wanted._fields, was, now, strict=True)
        if was_ != now_
    ]


def _shown(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def parse_platform(name: str, libc: str | None = None) -> Platform:
    """Return the platform that `os/arch` names."""
    os_, _, arch = name.partition("/")
    return Platform(os_, arch, libc)


def _read_asset(table: object, where: str) -> LockedAsset:
    values = _read(table, _ASSET, where)
    platform = parse_platform(values.pop("platform"), values.pop("libc", None))
    asked = {name: values.pop(name) for name in Wanted._fields if name in values}
    values["attestations"] = tuple(values.get("attestations", ()))
    return LockedAsset(Wanted(**asked), platform, **values)


def _read(table: object, keys: dict[str, Key], where: str) -> dict[str, Any]:
    """Return the table, all of whose values are what they can be. Raises LockInvalid."""
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
            raise LockInvalid(where=f"{name} of {where}", reason=f"is not {key.what}")
    return table.copy()


def name_of(platform: Platform) -> str:
    """Return `os/arch`."""
    return f"{platform.os}/{platform.arch}"


def is_platform(value: object) -> bool:
    """Return whether the value is `os/arch`."""
    words = value.split("/") if isinstance(value, str) else []
    return len(words) == 2 and all(word and _WORD.issuperset(word) for word in words)


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


class Key(NamedTuple):
    """What a key's value is, and whether it is."""

    what: str
    valid: Callable[[object], bool]
    required: bool = True


_TEXT = Key("a text", _is_text)
_KEYS = {
    "format": Key("a number", _is_number),
    "platforms": Key("a list of platforms", lambda value: isinstance(value, list) and all(map(is_platform, value))),
    "assets": Key("a list of tables", lambda value: isinstance(value, list), required=False),
}
_ASSET = {
    "repository": Key("owner/name", _is_repository),
    "server": Key("the URL of a GitHub", _is_server),
    "version": _TEXT,
    "file": _TEXT._replace(required=False),
    "target": _TEXT._replace(required=False),
    "tag_pattern": _TEXT._replace(required=False),
    "prerelease": Key("true or false", lambda value: isinstance(value, bool), required=False),
    "min_age": Key("a number of seconds", _is_number, required=False),
    "api_url": Key("an https:// URL", _is_server, required=False),
    "platform": Key("a platform such as linux/amd64", is_platform),
    "libc": Key("gnu or musl", lambda value: value in ("gnu", "musl"), required=False),
    "tag": Key("a tag", lambda value: isinstance(value, str) and valid_tag(value)),
    "asset": Key("a file's name", lambda value: isinstance(value, str) and valid_file_name(value)),
    "id": Key("an asset's number", _is_number),
    "size": Key("a number of bytes", _is_number),
    "sha256": Key("64 hexadecimal digits in lower case", _is_digest),
    "url": Key("an https:// URL without query", _is_url),
    "verified_by": _TEXT,
    "attestations": Key(
        "a list of texts", lambda value: isinstance(value, list) and all(map(_is_text, value)), required=False
    ),
}
"""Every key of an asset, in the order in which they are written."""
