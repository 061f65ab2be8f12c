"""Errors of HTTP requests."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class ServerUnreachable(GithubAssetsError):
    """A connection failed or broke; `reason` is the message of the lower layer, without URLs."""

    transient = True
    host: str
    reason: str


class ProxyFailed(GithubAssetsError):
    """The connection to or through the proxy failed; `proxy` is its host and port."""

    transient = True
    host: str
    proxy: str
    reason: str


class CertificateRefused(GithubAssetsError):
    """The server's certificate is not trusted."""

    host: str
    reason: str


class RedirectRefused(GithubAssetsError):
    """The server redirects too often, or to a URL that is not allowed."""

    host: str
    reason: str


class ServerFailed(GithubAssetsError):
    """A status that indicates a temporary problem on the server: 5xx, 408."""

    transient = True
    host: str
    status: int
    wait: float = 0.0


class RateLimited(GithubAssetsError):
    """403 or 429 because of too many requests; `wait` is the delay that the server asks for."""

    transient = True
    host: str
    authenticated: bool
    wait: float = 0.0


class CredentialsRefused(GithubAssetsError):
    """401: the token is unknown, expired or revoked; `setting` names where it comes from."""

    host: str
    authenticated: bool
    setting: str = "TOKEN"


class AccessForbidden(GithubAssetsError):
    """403 that is not a rate limit; `reason` is `saml`, `ip` or `other`, `message` is the server's.

    `setting` names where the token comes from.
    """

    host: str
    reason: str
    message: str
    setting: str = "TOKEN"


class NotFound(GithubAssetsError):
    """404. The caller knows what is missing."""

    host: str
    authenticated: bool


class RequestRefused(GithubAssetsError):
    """Any other status; retrying does not help."""

    host: str
    status: int


class InvalidResponse(GithubAssetsError):
    """A response of the API that is not as documented."""

    transient = True
    host: str
    reason: str


class ResponseTooLarge(GithubAssetsError):
    """A response of the API that is larger than any of GitHub's."""

    host: str


class DeadlineExceeded(GithubAssetsError):
    """The timeout for all requests together was exceeded."""

    host: str
    seconds: float
