"""Draws docs/{run,rebuild,error,fetch}.svg: what the programs print, as they printed it just now."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from examples.seed_case import IMAGE, REPOSITORY, SETTINGS, local_github
from testing.githubd import Server
from testing.toolchain import engine
from tests.contract.lifecycle import SOURCE, Lifecycle

WIDTH = 118
SET_UP = ("Warning: D", "Image with name", "*** Images", "Saving ", "Adding ", "Added ", "      github-assets")
SLOW = 3_000_000
"""Bytes per second of a download that lasts long enough for its bar to be seen."""


def main() -> int:
    """Draw the pictures. Raises CalledProcessError if `make run` fails."""
    with engine.running() as docker:  # a first build
        docker.docker("image", "rm", "--force", IMAGE, check=False)
    run = subprocess.run([sys.executable, "-m", "examples.seed_case"], stdout=subprocess.PIPE, text=True, check=True)
    lines = (line for line in run.stdout.strip().splitlines() if not line.startswith(SET_UP))
    draw("run", "make run", (re.sub(r" -e GITHUB_API_URL=\S+", "", line) for line in lines))
    with local_github() as server, tempfile.TemporaryDirectory() as folder:
        lifecycle = Lifecycle(
            Path(folder), {"FORCE_COLOR": "1", "GITHUB_API_URL": server.api_url, "SSL_CERT_FILE": str(server.ca_path)}
        )
        lifecycle.build(SETTINGS)
        lifecycle.restore()
        draw("rebuild", "a second build", [lifecycle.build(SETTINGS).log])
        draw("error", "a version that does not exist", [lifecycle.build({**SETTINGS, "VERSION": "v0.4.54"}).log])
        draw("fetch", "github-assets fetch", fetched(server, lifecycle))
    return 0


def fetched(server: Server, lifecycle: Lifecycle) -> list[str]:
    """Return what `fetch` shows on a terminal: its bar on the way, and all that is left in the end."""
    server.shape("store", bytes_per_second=SLOW)
    command = [sys.executable, "-m", "github_assets", "fetch", f"{REPOSITORY}@{SETTINGS['VERSION']}"]
    screen, terminal = pty.openpty()
    environment = {
        **lifecycle.process,
        "PYTHONPATH": str(SOURCE / "lib"),
        "COLUMNS": str(WIDTH),
        "TERM": "xterm-256color",
    }
    with subprocess.Popen(command, cwd=lifecycle.app, env=environment, stdout=terminal, stderr=terminal):
        os.close(terminal)
        printed = b""
        try:
            while chunk := os.read(screen, 1 << 16):
                printed += chunk
        except OSError:  # so a terminal ends
            pass
    frames = [frame for frame in re.split(r"[\r\n]+|\x1b\[[0-9]*[AKhl]", printed.decode()) if frame.strip()]
    bars = [frame for frame in frames if "MB/s" in frame]
    first, *others = [frame for frame in frames if "/12.4 MB" not in frame and "\x1b[?" not in frame]
    return [f"$ github-assets {' '.join(command[3:])}", first, bars[len(bars) * 2 // 3], *others]


def draw(name: str, title: str, lines: Iterable[str]) -> None:
    """Write a picture of lines, which may have colors."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in "\n".join(lines).strip().splitlines():
        text = Text.from_ansi(line)
        text.stylize("bold cyan" if line.startswith(("===", "$ ")) else "bold green" if "SERVING" in line else "")
        console.print(text, overflow="fold")
    picture = console.export_svg(title=title)
    # The font's address is not ours to ask for whenever somebody reads the README.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.S)
    Path(__file__).with_name(f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
