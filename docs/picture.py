"""Draws docs/run.svg: what `make run` prints, as it printed it just now, but for lines about the test's own set-up."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 118
SET_UP = ("Warning: D", "Image with name", "*** Images", "Saving ", "Adding ", "Added ", "      github-assets")


def main() -> int:
    """Return the run's exit status; the picture is drawn only of one that succeeded."""
    run = subprocess.run(
        [sys.executable, "-m", "examples.seed_case"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if run.returncode:
        print(run.stdout)
        return run.returncode
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in run.stdout.strip().splitlines():
        if not line.startswith(SET_UP):
            shown = re.sub(r" -e GITHUB_API_URL=\S+", "", line)
            style = "bold cyan" if shown.startswith("===") else "bold green" if "SERVING" in shown else ""
            console.print(Text(shown, style=style), overflow="fold")
    picture = console.export_svg(title="make run")
    # The font's address is not ours to ask for whenever somebody reads the README.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.S)
    Path(__file__).with_name("run.svg").write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
