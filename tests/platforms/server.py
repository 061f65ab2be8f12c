"""The example's gRPC server as a process, for what asks for its health from outside."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from examples.seed_case import free_port
from testing.toolchain import golang
from testing.toolchain.store import CHECKOUT

EXAMPLES = CHECKOUT / "examples"


class Server(NamedTuple):
    """A server that listens on a port of 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int

    def report(self, *, serving: bool) -> None:
        """Make it report SERVING, or else NOT_SERVING."""
        self.process.send_signal(signal.SIGUSR2 if serving else signal.SIGUSR1)

    def stop(self) -> None:
        """Stop it, if it runs."""
        self.process.terminate()
        self.process.wait()


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Give a server that reports NOT_SERVING, for the length of a block."""
    port = free_port()
    command: list[str | Path] = [golang.service(), f"-addr=127.0.0.1:{port}", "-serving=false"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        server = Server(process, port)
        try:
            assert process.stderr
            while b"listening" not in process.stderr.readline():
                assert process.poll() is None
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def program(command: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the length of a block; its output goes into a file."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.terminate()


def adapted(example: str, replaced: Mapping[str, object], folder: Path) -> Path:
    """Return a copy of an example's file that has this machine's values in the place of its own."""
    text = (EXAMPLES / example).read_text()
    for there, here in replaced.items():
        assert there in text, there
        text = text.replace(there, str(here))
    path = folder / Path(example).name
    path.write_text(text)
    return path
