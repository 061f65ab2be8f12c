"""What the user asks for."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.names import valid_file_name, valid_repository_name
from github_assets.errors import SettingInvalid
from github_assets.secrets import Secret

LATEST = "latest"


class Repository(NamedTuple):
    """A repository and, where the user names one, the origin of its GitHub (`https://ghe.example.com`)."""

    owner: str
    name: str
    server: str | None = None

    def __str__(self) -> str:
        return f"{self.server}/{self.owner}/{self.name}" if self.server else f"{self.owner}/{self.name}"


class AssetRequest(NamedTuple):
    """One asset as the configuration names it. `source` tells where, for messages."""

    repository: Repository
    source: str
    version: str = LATEST
    file: str | None = None
    target: str | None = None
    token: Secret | None = None


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
            where=where, value=name, expected="a file's name, without folders, .. and control characters"
        )
    return name


def check_url(url: str, where: str) -> str:
    """Return a server's URL without a closing slash, scheme and host in lower case.

    Raises SettingInvalid where it is not https (plain http is for loopback addresses), or holds a user or a query.
    """
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.rstrip("/").partition("/")
    scheme, host = scheme.lower(), host.lower()
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    name, port = (name, port) if name else (port, "")
    loopback = name in ("localhost", "[::1]") or name.startswith("127.")
    if (
        not separator
        or not name
        or not ((port.isascii() and port.isdigit()) or not port)
        or any(character in rest for character in "@?#\\ ")
        or not (scheme == "https" or (scheme == "http" and loopback))
    ):
        raise SettingInvalid(
            where=where, value=_without_userinfo(url), expected="an https:// URL without user name or query"
        )
    return f"{scheme}://{host}{slash}{path}"


def _without_userinfo(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if "@" in rest:
        return f"{scheme}{separator}***@{rest.rpartition('@')[2]}"
    return text.partition("?")[0]
