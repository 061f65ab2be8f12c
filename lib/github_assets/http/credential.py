"""What a request proves the caller's identity with."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.secrets import Secret


class Credential(NamedTuple):
    """A token, the origin (scheme, host, port) that it is for, and the setting that it comes from."""

    token: Secret
    origin: str
    setting: str = "TOKEN"
    scheme: str = "Bearer"
    shared: bool = False
    """Whether it is for all of github.com, most of which is public, and not for some assets."""

    @property
    def header(self) -> str:
        """The value of the `Authorization` header (RFC 9110, section 11.4)."""
        return f"{self.scheme} {self.token.reveal()}"
