"""Where the bytes of an asset are, and which digests they must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from github_assets.http.urls import origin

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
    """Where the bytes of an asset are had, and who vouches for them."""

    url: str
    expected_digests: tuple[ExpectedDigest, ...] = ()
    credential: Credential | None = None
    instead: str | None = None
    """Another URL of the same bytes, for when this one is closed; the same credential may be for it."""
    mirror: str | None = None
    """The setting that named the URL."""

    @property
    def authenticated(self) -> bool:
        """Whether the credential is for the URL."""
        return self.credential is not None and self.credential.origin == origin(self.url)
