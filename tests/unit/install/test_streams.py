"""Compressed streams, in pieces of any size."""

from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from github_assets.install.limits import Limits, Quota
from github_assets.install.streams import Decompression, ForwardReader

from .test_archives import COMPRESSIONS


class Arriving(io.RawIOBase):
    """A file that brings a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._left, self._step = memoryview(data), step

    def read(self, size: int = -1) -> bytes:
        count = min(self._step, size if size >= 0 else len(self._left))
        chunk, self._left = bytes(self._left[:count]), self._left[count:]
        return chunk


@given(
    data=st.binary(max_size=4000),
    compression=st.sampled_from(["gz", "bz2", "xz", "zst"]),
    cuts=st.lists(st.integers(0, 4000), max_size=3),
    step=st.integers(1, 500),
    takes=st.lists(st.integers(0, 700), max_size=20),
    trailing=st.sampled_from([b"", bytes(9), b"x", b"trailing data", b"\x1f", b"BZ", b"PK"]),
)
def test_streams_give_back_their_content(
    data: bytes, compression: str, cuts, step: int, takes, trailing: bytes
) -> None:
    """Whatever the members, however it arrives, however it is taken."""
    edges = [0, *sorted(cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(edges)]
    packed = b"".join(COMPRESSIONS[compression](part) for part in parts) + trailing
    decompression = Decompression(Arriving(packed, step), compression, Quota(Limits()))  # type: ignore[arg-type]
    stream = ForwardReader(iter(decompression))
    out = b"".join(stream.read(size) for size in takes)
    assert stream.tell() == len(out)
    assert stream.peek(10) == data[len(out) : len(out) + 10]
    assert out + b"".join(stream.read_to_end()) == data
    assert decompression.ignored_trailing_data is bool(trailing.strip(b"\0"))
