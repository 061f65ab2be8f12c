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
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "{address}"}}
"""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Yield the address, `127.0.0.1:<port>`, of a registry that is empty at first and gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        config.write_text(_CONFIG.format(folder=Path(folder) / "data", address=address))
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([_program(), "serve", config], stdout=log, stderr=log)
        try:
            _wait(address, process, Path(folder) / "log")
            yield address
        finally:
            process.terminate()
            process.wait()


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
