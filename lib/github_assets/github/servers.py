"""Where a repository's API is."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import Repository
from github_assets.config.settings import GITHUB_API_URL, GITHUB_SERVER_URL, Environment, read_url

GITHUB = "https://github.com"


class Servers(NamedTuple):
    """The GitHub that `owner/name` means, and its API's base URL."""

    server: str
    api: str

    def api_of(self, repository: Repository) -> str:
        """Return the base URL of the API that knows the repository."""
        server = repository.server or self.server
        return self.api if server == self.server else api_url(server)


def read_servers(environment: Environment) -> Servers:
    """Return what GITHUB_SERVER_URL and GITHUB_API_URL say, or github.com. Raises SettingInvalid."""
    server = read_url(environment, GITHUB_SERVER_URL) or GITHUB
    return Servers(server, read_url(environment, GITHUB_API_URL) or api_url(server))


def api_url(server: str) -> str:
    """Return the API's base URL for a GitHub's origin.

    github.com has api.github.com (docs.github.com/rest), data residency api.SUB.ghe.com, a GitHub Enterprise Server
    /api/v3 on its own host (docs.github.com/enterprise-server/rest).
    """
    if server == GITHUB:
        return "https://api.github.com"
    if hosted(server):
        scheme, _, host = server.partition("://")
        return f"{scheme}://api.{host}"
    return f"{server}/api/v3"


def server_of(api: str) -> str | None:
    """Return the origin of the GitHub whose API has this base URL, None where it does not tell (`api_url` reversed)."""
    if api.endswith("/api/v3"):
        return api.removesuffix("/api/v3")
    server = api.replace("://api.", "://", 1)
    return server if server != api and hosted(server) else None


def hosted(server: str) -> bool:
    """Return whether GitHub itself runs this GitHub: github.com, or data residency at SUB.ghe.com."""
    return server == GITHUB or server.endswith(".ghe.com")
