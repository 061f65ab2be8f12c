"""Where the bytes of an asset are, and which digests they must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from github_assets.http.credential import Credential

SHA256 = "sha256"
CONFIGURATION = "the configuration"
"""Who says what the digest is, where it is the `sha256` of the asset's settings."""
GITHUB = "GitHub's digest"
OF_THE_RELEASE = " of the release"
"""After a checksum file's name, where it says who publishes a digest."""


class ExpectedDigest(NamedTuple):
    """A digest that the bytes must have, in lower-case hex, who says so, and hashlib's name of what makes it."""

    digest: str
    by: str
    algorithm: str = SHA256


class Source(NamedTuple):
    """Where the bytes of an asset are had, and what they are verified by."""

    url: str
    expected_digests: tuple[ExpectedDigest, ...] = ()
    credential: Credential | None = None
    instead: Callable[[], Source | None] | None = None
    """Returns another source of the same bytes, or None where there is none; asked when this one is closed."""
    mirror: str | None = None
    """The setting that named the URL."""

    @property
    def authenticated(self) -> bool:
        """Whether the credential is for the URL."""
        if self.credential is None:
            return False
        from github_assets.http.urls import origin  # not needed where nothing is requested

        return self.credential.origin == origin(self.url)
