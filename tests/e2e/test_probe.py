"""The probe in the image of a gRPC service, run as Kubernetes and Docker run it."""

from __future__ import annotations

from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from testing.toolchain.pack import image_files
from tests.e2e.stage import PROBE, Stage, eventually

EXAMPLES = Path(__file__).parents[2] / "examples" / "kubernetes"
BY_TYPE = "/cnb/process/grpc_health_probe"


def test_the_probe_reports_every_state_of_the_service(stage: Stage) -> None:
    stage.build()
    container, port = stage.run()
    assert eventually(lambda: stage.probe(container, port).returncode == 0)

    for path in (PROBE, BY_TYPE, "grpc_health_probe"):
        serving = stage.probe(container, port, path=path)
        assert (serving.returncode, "status: SERVING" in serving.stdout) == (0, True), serving.stdout
        assert stage.probe(container, port, "-service=cage1016.Demo", path=path).returncode == 0
        assert stage.probe(container, port, "-service=nobody", path=path).returncode != 0

    stage.docker.docker("kill", "--signal=USR1", container)
    assert eventually(lambda: "NOT_SERVING" in stage.probe(container, port).stdout)
    for path in (PROBE, BY_TYPE):
        assert stage.probe(container, port, path=path).returncode != 0
        assert stage.probe(container, port, "-service=cage1016.Demo", path=path).returncode != 0

    stopped, port = stage.run("infinity", options=["--entrypoint=sleep"])
    for path in (PROBE, BY_TYPE):
        assert stage.probe(stopped, port, path=path).returncode != 0


def test_as_dockers_own_health_check(stage: Stage) -> None:
    stage.build()
    container, _ = stage.run(
        options=[f"--health-cmd={PROBE} -addr=127.0.0.1:$PORT", "--health-interval=0.5s", "--health-retries=2"]
    )

    def health() -> str:
        return stage.docker.docker("inspect", "--format={{.State.Health.Status}}", container).stdout.strip()

    assert eventually(lambda: health() == "healthy")
    stage.docker.docker("kill", "--signal=USR1", container)
    assert eventually(lambda: health() == "unhealthy")


@pytest.mark.parametrize("manifest", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_manifests_are_valid_and_name_what_the_image_has(stage: Stage, manifest: Path) -> None:
    stage.build()
    paths = {file.path for file in image_files(stage.docker, stage.image) if file.mode & 0o111}

    document = yaml.safe_load(manifest.read_text())
    kubernetes_validate.validate(document, "1.33", strict=True)
    (container,) = document["spec"]["template"]["spec"]["containers"]
    probes = [value for key, value in container.items() if key.endswith("Probe")]
    assert probes
    programs = {probe["exec"]["command"][0] for probe in probes if "exec" in probe}
    expected = {"grpc-service.yaml": {PROBE}, "readiness-gate.yaml": {PROBE}, "exec-file.yaml": {"test"}}
    assert programs == expected.get(manifest.name, set())
    assert programs - {"test"} <= paths  # the run image's
