import contextlib
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from runtime import CHECKOUT, DIST
from tests.runtime import roots
from tests.runtime.roots import Root

PROBE = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def packages() -> Path:
    """dist/ as `make package` leaves it; several workers must find it made: one would take it from under another."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        subprocess.run([sys.executable, "-m", "runtime", "package"], cwd=CHECKOUT, check=True)
    return Path(DIST)


@pytest.fixture(scope="session", autouse=True)
def as_root() -> None:
    assert os.geteuid() == 0, "these tests make root file systems and run programs in them: run them as root"


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"hello": "w\xc3\xb6rld"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def address(authority: trustme.CA) -> Iterator[str]:
    """A TLS server on loopback that only the clients of `authority` trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    class Server(http.server.ThreadingHTTPServer):
        # The handshake belongs to the connection's own thread, and a client that refuses us is expected.
        def finish_request(self, request, client_address) -> None:
            with (
                contextlib.suppress(ssl.SSLError, ConnectionError),
                context.wrap_socket(request, server_side=True) as tls,
            ):
                super().finish_request(tls, client_address)

    with Server(("127.0.0.1", 0), _Hello) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def furnish(packages: Path, authority: trustme.CA) -> Callable[..., Root]:
    """Put the package of an architecture and CA certificates into a root."""

    def put(path: Path, architecture: str = "amd64") -> Root:
        buildpack = "cnb/buildpacks/cage1016_github-assets-cnb/3.0.0"
        shutil.copytree(packages / f"linux-{architecture}", path / buildpack)
        certificates = path / "etc/ssl/certs/ca-certificates.crt"
        certificates.parent.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(str(certificates))
        return Root(path, f"/{buildpack}", "/etc/ssl/certs/ca-certificates.crt")

    return put


@pytest.fixture(scope="session")
def old_glibc(furnish: Callable[..., Root], tmp_path_factory: pytest.TempPathFactory) -> Root:
    return furnish(roots.old_glibc(tmp_path_factory.mktemp("old-glibc")))
