"""`github-assets probe`: health checks that their platforms accept."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.__main__ import main
from github_assets.cli.commands import probe
from github_assets.config.names import LAYERS
from tests.documents import blocks
from tests.properties import examples

ROOT = Path(__file__).parents[3]
PROBE = f"{LAYERS}/github-assets/bin/grpc_health_probe"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["probe", *arguments]) == 0
    return yaml.safe_load(capsys.readouterr().out)


def check(container_fields: dict[str, Any]) -> None:
    """Raise what Kubernetes' schema has against the fields of a container; unknown ones count."""
    container = {"name": "app", "image": "app", **container_fields}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": {"containers": [container]}}
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)


def test_kubernetes(capsys: pytest.CaptureFixture[str]) -> None:
    fields = printed(capsys, "--port", "10021", "--service", "demo.Greeter")

    check(fields)
    assert {name: each["exec"]["command"] for name, each in fields.items()} == {
        "startupProbe": [PROBE, "-addr=:10021"],
        "readinessProbe": [PROBE, "-addr=:10021", "-service=demo.Greeter"],
        "livenessProbe": [PROBE, "-addr=:10021"],
    }


def test_unknown_fields_would_be_noticed() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        check({"readinessProbe": {"exec": {"command": ["x"]}, "period": 5}})


def recipe(language: str, key: str) -> Any:
    """Return the recipe in docs/probes.md that has a key; tests/integration/test_recipes.py validates them."""
    documents = [yaml.safe_load(block) for name, block in blocks(language) if name.startswith("docs/probes.md")]
    (found,) = (document for document in documents if key in document)
    return found


def test_kubernetes_as_in_the_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--port", "10021") == recipe("yaml", "startupProbe")


def test_compose(capsys: pytest.CaptureFixture[str]) -> None:
    service = recipe("yaml", "services")["services"]["grpc-service"]
    assert printed(capsys, "--port", "10021", "--form", "compose") == {"healthcheck": service["healthcheck"]}

    fields = printed(capsys, "--port", "1", "--form", "compose", "--service", "s", "--target", "p", "--layer", "l")
    assert fields["healthcheck"]["test"] == ["CMD", f"{LAYERS}/l/bin/p", "-addr=:1", "-service=s"]


def test_ecs(capsys: pytest.CaptureFixture[str]) -> None:
    [container] = recipe("json", "containerDefinitions")["containerDefinitions"]
    assert main(["probe", "--port", "10021", "--form", "ecs"]) == 0
    assert json.loads(capsys.readouterr().out) == {"healthCheck": container["healthCheck"]}


def test_the_example_asks_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    documents = yaml.safe_load_all((ROOT / "examples/kubernetes/grpc-service.yaml").read_text())
    deployment = next(each for each in documents if each["kind"] == "Deployment")
    container = deployment["spec"]["template"]["spec"]["containers"][0]

    fields = printed(capsys, "--port", "10021", "--service", "cage1016.Demo")

    for name, each in fields.items():
        assert each["exec"] == container[name]["exec"]


@pytest.mark.parametrize("form", ["kubernetes", "compose", "ecs"])
def test_json(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["probe", "--port", "1", "--form", form]
    assert main(arguments) == 0
    fields = yaml.safe_load(capsys.readouterr().out)
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == fields


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["--port", "0"], ["--port", "65536"], ["--port", "http"], ["--port", "1", "--service", ""]),
        *(["--port", "1", "--target", "../x"], ["--port", "1", "--layer", "a.b"], ["--port", "1", "--form", "nomad"]),
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["probe", *arguments])
    assert ended.value.code == 2


@settings(max_examples=examples(100))
@given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1))
def test_any_name_survives_yaml(name: str) -> None:
    fields = probe._kubernetes(["a"], ["a", f"-service={name}"])
    assert yaml.safe_load(probe._yaml(fields)) == fields


def test_the_layers_are_this_buildpacks() -> None:
    buildpack = tomllib.loads((ROOT / "buildpack.toml").read_text())["buildpack"]["id"]
    assert f"/layers/{buildpack.replace('/', '_')}" == LAYERS
