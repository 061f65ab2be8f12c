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
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid, TargetConflict, VariableConflict
from github_assets.secrets import Secret
from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from github_assets.config.patterns import Pattern, TagPattern
    from github_assets.config.versions import Version
    from github_assets.locations import Location

MOST_ASSETS = 1000
"""That one source may list."""
DEFAULT_LAYER = "github-assets"
EXECUTABLES = "executables"
"""Of an archive: what can be executed, each in `bin/`."""
ALL = "all"
"""Of an archive: every file, where the archive has it."""
NONE = "none"
"""Of an archive: itself, as it is."""
AUTO = "auto"
"""Verify against whatever there is to verify against."""
REQUIRED = "required"
"""Refuse what nothing verifies."""
ATTESTED = "attested"
"""As good as verified can be: signed by whoever made it, which the lock file records."""
DIGEST = "digest"
"""Verified against a digest that somebody publishes, or that is configured."""
UNVERIFIED = "unverified"
"""Nobody but the download itself says what the digest is."""
BIN = "bin"
OVERRIDE, DEFAULT, APPEND, PREPEND = "override", "default", "append", "prepend"
LAYER_PLACEHOLDER = "{layer}"


class Repository(Value):
    """A repository and, where the user names one, the origin of its GitHub (`https://ghe.example.com`)."""

    owner: str
    name: str
    server: str | None = None

    def __str__(self) -> str:
        return f"{self.server}/{self.owner}/{self.name}" if self.server else f"{self.owner}/{self.name}"


class Token(Value):
    """A token, the setting that it comes from, and who set it (`settings.OPERATOR` and so on)."""

    secret: Secret
    setting: str
    set_by: int


class MissingToken(Value):
    """The setting that an asset names for its token, and that is not set. Only an error if the token is needed."""

    setting: str


class LaunchVariable(Value):
    """An environment variable of the image's processes (Buildpack spec, "Environment Variable Modification Rules")."""

    name: str
    action: str
    """OVERRIDE, DEFAULT, APPEND or PREPEND."""
    value: str
    """LAYER_PLACEHOLDER in it stands for the layer's path."""
    delimiter: str | None = None

    def files(self, layer: str) -> dict[str, str]:
        """Return the files that set it in env.launch/ of a layer at this path, by name."""
        files = {f"{self.name}.{self.action}": self.value.replace(LAYER_PLACEHOLDER, layer)}
        return files if self.delimiter is None else {**files, f"{self.name}.delim": self.delimiter}


class AssetRequest(Value):
    """One asset as the configuration names it; `tables.KEYS` describes what it does not describe itself."""

    repository: Repository
    source: Location
    version: Version = LATEST
    file: Pattern | None = None
    target: str | None = None
    token: Token | MissingToken | None = None
    """The token that the asset itself names, in token_env."""
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
    minimum: str | None = None
    """The level of verification that is enough, ATTESTED or DIGEST; None: any."""
    process: str | bool = True
    """The process type's name; True: the target's; False: there is none."""
    api_url: str | None = None
    env: tuple[LaunchVariable, ...] = ()
    """Sorted by name."""
    folder: str | None = None
    """Where below the layer the file, or the tree, goes; None: `bin` for files, the layer itself for a tree.
    The predecessor's tables alone set it."""

    @property
    def needs_digest(self) -> bool:
        """Whether an asset that nobody verifies is not to be installed."""
        return self.verify == REQUIRED or self.minimum is not None

    def accepts(self, level: str) -> bool:
        """Return whether a level of verification (ATTESTED, DIGEST, UNVERIFIED) is enough."""
        if self.minimum == ATTESTED:
            return level == ATTESTED
        return level != UNVERIFIED or not self.needs_digest

    @property
    def destination(self) -> str | None:
        """The layer and the path in it that will be written, where that is known before the asset is."""
        if self.extract == ALL:
            return None
        target = self.target
        if target is None and self.file and self.file.exact and not self.path:
            name = self.file.text
            is_known = valid_file_name(name) and (self.extract == NONE or not packed_name(name))
            target = name if is_known else None
        if target is None:
            return None
        return "/".join(part for part in (self.layer, BIN if self.folder is None else self.folder, target) if part)


class Configuration(Value):
    """All that the configuration asks for, and what the user should change although it can be done."""

    assets: list[AssetRequest]
    warnings: list[str]


def check_number(assets: int, where: str) -> None:
    """Raise SettingInvalid where a source lists more assets than anybody needs: they would take memory and time."""
    if assets > MOST_ASSETS:
        raise SettingInvalid(where=where, value=f"{assets} assets", expected=f"at most {MOST_ASSETS}")


def check_destinations(destinations: Iterable[tuple[str | None, Location]]) -> None:
    """Raise TargetConflict where several of these pairs of destination and source have one destination."""
    sources: dict[str, list[str]] = {}
    for destination, source in destinations:
        if destination is not None:
            sources.setdefault(destination, []).append(str(source))
    errors = ErrorCollector()
    for destination, of_destination in sources.items():
        with errors:
            if len(of_destination) > 1:
                raise TargetConflict(target=destination, sources=of_destination)
    errors.raise_collected()


def check_variables(assets: Iterable[AssetRequest]) -> None:
    """Raise VariableConflict for each variable that several assets set so that one of them would have no effect.

    Layers can all append and prepend. Within a layer, there is one file for each variable and action.
    """
    settings: dict[str, list[tuple[AssetRequest, LaunchVariable]]] = {}
    for asset in assets:
        for variable in asset.env:
            settings.setdefault(variable.name, []).append((asset, variable))
    errors = ErrorCollector()
    for name, of_name in settings.items():
        layers = {asset.layer for asset, _ in of_name}
        with errors:
            if len(of_name) > 1 and (
                len(layers) < len(of_name) or any(each.action not in (APPEND, PREPEND) for _, each in of_name)
            ):
                raise VariableConflict(name=name, sources=[str(asset.source) for asset, _ in of_name])
    errors.raise_collected()


def parse_repository(text: str, where: str) -> Repository:
    """Return the repository that `owner/name`, or a URL of one, names; also one that git clones over SSH.

    Raises SettingInvalid; what may be a credential in the URL is not repeated in it.
    """

    def invalid(why: str) -> SettingInvalid:
        return SettingInvalid(where=where, value=_without_userinfo(text), expected=why)

    server = None
    path = text = _without_ssh(text)
    scheme, separator, rest = text.partition("://")
    if separator:
        host, _, path = rest.partition("/")
        server = check_server(f"{scheme}://{host}", where)
        server = "https://github.com" if server == "https://www.github.com" else server
    elif text.lower().startswith(("github.com/", "www.github.com/")):
        path = text.partition("/")[2]
    path = path.removesuffix("/").removesuffix(".git")
    owner, _, name = path.partition("/")
    if not (valid_repository_name(owner) and valid_repository_name(name)):
        usual = "owner/name, such as grpc-ecosystem/grpc-health-probe, or https://github.com/owner/name"
        more = valid_repository_name(owner) and valid_repository_name(name.partition("/releases")[0].partition("@")[0])
        raise invalid(f"{usual}, without a release or an asset, which have settings of their own" if more else usual)
    return Repository(owner, name, server)


def _without_ssh(text: str) -> str:
    """Return the URL of the page of what git clones over SSH; any other text as it is."""
    login = text.removeprefix("ssh://")
    if not login.startswith("git@"):
        return text
    host, slash, path = login.removeprefix("git@").partition("/")
    return f"https://{host.replace(':', '/', 1)}{slash}{path}"


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


def check_server(text: str, where: str) -> str:
    """Return the origin of the GitHub that a URL, or a host alone, names. Raises SettingInvalid where there is more."""
    url = check_url(text if "://" in text else f"https://{text}", where)
    scheme, _, host = url.partition("://")
    if "/" in host:
        raise SettingInvalid(
            where=where, value=_without_userinfo(text), expected="a host, or its https:// URL without a path"
        )
    return url.removesuffix(":443") if scheme == "https" else url


def _without_userinfo(text: str) -> str:
    """Return the text up to a `?`, without all that stands before an `@`, whatever else is wrong with it.

    An `@` between a repository and what is no host begins a version, not a host.
    """
    before, at, after = text.rpartition("@")
    if at and not (_names_repository(before) and _is_no_host(after)):
        scheme, separator, _ = before.partition("://")
        text = f"{scheme + separator if separator and '@' not in scheme else ''}***@{after}"
    return text.partition("?")[0]


def _names_repository(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    names = (rest if separator else f"/{text}").split("/")[1:]
    if not separator and names[0].lower() in ("github.com", "www.github.com"):
        names = names[1:]
    return (
        len(names) == 2 and all(map(valid_repository_name, names)) and scheme.lower() in ("https", "http", text.lower())
    )


def _is_no_host(text: str) -> bool:
    first, slash, _ = text.partition("/")
    has_dot, last = "." in first, first.rpartition(".")[2]
    return ":" not in text and not (last.isalpha() and len(last) > 1 and (has_dot or slash))
