"""Parses JSON one object at a time as it arrives, so that memory does not grow with the response."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

LARGEST = 3 << 20
"""Characters of an object. A release with 1,000 assets, the most that GitHub allows, has some two million."""
MOST_VALUES = 150_000
"""Values of an object. The same release has some 40,000."""
_MUCH = 1 << 18
"""Characters; most releases have fewer."""
_SPACE = re.compile(r"[ \t\n\r]*")

Object = dict[str, Any]


class TooLarge(ValueError):
    """An object has more characters or values than any of GitHub's."""


def read_object(chunks: Iterable[bytes | memoryview], keys: frozenset[str], largest: int = LARGEST) -> Object:
    """Return the object in the document, keeping only these keys in it and in all objects inside it.

    `largest` is the maximum number of characters. Raises JSONDecodeError, UnicodeDecodeError, RecursionError if it is
    nested too deeply, and TooLarge.
    """
    document = _Document(chunks, keys, largest)
    value = document.object()
    document.end()
    return value


def read_array(chunks: Iterable[bytes | memoryview], keys: frozenset[str]) -> Iterator[Object]:
    """Yield the objects of the array in the document; otherwise like `read_object`."""
    document = _Document(chunks, keys)
    document.take("[")
    if document.next() == "]":
        document.take("]")
    else:
        while True:
            yield document.object()
            if document.take(",]") == "]":
                break
    document.end()


class _Document:
    """The part of a document that has arrived and is not parsed yet."""

    def __init__(self, chunks: Iterable[bytes | memoryview], keys: frozenset[str], largest: int = LARGEST) -> None:
        self._chunks, self._largest = iter(chunks), largest
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._parse: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(
            object_hook=lambda found: {key: value for key, value in found.items() if key in keys}
        ).raw_decode
        self._text, self._start = "", 0

    def next(self) -> str:
        """Return the next character that is not white space; an empty string at the end."""
        while True:
            space = _SPACE.match(self._text, self._start)
            self._start = space.end() if space else self._start
            if self._start < len(self._text):
                return self._text[self._start]
            if not self._fill():
                return ""

    def take(self, characters: str) -> str:
        """Return the next character. Raises JSONDecodeError unless it is one of these."""
        found = self.next()
        if not found or found not in characters:
            raise self._unexpected(characters)
        self._start += 1
        return found

    def object(self) -> Object:
        """Return the next value. Raises JSONDecodeError unless it is an object."""
        if self.next() != "{":
            raise self._unexpected("{")
        while True:
            try:
                value, self._start = self._parse(self._text, self._start)
            except json.JSONDecodeError:
                if not self._fill():
                    raise
            else:
                return value  # type: ignore[no-any-return]

    def end(self) -> None:
        """Raise JSONDecodeError if anything follows."""
        if self.next():
            raise self._unexpected("the end")

    def _unexpected(self, wanted: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(f"expecting {wanted}", self._text, self._start)

    def _fill(self) -> bool:
        """At least double the text, because incomplete values are parsed again; return whether more has arrived."""
        pieces = [self._text[self._start :]]
        missing = max(len(pieces[0]), _MUCH)
        self._text, self._start = "", 0
        for chunk in self._chunks:
            pieces.append(self._decoder.decode(chunk))
            missing -= len(pieces[-1])
            if missing <= 0:
                break
        else:
            pieces.append(self._decoder.decode(b"", final=True))
        self._text = "".join(pieces)
        if len(self._text) > self._largest or sum(map(self._text.count, "{[,")) > MOST_VALUES:
            raise TooLarge
        return len(self._text) > len(pieces[0])
