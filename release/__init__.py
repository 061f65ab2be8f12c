"""A release: the packages, the image index that holds them, and what says where they come from.

`python3 -m release` writes `dist/release/` and publishes the index; `make release` runs the tests first.
"""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


class ReleaseError(Exception):
    """The release cannot be made; the text says why, and what to do."""
