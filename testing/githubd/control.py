"""The control endpoint of a running process: plain HTTP on loopback, JSON in and out.

GET    /requests[?role=store]   the request log; DELETE empties it
POST   /state                   a mapping as in state_file.py, relative to the process's directory
POST   /faults                  {"role": "store", "fault": "Reset", "after_bytes": 9, "times": 1, "match": "…"}
DELETE /faults[?role=store]     heals
POST   /clock                   {"advance": seconds}
"""

from __future__ import annotations

import json
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import faults, state_file
from .server import Server


class Control(ThreadingHTTPServer):
    """The endpoint of one server."""

    daemon_threads = True

    def __init__(self, server: Server, directory: str, port: int = 0) -> None:
        self.githubd = server
        self.directory = directory
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def do(self, method: str, path: str, parameters: dict[str, Any], body: dict[str, Any]) -> Any:
        """Handle a request; raises ValueError, TypeError or KeyError if it is invalid."""
        server = self.githubd
        match method, path:
            case "GET", "/requests":
                return [asdict(record) for record in server.requests(**parameters)]
            case "DELETE", "/requests":
                server.log.clear()
            case "POST", "/state":
                state_file.apply(server, body, self.directory)
            case "POST", "/faults":
                how = {name: body.pop(name) for name in ("times", "match", "authorized") if name in body}
                role = body.pop("role")
                server.fail(role, faults.named(body.pop("fault"), body), **how)
            case "DELETE", "/faults":
                server.heal(**parameters)
            case "POST", "/clock":
                server.github.advance(float(body["advance"]))
            case _:
                raise ValueError(f"no {method} {path}; see control.py")
        return {}


class _Handler(BaseHTTPRequestHandler):
    server: Control

    def _exchange(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            parameters = dict(parse_qsl(url.query))
            status, value = 200, self.server.do(self.command, url.path, parameters, json.loads(body or b"{}"))
        except (ValueError, TypeError, KeyError, OSError) as error:
            status, value = 400, {"error": f"{type(error).__name__}: {error}"}
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _exchange  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Print nothing."""
