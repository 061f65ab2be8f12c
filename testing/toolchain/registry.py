"""A container registry on loopback: Debian's docker-registry (the CNCF distribution), without authentication."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from testing.toolchain.store import ToolchainError, apt_update, keep, run

_PACKAGE = "docker-registry"
_CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "{address}:80"}}
"""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Yield the name of a registry that is empty at first and gone afterwards.

    It listens on port 80 of a loopback address, as pack understands `docker://HOST/…`, but not `docker://HOST:PORT/…`.
    Raises ToolchainError.
    """
    address = _free_address()
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder) / "config.yml", Path(folder) / "log"
        config.write_text(_CONFIG.format(folder=folder, address=address))
        with log.open("wb") as output:
            process = subprocess.Popen([_program(), "serve", config], stdout=output, stderr=output)
        try:
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait()


def _free_address() -> str:
    """Return an address of which pack knows that it is on loopback, where no TLS is needed: it contains 127.0.0.1."""
    for number in range(100, 200):
        address = f"127.0.0.{number}"
        with contextlib.suppress(OSError), socket.create_server((address, 80)):
            return address
    raise ToolchainError("no registry can listen on port 80 of 127.0.0.100 to 199", "run this as root")


def _program() -> Path:
    """Return the registry's program, unpacked from Debian's package and not installed."""

    def make(into: Path) -> None:
        apt_update()
        run(["apt-get", "download", "-qq", _PACKAGE], cwd=into, advice="are Debian's package mirrors reachable?")
        (package,) = into.glob("*.deb")
        run(["dpkg-deb", "-x", package, into / "tree"], advice="install dpkg")
        (into / "tree/usr/bin/docker-registry").rename(into / _PACKAGE)
        shutil.rmtree(into / "tree")
        package.unlink()

    return keep("registry", [_PACKAGE], make) / _PACKAGE


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/v2/"):
            return
        time.sleep(0.05)
    raise ToolchainError("the registry does not answer", "its log is above", log.read_text("utf-8", "replace"))
