"""Messages for `errors.http`."""

from __future__ import annotations

import time

from github_assets.errors import GithubAssetsError
from github_assets.errors import http as e
from github_assets.messages.wording import TOKEN_HINT, named


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.ServerUnreachable():
            return (
                f"Connection to {error.host} failed: {error.reason}.",
                "Check the build's network (pack build --network), HTTPS_PROXY and NO_PROXY.",
            )
        case e.ProxyFailed():
            return (
                f"Connection to {error.host} through the proxy {error.proxy} failed: {error.reason}.",
                "Check HTTPS_PROXY or ALL_PROXY, with user and password if the proxy requires them, and NO_PROXY.",
            )
        case e.CertificateRefused():
            return (
                f"The certificate of {error.host} is not trusted: {error.reason}.",
                "If a corporate proxy or GitHub Enterprise has a certificate authority of its own, provide its PEM file"
                " in a binding of type ca-certificates, or set SSL_CERT_FILE.",
            )
        case e.RedirectRefused():
            return (
                f"{error.host} redirected {error.reason}.",
                "Check the repository's URL, GITHUB_API_URL and the proxy.",
            )
        case e.ServerFailed():
            return (
                f"{error.host} returned status {error.status}.",
                "This is a problem on the server. Check https://www.githubstatus.com, and build again later.",
            )
        case e.RateLimited():
            until = time.strftime("%H:%M:%S UTC", time.gmtime(time.time() + error.wait))
            when = f" until {until}" if error.wait else ""
            advice = (
                "Build again later." if error.authenticated else f"Build again later. For a higher limit, {TOKEN_HINT}."
            )
            return f"Rate limit of {error.host} exceeded{when}.", advice
        case e.CredentialsRefused():
            if error.authenticated:
                return (
                    f"{error.host} rejected the credentials (401).",
                    f"{error.setting} is wrong, expired or revoked. Replace it.",
                )
            return f"{error.host} requires a token (401).", f"Please {TOKEN_HINT}."
        case e.AccessForbidden():
            advice = {
                "saml": f"Authorize {error.setting} for the organization's single sign-on"
                " at https://github.com/settings/tokens.",
                "ip": "The organization allows only certain IP addresses. Build from one of them.",
            }.get(error.reason, f"Check the permissions of the token, if there is one, or {TOKEN_HINT}.")
            said = f": {error.message}" if error.message else ""
            return f"{error.host} denied access (403){said}", advice
        case e.NotFound():
            return f"{error.host} returned status 404.", f"Check {named(error.source, 'repo', 'version', 'file')}."
        case e.RequestRefused():
            return (
                f"{error.host} returned status {error.status}.",
                "Check the proxy and, if set, GITHUB_API_URL.",
            )
        case e.InvalidResponse():
            return (
                f"{error.host} returned {error.reason}.",
                "Check the proxy and, if set, GITHUB_API_URL.",
            )
        case e.ResponseTooLarge():
            return (
                f"{error.host} returned more JSON than GitHub's API ever does.",
                "Check the proxy and, if set, GITHUB_API_URL.",
            )
        case e.DeadlineExceeded():
            return (
                f"Timed out after {error.seconds:g} s waiting for {error.host}.",
                "Build again, or raise BP_GITHUB_ASSETS_TIMEOUT (seconds for all requests together).",
            )
    raise TypeError(type(error).__name__)
