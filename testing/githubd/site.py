"""Shared by the hosts: the model, the URLs of all hosts, and the key that signs the store's URLs."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from .exchange import Request, Role
from .state import Asset, GitHub, Repository
from .wire import instant


class Site:
    """One GitHub under its URLs."""

    def __init__(self, github: GitHub, urls: Mapping[Role, str]) -> None:
        self.github = github
        self.urls = urls
        self._key = secrets.token_bytes(32)
        self._count = itertools.count()

    def asset_url(self, repository: Repository, asset: Asset) -> str:
        """A fresh signed URL of an asset in the store."""
        disposition = f"attachment; filename={asset.name}"
        path = f"/github-production-release-asset/{repository.id}/{asset.id}"
        return self.signed_url(path, rscd=disposition, rsct="application/octet-stream")

    def signed_url(self, path: str, **parameters: str) -> str:
        """A fresh signed URL of a path in the store."""
        expires = datetime.fromtimestamp(self.github.now() + self.github.signed_url_seconds, UTC)
        parameters = {"sp": "r", "sv": "2018-11-09", "sr": "b", "spr": "https", "se": instant(expires), **parameters}
        parameters["jwt"] = str(next(self._count))  # so that two of one second differ, as GitHub's do
        parameters["sig"] = self.signature(path, parameters)
        return f"{self.urls['store']}{path}?{urlencode(parameters, quote_via=quote)}"

    def signature(self, path: str, parameters: Mapping[str, str]) -> str:
        """The signature over a path and all its parameters."""
        signed = "\n".join([path, *(f"{n}={v}" for n, v in sorted(parameters.items()) if n != "sig")])
        return urlsafe_b64encode(hmac.digest(self._key, signed.encode(), hashlib.sha256)).decode()


def token(request: Request) -> str | None:
    """The token of the Authorization header, in any of the three forms that GitHub takes; "" for nonsense."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""
