"""Parsing JSON objects that arrive in pieces, within limits."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.github.json_objects import LARGEST, MOST_VALUES, TooLarge, read_array, read_object
from tests.properties import examples

KEYS = frozenset(("a", "b"))
MALFORMED = (json.JSONDecodeError, UnicodeDecodeError)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=3)


def in_pieces(document: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield document[:size]
        document = document[size:]
    yield document


def without_other_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_other_keys(inner) for key, inner in value.items() if key in KEYS}
    return [without_other_keys(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=examples(50))
@given(
    st.lists(OBJECTS, max_size=4), st.lists(st.integers(0, 9), max_size=9), st.sampled_from((None, 1)), st.booleans()
)
def test_an_array_in_any_pieces(objects: list[Any], sizes: list[int], indent: int | None, ascii_only: bool) -> None:
    document = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()

    assert list(read_array(in_pieces(document, sizes), KEYS)) == without_other_keys(objects)


@settings(max_examples=examples(50))
@given(OBJECTS, st.lists(st.integers(0, 9), max_size=9))
def test_an_object_in_any_pieces(value: Any, sizes: list[int]) -> None:
    document = json.dumps(value, ensure_ascii=False).encode()

    assert read_object(in_pieces(document, sizes), KEYS) == without_other_keys(value)


@settings(max_examples=examples(50))
@given(st.binary(max_size=20) | st.text("[]{},:'a1 ", max_size=12).map(lambda text: text.replace("'", '"').encode()))
def test_documents_that_are_not_arrays_of_objects(document: bytes) -> None:
    try:
        expected = json.loads(document.decode())
    except (ValueError, UnicodeDecodeError):
        expected = None
    if not isinstance(expected, list) or not all(isinstance(item, dict) for item in expected):
        with pytest.raises(MALFORMED):
            list(read_array([document], KEYS))
    else:
        assert list(read_array([document], KEYS)) == without_other_keys(expected)


@pytest.mark.parametrize(
    "document",
    ["", "[", "[{}", "[{},", "[{},]", "[{}]x", "[{} {}]", "[1]", "[[]]", "{}", "[{]", '[{"a" 1}]', "null", "[{}],[]"],
)
def test_a_broken_array(document: str) -> None:
    with pytest.raises(MALFORMED):
        list(read_array([document.encode()], KEYS))


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b"{}{}", b"{} 1", b"\xff{}", b'{"a": "\xff"}', b"1"])
def test_a_broken_object(document: bytes) -> None:
    with pytest.raises(MALFORMED):
        read_object([document], KEYS)


def test_deep_nesting() -> None:
    with pytest.raises(RecursionError):
        read_object([b'{"a":' * 100_000], KEYS)


UNITS = (b"[],", b"{},", b'{"a":1},', b"1.5,", b'"abc",')


@pytest.mark.parametrize("unit", UNITS)
def test_the_object_with_most_values(unit: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of what is allowed takes a tenth of the memory."""
    monkeypatch.setattr("github_assets.github.json_objects.MOST_VALUES", MOST_VALUES // 10)
    count = MOST_VALUES // 10 // sum(unit.count(mark) for mark in b"[{,") - 2

    value, memory = read_traced([b'{"a":[', unit * count, b"1]}"])

    assert len(value["a"]) == count + 1
    assert memory < 5 << 20


def test_the_longest_text() -> None:
    text = "\U0001f600" + "a" * (LARGEST - 100)

    value, memory = read_traced([b'{"a":"', text.encode(), b'"}'])

    assert value == {"a": text}
    assert memory < 50 << 20


@pytest.mark.parametrize("unit", [*UNITS, b"a" * 1000, "\U0001f600".encode()])
def test_an_endless_object_is_not_read_to_its_end(unit: bytes) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"a":' + (b"[" if unit in UNITS else b'"')
        while True:
            yield unit * (65536 // len(unit))

    with pytest.raises(TooLarge):
        read_object(endless(), KEYS)


def read_traced(document: list[bytes]) -> tuple[Any, int]:
    """Return an object, and the memory that it took to read it."""
    tracemalloc.start()
    try:
        return read_object(document, KEYS), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_array_needs_the_memory_of_its_largest_object() -> None:
    one = json.dumps({"a": "x" * 1000, "c": ["y" * 1000] * 10}).encode()

    tracemalloc.start()
    try:
        items = read_array((b"[" + one if number == 0 else b"," + one for number in range(2000)), KEYS)
        for number, item in enumerate(items):
            assert item == {"a": "x" * 1000}
            if number == 1999:
                break
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
