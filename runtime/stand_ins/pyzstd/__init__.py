"""Instead of the package's own, which brings file classes and `inspect` with them: the decompressor of streams."""

from pyzstd._c import DParameter, ZstdCompressor, ZstdDecompressor, ZstdError

__all__ = ["DParameter", "ZstdCompressor", "ZstdDecompressor", "ZstdError"]
