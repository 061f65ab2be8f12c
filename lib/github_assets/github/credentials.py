"""Which token goes with the requests for an asset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from github_assets.config.bindings import Binding
from github_assets.config.request import AssetRequest, check_token, check_url
from github_assets.config.settings import CLOUD_TOKENS, ENTERPRISE_TOKENS, GH_HOST, TOKEN, Environment, Setting
from github_assets.errors.config import SettingInvalid
from github_assets.github.servers import GITHUB, Servers, api_url, hosted
from github_assets.http.credential import Credential
from github_assets.http.urls import origin
from github_assets.secrets import Secret

BINDING = "github"


class Credentials:
    """The tokens of one run: those that the assets have, and those that are shared, each for one GitHub's API."""

    def __init__(self, shared: Sequence[Credential], usual: Setting | None = None) -> None:
        """Hold the shared credentials, best first; `usual` is the setting of TOKEN, whose name warnings need."""
        self._shared = shared
        self._usual = usual

    @property
    def secrets(self) -> list[Secret]:
        """Return the shared tokens, none of which may be printed."""
        return [credential.token for credential in self._shared]

    def of(self, request: AssetRequest, api: str) -> Credential | None:
        """Return what the API at a URL is to be sent for an asset: its own token, or the first that is for this API."""
        if request.token:
            return Credential(request.token, origin(api), self._setting(request, request.token))
        return next((credential for credential in self._shared if credential.origin == origin(api)), None)

    def _setting(self, request: AssetRequest, token: Secret) -> str:
        if request.token_env:
            return request.token_env
        if self._usual and self._usual.value == token.reveal():
            return self._usual.name
        return request.source.setting("token")


def read_credentials(environment: Environment, bindings: Sequence[Binding], servers: Servers) -> Credentials:
    """Return the tokens of the bindings of type `github`, and of the variables of GitHub's own tools, in this order.

    Each is for the API that its own host has: another setting, which an application's project.toml may hold, does not
    lead it elsewhere. Raises SettingInvalid.
    """
    shared = [*_bound(bindings), *_set(environment, servers)]
    return Credentials(shared, environment.asset_setting(TOKEN))


def _bound(bindings: Sequence[Binding]) -> Iterator[Credential]:
    for binding in bindings:
        if binding.type != BINDING:
            continue
        text = binding.read("token")
        if not text:
            raise SettingInvalid(
                where=f"the binding {binding.name}", value=f"type {BINDING}", expected="a non-empty entry `token`"
            )
        server = _server(binding.read("host"), binding.where("host")) or GITHUB
        yield _shared(text, binding.where("token"), server)


def _set(environment: Environment, servers: Servers) -> Iterator[Credential]:
    """Yield the variables' tokens: as for gh, some are for GitHub's own hosts, others for the company's that is named.

    (cli.github.com/manual/gh_help_environment)
    """
    named = dict.fromkeys([servers.server, _server(environment.get(GH_HOST) or "", GH_HOST) or GITHUB])
    clouds = dict.fromkeys([GITHUB, *(server for server in named if hosted(server))])
    enterprises = [server for server in named if not hosted(server)]
    for variables, hosts in ((CLOUD_TOKENS, clouds), (ENTERPRISE_TOKENS, enterprises)):
        found = ((name, environment.get(name)) for name in variables)
        name, text = next(((name, text) for name, text in found if text), ("", ""))
        if text:
            yield from (_shared(text, name, server) for server in hosts)


def _shared(text: str, where: str, server: str) -> Credential:
    return Credential(check_token(text, where), origin(api_url(server)), where, shared=hosted(server))


def _server(host: str, where: str) -> str | None:
    return check_url(host if "://" in host else f"https://{host}", where) if host else None
