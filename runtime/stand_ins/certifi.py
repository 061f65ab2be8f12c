"""Stands in for certifi, whose path requests wants to know when it is imported: only the stack's authorities count.

The package's own brings `importlib.resources` and `inspect` with it.
"""

import os


def where() -> str:
    """Return a file of no authorities."""
    return os.devnull
