"""What a response's status stands for, as GitHub and its storage use it."""

from __future__ import annotations

import time

from github_assets.errors.http import (
    AccessForbidden,
    CredentialsRefused,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerFailed,
)
from github_assets.http.connections import ProtocolError, Response

MAX_RATE_LIMIT = 86400
"""Seconds; a rate limit that ends later is not believed."""
_MAX_ERROR_BODY = 1 << 16


def check_status(response: Response, host: str, *, authenticated: bool) -> None:
    """Raise the error that the status stands for (docs.github.com/rest, "Troubleshooting the REST API")."""
    status = response.status
    if status in (200, 206, 304):
        return
    if status in (403, 429):
        message = _message(response)
        if status == 429 or _is_rate_limit(response, message):
            raise RateLimited(host=host, authenticated=authenticated, wait=_rate_limit_wait(response))
        reason = "other"
        if "x-github-sso" in response.headers or "SAML" in message:
            reason = "saml"
        elif "IP allow list" in message or "IP address" in message:
            reason = "ip"
        raise AccessForbidden(host=host, reason=reason, message=message)
    if status == 401:
        raise CredentialsRefused(host=host, authenticated=authenticated)
    if status == 404:
        raise NotFound(host=host, authenticated=authenticated)
    if status == 408 or status >= 500:
        raise ServerFailed(host=host, status=status, wait=_retry_after(response) or 0)
    raise RequestRefused(host=host, status=status)


def _is_rate_limit(response: Response, message: str) -> bool:
    headers = response.headers
    return headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()


def _rate_limit_wait(response: Response) -> float:
    """Return the seconds to wait (docs.github.com/rest, "Rate limits for the REST API")."""
    retry_after = _retry_after(response)
    if retry_after is not None:
        return retry_after
    if response.headers.get("x-ratelimit-remaining") == "0":
        try:
            seconds = max(int(response.headers["x-ratelimit-reset"]) - int(time.time()), 0) + 1
        except (KeyError, ValueError):
            return 60
        return min(seconds, MAX_RATE_LIMIT)
    return 60 if response.status == 403 else 0


def _retry_after(response: Response) -> float | None:
    """Return the header's seconds, a number or the time until a date (RFC 9110, section 10.2.3), or None."""
    header = response.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdecimal():
        return min(int(header), MAX_RATE_LIMIT) if len(header) < 10 else MAX_RATE_LIMIT
    from email.utils import mktime_tz, parsedate_tz

    try:
        date = parsedate_tz(header)
        return min(max(mktime_tz(date) - time.time(), 0), MAX_RATE_LIMIT) if date else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _message(response: Response) -> str:
    """Return the `message` of GitHub's JSON error body, or nothing."""
    import json

    try:
        body = json.loads(response.read(_MAX_ERROR_BODY))
        return "".join(c for c in str(body["message"])[:300] if c.isprintable())
    except (ValueError, KeyError, TypeError, RecursionError, OSError, ProtocolError):
        return ""
