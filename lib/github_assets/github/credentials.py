"""Which token is sent with the requests for an asset. Only this module decides where a token may be sent.

A token is only sent to the API of a GitHub that is named by a source trusted at least as much as that of the token;
github.com needs no naming. The host or API in an asset's own configuration does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from github_assets.config.bindings import TOKEN_BINDING, Binding
from github_assets.config.names import valid_repository_name
from github_assets.config.request import (
    AssetRequest,
    MissingToken,
    Repository,
    Token,
    check_server,
    check_token,
    parse_repository,
)
from github_assets.config.settings import (
    APPLICATION,
    CLOUD_TOKENS,
    ENTERPRISE_TOKENS,
    GH_HOST,
    GITHUB_API_URL,
    GITHUB_SERVER_URL,
    OPERATOR,
    REPO,
    Environment,
    read_own_token,
    read_server,
    read_token,
    read_url,
)
from github_assets.errors.config import SettingInvalid, TokenMissing
from github_assets.errors.github import TokenNotForHost
from github_assets.github.servers import GITHUB, api_url, hosted
from github_assets.http.credential import Credential
from github_assets.http.urls import host_of, origin
from github_assets.secrets import Secret


class Grant(NamedTuple):
    """A credential, and the repositories that it is for, as `owner/name` or `owner/*` in lower case; None: all."""

    credential: Credential
    repositories: frozenset[str] | None = None

    def covers(self, repository: Repository, api: str) -> bool:
        """Return whether it may be sent to the API at an origin for a repository."""
        owner, name = repository.owner.lower(), repository.name.lower()
        named = self.repositories is None or not self.repositories.isdisjoint({f"{owner}/{name}", f"{owner}/*"})
        return named and self.credential.origin == api


class Credentials:
    """The tokens of a run, each for the API of one GitHub."""

    def __init__(self, environment: Environment, bindings: Sequence[Binding]) -> None:
        """Read the bindings of type `github`, our own variables, and those of GitHub's tools.

        Raises SettingInvalid.
        """
        self._environment = environment
        own = read_own_token(environment)
        shared = [token for names in (CLOUD_TOKENS, ENTERPRISE_TOKENS) if (token := _first(environment, names))]
        self._tokens = [token for token in (own, *shared) if token]
        self._grants = [
            *(self._granted([own]) if own else ()),
            *sorted(_bound(bindings), key=lambda grant: grant.repositories is None),
            *self._granted(shared),
        ]

    @property
    def secrets(self) -> list[Secret]:
        """Return all tokens, none of which must be printed."""
        return [*(token.secret for token in self._tokens), *(grant.credential.token for grant in self._grants)]

    def of(self, request: AssetRequest, api: str) -> Credential | None:
        """Return the credential for an asset at an API URL: its own token, or the first that is for this API.

        Raises TokenMissing if the asset's own token is not set, TokenNotForHost if it is not for this API.
        """
        at = origin(api)
        if request.token is None:
            return next((grant.credential for grant in self._grants if grant.covers(request.repository, at)), None)
        token = request.token
        if isinstance(token, MissingToken):
            raise TokenMissing(name=token.setting, source=request.source)
        apis = destinations(token, self._environment)
        if token.set_by > APPLICATION and at not in map(origin, apis):
            raise TokenNotForHost(setting=token.setting, host=host_of(api), hosts=[host_of(each) for each in apis])
        return Credential(token.secret, at, token.setting)

    def withheld(self, server: str, api: str) -> str | None:
        """Return the setting of a token that would be sent to this GitHub if a trusted source named its host."""
        if api == api_url(GITHUB):
            return None
        return next((token.setting for token in self._tokens if _is_for(token.setting, server)), None)

    def _granted(self, tokens: Iterable[Token]) -> Iterator[Grant]:
        for token in tokens:
            shared = token.setting in CLOUD_TOKENS
            for api in destinations(token, self._environment):
                yield Grant(Credential(token.secret, origin(api), token.setting, shared=shared))


def destinations(token: Token, environment: Environment) -> list[str]:
    """Return the base URLs of the APIs that a variable's token may be sent to.

    | variable | APIs |
    |---|---|
    | GH_TOKEN, GITHUB_TOKEN | github.com's; those of a SUB.ghe.com that GITHUB_SERVER_URL or GH_HOST names |
    | GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN | of a GitHub Enterprise Server that they name |
    | TOKEN, BP_GITHUB_ASSET_TOKEN, others of token_env | of what they and GITHUB_API_URL name; or else github.com's |

    As for gh (cli.github.com/manual/gh_help_environment). Raises SettingInvalid.
    """
    named = _named(environment, token.set_by)
    if token.set_by == APPLICATION:
        repo = environment.asset_setting(REPO)
        server = parse_repository(repo.value, repo.name).server if repo and repo.value else None
        named = {**({server: api_url(server)} if server else {}), **named}
    if token.setting in CLOUD_TOKENS:
        named = {GITHUB: api_url(GITHUB), **{server: api_url(server) for server in named}}
    elif token.setting in ENTERPRISE_TOKENS:
        named = {server: api_url(server) for server in named}
    elif not named:
        # A host that the application names too may be the user's, for a token that is not for github.com then.
        others = {} if token.set_by == OPERATOR else _named(environment, APPLICATION)
        named = {GITHUB: api_url(GITHUB)} if {api_url(GITHUB)}.issuperset(others.values()) else {}
    return [api for server, api in named.items() if _is_for(token.setting, server)]


def _named(environment: Environment, by: int) -> dict[str, str]:
    """Return the GitHubs named by sources that are trusted at least this much, and the base URLs of their APIs."""
    server = read_server(environment, GITHUB_SERVER_URL, by)
    api = read_url(environment, GITHUB_API_URL, by)
    host = read_server(environment, GH_HOST, by)
    named = {host: api_url(host)} if host else {}
    if server or api:
        named[server or GITHUB] = api or api_url(server or GITHUB)
    return named


def _is_for(variable: str, server: str) -> bool:
    """Return whether the variable's token is for this kind of GitHub."""
    if variable in CLOUD_TOKENS:
        return hosted(server)
    return variable not in ENTERPRISE_TOKENS or not hosted(server)


def _first(environment: Environment, names: Iterable[str]) -> Token | None:
    return next((token for name in names if (token := read_token(environment, name))), None)


def _bound(bindings: Sequence[Binding]) -> Iterator[Grant]:
    for binding in bindings:
        if binding.type != TOKEN_BINDING:
            continue
        text = binding.read("token")
        if not text:
            raise SettingInvalid(
                where=f"the binding {binding.name}", value=f"type {TOKEN_BINDING}", expected="a non-empty entry `token`"
            )
        host = binding.read("host")
        server = check_server(host, binding.setting("host")) if host else GITHUB
        repositories = _repositories(binding)
        shared = hosted(server) and repositories is None
        where = binding.setting("token")
        yield Grant(Credential(check_token(text, where), origin(api_url(server)), where, shared=shared), repositories)


def _repositories(binding: Binding) -> frozenset[str] | None:
    words = binding.words("repositories")
    if words is None:
        return None
    for word in words or [""]:
        owner, _, name = word.partition("/")
        if not (valid_repository_name(owner) and (name == "*" or valid_repository_name(name))):
            raise SettingInvalid(
                where=binding.setting("repositories"),
                value=word,
                expected="owner/name or owner/*, separated by commas or white space",
            )
    return frozenset(word.lower() for word in words)
