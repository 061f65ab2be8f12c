"""What can go wrong between us and a server."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class ServerUnreachable(GithubAssetsError):
    """No connection, or one that broke; `reason` holds the lower layer's words, without URLs."""

    transient = True
    host: str
    reason: str


class CertificateRefused(GithubAssetsError):
    """The server's certificate is not one that is trusted."""

    host: str
    reason: str


class RedirectRefused(GithubAssetsError):
    """The server redirects in a circle, or to where nothing may be fetched from."""

    host: str
    reason: str


class ServerFailed(GithubAssetsError):
    """A status that says the fault is the server's and may pass: 5xx, 408."""

    transient = True
    host: str
    status: int
    wait: float = 0.0


class RateLimited(GithubAssetsError):
    """403 or 429 because of too many requests; `wait` is what the server asks for."""

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
    """403 that is not a rate limit; `reason` is `saml`, `ip` or `other`, `message` the server's words.

    `setting` names where the token comes from.
    """

    host: str
    reason: str
    message: str
    setting: str = "TOKEN"


class NotFound(GithubAssetsError):
    """404; who asked knows what is missing."""

    host: str
    authenticated: bool


class RequestRefused(GithubAssetsError):
    """Another status that no repetition changes."""

    host: str
    status: int


class InvalidResponse(GithubAssetsError):
    """An answer of the API that is not what its description says."""

    transient = True
    host: str
    reason: str


class ResponseTooLarge(GithubAssetsError):
    """An answer of the API that is larger than any of GitHub's."""

    host: str


class DeadlineExceeded(GithubAssetsError):
    """The time for all requests is over."""

    host: str
    seconds: float
