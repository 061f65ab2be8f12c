"""GitHub servers and the base URLs of their APIs."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import Repository
from github_assets.config.settings import GITHUB_API_URL, GITHUB_SERVER_URL, Environment, read_server, read_url

GITHUB = "https://github.com"


class Servers(NamedTuple):
    """The GitHub that `owner/name` refers to, and the base URL of its API."""

    server: str
    api: str

    def api_of(self, repository: Repository) -> str:
        """Return the base URL of the repository's API."""
        server = repository.server or self.server
        return self.api if server == self.server else api_url(server)


def read_servers(environment: Environment) -> Servers:
    """Return the servers in GITHUB_SERVER_URL and GITHUB_API_URL, by default github.com. Raises SettingInvalid."""
    server = read_server(environment, GITHUB_SERVER_URL) or GITHUB
    return Servers(server, read_url(environment, GITHUB_API_URL) or api_url(server))


def api_url(server: str) -> str:
    """Return the API's base URL for a GitHub's origin.

    These are api.github.com for github.com (docs.github.com/rest), api.SUB.ghe.com with data residency, and /api/v3 on
    the host itself for a GitHub Enterprise Server (docs.github.com/enterprise-server/rest).
    """
    if hosted(server):
        return server.replace("://", "://api.")
    return f"{server}/api/v3"


def server_of(api: str) -> str | None:
    """Return the origin of the GitHub whose API has this base URL, None where it does not tell (`api_url` reversed)."""
    if api.endswith("/api/v3"):
        return api.removesuffix("/api/v3")
    server = api.replace("://api.", "://", 1)
    return server if server != api and hosted(server) else None


def hosted(server: str) -> bool:
    """Return whether the GitHub at this origin is run by GitHub: github.com, or SUB.ghe.com with data residency."""
    scheme, _, host = server.partition("://")
    labels = host.split(".")
    return server == GITHUB or (scheme == "https" and len(labels) == 3 and labels[1:] == ["ghe", "com"])
