"""What a run reaches beyond this machine: servers, tokens, mirrors, connections.

Nothing of it is imported where nothing has to be asked for or fetched.
"""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.bindings import read_bindings
from github_assets.config.environment import SSL_CERT_DIR, SSL_CERT_FILE, Environment, read_timeout
from github_assets.config.request import AssetRequest
from github_assets.github.api import Api
from github_assets.github.credentials import Credentials, read_credentials
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.network import Network
from github_assets.proxies import read_proxies
from github_assets.transfer.mirrors import Mirrors
from github_assets.trust import trust

CA_BINDING = "ca-certificates"


class Outside(NamedTuple):
    """What decides which API knows an asset, with which token, and where its bytes are had."""

    servers: Servers
    credentials: Credentials
    mirrors: Mirrors
    network: Network

    def api(self, request: AssetRequest) -> Api:
        """Return the API that knows the asset, with the token for it."""
        url = request.api_url or self.servers.api_of(request.repository)
        return Api(self.network, url, self.credentials.of(request, url))


def reach(environment: Environment, platform_dir: str | None, log: Log) -> Outside:
    """Return what the environment and its bindings say; nothing is connected to yet.

    Raises SettingInvalid, SettingsConflict. The secrets among it are kept out of the log from here on.
    """
    bindings = read_bindings(environment, platform_dir)
    servers = read_servers(environment)
    credentials = read_credentials(environment, bindings, servers)
    log.keep_secret(credentials.secrets)
    mirrors = Mirrors(environment, bindings, log)
    certificates = [path for binding in bindings if binding.type == CA_BINDING for path in binding.entries.values()]
    folders = (environment.get(SSL_CERT_DIR) or "").split(":")
    trusted = trust(environment.get(SSL_CERT_FILE), certificates, [folder for folder in folders if folder])
    proxies = read_proxies(environment.in_any_case)
    log.keep_secret(proxies.secrets)
    return Outside(servers, credentials, mirrors, Network(log, trusted, read_timeout(environment), proxies))
