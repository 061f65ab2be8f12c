"""The REST API (https://docs.github.com/rest): releases, assets, attestations, the rate limit."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote, urlencode

from . import store, wire
from .exchange import Request, Response, compressed, json_response, read
from .site import Site, token
from .state import Repository

VERSIONS: Final = ("2022-11-28", "2026-03-10")
ENTERPRISE: Final = "/api/v3"
_DOCUMENTATION: Final = "https://docs.github.com/rest"


def response(site: Site, request: Request) -> Response:
    """Response a request to the API, under `/` or `/api/v3/`, with the headers that all its answers have."""
    client = token(request)
    known = client if client is not None and site.github.knows(client) else None
    rate = site.github.rate(known)
    if "user-agent" not in request.headers:
        text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
        return Response(403, {"Content-Type": "text/plain"}, (text.encode(),))
    version = request.headers.get("x-github-api-version", VERSIONS[0])
    if version not in VERSIONS:
        reply = error(400, f"'{version}' is not a supported API version. Supported: {', '.join(VERSIONS)}")
    elif client is not None and known is None:
        reply = error(401, "Bad credentials")
    elif request.path.removeprefix(ENTERPRISE) == "/rate_limit":
        reply = json_response(200, wire.rate_limit(rate, with_rate=version == VERSIONS[0]))
    elif rate["remaining"] == 0:
        reply = rate_limited()
    else:
        reply = _Api(site, request, known, version).response()
        free = reply.status == 304 and known is not None
        rate = site.github.rate(known, count=0 if free else 1)
    headers = {f"x-ratelimit-{name}": str(value) for name, value in rate.items()}
    return compressed(_common(reply, version, headers), request)


def error(status: int, message: str, path: str = "", **headers: str) -> Response:
    """The OpenAPI object `basic-error`; in header names `_` stands for `-`."""
    value = {"message": message, "documentation_url": _DOCUMENTATION + path, "status": str(status)}
    return json_response(status, value).with_headers(**headers)


def rate_limited(status: int = 403) -> Response:
    """The body of a primary rate limit's answer."""
    return error(status, "API rate limit exceeded for 127.0.0.1.", "/using-the-rest-api/rate-limits-for-the-rest-api")


def _common(reply: Response, version: str, headers: dict[str, str]) -> Response:
    common = {
        "Cache-Control": "public, max-age=60, s-maxage=60",
        "Vary": "Accept,Authorization,Cookie,X-GitHub-OTP",
        "x-github-media-type": "github.v3; format=json",
        "x-github-api-version-selected": version,
        "x-github-request-id": "-".join(secrets.token_hex(4).upper() for _ in range(3)),
        "x-ratelimit-resource": "core",
        **headers,
    }
    return replace(reply, headers={**common, **reply.headers})


class _Api:
    """One request to the API by a client that may ask."""

    def __init__(self, site: Site, request: Request, client: str | None, version: str) -> None:
        self.site = site
        self.github = site.github
        self.request = request
        self.client = client
        self.version = version
        prefix = ENTERPRISE if request.path.startswith(f"{ENTERPRISE}/") else ""
        self.base = site.urls[request.role] + prefix
        self.path = request.path.removeprefix(prefix)
        self.urls = (self.base, site.urls["web"])

    def response(self) -> Response:
        parts = self.path.split("/")[1:]
        if self.request.method not in ("GET", "HEAD"):
            return self.missing()
        match parts:
            case ["repos", owner, name, *rest]:
                repository = self.github.find(f"{unquote(owner)}/{unquote(name)}")
                renamed = repository and repository.full_name.lower() != f"{owner}/{name}".lower()
            case ["repositories", identity, *rest] if identity.isdecimal():
                repository, renamed = self.github.find_id(int(identity)), False
            case _:
                return self.missing()
        if repository is None or not repository.readable(self.client):
            return self.missing()
        if renamed:
            url = "/".join([self.base, "repositories", str(repository.id), *rest])
            url += f"?{self.request.query}" if self.request.query else ""
            value = {"message": "Moved Permanently", "url": url, "documentation_url": _DOCUMENTATION}
            return json_response(301, value, {"Location": url})
        return self.in_repository(repository, [unquote(one) for one in rest])

    def in_repository(self, repository: Repository, path: list[str]) -> Response:
        push = self.client in repository.writers
        match path:
            case []:
                return self.json(wire.repository(*self.urls, repository, push=push))
            case ["releases"]:
                return self.page(repository, path, repository.newest_first(drafts=push), wire.release)
            case ["releases", "latest"]:
                release = repository.latest()
            case ["releases", "tags", tag]:
                release = repository.tagged(tag)
            case ["releases", "assets", identity]:
                return self.asset(repository, identity)
            case ["releases", identity, *rest] if rest in ([], ["assets"]):
                release = next((r for r in repository.newest_first(drafts=push) if str(r.id) == identity), None)
                if release and rest:
                    pairs = [(release, asset) for asset in release.assets]
                    return self.page(repository, path, pairs, lambda api, web, pair: wire.asset(api, web, *pair))
            case ["attestations", digest]:
                return self.attestations(repository, digest)
            case _:
                release = None
        return self.json(wire.release(*self.urls, release)) if release else self.missing()

    def asset(self, repository: Repository, identity: str) -> Response:
        found = repository.find_asset(identity)
        if found is None or (found[0].draft and self.client not in repository.writers):
            return self.missing()
        if "application/octet-stream" not in self.request.headers.get("accept", ""):
            return self.json(wire.asset(*self.urls, *found))
        if found[1].state != "uploaded":
            return self.missing()
        if self.request.direct or self.github.direct:
            return store.download(found[1], self.request)
        return Response(302, {"Location": self.site.asset_url(repository, found[1]), "Content-Type": "text/html"})

    def attestations(self, repository: Repository, digest: str) -> Response:
        wanted = self.request.parameters.get("predicate_type")
        found = [
            (index, one)
            for index, one in enumerate(repository.attestations.get(digest, []))
            if wanted in (None, one.predicate_type)
        ]
        if not found:
            return self.missing()
        entries: list[dict[str, Any]] = []
        for index, attestation in found:
            url = self.site.signed_url(f"/attestations/{repository.id}/{digest}-{index}")
            entry = {"repository_id": repository.id, "bundle_url": url, "initiator": "user"}
            if self.version == VERSIONS[0]:
                entry["bundle"] = attestation.bundle if self.github.inline_bundles else None
            entries.append(entry)
        return json_response(200, {"attestations": entries})

    def page(self, repository: Repository, path: list[str], items: Sequence[Any], shape: Any) -> Response:
        """One page of a list, with a Link header to its neighbours."""
        parameters = self.request.parameters
        per_page = max(1, min(100, _number(parameters.get("per_page"), 30)))
        page = max(1, _number(parameters.get("page"), 1))
        last = max(1, -(-len(items) // per_page))
        pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page == 1:
            del pages["prev"], pages["first"]
        if page >= last:
            del pages["next"], pages["last"]
        url = f"{self.base}/repositories/{repository.id}/{'/'.join(path)}"
        links = [
            f'<{url}?{urlencode({**parameters, "page": number})}>; rel="{relation}"'
            for relation, number in pages.items()
        ]
        shown = items[(page - 1) * per_page : page * per_page]
        return self.json([shape(*self.urls, item) for item in shown], {"Link": ", ".join(links)} if links else {})

    def json(self, value: Any, headers: dict[str, str] | None = None) -> Response:
        """A JSON answer with a weak ETag, or 304 to a client that has it."""
        reply = json_response(200, value, headers)
        etag = f'"{hashlib.sha256(read(reply.body)).hexdigest()}"'
        known = [tag.strip().removeprefix("W/") for tag in self.request.headers.get("if-none-match", "").split(",")]
        if etag in known or "*" in known:
            return Response(304, {"ETag": f"W/{etag}"})
        return reply.with_headers(ETag=f"W/{etag}")

    def missing(self) -> Response:
        return error(404, "Not Found", "/releases/releases")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
