"""The asset store: signed URLs, no other credentials, ranges."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from email.utils import format_datetime

from .exchange import Body, FileRange, Request, Response, part, size
from .site import Site
from .state import Asset
from .wire import snappy


def response(site: Site, request: Request) -> Response:
    """Response a request to the store's host."""
    if request.method not in ("GET", "HEAD"):
        return error(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
    if "authorization" in request.headers:
        return error(400, "InvalidArgument", "Only one auth mechanism allowed")
    parameters = request.parameters
    signature = parameters.get("sig", "")
    if not hmac.compare_digest(signature.encode(), site.signature(request.path, parameters).encode()):
        return error(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    if datetime.fromisoformat(parameters["se"]).timestamp() < site.github.now():
        return error(403, "AuthenticationFailed", "Signed expiry time must be after signed start time.")
    _, kind, repository_id, name = request.path.split("/")
    repository = site.github.find_id(int(repository_id))
    if repository is None:
        return error(404, "BlobNotFound", "The specified blob does not exist.")
    if kind == "attestations":
        digest, _, index = name.partition("-")
        bundle = json.dumps(repository.attestations[digest][int(index)].bundle).encode()
        return Response(200, {"Content-Type": "application/x-snappy"}, (snappy(bundle),))
    found = repository.find_asset(name)
    if found is None or found[1].state != "uploaded":
        return error(404, "BlobNotFound", "The specified blob does not exist.")
    disposition = parameters["rscd"]
    return download(found[1], request).with_headers(
        Content_Disposition=disposition, Content_Type=parameters["rsct"], x_ms_version=parameters["sv"]
    )


def download(asset: Asset, request: Request) -> Response:
    """An asset's bytes, whole or in part (RFC 9110, sections 13 and 14), whatever the host."""
    whole = content(asset)
    total = size(whole)
    modified = format_datetime(asset.created_at, usegmt=True)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename={asset.name}",
        "ETag": asset.etag,
        "Last-Modified": modified,
        "Accept-Ranges": "bytes",
    }
    if request.headers.get("if-none-match") in (asset.etag, "*"):
        return Response(304, headers)
    wanted = _range(request.headers.get("range", ""), total)
    if wanted is None or request.headers.get("if-range", asset.etag) not in (asset.etag, modified):
        return Response(200, headers, whole)
    start, stop = wanted
    if start >= stop:
        refusal = error(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
        return refusal.with_headers(Content_Range=f"bytes */{total}")
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{total}"
    return Response(206, headers, part(whole, start, stop))


def content(asset: Asset) -> Body:
    """The bytes of an asset."""
    if isinstance(asset.content, bytes):
        return (asset.content,)
    return (FileRange(asset.content, 0, asset.size),)


def error(status: int, code: str, message: str) -> Response:
    """An error of the store."""
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"Content-Type": "application/xml", "x-ms-error-code": code}, (body.encode(),))


def _range(header: str, total: int) -> tuple[int, int] | None:
    """Start and stop of a single byte range; None where the header has none that is understood."""
    unit, _, ranges = header.partition("=")
    first, dash, last = ranges.strip().partition("-")
    if unit.strip() != "bytes" or not dash or not (first + last).isdecimal():
        return None
    if not first:
        return max(0, total - int(last)), total
    stop = min(total, int(last) + 1) if last else total
    return (int(first), stop) if not last or int(first) <= int(last) else None
