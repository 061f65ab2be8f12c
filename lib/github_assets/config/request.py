"""What the user asks for."""

from __future__ import annotations

from github_assets.config.names import (
    loopback_name,
    packed_name,
    valid_file_name,
    valid_host_name,
    valid_port,
    valid_repository_name,
)
from github_assets.config.versions import LATEST
from github_assets.errors.config import SettingInvalid, TargetConflict
from github_assets.secrets import Secret
from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from github_assets.config.patterns import Pattern, TagPattern
    from github_assets.config.versions import Version
    from github_assets.locations import Location

DEFAULT_LAYER = "github-assets"
EXECUTABLES = "executables"
"""Of an archive: what can be executed, each in `bin/`."""
ALL = "all"
"""Of an archive: every file, where the archive has it."""
AUTO = "auto"
"""Verify against whatever there is to verify against."""
REQUIRED = "required"
"""Refuse what nothing vouches for."""
BIN = "bin"


class Repository(Value):
    """A repository and, where the user names one, the origin of its GitHub (`https://ghe.example.com`)."""

    owner: str
    name: str
    server: str | None = None

    def __str__(self) -> str:
        return f"{self.server}/{self.owner}/{self.name}" if self.server else f"{self.owner}/{self.name}"


class AssetRequest(Value):
    """One asset as the configuration names it; `tables.KEYS` describes what it does not describe itself."""

    repository: Repository
    source: Location
    version: Version = LATEST
    file: Pattern | None = None
    target: str | None = None
    token: Secret | None = None
    token_env: str | None = None
    """The variable that `token` stands in, where the asset names one of its own."""
    sha256: str | None = None
    """64 hexadecimal digits in lower case."""
    path: tuple[str, ...] = ()
    strip_components: int = 0
    extract: str = EXECUTABLES
    executable: bool = True
    layer: str = DEFAULT_LAYER
    prerelease: bool = False
    tag_pattern: TagPattern | None = None
    min_age: int = 0
    """Seconds."""
    verify: str = AUTO
    process: str | bool = True
    """The process type's name; True: the target's; False: there is none."""
    api_url: str | None = None
    folder: str | None = None
    """Where below the layer the file, or the tree, goes; None: `bin` for files, the layer itself for a tree.
    The predecessor's tables alone set it."""

    @property
    def place(self) -> str | None:
        """The layer and the path in it that will be written, where that is known before the asset is."""
        if self.extract == ALL:
            return None
        target = self.target
        if target is None and self.file and self.file.exact and not self.path:
            name = self.file.text
            target = name if valid_file_name(name) and not packed_name(name) else None
        if target is None:
            return None
        return "/".join(part for part in (self.layer, BIN if self.folder is None else self.folder, target) if part)


class Requests(Value):
    """All that the configuration asks for, and what the user should change although it can be done."""

    assets: list[AssetRequest]
    warnings: list[str]


def check_targets_unique(places: Iterable[tuple[str, Location]]) -> None:
    """Raise TargetConflict where two of these pairs of place and source have one place."""
    taken: dict[str, Location] = {}
    for place, source in places:
        if place in taken:
            raise TargetConflict(target=place, sources=[str(taken[place]), str(source)])
        taken[place] = source


def parse_repository(text: str, where: str) -> Repository:
    """Return the repository that `owner/name`, or a URL of one, names.

    Raises SettingInvalid; what may be a credential in the URL is not repeated in it.
    """

    def invalid(why: str) -> SettingInvalid:
        return SettingInvalid(where=where, value=_without_userinfo(text), expected=why)

    server = None
    path = text
    scheme, separator, rest = text.partition("://")
    if separator:
        host, _, path = rest.partition("/")
        server = check_url(f"{scheme}://{host}", where).replace("://www.github.com", "://github.com")
    elif text.lower().startswith(("github.com/", "www.github.com/")):
        path = text.partition("/")[2]
    path = path.removesuffix("/").removesuffix(".git")
    owner, _, name = path.partition("/")
    if not (valid_repository_name(owner) and valid_repository_name(name)):
        raise invalid("owner/name, such as grpc-ecosystem/grpc-health-probe, or https://github.com/owner/name")
    return Repository(owner, name, server)


def check_target(name: str, where: str) -> str:
    """Return the target, a file's name under bin/. Raises SettingInvalid."""
    if not valid_file_name(name):
        raise SettingInvalid(
            where=where, value=name, expected="a file name, without directories, .. or control characters"
        )
    return name


def check_token(text: str, where: str) -> Secret:
    """Return the token. Raises SettingInvalid, which does not hold it."""
    if not text or not (text.isascii() and text.isprintable()) or " " in text:
        raise SettingInvalid(where=where, value="(not shown)", expected="a token: ASCII letters and digits")
    return Secret(text)


def check_url(url: str, where: str) -> str:
    """Return a server's URL without a closing slash, scheme and host in lower case.

    Raises SettingInvalid where it is not https (plain http is for loopback addresses), or holds a user or a query.
    """
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.rstrip("/").partition("/")
    scheme, host = scheme.lower(), host.lower()
    has_port = ":" in host and not host.endswith("]")
    name, _, port = host.rpartition(":") if has_port else (host, "", "")
    if (
        not separator
        or not valid_host_name(name)
        or (has_port and not valid_port(port))
        or any(character in rest for character in "@?#\\ ")
        or not (scheme == "https" or (scheme == "http" and loopback_name(name)))
    ):
        raise SettingInvalid(
            where=where, value=_without_userinfo(url), expected="an https:// URL without user name or query"
        )
    return f"{scheme}://{host}{slash}{path}"


def _without_userinfo(text: str) -> str:
    """Return the text up to a `?`, without all that stands before an `@`, whatever else is wrong with it."""
    before, at, after = text.rpartition("@")
    if at:
        scheme, separator, _ = before.partition("://")
        text = f"{scheme + separator if separator and '@' not in scheme else ''}***@{after}"
    return text.partition("?")[0]
