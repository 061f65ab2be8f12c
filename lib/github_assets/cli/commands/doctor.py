"""`doctor`: checks what every command and every build needs: configuration, certificates, network, tokens."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from github_assets import __version__
from github_assets.cli.application import Application
from github_assets.cli.asset_argument import COMMAND_LINE
from github_assets.cli.options import NO, add_configuration, add_json, add_platforms
from github_assets.config.bindings import read_bindings
from github_assets.config.files import LOCK_FILE
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.settings import SSL_CERT_DIR, SSL_CERT_FILE
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import NoAssetsConfigured
from github_assets.errors.http import (
    CertificateRefused,
    DeadlineExceeded,
    NotFound,
    ProxyFailed,
    ServerFailed,
    ServerUnreachable,
)
from github_assets.github.api import Api
from github_assets.github.servers import GITHUB, server_of
from github_assets.http.trust import SYSTEM_BUNDLES, find_system_bundle
from github_assets.http.urls import host_of, parse_url
from github_assets.messages import headline
from github_assets.resolution.session import CA_BINDING

SUMMARY = "check the configuration, certificates, proxies, servers, tokens and the rate limit"
EXAMPLES = (
    ("github-assets doctor", "in the application's directory"),
    ("github-assets doctor -e HTTPS_PROXY=http://proxy.example.com:3128", "with a variable of the build"),
)
OK, WARNING, ERROR = "ok", "warning", "error"
STORE = "https://release-assets.githubusercontent.com"
"""Where github.com redirects downloads of assets to."""
FEW_REQUESTS = 10
_NO_ANSWER = (CertificateRefused, DeadlineExceeded, ProxyFailed, ServerFailed, ServerUnreachable)


class Check(NamedTuple):
    """What was checked, and what came out."""

    name: str
    status: str
    detail: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_configuration(parser)
    add_platforms(parser)
    add_json(parser)


def run(application: Application) -> int:
    """Print a line for each check; return 3 if something will not work."""
    python = ".".join(map(str, sys.version_info[:3]))
    checks = [Check("version", OK, f"{__version__}, Python {python}"), *_configuration(application)]
    checks += _network(application)
    application.print(
        [f"{check.status:8}{check.name}: {check.detail}" for check in checks],
        {"checks": [check._asdict() for check in checks]},
    )
    return NO if any(check.status == ERROR for check in checks) else 0


def _configuration(application: Application) -> Iterator[Check]:
    try:
        names = ", ".join(dict.fromkeys(str(each.repository) for each in application.requests))
        yield Check("configuration", OK, names)
    except NoAssetsConfigured:
        yield Check("configuration", OK, "no assets")
        return
    except GithubAssetsError as error:
        yield _problem("configuration", error)
        return
    try:
        lock = application.lock
        if lock is None:
            yield Check(LOCK_FILE, OK, "none")
            return
        platforms = application.platforms(lock)
        differences = lock.differences(application.requests, application.servers, platforms)
    except GithubAssetsError as error:
        yield _problem(LOCK_FILE, error)
        return
    if differences:
        command = lock.update_command(platforms)
        yield Check(LOCK_FILE, ERROR, f"it does not match the configuration; update it with {command}")
    else:
        yield Check(LOCK_FILE, OK, "it matches the configuration")


def _network(application: Application) -> Iterator[Check]:
    try:
        session = application.session
        yield _certificates(application)
    except GithubAssetsError as error:
        yield _problem("settings", error)
        return
    session.client.retry_policy = session.client.retry_policy._replace(attempts=1)
    apis: dict[Api, None] = {}
    for request in _requests(application):
        try:
            apis[session.api(request)] = None
        except GithubAssetsError as error:
            yield _problem("token", error)
    for api in apis:
        yield from _api(api, application)
    for server in dict.fromkeys(server_of(api.url) or application.servers.server for api in apis):
        yield from _downloads(server, application)


def _requests(application: Application) -> list[AssetRequest]:
    """Return the configured assets, or else any one, whose API is that of `owner/name`."""
    try:
        return application.requests
    except GithubAssetsError:
        return [AssetRequest(Repository("owner", "name"), COMMAND_LINE)]


def _certificates(application: Application) -> Check:
    environment = application.environment
    bundle = environment.get(SSL_CERT_FILE) or find_system_bundle()
    folders = environment.get(SSL_CERT_DIR)
    bindings = [each for each in read_bindings(environment, application.platform_dir) if each.type == CA_BINDING]
    sources = [*filter(None, (bundle, folders)), *(f"the binding {each.name}" for each in bindings)]
    if not sources:
        return Check("certificates", ERROR, f"none in {', '.join(SYSTEM_BUNDLES)}; set {SSL_CERT_FILE}")
    return Check("certificates", OK, ", ".join(sources))


def _api(api: Api, application: Application) -> Iterator[Check]:
    yield _proxy(api.url, application)
    yield _rate_limit(api)
    name = f"token for {host_of(api.url)}"
    if api.credential is None:
        yield Check(name, OK, "none")
    elif application.session.client.has_refused(api.credential):
        yield Check(name, ERROR, f"{api.credential.setting} is wrong, expired or revoked")
    else:
        yield Check(name, OK, api.credential.setting)


def _rate_limit(api: Api) -> Check:
    name = host_of(api.url)
    try:
        limit = api.rate_limit()
    except NotFound:
        return Check(name, OK, "reached; it has no rate limit")
    except GithubAssetsError as error:
        return _problem(name, error)
    until = time.strftime("%H:%M UTC", time.gmtime(limit.reset))
    detail = f"reached; {limit.remaining} of {limit.limit} requests left until {until}"
    return Check(name, OK if limit.remaining >= FEW_REQUESTS else WARNING, detail)


def _downloads(server: str, application: Application) -> Iterator[Check]:
    session = application.session
    try:
        mirror = session.mirrors.location(f"{server}/owner/name/releases/download/v1/asset", ())
    except GithubAssetsError as error:
        yield _problem("mirror", error)
        return
    if mirror:
        yield Check("mirror", OK, f"{mirror.setting}, instead of {host_of(server)}")
        return
    for url in (server, STORE) if server == GITHUB else (server,):
        try:
            with session.client.get(url):
                pass
        except _NO_ANSWER as error:
            yield _problem(host_of(url), error)
        except GithubAssetsError:
            yield Check(host_of(url), OK, "reached")
        else:
            yield Check(host_of(url), OK, "reached")


def _proxy(url: str, application: Application) -> Check:
    name = f"proxy for {host_of(url)}"
    scheme, host, port, _ = parse_url(url)
    proxy = application.session.client.proxies.of(scheme, host, port)
    variables = [f"{scheme.upper()}_PROXY", "ALL_PROXY"]
    variable = next((each for each in variables if application.environment.in_any_case(each)), None)
    if proxy:
        return Check(name, OK, f"{proxy.host}:{proxy.port}, by {variable}")
    return Check(name, OK, f"none, by NO_PROXY in spite of {variable}" if variable else "none")


def _problem(name: str, error: GithubAssetsError) -> Check:
    return Check(name, ERROR, headline(error))
