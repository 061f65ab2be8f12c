"""Puts together the bundled interpreter, the vendored packages and the buildpack's packages.

`python3 -m runtime package` writes `dist/`; `python3 -m runtime lock` renews the two lock files. Needs Python 3.11,
pip, apt-get and dpkg-deb; no root, and no program of the target's architecture is run.
"""

from __future__ import annotations

import os

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECIPE = os.path.join(CHECKOUT, "runtime")
CACHE = os.path.join(CHECKOUT, ".cache", "runtime")
DIST = os.path.join(CHECKOUT, "dist")


class PackagingError(Exception):
    """The package cannot be made; the text says what happened and what to do."""
