"""What can go wrong with a request: one class each, given to `Server.fail`.

A fault gets the request and a function that answers it rightly, and returns what is sent instead. Faults of
a body show on whatever body the answer has; where API or web would redirect a download to the store, they
serve the asset themselves instead, as GitHub's documentation allows, so that there is a body to spoil.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from . import api, store, web
from .exchange import Body, Ending, Request, Response, json_response, part, read, size
from .site import Site

Respond = Callable[[Request], Response]


class Fault:
    """Base of all faults."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        """What is sent instead of `respond(request)`."""
        raise NotImplementedError


def _with_body(request: Request, respond: Respond) -> Response:
    return respond(replace(request, direct=True))


# --- connections ---


@dataclass(frozen=True)
class Refused(Fault):
    """The port is closed, and so are the connections to it. It counts refused connections, not requests."""


@dataclass(frozen=True)
class Cut(Fault):
    """Base of faults that end an answer early: before its status line, or after some bytes of its body."""

    after_bytes: int | None = None
    ending: ClassVar[Ending]

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        if self.after_bytes is None:
            return Response(0, silent=True, ending=self.ending)
        response = _with_body(request, respond)
        body = part(response.body, 0, self.after_bytes)
        return replace(response, body=body, declared=size(response.body), ending=self.ending)


@dataclass(frozen=True)
class Reset(Cut):
    """The connection is reset."""

    ending: ClassVar[Ending] = "reset"


@dataclass(frozen=True)
class Stall(Cut):
    """Nothing more comes, for ever; the connection stays open."""

    ending: ClassVar[Ending] = "stall"


@dataclass(frozen=True)
class Truncate(Cut):
    """The connection is closed in order, though Content-Length promised more."""

    ending: ClassVar[Ending] = "close"


@dataclass(frozen=True)
class SlowDrip(Fault):
    """The body comes so slowly that it never stalls and never ends."""

    bytes_per_second: float = 20

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return replace(_with_body(request, respond), bytes_per_second=self.bytes_per_second)


# --- bodies ---


@dataclass(frozen=True)
class TooLong(Fault):
    """More bytes than there are: with a Content-Length that says so, or beyond the one declared."""

    extra: int = 100
    declared: bool = True

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        response = _with_body(request, respond)
        long = (*response.body, b"\0" * self.extra)
        if self.declared:
            return replace(response, body=long)
        return replace(response, body=long, declared=size(response.body), ending="close")


@dataclass(frozen=True)
class WrongDigest(Fault):
    """One flipped bit in the middle of an asset; in an API object, digests of other bytes."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        response = _with_body(request.without("accept-encoding"), respond)
        if "json" in response.headers.get("Content-Type", ""):
            value = json.loads(read(response.body), object_hook=_with_wrong_digest)
            return replace(response, body=(json.dumps(value).encode(),))
        return replace(response, body=_flipped(response.body))


@dataclass(frozen=True)
class IgnoreRange(Fault):
    """200 with everything, where a range was asked for."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return _with_body(request.without("range"), respond)


@dataclass(frozen=True)
class WrongRange(Fault):
    """206 with the bytes of another range, and a Content-Range that admits it (or not: `admitted=False`)."""

    admitted: bool = True

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        right = _with_body(request, respond)
        whole = _with_body(request.without("range", "if-range"), respond)
        if whole.status != 200:
            return whole
        total = size(whole.body)
        length = size(right.body) if right.status == 206 else total
        start = 0 if length < total else total // 2
        stop = min(total, start + length)
        shown = f"bytes {start}-{stop - 1}/{total}"
        if not self.admitted:
            shown = right.headers.get("Content-Range", f"bytes 0-{total - 1}/{total}")
        wrong = replace(whole, status=206, body=part(whole.body, start, stop))
        return wrong.with_headers(Content_Range=shown)


@dataclass(frozen=True)
class ChangedETag(Fault):
    """Another ETag on every answer, so that a range continues nothing and If-Range yields everything."""

    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False, repr=False, compare=False)

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        if "if-range" in request.headers:
            request = request.without("range")
        response = _with_body(request.without("if-range", "if-none-match"), respond)
        return response.with_headers(ETag=f'"0x{next(self._versions):015X}"')


@dataclass(frozen=True)
class GarbledGzip(Fault):
    """Content-Encoding: gzip with an invalid body."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        response = _with_body(request.without("accept-encoding"), respond)
        garbage = b"\x1f\x8b\x08\0" + bytes(range(256)) * 4
        return replace(response, body=(garbage,)).with_headers(Content_Encoding="gzip")


@dataclass(frozen=True)
class HtmlPage(Fault):
    """200 with a login page, where a file or JSON was expected."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return web.html(200, '<h1>Sign in</h1><form action="/session" method="post"></form>')


@dataclass(frozen=True)
class CalledPage(Fault):
    """The right body with the media type of a page, as servers send files whose ending they do not know."""

    media_type: str = "text/html"

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return _with_body(request, respond).with_headers(Content_Type=self.media_type)


@dataclass(frozen=True)
class BadDay(Fault):
    """A CDN with many faults, until it is healed. What it does depends only on the requests, not on time.

    Every signed URL is good for `url_bytes`: the body that goes beyond them is cut, then the URL has expired. After a
    cut, `bad_gateways` requests get a 502. One range is not the one that was asked for.
    """

    url_bytes: int
    bad_gateways: int = 0
    ending: Ending = "close"
    seen: Counter[str] = field(default_factory=Counter, init=False, repr=False, compare=False)
    """How often there was each of `cut`, `expired`, `bad gateway`, and `wrong range`."""
    _served: Counter[str] = field(default_factory=Counter, init=False, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        with self._lock:
            if self.seen["bad gateway"] < self.seen["cut"] * self.bad_gateways:
                self.seen["bad gateway"] += 1
                return Status(502).apply(site, request, respond)
            left = self.url_bytes - self._served[request.query]
            if left <= 0:
                self.seen["expired"] += 1
                return Status(403).apply(site, request, respond)
            if "range" in request.headers and not self.seen["wrong range"]:
                self.seen["wrong range"] += 1
                return WrongRange().apply(site, request, respond)
            response = respond(request)
            length = size(response.body)
            self._served[request.query] += length
            if length <= left:
                return response
            self.seen["cut"] += 1
            return replace(response, body=part(response.body, 0, left), declared=length, ending=self.ending)


# --- JSON and headers ---


@dataclass(frozen=True)
class InvalidJson(Fault):
    """JSON that ends in the middle, though its length is as declared."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return Response(200, {"Content-Type": "application/json; charset=utf-8"}, (b'{"tag_name": "v1", "assets": [{',))


@dataclass(frozen=True)
class WrongJson(Fault):
    """JSON of another shape than the API's."""

    value: Any = field(default_factory=lambda: {"tag_name": 7, "assets": {"name": None}}, hash=False)

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return json_response(200, self.value)


@dataclass(frozen=True)
class GiantJson(Fault):
    """A JSON object with a string of `size` bytes."""

    size: int = 512 << 20

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        chunk = b"x" * (1 << 20)
        body: Body = (b'{"body":"', *[chunk] * (self.size >> 20), b"x" * (self.size % (1 << 20)), b'"}')
        return Response(200, {"Content-Type": "application/json; charset=utf-8"}, body)


@dataclass(frozen=True)
class GiantHeaders(Fault):
    """The right answer, with `lines` header lines of `size` bytes more."""

    lines: int = 1000
    size: int = 8000

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        many = {f"X-Giant-{number}": "x" * self.size for number in range(self.lines)}
        return respond(request).with_headers(**many)


@dataclass(frozen=True)
class Informational(Fault):
    """The right answer, after informational responses, as proxies and CDNs send them (RFC 9110, section 15.2)."""

    status: int = 103
    times: int = 1

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return replace(respond(request), informational=(self.status,) * self.times)


# --- redirects ---


@dataclass(frozen=True)
class Redirect(Fault):
    """A redirect to the same path and query of another host (`to="other"`), or to a URL.

    `to="plain"` is the downgrade to http; `to` the request's own host is, with `times=None`, a loop.
    """

    status: int = 302
    to: str = "other"

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        base = next((url for role, url in site.urls.items() if role == self.to), None)
        if base is None and not urlsplit(self.to).scheme:
            raise ValueError(f"a redirect goes to one of {', '.join(site.urls)} or to a URL, not to {self.to!r}")
        return web.redirect(self.status, base + request.target if base else self.to)


# --- refusals ---


@dataclass(frozen=True)
class Status(Fault):
    """A plain error, in the host's words and media type, perhaps with a Retry-After in seconds or as a date."""

    status: int
    retry_after: int | str | None = None

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        message = _MESSAGES.get(self.status, f"Error {self.status}")
        if request.role == "api":
            response = api.error(self.status, message)
        elif request.role == "store":
            response = store.error(self.status, message.title().replace(" ", ""), message)
        else:
            response = web.html(self.status, message)
        return response if self.retry_after is None else response.with_headers(Retry_After=str(self.retry_after))


@dataclass(frozen=True)
class RateLimited(Fault):
    """The primary rate limit is used up; it begins anew in `reset_in` seconds."""

    reset_in: int = 60
    status: int = 403

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        reset = str(int(site.github.now()) + self.reset_in)
        return api.rate_limited(self.status).with_headers(
            x_ratelimit_limit="60",
            x_ratelimit_remaining="0",
            x_ratelimit_used="60",
            x_ratelimit_reset=reset,
            x_ratelimit_resource="core",
        )


@dataclass(frozen=True)
class SecondaryLimit(Fault):
    """A secondary rate limit, with or without Retry-After."""

    retry_after: int | str | None = 60
    status: int = 403

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        response = _refusal(site, self.status, message)
        return response if self.retry_after is None else response.with_headers(Retry_After=str(self.retry_after))


@dataclass(frozen=True)
class SamlRequired(Fault):
    """403: the token is not authorised for the organisation's single sign-on."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        message = (
            "Resource protected by organization SAML enforcement. "
            "You must grant your Personal Access token access to this organization."
        )
        sso = f"required; url={site.urls['web']}/orgs/octo-org/sso?authorization_request=AZSCKtL4"
        return _refusal(site, 403, message).with_headers(X_GitHub_SSO=sso)


@dataclass(frozen=True)
class IpNotAllowed(Fault):
    """403: the organisation's list of IP addresses does not have this one."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        return _refusal(
            site,
            403,
            "Although you appear to have the correct authorization credentials, the `octo-org` organization has an "
            "IP allow list enabled, and your IP address is not permitted to access this resource.",
        )


@dataclass(frozen=True)
class Forbidden(Fault):
    """403: the fine-grained token lacks a permission."""

    def apply(self, site: Site, request: Request, respond: Respond) -> Response:
        response = _refusal(site, 403, "Resource not accessible by personal access token")
        return response.with_headers(X_Accepted_GitHub_Permissions="contents=read")


def _refusal(site: Site, status: int, message: str) -> Response:
    """An API error of a client whose primary rate limit is far from used up."""
    reset = str(int(site.github.now()) + 1800)
    return api.error(status, message).with_headers(
        x_ratelimit_limit="5000",
        x_ratelimit_remaining="4321",
        x_ratelimit_used="679",
        x_ratelimit_reset=reset,
        x_ratelimit_resource="core",
    )


_MESSAGES = {
    400: "Bad Request",
    401: "Bad credentials",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    410: "Gone",
    429: "Too Many Requests",
    500: "Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

BY_NAME: dict[str, type[Fault]] = {
    kind.__name__: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, Fault) and kind not in (Fault, Cut)
}
"""All faults by class name, for the control endpoint."""


def named(name: str, parameters: dict[str, Any]) -> Fault:
    """A fault by its class name and fields; raises ValueError if there is none."""
    kind = BY_NAME.get(name)
    if kind is None:
        raise ValueError(f"no fault {name!r}; there are {', '.join(BY_NAME)}")
    known = [one.name for one in fields(kind) if one.init]  # type: ignore[arg-type]
    for key in parameters:
        if key not in known:
            raise ValueError(f"fault {name} has no {key!r}; it has {', '.join(known) or 'no parameters'}")
    return kind(**parameters)


def _flipped(body: Body) -> Body:
    middle = size(body) // 2
    byte = read(part(body, middle, middle + 1))
    return (*part(body, 0, middle), bytes(b ^ 1 for b in byte), *part(body, middle + 1, size(body)))


def _with_wrong_digest(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "digest": f"sha256:{'0' * 64}"} if value.get("digest") else value
