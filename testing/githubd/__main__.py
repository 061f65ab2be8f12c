"""`python -m testing.githubd --state FILE --directory DIR`: runs the server until SIGTERM.

Prints one JSON line with its URLs when it is ready; DIR gets `ca.pem` and `requests.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from typing import get_args

from . import state_file
from .control import Control
from .exchange import Role
from .server import Server
from .state import GitHub


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 where the state file or a port is wrong."""
    parser = argparse.ArgumentParser(prog="python -m testing.githubd", description=__doc__)
    parser.add_argument("--state", metavar="FILE", help="TOML or JSON, see state_file.py")
    parser.add_argument("--directory", metavar="DIR", required=True, help="for ca.pem and requests.jsonl")
    parser.add_argument(
        "--port", metavar="ROLE=N", action="append", default=[], help=f"ROLE: {get_args(Role)}, control"
    )
    parser.add_argument("--no-tls", action="store_true", help="plain HTTP on every host")
    arguments = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    os.makedirs(arguments.directory, exist_ok=True)
    log_path = os.path.join(arguments.directory, "requests.jsonl")
    try:
        ports = {role: int(number) for role, _, number in (one.partition("=") for one in arguments.port)}
        base = os.path.dirname(os.path.abspath(arguments.state)) if arguments.state else os.getcwd()
        log_file = open(log_path, "w", encoding="utf-8")  # noqa: SIM115 (answers may outlive this function)
        control_port = ports.pop("control", 0)
        server = Server(
            GitHub(),
            tls=not arguments.no_tls,
            ports=ports,
            directory=os.path.abspath(arguments.directory),
            log_file=log_file,
        )
        if arguments.state:
            state_file.apply(server, state_file.load(arguments.state), base)
        control = Control(server, base, control_port)
    except (ValueError, TypeError, KeyError, OSError) as error:
        print(f"githubd: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with server, control:
        threading.Thread(target=control.serve_forever, daemon=True).start()
        urls = {f"{role}_url": url for role, url in server.site.urls.items()}
        ready = {**urls, "control_url": control.url, "ca_path": server.ca_path, "log_path": log_path}
        print(json.dumps(ready), flush=True)
        done.wait()
        control.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
