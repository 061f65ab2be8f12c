"""A GitHub that Prism generates from GitHub's OpenAPI description, behind a gateway that records requests."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from testing.githubd import openapi
from testing.toolchain import nodejs

HOME = "/repos/{owner}/{repo}"
LIST = f"{HOME}/releases"
LATEST = f"{HOME}/releases/latest"
TAG = f"{HOME}/releases/tags/{{tag}}"
ASSET = f"{HOME}/releases/assets/{{asset_id}}"
ATTESTATIONS = f"{HOME}/attestations/{{subject_digest}}"
OPERATIONS = [HOME, LIST, LATEST, TAG, ASSET, ATTESTATIONS]
"""All that the client asks of the API."""

_RESOURCE = "https://api.github.com/resource"
"""The requested URL in the description's example of a Link header."""
_PROBLEM = "application/problem+json"
"""What Prism answers where the description has no answer (Prism's documentation, "Errors")."""
_STARTS = 60
"""Seconds; it takes two."""
_Answer = tuple[int, Mapping[str, str], bytes]


class Exchange(NamedTuple):
    """A request that came by, and its answer."""

    operation: str | None
    """One of OPERATIONS."""
    target: str
    accept: str | None
    wrong: str | None
    """What Prism has against the request, or else the names in its query that the description does not have."""
    status: int
    body: bytes


class Generated:
    """Prism, and the gateway on a loopback address; a context manager that starts and stops both."""

    def __init__(self, name: openapi.Name, digests: Mapping[str, str]) -> None:
        """Generate from a description. Its examples get other digests, because the real files are not available."""
        text = json.dumps(openapi.excerpt(name, OPERATIONS))
        for example, digest in digests.items():
            text = text.replace(example, digest)
        self._description: dict[str, Any] = json.loads(text)
        paths = self._description["paths"]
        self._base = next(path for path in paths if path.endswith(LIST)).removesuffix(LIST)
        self.operations = [path.removeprefix(self._base) for path in paths]
        """Those of OPERATIONS that the description has."""
        self._gateway = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self.origin = f"http://127.0.0.1:{self._gateway.server_port}"
        self.url = f"{self.origin}{self._base}"
        """The API's base URL."""
        self.reset()

    def reset(self) -> None:
        """Forget what came by, and be as at the start."""
        self.exchanges: list[Exchange] = []
        self.prefer: dict[str, str] = {}
        """What Prism is to answer instead of the example, by operation (Prism's `Prefer` header)."""
        self.own_links = False
        """Whether the Link header names this server and the requested URL instead of the example's."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        description, log = Path(self._folder.name, "description.json"), Path(self._folder.name, "log")
        description.write_text(json.dumps(self._description))
        with log.open("w") as output:
            command = [*nodejs.prism(), "mock", "--port", "0", str(description)]
            self._prism = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + _STARTS
        while not (listens := re.search(r"listening on http://(\S+)\n", log.read_text())):
            if self._prism.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise RuntimeError(f"Prism does not start:\n{log.read_text()}")
            time.sleep(0.05)
        self._behind = listens[1]
        threading.Thread(target=self._gateway.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._gateway.shutdown()
        self._stop()
        self._folder.cleanup()

    def _stop(self) -> None:
        self._gateway.server_close()
        self._prism.kill()
        self._prism.wait()

    def _answer(self, target: str, headers: Mapping[str, str]) -> _Answer:
        """Return Prism's answer to a GET, and note it."""
        parts = urlsplit(target)
        operation = next((each for each in self.operations if _is(self._base + each, parts.path)), None)
        sent = {name: value for name, value in headers.items() if name.lower() != "host"}
        if operation in self.prefer:
            sent["Prefer"] = self.prefer[operation]
        connection = HTTPConnection(self._behind)
        connection.request("GET", target, headers=sent)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        unknown = parse_qs(parts.query, keep_blank_values=True).keys() - self._query_names(operation)
        wrong = body.decode() if response.headers.get_content_type() == _PROBLEM else ", ".join(unknown) or None
        self.exchanges.append(Exchange(operation, target, headers.get("Accept"), wrong, response.status, body))
        passed = {name: response.headers[name] for name in ("Content-Type", "Link") if name in response.headers}
        if self.own_links and "Link" in passed:
            passed["Link"] = passed["Link"].replace(_RESOURCE, self.origin + parts.path)
        return response.status, passed, body

    def _query_names(self, operation: str | None) -> set[str]:
        shared = self._description["components"]["parameters"]
        parameters = self._description["paths"][self._base + operation]["get"]["parameters"] if operation else []
        resolved = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in parameters]
        return {each["name"] for each in resolved if each["in"] == "query"}


def _is(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _handler(response: Callable[[str, Mapping[str, str]], _Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, headers, body = response(self.path, dict(self.headers.items()))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
