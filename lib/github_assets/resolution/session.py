"""The session: servers, credentials, mirrors, proxies, certificates, and the HTTP client that uses them.

Only imported if there is something to request.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from github_assets.config.bindings import Binding, read_bindings
from github_assets.config.request import AssetRequest
from github_assets.config.settings import (
    GH_HOST,
    SSL_CERT_DIR,
    SSL_CERT_FILE,
    Environment,
    check_path,
    read_path,
    read_timeout,
)
from github_assets.errors import ErrorCollector
from github_assets.github.api import Api
from github_assets.github.credentials import Credentials
from github_assets.github.servers import GITHUB, read_servers
from github_assets.http.client import Client
from github_assets.http.proxies import NO_PROXIES, read_proxies
from github_assets.http.trust import trust
from github_assets.http.urls import host_of
from github_assets.log import Log
from github_assets.transfer.mirrors import Mirrors

CA_BINDING = "ca-certificates"


class Session:
    """What all requests of a run share. Opens no connection before the first request."""

    def __init__(self, environment: Environment, platform_dir: str | None, log: Log) -> None:
        """Read the settings and bindings, and redact their secrets in the log from then on.

        Raises ApplicationPath, SettingInvalid, SettingsConflict, all of them together, SeveralFailed for several.
        """
        self.log = log
        errors, bindings = ErrorCollector(), list[Binding]()
        with errors:
            bindings = read_bindings(environment, platform_dir)
        server = GITHUB
        with errors:
            self.servers = read_servers(environment)
            server = self.servers.server
        with errors:
            self._credentials = Credentials(environment, bindings)
            log.add_secrets(self._credentials.secrets)
        with errors:
            self.mirrors = Mirrors(environment, bindings, log)
            self.mirrors.check(server)
        proxies, timeout = NO_PROXIES, 0.0
        with errors:
            proxies = read_proxies(environment.in_any_case)
            log.add_secrets(proxies.secrets)
        with errors:
            timeout = read_timeout(environment)
        with errors:
            trusted = _trust(environment, bindings)
        errors.raise_collected()
        self.client = Client(log, trusted, timeout, proxies)
        self._apis: dict[object, Api] = {}
        self._warned: set[str] = set()

    def api(self, request: AssetRequest) -> Api:
        """Return the API for the asset, with its token. The same URL and token give the same object.

        Raises TokenMissing, TokenNotForHost.
        """
        url = request.api_url or self.servers.api_of(request.repository)
        credential = self._credentials.of(request, url)
        if credential is None:
            self._warn_of_withheld(request.repository.server or self.servers.server, url)
        return self._apis.setdefault((url, credential), Api(self.client, url, credential))

    def _warn_of_withheld(self, server: str, api: str) -> None:
        setting, host = self._credentials.withheld(server, api), host_of(api)
        if setting and host not in self._warned:
            self._warned.add(host)
            self.log.warning(
                f"{setting} was not sent to {host}, which only the application names. If it is for that host, set"
                f" {GH_HOST}={host} in the same place as {setting}."
            )


def _trust(environment: Environment, bindings: Sequence[Binding]) -> ssl.SSLContext:
    """Return what trusts the certificates of the build image, variables and bindings. Raises as `Session`."""
    certificates = [path for binding in bindings if binding.type == CA_BINDING for path in binding.entries.values()]
    folders = [folder for folder in (environment.get(SSL_CERT_DIR) or "").split(":") if folder]
    errors, bundle = ErrorCollector(), None
    for folder in folders:
        with errors:
            check_path(environment, SSL_CERT_DIR, folder)
    with errors:
        bundle = read_path(environment, SSL_CERT_FILE)
    with errors:
        trusted = trust(bundle, certificates, folders if not errors.errors else ())
    errors.raise_collected()
    return trusted
