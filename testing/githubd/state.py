"""What exists on this GitHub: repositories, releases, assets, tokens; and the rules that do not depend on HTTP."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

MakeLatest = Literal["true", "false", "legacy"]
AssetState = Literal["uploaded", "open", "starter"]
"""`open` is in GitHub's OpenAPI description, `starter` in the text of its documentation: an unfinished upload."""

FROM_CONTENT: Final = "from content"
"""Default of `Asset.digest`: the SHA-256 of the content, as GitHub computes it at upload."""

_FIRST_COMMIT = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Asset:
    """A release asset; `content` is bytes, or the path of a file that is streamed from disk."""

    id: int
    name: str
    content: bytes | str
    digest: str | None = FROM_CONTENT
    state: AssetState = "uploaded"
    content_type: str = "application/octet-stream"
    label: str | None = ""
    created_at: datetime = _FIRST_COMMIT
    reported_size: int | None = None
    """The size that the API reports, if it differs from that of the content."""

    def __post_init__(self) -> None:
        if self.digest == FROM_CONTENT:
            self.digest = f"sha256:{self.sha256()}"

    @property
    def size(self) -> int:
        """The content's size in bytes."""
        return len(self.content) if isinstance(self.content, bytes) else os.path.getsize(self.content)

    def sha256(self) -> str:
        """The content's SHA-256 in hexadecimal digits."""
        if isinstance(self.content, bytes):
            return hashlib.sha256(self.content).hexdigest()
        with open(self.content, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def etag(self) -> str:
        """The store's strong ETag: another one as soon as the content differs."""
        content = self.content
        version = hash(content) if isinstance(content, bytes) else os.stat(content).st_mtime_ns
        key = f"{self.id} {self.size} {version}"
        return f'"0x{hashlib.sha256(key.encode()).hexdigest()[:15].upper()}"'


@dataclass(eq=False)
class Release:
    """A release; `created_at` is the commit's date, by which GitHub orders, and `published_at` None for a draft."""

    repository: Repository = field(repr=False)
    id: int
    tag: str
    name: str | None
    created_at: datetime
    published_at: datetime | None
    draft: bool = False
    prerelease: bool = False
    make_latest: MakeLatest = "legacy"
    immutable: bool = False
    body: str | None = ""
    assets: list[Asset] = field(default_factory=list)

    def asset(self, name: str, content: bytes | str, **fields: Any) -> Asset:
        """Add an asset with the fields of `Asset`."""
        if self.asset_named(name):
            raise ValueError(f"release {self.tag} already has an asset {name!r}")
        fields.setdefault("created_at", self.created_at)
        asset = Asset(fields.pop("id", None) or self.repository.github.next_id(), name, content, **fields)
        self.assets.append(asset)
        return asset

    def asset_named(self, name: str) -> Asset | None:
        """The asset of that exact name."""
        return next((asset for asset in self.assets if asset.name == name), None)


@dataclass(frozen=True)
class Attestation:
    """One attestation of a subject digest; `bundle` is a Sigstore bundle as parsed JSON."""

    bundle: dict[str, Any]
    predicate_type: str = "https://slsa.dev/provenance/v1"


@dataclass(eq=False)
class Repository:
    """A repository; a private one exists only for its readers and writers (sets of tokens)."""

    github: GitHub = field(repr=False)
    id: int
    full_name: str
    private: bool = False
    readers: set[str] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)
    releases: list[Release] = field(default_factory=list)
    attestations: dict[str, list[Attestation]] = field(default_factory=dict)
    """By subject digest, `sha256:HEX`."""

    def release(self, tag: str, **fields: Any) -> Release:
        """Add a release with the fields of `Release`; without dates, each is a day newer than the one before."""
        created = fields.pop("created_at", None) or _FIRST_COMMIT + timedelta(days=len(self.releases))
        draft = bool(fields.get("draft"))
        published = fields.pop("published_at", None) or (None if draft else created + timedelta(hours=1))
        release = Release(
            self,
            fields.pop("id", None) or self.github.next_id(),
            tag,
            fields.pop("name", tag),
            created,
            published,
            **fields,
        )
        self.releases.append(release)
        return release

    def readable(self, token: str | None) -> bool:
        """Whether the repository exists for a request with that token."""
        return not self.private or token in self.readers | self.writers

    def newest_first(self, *, drafts: bool) -> list[Release]:
        """All releases in the order of "List releases"; drafts are for those with push access."""
        shown = [release for release in self.releases if drafts or not release.draft]
        return sorted(shown, key=lambda release: (release.draft, release.created_at, release.id), reverse=True)

    def latest(self) -> Release | None:
        """The release marked as latest, else the newest commit's; never a draft, a pre-release or a refused one."""
        candidates = [r for r in self.releases if not (r.draft or r.prerelease or r.make_latest == "false")]
        pinned = [release for release in candidates if release.make_latest == "true"]
        if pinned:
            return pinned[-1]
        return max(candidates, key=lambda release: release.created_at, default=None)

    def tagged(self, tag: str) -> Release | None:
        """The published release of a tag; drafts are not served by tag."""
        return next((r for r in self.releases if r.tag == tag and not r.draft), None)

    def assets(self) -> Iterator[tuple[Release, Asset]]:
        """Every asset with its release."""
        return ((release, asset) for release in self.releases for asset in release.assets)

    def find_asset(self, identity: str) -> tuple[Release, Asset] | None:
        """The asset with an id in decimal digits, with its release."""
        return next((pair for pair in self.assets() if str(pair[1].id) == identity), None)

    def rename(self, full_name: str) -> None:
        """Give the repository another name; the old one redirects."""
        self.github.rename(self, full_name)


@dataclass
class RateLimits:
    """Requests per hour, enforced. GitHub allows anonymous clients 60; a server for many tests allows more."""

    anonymous: int = 6000
    token: int = 5000


class GitHub:
    """Repositories and tokens of one GitHub."""

    def __init__(
        self,
        *,
        tokens: Iterable[str] = (),
        rate_limits: RateLimits | None = None,
        signed_url_seconds: int = 3600,
        direct: bool = False,
        inline_bundles: bool = False,
    ) -> None:
        """Make an empty GitHub.

        Args:
            tokens: tokens of users, valid beside the readers and writers of the repositories.
            rate_limits: primary rate limits per hour.
            signed_url_seconds: how long the store's signed URLs live.
            direct: asset downloads answer 200 from API and web, instead of 302 to the store.
            inline_bundles: attestations carry their bundle, as before July 2026, instead of null.
        """
        self.tokens = set(tokens)
        self.rate_limits = rate_limits or RateLimits()
        self.signed_url_seconds = signed_url_seconds
        self.direct = direct
        self.inline_bundles = inline_bundles
        self._repositories: dict[str, Repository] = {}
        self._ids = itertools.count(987_654_321, 111)
        self._used: dict[str | None, int] = {}
        self._clock_offset = 0.0
        self._hour_began = time.time()
        self._lock = threading.Lock()

    def next_id(self) -> int:
        """A fresh id of nine or more digits."""
        return next(self._ids)

    def repository(self, full_name: str, **fields: Any) -> Repository:
        """Add a repository with the fields of `Repository`."""
        if full_name.count("/") != 1:
            raise ValueError(f"a repository is named owner/name, not {full_name!r}")
        if full_name.lower() in self._repositories:
            raise ValueError(f"repository {full_name} already exists")
        repository = Repository(self, fields.pop("id", None) or self.next_id(), full_name, **fields)
        self._repositories[full_name.lower()] = repository
        return repository

    def rename(self, repository: Repository, full_name: str) -> None:
        """Give a repository another name; its old one redirects."""
        repository.full_name = full_name
        self._repositories[full_name.lower()] = repository

    def find(self, full_name: str) -> Repository | None:
        """The repository that has, or had, that name; names are case-insensitive."""
        return self._repositories.get(full_name.lower())

    def find_id(self, identity: int) -> Repository | None:
        """The repository with that id."""
        return next((r for r in self._repositories.values() if r.id == identity), None)

    def knows(self, token: str) -> bool:
        """Whether a token is anybody's."""
        repositories = self._repositories.values()
        return token in self.tokens or any(token in r.readers | r.writers for r in repositories)

    def now(self) -> float:
        """Seconds since the epoch on this GitHub's clock."""
        return time.time() + self._clock_offset

    def advance(self, seconds: float) -> None:
        """Put the clock forward: signed URLs expire, rate limits begin anew."""
        self._clock_offset += seconds

    def rate(self, token: str | None, *, count: int = 0) -> dict[str, int]:
        """`limit`, `remaining`, `used` and `reset` (epoch seconds) for a client, after counting `count` requests."""
        with self._lock:
            if self.now() >= self._hour_began + 3600:
                self._hour_began = self.now()
                self._used.clear()
            limit = self.rate_limits.anonymous if token is None else self.rate_limits.token
            used = self._used[token] = self._used.get(token, 0) + count
            reset = int(self._hour_began) + 3600
            return {"limit": limit, "remaining": max(0, limit - used), "used": used, "reset": reset}
