"""The messages of `errors.http`."""

from __future__ import annotations

import time

from github_assets.errors import GithubAssetsError
from github_assets.errors import http as e
from github_assets.messages.wording import TOKEN_HINT


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.ServerUnreachable():
            return (
                f"{error.host} can't be reached: {error.reason}.",
                "Check the network of the build (pack build --network) and its HTTPS_PROXY and NO_PROXY.",
            )
        case e.CertificateRefused():
            return (
                f"the certificate of {error.host} is not trusted: {error.reason}.",
                "If a company's proxy or GitHub signs it, bind its authority's PEM file"
                " (a binding of type ca-certificates), or name it in SSL_CERT_FILE.",
            )
        case e.RedirectRefused():
            return f"{error.host} redirects {error.reason}.", "Check REPO, GITHUB_API_URL and the proxy."
        case e.ServerFailed():
            return (
                f"{error.host} answers {error.status}.",
                "The fault is the server's: see https://www.githubstatus.com, and build again later.",
            )
        case e.RateLimited():
            until = time.strftime("%H:%M:%S UTC", time.gmtime(time.time() + error.wait))
            when = f" until {until}" if error.wait else ""
            advice = (
                "Build again then."
                if error.authenticated
                else f"Build again then, or {TOKEN_HINT}: its limit is higher."
            )
            return f"{error.host} refuses more requests{when} (rate limit).", advice
        case e.CredentialsRefused():
            if error.authenticated:
                return (
                    f"{error.host} does not know the token (401).",
                    f"{error.setting} is wrong, expired or revoked: replace it.",
                )
            return f"{error.host} asks for a token (401).", f"Please {TOKEN_HINT}."
        case e.AccessForbidden():
            advice = {
                "saml": f"Authorize {error.setting} for the organization's single sign-on,"
                " at github.com/settings/tokens.",
                "ip": "The organization allows only some IP addresses: build from one of them.",
            }.get(error.reason, f"Check REPO, and what the token may do: {TOKEN_HINT}.")
            said = f": {error.message}" if error.message else ""
            return f"{error.host} forbids it (403){said}", advice
        case e.NotFound():
            return f"{error.host} answers 404.", "Check REPO, FILE and VERSION."
        case e.RequestRefused():
            return (
                f"{error.host} answers {error.status}.",
                "Check REPO, FILE and VERSION, and GITHUB_API_URL where it is set.",
            )
        case e.InvalidResponse():
            return (
                f"{error.host} answers {error.reason}.",
                "Check GITHUB_API_URL where it is set, and the proxy.",
            )
        case e.ResponseTooLarge():
            return (
                f"{error.host} answers with more JSON than GitHub's API does.",
                "Check GITHUB_API_URL where it is set, and the proxy.",
            )
        case e.DeadlineExceeded():
            return (
                f"the time for all requests, {error.seconds:g} s, was over while {error.host} was sending.",
                "Build again, or set BP_GITHUB_ASSETS_TIMEOUT to more seconds.",
            )
    raise TypeError(type(error).__name__)
