"""Lines of checksum files, valid and malformed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.names import printable
from github_assets.transfer.checksums import Checksum, parse
from tests.properties import examples

OTHER = hashlib.sha256(b"other").hexdigest()
HASH = hashlib.sha256(b"tool").hexdigest()
LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

digests = st.builds(
    lambda algorithm, content: (algorithm, hashlib.new(algorithm, content).hexdigest()),
    st.sampled_from(sorted(LENGTHS)),
    st.binary(max_size=4),
)
names = st.text(
    st.characters(codec="utf-8", exclude_characters="/", exclude_categories=("Cs", "Zs", "Cc", "Zl", "Zp")), min_size=1
).filter(printable)


def entry(line: str) -> list[Checksum]:
    return list(parse(line.encode()))


@pytest.mark.parametrize(
    "line",
    [
        f"{HASH}  tool",
        f"{HASH} *tool",
        f"{HASH} tool",
        f"{HASH}\ttool",
        f"  {HASH}  tool  ",
        f"{HASH.upper()}  tool",
        f"{HASH}  tool\r\n",
        f"{HASH}  ./tool",
        f"{HASH}  dist/linux/tool",
        f"{HASH} *dist\\tool",
        f"sha256:{HASH}  tool",
        f"SHA256 (tool) = {HASH}",
        f"SHA256(tool)= {HASH}",
        f"SHA2-256 (bin/tool) = {HASH}",
        f"\\{HASH}  dist\\\\tool",
        f"# made by a machine\n\n{HASH}  tool",
        f"\ufeff{HASH}  tool",
        f"tool  {HASH}",
        f"tool: {HASH}",
        f"dist/tool: {HASH}",
        f"sha256={HASH}  tool",
        f"tool sha256:{HASH.upper()}",
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{HASH}  tool\n-----BEGIN PGP SIGNATURE-----",
    ],
)
def test_one_entry(line: str) -> None:
    assert entry(line) == [Checksum("sha256", HASH, "tool")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#",
        f"# {HASH}  tool",
        f"{HASH[:-1]}  tool",
        f"{HASH}0  tool",
        f"{HASH[:-1]}g  tool",
        f"{HASH[:32]}  tool",
        f"{HASH[:40]}  tool",
        f"SHA512 (tool) = {HASH}",
        f"SHA512-256 (tool) = {HASH}",
        f"SHA3-256 (tool) = {HASH}",
        f"BLAKE2b-256 (tool) = {HASH}",
        f"MD5 (tool) = {HASH}",
        f"sha512:{HASH}  tool",
        f"blake3:{HASH}  tool",
    ],
)
def test_no_entry(line: str) -> None:
    assert entry(line) == []


@pytest.mark.parametrize(
    "line", [HASH, f"{HASH}\n", f"sha256:{HASH}", " ".join(re.findall("..", HASH)), f"SHA256: {HASH}"]
)
def test_a_bare_digest_has_no_name(line: str) -> None:
    assert entry(line) == [Checksum("sha256", HASH, "")]


def sri(algorithm: str, content: bytes = b"tool") -> str:
    """Return a digest as browsers and package managers of JavaScript write it."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@pytest.mark.parametrize("algorithm", LENGTHS)
def test_subresource_integrity(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"tool").hexdigest()

    assert entry(sri(algorithm)) == [Checksum(algorithm, digest, "")]
    assert entry(f"dist/tool {sri(algorithm)}") == [Checksum(algorithm, digest, "tool")]
    assert entry(sri(algorithm).replace(algorithm, "sha1")) == []
    assert entry(f"{sri(algorithm)}x") == []


@pytest.mark.parametrize(
    "text",
    [
        lambda digest, name: f"SHA256 hash of {name}:\n{digest}\nCertUtil: -hashfile command completed successfully.\n",
        lambda digest, name: f"SHA256 hash of file C:\\x\\{name}:\r\n{' '.join(re.findall('..', digest))}\r\n",
        lambda digest, name: f"\r\nAlgorithm : SHA256\r\nHash : {digest.upper()}\r\nPath : D:\\a\\{name}\r\n\r\n",
    ],
)
def test_what_windows_writes_in_several_lines(text: Callable[[str, str], str]) -> None:
    assert [each for each in entry(text(OTHER, "other") + text(HASH, "tool")) if each.name] == [
        Checksum("sha256", OTHER, "other"),
        Checksum("sha256", HASH, "tool"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"SHA1 hash of tool:\n{HASH}",
        f"SHA512 hash of tool:\n{HASH}",
        f"SHA256 hash of tool:\nCertUtil: failed\n{HASH}",
        f"Hash : {HASH}\n\nPath : tool",
        "Hash : tool\nPath : tool",
    ],
)
def test_a_name_in_another_line_that_may_belong_to_another_digest(text: str) -> None:
    assert not any(each.name for each in entry(text))


def test_sha224_is_ignored() -> None:
    assert entry(f"{hashlib.sha224(b'tool').hexdigest()}  tool") == []


def test_utf_16_as_powershell_writes_it() -> None:
    assert list(parse(f"{HASH}  tool\r\n".encode("utf-16"))) == [Checksum("sha256", HASH, "tool")]


def test_a_name_that_is_not_utf_8_spoils_only_itself() -> None:
    [first, second] = parse(f"{HASH}  t\xf6l\n".encode("latin-1") + f"{HASH}  tool\n".encode())
    assert first.name not in ("töl", "tool")
    assert second.name == "tool"


@settings(max_examples=examples(200))
@given(digests, names)
def test_what_gnu_tools_write_is_read(digest: tuple[str, str], name: str) -> None:
    algorithm, value = digest
    escaped = name.replace("\\", "\\\\")
    mark = "\\" if escaped != name else ""
    base = name.rpartition("\\")[2]

    assert list(parse(f"{mark}{value}  {escaped}\n".encode())) == [Checksum(algorithm, value, base)]


@settings(max_examples=examples(200))
@given(digests, names)
def test_what_bsd_tools_write_is_read(digest: tuple[str, str], name: str) -> None:
    algorithm, value = digest
    line = f"{algorithm.upper()} ({name}) = {value}\n"

    assert list(parse(line.encode())) == [Checksum(algorithm, value, name.rpartition("\\")[2])]


@settings(max_examples=examples(200))
@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    for each in parse(content):
        assert len(each.digest) == LENGTHS[each.algorithm]
        assert set(each.digest) <= set("0123456789abcdef")
        assert "/" not in each.name


@settings(max_examples=examples(200))
@given(
    st.lists(st.sampled_from([f"{HASH}  tool", "#", "\\", ")", "(", " = ", "SHA256 (", HASH, "\n", "\r", "\t", "*"]))
)
def test_any_mixture_of_their_parts(parts: list[str]) -> None:
    text = "".join(parts)
    unescaped = text.replace("\\\\", "\\")
    for each in parse(text.encode()):
        assert each.digest in text
        assert all(word in text or word in unescaped for word in each.name.split())


@pytest.mark.parametrize("line", [")=a" * 300_000, "SHA256 (" + ") = " * 250_000, "0" * 1_000_000, " \t" * 500_000])
def test_a_line_as_long_as_a_file_may_be(line: str) -> None:
    assert entry(line) == []
