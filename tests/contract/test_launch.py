"""Process types: one for each executable, except those that belong to the application."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED

pytestmark = pytest.mark.usefixtures("release")


def types(lifecycle: Lifecycle) -> list[str]:
    processes: list[dict[str, Any]] = lifecycle.toml("launch.toml").get("processes", [])
    assert not any(process["default"] for process in processes)
    return [process["type"] for process in processes]


@pytest.mark.parametrize("target", ["grpc_health_probe", "probe-2.0", "PROBE", "a"])
def test_the_target_names_the_process_type(lifecycle: Lifecycle, target: str) -> None:
    run = lifecycle.build({**ASKED, "TARGET": target})

    assert types(lifecycle) == [target]
    assert f"  To run it in a container: docker run --rm --entrypoint {target} IMAGE\n" in run.out


@pytest.mark.parametrize("target", ["web", "probe me", "prøbe", "probe+1", "probe@2", "#!", "~", "$(id)", "-a=b"])
def test_a_file_without_a_process_type(lifecycle: Lifecycle, target: str) -> None:
    run = lifecycle.build({**ASKED, "TARGET": target})

    assert run.status == 0
    assert types(lifecycle) == []
    assert f"  Skipped process type {target}: the name is invalid or reserved\n" in run.out
    assert (lifecycle.layer / "bin" / target).is_file()


def test_a_process_type_of_an_earlier_buildpack_is_not_replaced(lifecycle: Lifecycle) -> None:
    sibling = lifecycle.all_layers / "paketo-buildpacks_go-build"
    sibling.mkdir()
    (sibling / "launch.toml").write_text('[[processes]]\ntype = "worker"\ncommand = ["/workspace/worker"]\n')

    run = lifecycle.build({**ASKED, "TARGET": "worker"})
    assert types(lifecycle) == []
    assert "  Skipped process type worker: the application already defines it\n" in run.out
    lifecycle.restore()
    lifecycle.build({**ASKED, "TARGET": "worker2"})
    assert types(lifecycle) == ["worker2"]


@pytest.mark.parametrize(
    "content", [b"", b"[[processes]]\n", b"no toml", b"\xff", b"processes = 7\n", b"[[processes]]\ntype = 7\n"]
)
def test_an_invalid_launch_toml_of_another_buildpack(lifecycle: Lifecycle, content: bytes) -> None:
    sibling = lifecycle.all_layers / "another"
    sibling.mkdir()
    (sibling / "launch.toml").write_bytes(content)
    (lifecycle.all_layers / "group.toml").write_text("")

    assert lifecycle.build(ASKED).status == 0
    assert types(lifecycle) == ["grpc_health_probe"]


def test_our_own_previous_types_are_not_those_of_another_buildpack(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)
    lifecycle.build()  # a second build in the same directory, as `pack build --trust-builder` never does, and people do

    assert types(lifecycle) == ["grpc_health_probe"]
