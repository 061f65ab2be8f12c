"""A release: what people download, and the image index that pack and other platforms pull.

`python3 -m release` publishes the index and writes dist/release/; `make release` runs the tests first.
"""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
ID = "cage1016/github-assets-cnb"
NAME = "github-assets-cnb"
URL = f"https://github.com/{ID}"
IMAGE = f"ghcr.io/{ID}"


class ReleaseError(Exception):
    """The release cannot be made; the text says why, and what to do."""
