"""Replaces the package's own, which brings file classes, and `inspect` for them: only streams are decompressed here."""

from pyzstd._c import DParameter, ZstdCompressor, ZstdDecompressor, ZstdError

__all__ = ["DParameter", "ZstdCompressor", "ZstdDecompressor", "ZstdError"]
