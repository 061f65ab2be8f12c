"""The recipes of docs/probes.md are valid for the platforms that they are for, and run the probe by its path."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from examples.seed_case import PROBE
from tests.documents import ROOT, blocks
from tests.schemas import validate

KUBERNETES = "1.33"


def recipe(language: str, key: str) -> Any:
    """Return the recipe that has a key."""
    read = json.loads if language == "json" else yaml.safe_load
    documents = [read(block) for name, block in blocks(language) if name.startswith("docs/probes.md")]
    (found,) = (document for document in documents if key in document)
    return found


def deployment(container: dict[str, Any]) -> dict[str, Any]:
    pod = {"containers": [{"name": "service", "image": "service", **container}]}
    labels = {"app": "service"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "service"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


def test_kubernetes() -> None:
    probes = recipe("yaml", "readinessProbe")

    kubernetes_validate.validate(deployment(probes), KUBERNETES, strict=True)

    assert list(probes) == ["startupProbe", "readinessProbe", "livenessProbe"]
    assert {probe["exec"]["command"][0] for probe in probes.values()} == {PROBE}
    wrong = {"readinessProbe": {"exec": {"comand": ["x"]}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment(wrong), KUBERNETES, strict=True)


def test_the_readme() -> None:
    (probe,) = (yaml.safe_load(block) for name, block in blocks("yaml") if name == "README.md-1")
    kubernetes_validate.validate(deployment(probe), KUBERNETES, strict=True)
    assert probe["readinessProbe"]["exec"]["command"] == [PROBE, "-addr=:10021"]


def test_docker() -> None:
    (block,) = (block for name, block in blocks("sh") if name.startswith("docs/probes.md"))
    assert f'--health-cmd "{PROBE} -addr=:10021"' in block


def test_compose() -> None:
    compose = recipe("yaml", "services")

    validate(compose, "compose-spec")

    check = compose["services"]["grpc-service"]["healthcheck"]
    assert check["test"] == ["CMD", PROBE, "-addr=:10021"]
    check["intervall"] = check.pop("interval")
    with pytest.raises(jsonschema.ValidationError):
        validate(compose, "compose-spec")


def test_ecs() -> None:
    task = recipe("json", "containerDefinitions")
    operation = ServiceModel(Loader().load_service_model("ecs", "service-2")).operation_model("RegisterTaskDefinition")
    validator = ParamValidator()

    assert validator.validate(task, operation.input_shape).generate_report() == ""

    (container,) = task["containerDefinitions"]
    assert container["healthCheck"]["command"] == ["CMD", PROBE, "-addr=:10021"]
    container["healthCheck"]["retry"] = container["healthCheck"].pop("retries")
    assert (
        'Unknown parameter in containerDefinitions[0].healthCheck: "retry"'
        in validator.validate(task, operation.input_shape).generate_report()
    )


def test_every_document_names_the_probe_by_this_path() -> None:
    for document in (ROOT / "README.md", ROOT / "docs" / "probes.md", ROOT / "docs" / "updates.md"):
        for word in document.read_text().replace('"', " ").replace("`", " ").split():
            assert not word.startswith("/layers/") or word == PROBE or "<target>" in word, word
