"""The package runs in root file systems with only a shell and CA certificates."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.runtime import roots
from tests.runtime.conftest import PROBE
from tests.runtime.roots import Root


@pytest.fixture(scope="module", params=["busybox", "musl", "old_glibc", "arm64", "host"])
def root(
    request: pytest.FixtureRequest,
    furnish: Callable[..., Root],
    packages: Path,
    authority: trustme.CA,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Root]:
    tmp_path = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "busybox":
            yield furnish(roots.busybox(tmp_path))
        case "musl":
            yield furnish(roots.musl(tmp_path))
        case "old_glibc":
            yield request.getfixturevalue("old_glibc")
        case "arm64":
            with roots.arm64_programs():
                yield furnish(roots.busybox(tmp_path, "arm64"), "arm64")
        case "host":
            ca_file = tmp_path / "ca.crt"
            authority.cert_pem.write_to_path(str(ca_file))
            yield Root(Path("/"), str(packages / "linux-amd64"), str(ca_file))


def test_the_interpreter_and_every_module_of_it_work(root: Root, address: str, request: pytest.FixtureRequest) -> None:
    done = root.run_python(PROBE, address, root.ca_file)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report.pop("modules") > 100
    assert report == {
        "answer": {"hello": "wörld"},
        "stranger": "refused",
        "protocol": "TLSv1.3",
        "machine": "aarch64" if "arm64" in request.node.name else "x86_64",
        "outside": [],
        "bundle": f"{root.buildpack}/runtime",
        "executable": root.python,
        "flags": [1, 1, 1, 1],
        "text": "ü→",
        "openssl_conf": "/dev/null",
    }


def test_detect_quietly_reports_that_nothing_is_configured(root: Root) -> None:
    detect = root.run(f"{root.buildpack}/bin/detect", "/no platform", "/plan")
    # Nothing is asked for: the quiet answer of Buildpack API 0.10, "Detection".
    assert detect.returncode == 100, detect.stderr
    assert "Traceback" not in detect.stdout + detect.stderr
