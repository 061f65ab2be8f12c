"""The web host: download URLs that need no API."""

from __future__ import annotations

from urllib.parse import quote, unquote

from . import store
from .exchange import Request, Response
from .site import Site
from .wire import browser_download_url


def response(site: Site, request: Request) -> Response:
    """Response a request to the web host; tokens mean nothing here, so a private repository does not exist."""
    owner, _, rest = request.path.lstrip("/").partition("/")
    name, slash, rest = rest.partition("/")
    repository = site.github.find(f"{unquote(owner)}/{unquote(name)}")
    if request.method not in ("GET", "HEAD") or repository is None or repository.private:
        return not_found()
    home = f"{site.urls['web']}/{repository.full_name}"
    if f"{owner}/{name}".lower() != repository.full_name.lower():
        return redirect(301, home + slash + rest)
    latest = repository.latest()
    if rest == "releases/latest":
        return redirect(302, f"{home}/releases/tag/{quote(latest.tag, safe='/~')}" if latest else f"{home}/releases")
    if rest.startswith("releases/latest/download/"):
        asset = latest.asset_named(unquote(rest.removeprefix("releases/latest/download/"))) if latest else None
        return redirect(302, browser_download_url(site.urls["web"], latest, asset)) if latest and asset else not_found()
    if rest.startswith("releases/download/"):
        tag, _, file = rest.removeprefix("releases/download/").rpartition("/")
        release = None if "%2f" in tag.lower() else repository.tagged(unquote(tag))
        asset = release.asset_named(unquote(file)) if release else None
        if asset is None or asset.state != "uploaded":
            return not_found()
        if request.direct or site.github.direct:
            return store.download(asset, request)
        return redirect(302, site.asset_url(repository, asset))
    if not rest or rest == "releases":
        return html(200, f"<title>{repository.full_name}</title>")
    return not_found()


def redirect(status: int, url: str) -> Response:
    """A redirect."""
    return Response(status, {"Location": url, "Content-Type": "text/html; charset=utf-8"})


def html(status: int, text: str) -> Response:
    """A page."""
    page = f"<!DOCTYPE html>\n<html><body>{text}</body></html>\n".encode()
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, (page,))


def not_found() -> Response:
    """The answer for whatever does not exist, or is not public."""
    return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, (b"Not Found",))
