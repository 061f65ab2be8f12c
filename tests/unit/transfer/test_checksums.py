"""Which checksum files are read for an asset, in which order, and what counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_assets.errors.http import NotFound
from github_assets.github.releases import ReleaseAsset
from github_assets.transfer.checksums import (
    LARGEST,
    MOST,
    Checksum,
    DigestLookup,
    checksum_files,
    digest_of,
    find_digest,
)
from github_assets.transfer.source import ExpectedDigest
from tests.properties import examples

TOOL = "tool-linux-amd64.tar.gz"
SHA256 = hashlib.sha256(b"tool").hexdigest()
SHA384 = hashlib.sha384(b"tool").hexdigest()
SHA512 = hashlib.sha512(b"tool").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.mark.parametrize(
    "file",
    [
        f"{TOOL}.sha256",
        f"{TOOL}.SHA256",
        f"{TOOL}.sha256sum",
        f"{TOOL}.sha384",
        f"{TOOL}.sha512",
        f"{TOOL}.sha512.txt",
        f"{TOOL}-sha256",
        f"{TOOL}.checksum",
        "tool-linux-amd64.sha256",
        "tool-linux-amd64.sha256.txt",
        "checksums.txt",
        "checksum.txt",
        "Checksums",
        "checksums_sha256.txt",
        "checksums.sha256",
        "checksums-bsd",
        "tool_1.2.3_checksums.txt",
        "tool_1.2.3_SHA256SUMS",
        "tool_checksums_linux.txt",
        "SHA256SUMS",
        "SHA2-256SUMS",
        "SHA256SUMS.txt",
        "sha512sums.txt",
        "SHASUMS256.txt",
        "uad-ng-linux-checksum",
        "sha256.sum",
        "sha256sums-v1.0.0",
        "SHA256SUMS_1.0.0",
        "SHA256SUMS.1.0.0",
        "sha256.1.0.0.sum",
        "checksums+1.0.0.txt",
        "SHA256SUMS-1.0.0-rc.1",
        "checksums_v1.0.0",
        "checksums-1.0.0.sha256",
        "CHECKSUMS-v1.0.0.txt",
        "hashes.txt",
        "hashes.sha256",
        "tool_1.2.3_hashes.txt",
        "hashsums.txt",
        "digests.txt",
        "sha256-digests.txt",
        "manifest.sha256",
        "shasum.txt",
        "sha256sum-amd64.txt",
        "sha256sums.txt.asc",
        "SHA256SUMS.asc",
        "SHA256SUMS-1.0.0.asc",
        f"{TOOL}.sha256.asc",
        "SHA256SUM-linux",
        "tool_1.0.0_checksums_sha256",
        "sums.sha256",
        "sha256",
        "CHECKSUM",
        "checksums.list",
        "sha256sums.linux.txt",
        f"{TOOL}.sha256.sum",
        f"{TOOL}.hash",
        f"{TOOL}.digest",
        f"{TOOL}.sha-256",
    ],
)
def test_a_checksum_file(file: str) -> None:
    assert checksum_files(TOOL, [TOOL, "tool-linux-arm64.tar.gz", file, "README.md"]) == [file]


@pytest.mark.parametrize(
    "file",
    [
        f"{TOOL}.md5",
        f"{TOOL}.sha1",
        f"{TOOL}.asc",
        f"{TOOL}.sha256.sig",
        "checksums.txt.sig",
        "checksums.txt.pem",
        "checksums.txt.sigstore.json",
        "checksums.txt.minisig",
        "SHA256SUMS.gpg",
        "SHA3-256SUMS",
        "checksums-sha3-256.txt",
        "checksums.b3",
        "b2sums.txt",
        "sha512-256sums.txt",
        "MD5SUMS",
        "SHA1SUMS.txt",
        "checksums.json",
        "checksums_v1.0.0.sig",
        "hashes.md5",
        "hashes.b3",
        "hashes.json",
        "rehash",
        "hashbrown-1.0",
        "digester.txt",
        "tool-linux-arm64.tar.gz.sha256",
        "tool-linux-arm64.sha256",
    ],
)
def test_no_checksum_file_of_the_asset(file: str) -> None:
    assert checksum_files(TOOL, [TOOL, "tool-linux-arm64.tar.gz", file]) == []


@pytest.mark.parametrize("file", [f"{TOOL}.sha256", "checksums.txt", "SHA256SUMS-1.0.0"])
def test_the_signature_of_a_list_is_none(file: str) -> None:
    assert checksum_files(TOOL, [TOOL, file, f"{file}.asc"]) == [file]


def test_the_strongest_first_then_the_assets_own() -> None:
    files = [
        f"{TOOL}.sha512",
        "SHA512SUMS",
        f"{TOOL}.sha384",
        "tool-linux-amd64.sha256",
        f"{TOOL}.sha256",
        "SHA256SUMS",
        f"{TOOL}.checksum",
        "checksums.txt",
    ]
    assert checksum_files(TOOL, [TOOL, *reversed(files)]) == files


def test_no_more_than_some() -> None:
    assert len(checksum_files(TOOL, [TOOL, *(f"checksums-{number}.txt" for number in range(100))])) == MOST


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (SHA256, SHA256),
        (f"{SHA256}  -\n", SHA256),
        (f"{SHA256}\n{SHA256}  {TOOL}\n", SHA256),
        (f"{OTHER}  tool-linux-arm64.tar.gz\n{SHA256}  {TOOL}\n", SHA256),
        (f"{OTHER}  tool-linux-arm64.tar.gz\n", f"it does not list {TOOL}"),
        (f"{SHA256}\n{OTHER}\n", f"it has several digests of {TOOL}"),
        (f"{SHA256}\n{OTHER}  {TOOL}\n", f"it has several digests of {TOOL}"),
        ("Not Found", f"it does not list {TOOL}"),
        ("", f"it does not list {TOOL}"),
        (SHA512, f"its digest of {TOOL} does not match the algorithm in its file name"),
    ],
)
def test_the_assets_own_file(content: str, found: str) -> None:
    expected = Checksum("sha256", found, TOOL) if found == SHA256 else found
    assert digest_of(TOOL, f"{TOOL}.sha256", content.encode(), [TOOL]) == expected


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (SHA256, None),
        (f"{SHA256}  -", None),
        (f"{SHA256}  {TOOL}.sig", None),
        (f"{SHA256}  {TOOL.upper()}", None),
        (f"{SHA256}  a/{TOOL}\n{SHA256}  b/{TOOL}", SHA256),
        (f"{SHA256}  a/{TOOL}\n{OTHER}  b/{TOOL}", None),
        (f"{SHA256}  {TOOL}\n{OTHER}  a/{TOOL}\n{SHA512}  {TOOL}", None),
        (f"{SHA256}  {TOOL}\n{SHA512}  {TOOL}\n{SHA384}  {TOOL}", SHA512),
        (f"SHA256 ({TOOL}) = {SHA256}\nSHA384 ({TOOL}) = {SHA384}\n", SHA384),
    ],
)
def test_a_list(content: str, found: str | None) -> None:
    entry = digest_of(TOOL, "checksums.txt", content.encode(), [TOOL])
    assert (entry.digest if isinstance(entry, Checksum) else None) == found


@pytest.mark.parametrize(
    "line",
    [
        "{name} {digest}",
        "{name}: {digest}",
        "{name},{digest}",
        "{name}\t{digest}",
        "{name} = {digest}",
        "./dist/{name} {digest}",
        "{name} sha256:{digest}",
        "{name} SHA256 {digest}",
        '{digest}  "{name}"',
        "{digest}  <{name}>",
        "{digest}  {name}  # 12345 bytes",
        "{digest} 12345 {name}",
        "{digest},{name}",
        "{digest} U{name}",
        "{digest} ?{name}",
        "sha256={digest}  {name}",
        "sha256:{digest} *{name}",
        "{digest} (SHA256): {name}",
        "| {name} | `{digest}` |",
        "| `{digest}` | dist/{name} | 12 MB |",
        "- `{name}`: {digest}",
        '"{name}": "{digest}",',
        "SHA256          {digest}       D:\\a\\{name}",
        "sha2-256 {digest} {name}",
    ],
)
@pytest.mark.parametrize("file", ["checksums.txt", f"{TOOL}.sha256"])
def test_a_line_in_another_order(line: str, file: str) -> None:
    content = f"{OTHER}  other.zip\n{line.format(name=TOOL, digest=SHA256)}\n" if file == "checksums.txt" else line
    release = [TOOL, file, "other.zip", "tool-linux-arm64.tar.gz"]

    entry = digest_of(TOOL, file, content.format(name=TOOL, digest=SHA256).encode(), release)

    assert isinstance(entry, Checksum)
    assert (entry.algorithm, entry.digest) == ("sha256", SHA256)


@pytest.mark.parametrize(
    "line",
    [
        f"{TOOL} {SHA256} {OTHER}",
        f"{TOOL} other.zip {SHA256}",
        f"{SHA256}  other.zip {TOOL}",
        f"{TOOL}.sig {SHA256}",
        f"{SHA256}  x{TOOL}",
        f"# {TOOL} {SHA256}",
        f"// {TOOL} {SHA256}",
        f"; {TOOL} {SHA256}",
        f"{TOOL} sha512 {SHA256}",
        f"{TOOL} sha3-256: {SHA256}",
        f"blake3 {SHA256} {TOOL}",
        f"{TOOL} md5 {SHA256}",
        f"{TOOL} SHA512/256 {SHA256}",
        f"{TOOL} {SHA256[:40]}",
        f"{TOOL} {SHA256}0",
        f"{TOOL} {SHA256}  {SHA256}",
    ],
)
def test_other_lines_are_ignored(line: str) -> None:
    assert isinstance(digest_of(TOOL, "checksums.txt", line.encode(), [TOOL, "other.zip"]), str)


def test_a_line_for_another_asset_with_a_blank_in_its_name() -> None:
    release = [TOOL, f"old {TOOL}"]
    assert isinstance(digest_of(TOOL, "checksums.txt", f"{SHA256}  old {TOOL}".encode(), release), str)


@pytest.mark.parametrize(
    ("asset", "listed"),
    [
        ("Tool.1.43.2.linux-amd64", "Tool 1.43.2 linux-amd64"),
        ("tool_1.0.0.rc.4_linux_amd64", "tool_1.0.0~rc.4_linux_amd64"),
        ("tool.x64._1.0_linux", "tool(x64)_1.0_linux"),
        ("Tool.x64.zip", "Tool (x64).zip"),
        ("tool.zip", "dist/tool.zip"),
        ("t.l.zip", "tö,l.zip"),
    ],
)
@pytest.mark.parametrize(
    "line", ["{digest}  {name}", "{digest} *{name}", "SHA256 ({name}) = {digest}", "{name}: {digest}"]
)
def test_a_name_that_github_changed(asset: str, listed: str, line: str) -> None:
    content = f"{OTHER}  other.zip\n{line.format(name=listed, digest=SHA256)}\n".encode()

    for file in ("SHA256SUMS", f"{asset}.sha256"):
        entry = digest_of(asset, file, content, [asset, "other.zip", file])
        assert isinstance(entry, Checksum)
        assert entry.digest == SHA256


@pytest.mark.parametrize(
    ("content", "release"),
    [
        (f"{SHA256}  tool~1\n{OTHER}  tool 1\n", []),
        (f"{SHA256}  tool~1\n", ["tool~1"]),
        (f"{SHA256}  tool 1\n", ["tool..1"]),
    ],
)
def test_a_name_that_github_may_have_changed_to_several(content: str, release: list[str]) -> None:
    assert isinstance(digest_of("tool.1", "SHA256SUMS", content.encode(), ["tool.1", *release]), str)


def test_the_exact_name_wins_over_one_that_github_may_have_changed() -> None:
    content = f"{OTHER}  tool~1\n{SHA256}  tool.1\n"
    assert digest_of("tool.1", "SHA256SUMS", content.encode(), ["tool.1"]) == Checksum("sha256", SHA256, "tool.1")


@pytest.mark.parametrize(
    ("others", "counts"),
    [([], True), (["tool-linux-amd64.zip"], False), (["tool-linux-amd64"], False), (["tool-linux-arm64.zip"], True)],
)
def test_a_bare_digest_under_the_stem_counts_for_the_only_archive(others: list[str], counts: bool) -> None:
    file = "tool-linux-amd64.sha256"
    entry = digest_of(TOOL, file, SHA256.encode(), [TOOL, file, *others])
    assert (entry == Checksum("sha256", SHA256, TOOL)) == counts


def test_two_archives_share_a_file_that_names_them() -> None:
    file, release = "tool-linux-amd64.sha256", [TOOL, "tool-linux-amd64.zip", "tool-linux-amd64.sha256"]
    content = f"{OTHER}  tool-linux-amd64.zip\n{SHA256}  {TOOL}\n".encode()

    assert checksum_files(TOOL, release) == [file]
    assert digest_of(TOOL, file, content, release) == Checksum("sha256", SHA256, TOOL)


def test_names_that_differ_in_case_are_two_assets() -> None:
    assert checksum_files("tool", ["tool", "Tool", "Tool.sha256"]) == []
    assert checksum_files("Tool", ["tool", "Tool", "Tool.sha256"]) == ["Tool.sha256"]


names = st.text(st.sampled_from("aA1.-_"), min_size=1, max_size=6)
files = names | st.tuples(names, st.sampled_from([".sha256", "SHA512SUMS", ".tar.gz", "checksums.txt", ".md5"])).map(
    "".join
)


@settings(max_examples=examples(200))
@given(names, st.sets(files, max_size=6), st.sampled_from([SHA256, f"{SHA256}  a", f"{SHA256} a", f"{SHA256}\0a"]))
@example(".a", {"checksums.txt"}, f"{SHA256} a")
@example("a", {"checksums.txt"}, f"{SHA256}\0a")
def test_only_a_line_for_the_asset_counts(name: str, release: set[str], content: str) -> None:
    """Whatever a release holds, a digest counts by its name, or in the file that is named after the asset alone."""
    found = checksum_files(name, release)
    assert name not in found
    assert set(found) <= release
    for file in found:
        entry = digest_of(name, file, content.encode(), {name, *release})
        if isinstance(entry, Checksum):
            assert "\0" not in content
            assert name in file or file.startswith(name.split(".tar")[0]) if content == SHA256 else name == "a"


@settings(max_examples=examples(100))
@given(names, st.sets(files, max_size=6), st.binary())
def test_no_content_of_a_checksum_file_is_fatal(name: str, release: set[str], content: bytes) -> None:
    for file in checksum_files(name, release):
        entry = digest_of(name, file, content, {name, *release})
        assert isinstance(entry, str) or entry.name == name


def test_an_asset_whose_name_github_would_have_changed_was_not_called_otherwise() -> None:
    """GitHub removes a dot in front: no entry has become this asset's name."""
    assert isinstance(digest_of(".a", "SHA256SUMS", f"{SHA256}  a".encode(), [".a"]), str)


LINES = [
    "{digest}  {name}",
    "{digest} *{name}",
    "{upper}  ./dist/{name}",
    "{digest} *dist\\{name}",
    "{algorithm}:{digest}  {name}",
    "{tag} ({name}) = {digest}",
    "{tag} (a/{name})= {upper}",
]
NOISE = ["", "# sums", "-----BEGIN PGP SIGNATURE-----", f"{'0' * 32}  tool", f"MD5 (tool) = {'0' * 32}", "SHA512 () ="]
LISTED = st.dictionaries(
    st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="/\\"), min_size=1, max_size=8),
    st.tuples(st.sampled_from(["sha256", "sha384", "sha512"]), st.binary(max_size=2), st.sampled_from(LINES)),
    max_size=4,
)


@settings(max_examples=examples(200))
@given(
    listed=LISTED,
    noise=st.lists(st.sampled_from(NOISE), min_size=5, max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    other=st.text(max_size=8),
)
def test_a_list_gives_each_file_its_digest(
    listed: dict[str, tuple[str, bytes, str]], noise: list[str], end: str, encoding: str, other: str
) -> None:
    expected, lines = {}, []
    for name, (algorithm, content, line) in listed.items():
        digest = hashlib.new(algorithm, content).hexdigest()
        expected[name] = Checksum(algorithm, digest, name)
        lines.append(
            line.format(name=name, digest=digest, upper=digest.upper(), algorithm=algorithm, tag=algorithm.upper())
        )
    mixed = [each for pair in zip(noise, [*lines, *[""] * 5], strict=False) for each in pair]
    text = end.join([*mixed, ""]).encode(encoding)

    assert {name: digest_of(name, "checksums.txt", text, listed) for name in listed} == expected
    if other not in ("tool", *listed):
        assert isinstance(digest_of(other, "checksums.txt", text, [*listed, other]), str)


# find_digest


def asset(name: str, size: int = 100, state: str = "uploaded") -> ReleaseAsset:
    return ReleaseAsset(1, name, state, size, None, "")


def contents(files: Mapping[str, str], seen: list[str]) -> Callable[[ReleaseAsset], bytes]:
    def read(file: ReleaseAsset) -> bytes:
        seen.append(file.name)
        return files[file.name].encode()

    return read


def test_no_file_is_read_after_one_that_lists_the_asset() -> None:
    seen: list[str] = []
    texts = {"SHA512SUMS": f"{SHA512}  other", "SHA256SUMS": f"{SHA256}  {TOOL}", "checksums.txt": ""}

    finding = find_digest(TOOL, [asset(TOOL), *map(asset, texts)], contents(texts, seen))

    assert finding == DigestLookup(
        ExpectedDigest(SHA256, "SHA256SUMS of the release", "sha256"),
        (f"Ignored SHA512SUMS: it does not list {TOOL}",),
    )
    assert seen == ["SHA512SUMS", "SHA256SUMS"]


def test_a_mirror_without_checksum_files() -> None:
    def read(file: ReleaseAsset) -> bytes:
        raise NotFound(host="mirror.example", authenticated=False)

    assert find_digest(TOOL, [asset(TOOL), asset("checksums.txt")], read) == DigestLookup(
        None, ("Ignored checksums.txt: not found on mirror.example",)
    )


def test_files_that_are_too_large_or_not_uploaded_are_not_read() -> None:
    seen: list[str] = []
    release = [asset(TOOL), asset("SHA256SUMS", LARGEST + 1), asset("checksums.txt", state="starter")]

    assert find_digest(TOOL, release, contents({}, seen)) == DigestLookup(
        None, ("Ignored SHA256SUMS: it is larger than 1 MiB",)
    )
    assert seen == []


def test_weak_digests_are_reported() -> None:
    release = [asset(TOOL), asset(f"{TOOL}.md5"), asset("SHA1SUMS"), asset("other.zip"), asset("other.zip.md5")]

    assert find_digest(TOOL, release, contents({}, [])) == DigestLookup(
        None,
        (
            "Ignored SHA1SUMS: MD5 and SHA-1 are broken",
            f"Ignored {TOOL}.md5: MD5 and SHA-1 are broken",
        ),
    )
