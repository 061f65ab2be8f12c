"""The lock file: round trip, and one message for anything that the command did not write."""

from __future__ import annotations

import os
import random
import re
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.files import LOCK_FILE
from github_assets.config.names import printable
from github_assets.errors.config import MergeConflict
from github_assets.errors.resolution import LockInvalid
from github_assets.messages import message
from github_assets.resolution.lock import Lock
from github_assets.resolution.lock_file import parse, read_lock, to_text
from tests.properties import examples
from tests.unit.resolution.samples import AMD64, ARM64, ATTESTATIONS, JQ, LOCKS

SCALARS = st.text(max_size=9) | st.booleans() | st.integers() | st.floats() | st.none()
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)


def table(**changes: Any) -> dict[str, Any]:
    """A lock file's table with one asset, some of whose keys are other ones; None takes a key away."""
    [asset] = tomllib.loads(to_text(Lock((AMD64,), (JQ,))))["assets"]
    changed = {key: value for key, value in {**asset, **changes}.items() if value is not None}
    return {"format": 1, "platforms": ["linux/amd64"], "assets": [changed]}


def signed(**changes: object) -> dict[str, Any]:
    """The changes that make an asset's attestation another one."""
    return {"attestations": [{**ATTESTATIONS[0]._asdict(), **changes}]}


@settings(max_examples=examples(100))
@given(LOCKS, st.randoms(use_true_random=False))
def test_a_lock_file_round_trip_in_any_order(lock: Lock, chance: random.Random) -> None:
    text = to_text(lock)
    read = parse(tomllib.loads(text))

    assert (set(read.assets), read.platforms) == (set(lock.assets), lock.platforms)
    shuffled = lock._replace(assets=tuple(chance.sample(lock.assets, len(lock.assets))))
    assert to_text(shuffled) == to_text(read) == text


@pytest.mark.parametrize(
    ("changes", "where", "reason"),
    [
        ({"id": "1"}, "id", "is not an asset's number"),
        ({"id": True}, "id", "is not an asset's number"),
        ({"size": -1}, "size", "is not a number of bytes"),
        ({"sha256": "AB" * 32}, "sha256", "is not 64 hexadecimal digits in lower case"),
        ({"sha256": None}, "sha256", "is missing"),
        ({"asset": "../jq"}, "asset", "is not a file's name"),
        ({"tag": "-x"}, "tag", "is not a tag"),
        ({"platform": "linux"}, "platform", "is not a platform such as linux/amd64"),
        ({"libc": "newlib"}, "libc", "is not gnu or musl"),
        ({"repository": "jq"}, "repository", "is not owner/name"),
        ({"server": "http://github.com"}, "server", "is not the URL of a GitHub"),
        ({"url": "http://github.com/x"}, "url", "is not an https:// URL without query"),
        ({"url": "https://me:secret@github.com/x"}, "url", "is not an https:// URL without query"),
        ({"url": f"{JQ.url}?sig=x"}, "url", "is not an https:// URL without query"),
        ({"url": "file:///etc/passwd"}, "url", "is not an https:// URL without query"),
        ({"attestations": "x"}, "attestations", "is not a list of tables"),
        ({"attestations": ["x"]}, "attestations number 1", "is not a table"),
        (
            {"attestations": [{"predicate": "x", "signer": "https://x"}]},
            "predicate of attestations number 1",
            "is not a predicate type that is verified here",
        ),
        (
            {"attestations": [{**ATTESTATIONS[0]._asdict(), "signer": "x"}]},
            "signer of attestations number 1",
            "is not an https:// URL",
        ),
        ({"attestations": [{**ATTESTATIONS[0]._asdict(), "x": 1}]}, "'x' of attestations number 1", "is unknown"),
        ({"verified_by": "me"}, "verified_by", "is not who verifies an asset"),
        ({"verified_by": "the configuration, me"}, "verified_by", "is not who verifies an asset"),
        ({"verified_by": "a/b of the release"}, "verified_by", "is not who verifies an asset"),
        ({"verified_by": " of the release"}, "verified_by", "is not who verifies an asset"),
        ({"repository_id": None}, "repository_id", "is missing"),
        ({"release_id": "x"}, "release_id", "is not a release's number"),
        ({"immutable": 1}, "immutable", "is not true or false"),
        ({"sha-256": "x"}, "'sha-256'", "is unknown"),
    ],
)
def test_invalid_values(changes: dict[str, Any], where: str, reason: str) -> None:
    with pytest.raises(LockInvalid) as caught:
        parse(table(**changes))

    assert (caught.value.where, caught.value.reason) == (f"{where} of [[assets]] number 1 in {LOCK_FILE}", reason)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({}, f"format of {LOCK_FILE}"),
        ({"format": 2}, f"format of {LOCK_FILE}"),
        ({"format": 1}, f"platforms of {LOCK_FILE}"),
        ({"format": 1, "platforms": ["x"]}, f"platforms of {LOCK_FILE}"),
        ({"format": 1, "platforms": [], "assets": {}}, f"assets of {LOCK_FILE}"),
        ({"format": 1, "platforms": [], "assets": [1]}, f"[[assets]] number 1 in {LOCK_FILE}"),
        ({**table(), "assets": table()["assets"] * 2}, f"[[assets]] number 2 in {LOCK_FILE}"),
    ],
)
def test_invalid_lock_files(document: dict[str, Any], where: str) -> None:
    with pytest.raises(LockInvalid) as caught:
        parse(document)

    assert caught.value.where == where


NEARLY = {
    "url": ["https://h/x?y", "https://u:p@h/x", "https://h:1/x", "http://h/x", "file:///x", "https://h\\@i/x", "//h/x"],
    "sha256": ["AB" * 32, "ab" * 31, "ab" * 32 + "\n", "ab" * 33, "sha256:" + "ab" * 32],
    "asset": ["a/b", "..", "", "x ", "x\n", "x" * 256, "a\\b", "\u202e"],
    "tag": ["-x", "a/..", "v1 ", "\u202e", "@", ""],
    "platform": ["linux", "linux/amd64/v1", "/", "Linux/AMD64"],
    "repository": ["a", "a/b/c", "../b", "a/.."],
    "server": ["https://github.com/", "http://github.com", "https://u@h", "HTTPS://h"],
}
CHANGES = st.sampled_from(sorted(NEARLY)).flatmap(lambda key: st.tuples(st.just(key), st.sampled_from(NEARLY[key])))
CHANGES |= st.tuples(st.sampled_from(sorted(table()["assets"][0])) | st.text(max_size=4), VALUES)


def assert_safe(lock: Lock) -> None:
    """A build can use any locked asset safely, whoever wrote the lock file."""
    for each in lock.assets:
        parts = urlsplit(each.url)
        assert parts.scheme == "https" or (parts.hostname or "").startswith(("127.", "localhost", "::1"))
        assert parts.hostname
        assert (parts.username, parts.query, parts.fragment) == (None, "", "")
        assert re.fullmatch("[0-9a-f]{64}", each.sha256)
        assert "/" not in each.asset
        assert each.asset not in ("", ".", "..")
        assert min(each.id, each.size) >= 0
        for text in (
            each.tag,
            each.asset,
            each.url,
            each.verified_by,
            *(text for it in each.attestations for text in it),
            str(each.key),
        ):
            assert printable(text)


@settings(max_examples=examples(200))
@given(st.lists(CHANGES, min_size=1, max_size=2).map(dict))
def test_any_values_are_a_lock_or_one_message(changes: dict[str, Any]) -> None:
    try:
        lock = parse(table(**changes))
    except LockInvalid as error:
        message(error).encode()
    else:
        assert_safe(lock)
        assert parse(tomllib.loads(to_text(lock))) == lock


@settings(max_examples=examples(100))
@given(
    st.recursive(
        VALUES, lambda inner: st.dictionaries(st.sampled_from(["format", "platforms", "assets"]), inner), max_leaves=8
    )
)
def test_any_table_is_a_lock_or_one_message(document: Any) -> None:
    try:
        parse(document if isinstance(document, dict) else {"format": 1, "platforms": [], "assets": document})
    except LockInvalid as error:
        message(error).encode()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


WHOLE = to_text(Lock((AMD64, ARM64), (JQ, JQ._replace(platform=ARM64, attestations=tuple(ATTESTATIONS))))).encode()
CHANGED = st.builds(
    lambda at, length, new: WHOLE[:at] + new + WHOLE[at + length :],
    st.integers(0, len(WHOLE)),
    st.integers(0, 9),
    st.binary(max_size=4)
    | st.sampled_from([b"\r", b'"', b"[[assets]]\n", b"\xef\xbb\xbf", b"\\u0000", b"'", b"/", b"@"]),
)


@settings(max_examples=examples(200))
@given(
    CHANGED
    | st.binary(max_size=60)
    | st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end])
    | st.sampled_from([b"<<<<<<< HEAD\n" + WHOLE, WHOLE + WHOLE, WHOLE.replace(b"\n", b"\r\n")])
)
def test_any_bytes_are_a_lock_or_one_message(folder: Path, data: bytes) -> None:
    (folder / LOCK_FILE).write_bytes(data)
    try:
        lock = read_lock(str(folder))
    except (LockInvalid, MergeConflict) as error:
        message(error).encode()
    else:
        assert lock
        assert_safe(lock)


def test_no_file(folder: Path) -> None:
    assert read_lock(str(folder / "elsewhere")) is None


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK_FILE)

    with pytest.raises(LockInvalid) as raised:
        read_lock(str(tmp_path))
    assert raised.value.reason == "cannot be read: it is not a regular file"
