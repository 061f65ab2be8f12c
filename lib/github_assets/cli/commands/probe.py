"""`probe`: prints the health checks of a gRPC service, which run grpc_health_probe in the image."""

from __future__ import annotations

import argparse
import json
from typing import Any

from github_assets.cli.application import Application
from github_assets.cli.options import add_json
from github_assets.config.names import LAYERS, valid_file_name, valid_layer_name, valid_port
from github_assets.config.request import BIN, DEFAULT_LAYER

SUMMARY = "print the health checks of a gRPC service for Kubernetes, Compose or ECS"
EXAMPLES = (
    ("github-assets probe --port 10021", "Kubernetes' probes of a server"),
    ("github-assets probe --port 10021 --service demo.Greeter", "ready when this service is"),
    ("github-assets probe --port 10021 --form compose", "a healthcheck for Docker Compose"),
)
KUBERNETES, COMPOSE, ECS = "kubernetes", "compose", "ecs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--port", required=True, metavar="N", type=_port, help="port that the server listens on")
    parser.add_argument(
        "--service",
        metavar="NAME",
        type=_service,
        help="service whose health means that the container is ready, as the server registers it with its health"
        " service; a name that it does not know is never ready (default: the server as a whole)",
    )
    parser.add_argument(
        "--form", choices=(KUBERNETES, COMPOSE, ECS), default=KUBERNETES, help="platform (default: %(default)s)"
    )
    parser.add_argument(
        "--target",
        metavar="NAME",
        type=_file_name,
        default="grpc_health_probe",
        help="name of the executable in the image (default: %(default)s)",
    )
    parser.add_argument(
        "--layer",
        metavar="NAME",
        type=_layer,
        default=DEFAULT_LAYER,
        help="layer that it is in (default: %(default)s)",
    )
    add_json(parser)


def run(application: Application) -> int:
    """Print the fields of a container: YAML, and for ECS, whose task definitions are JSON, JSON."""
    options = application.options
    alive = [f"{LAYERS}/{options.layer}/{BIN}/{options.target}", f"-addr=:{options.port}"]
    ready = [*alive, f"-service={options.service}"] if options.service else alive
    fields: dict[str, Any]
    match options.form:
        case "kubernetes":
            fields = _kubernetes(alive, ready)
        case "compose":
            times = {"interval": "5s", "timeout": "2s", "start_period": "30s"}
            fields = {"healthcheck": {"test": ["CMD", *ready], **times}}
        case _:
            limits = {"interval": 10, "timeout": 2, "retries": 3, "startPeriod": 30}
            fields = {"healthCheck": {"command": ["CMD", *ready], **limits}}
    text = json.dumps(fields, indent=2) if options.form == ECS else _yaml(fields)
    application.print(text.rstrip("\n").split("\n"), fields)
    return 0


def _kubernetes(alive: list[str], ready: list[str]) -> dict[str, Any]:
    """Return the fields of a container (kubernetes.io, "Configure Liveness, Readiness and Startup Probes")."""
    return {
        "startupProbe": {"exec": {"command": alive}, "periodSeconds": 2, "failureThreshold": 30},
        "readinessProbe": {"exec": {"command": ready}, "periodSeconds": 5, "timeoutSeconds": 2},
        "livenessProbe": {"exec": {"command": alive}, "periodSeconds": 10, "timeoutSeconds": 2},
    }


def _yaml(fields: dict[str, Any]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Repeats a list instead of naming it."""

        def ignore_aliases(self, _data: object) -> bool:
            return True

    return yaml.dump(fields, Dumper=Dumper, sort_keys=False, width=1000)


def _port(text: str) -> int:
    if not valid_port(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a port")
    return int(text)


def _service(text: str) -> str:
    if not text or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f"{text!a} is not the name of a service, such as demo.Greeter")
    return text


def _file_name(text: str) -> str:
    if not valid_file_name(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not a file name")
    return text


def _layer(text: str) -> str:
    if not valid_layer_name(text):
        raise argparse.ArgumentTypeError(f"{text!a} is not the name of a layer")
    return text
