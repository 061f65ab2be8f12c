from __future__ import annotations

import pytest
import yaml

from github_assets.buildpack.first_build import is_health_probe, readiness_probe
from github_assets.buildpack.metadata import LayerAsset


def asset(repository: str, *paths: str) -> LayerAsset:
    return LayerAsset(repository, "v1", "asset", "1", "1", "", "target", executables="\n".join(paths))


@pytest.mark.parametrize(
    ("repository", "paths", "path", "expected"),
    [
        ("grpc-ecosystem/grpc-health-probe", ["bin/grpc_health_probe"], "bin/grpc_health_probe", True),
        ("grpc-ecosystem/grpc-health-probe", ["bin/probe"], "bin/probe", True),
        ("octo/tools", ["bin/HealthCheck", "bin/tool"], "bin/HealthCheck", True),
        ("octo/health-tools", ["bin/tool", "bin/other"], "bin/tool", False),
        ("jqlang/jq", ["bin/jq"], "bin/jq", False),
    ],
)
def test_what_is_a_health_probe(repository: str, paths: list[str], path: str, expected: bool) -> None:
    assert is_health_probe(path, asset(repository, *paths)) is expected


@pytest.mark.parametrize(
    ("repository", "path", "command"),
    [
        (
            "grpc-ecosystem/grpc-health-probe",
            "/layers/x/bin/probe",
            ["/layers/x/bin/probe", "-addr=:8080"],
        ),
        ("octo/healthcheck", '/layers/x/bin/a "health" check', ['/layers/x/bin/a "health" check']),
    ],
)
def test_the_probe_can_be_pasted(repository: str, path: str, command: list[str]) -> None:
    text = readiness_probe(path, asset(repository, path))

    assert yaml.safe_load(text) == {"readinessProbe": {"exec": {"command": command}}}
