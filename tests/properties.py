"""The number of examples for each property: few in `make test`, many in `make fuzz`."""

from __future__ import annotations

import os

FUZZ = int(os.environ.get("FUZZ_EXAMPLES", 0))
"""Examples of every property when fuzzing, else 0."""


def examples(usual: int, parts: int = 1) -> int:
    """Return the number of examples for a property that gets along with `usual` of them.

    `parts` is how many tests the property is divided into, which share the many.
    """
    return FUZZ // parts if FUZZ else max(usual // 4, 10)
