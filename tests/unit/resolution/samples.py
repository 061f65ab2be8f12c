"""Sample locks, and a strategy for any lock."""

from __future__ import annotations

from hypothesis import strategies as st

from github_assets.config.patterns import parse_pattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.github.servers import Servers
from github_assets.platforms import Platform
from github_assets.resolution.lock import Attestation, Lock, LockedAsset, LockKey

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
SERVERS = Servers("https://github.com", "https://api.github.com")
JQ = LockedAsset(
    LockKey("jqlang/jq", "https://github.com", file="jq-linux-{arch}"),
    AMD64,
    repository_id=3,
    tag="jq-1.7.1",
    release_id=4,
    immutable=False,
    asset="jq-linux-amd64",
    id=1,
    size=2,
    sha256="ab" * 32,
    url="https://github.com/jqlang/jq/releases/download/jq-1.7.1/jq-linux-amd64",
    verified_by="GitHub's digest",
)
REQUEST = AssetRequest(Repository("jqlang", "jq"), "REPO", file=parse_pattern("jq-linux-{arch}"))

VERIFIERS = ["the configuration", "GitHub's digest", "GitHub's digest, SHA256SUMS of the release", "downloaded here"]
SIGNER = "https://github.com/jqlang/jq/.github/workflows/release.yml@refs/tags/jq-1.7.1"
ATTESTATIONS = [
    Attestation("https://slsa.dev/provenance/v1", SIGNER),
    Attestation("https://in-toto.io/attestation/release/v0.2", "https://dotcom.releases.github.com"),
]
TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=5)
KEYS = st.builds(
    LockKey,
    repository=st.sampled_from(["jqlang/jq", "a/b", "a/B", "o.o/n-n_n"]),
    server=st.sampled_from(["https://github.com", "https://ghe.example.com:8443", "http://127.0.0.1:81"]),
    version=TEXT,
    file=TEXT | st.none(),
    target=TEXT | st.none(),
    tag_pattern=TEXT | st.none(),
    prerelease=st.booleans(),
    min_age=st.integers(0, 1 << 40),
    api_url=st.sampled_from([None, "https://ghe.example.com/api/v3"]),
)
LOCKED = st.builds(
    LockedAsset,
    key=KEYS,
    platform=st.builds(
        Platform, st.just("linux"), st.sampled_from(["amd64", "arm64"]), st.sampled_from([None, "musl"])
    ),
    repository_id=st.integers(0, 1 << 60),
    release_id=st.integers(0, 1 << 60),
    immutable=st.booleans(),
    tag=st.sampled_from(["v1", "jq-1.7.1", "@scope/tool@1.0", "käse-1"]),
    asset=st.sampled_from(["jq", "jq 1.tar.gz", 'a"b', "'x\u00e9'"]),
    id=st.integers(0, 1 << 60),
    size=st.integers(0, 1 << 60),
    sha256=st.sampled_from(["ab" * 32, "0" * 64]),
    url=st.sampled_from([JQ.url, "https://ghe.example.com/a/%40b/x", "http://127.0.0.1:8080/x"]),
    verified_by=st.sampled_from(VERIFIERS),
    attestations=st.lists(st.sampled_from(ATTESTATIONS), max_size=2).map(tuple),
)
LOCKS = st.builds(
    Lock,
    platforms=st.sampled_from([(AMD64,), (AMD64, ARM64), ()]),
    assets=st.lists(LOCKED, max_size=2, unique_by=lambda each: (each.key, each.platform)).map(tuple),
)
