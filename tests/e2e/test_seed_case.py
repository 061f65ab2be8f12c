"""`make run` without a Docker Engine; with one, the documentation's test runs it."""

from __future__ import annotations

import pytest

from examples import seed_case
from testing.toolchain import engine


def test_without_docker_the_lifecycles_phases_install_the_same_asset(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def unavailable() -> None:
        raise engine.EngineUnavailableError("no Docker Engine answers", "start one, or run this as root")

    monkeypatch.setattr(engine, "running", unavailable)

    assert seed_case.main() == 0

    printed = "".join(capfd.readouterr())
    assert "no Docker Engine answers" in printed
    assert "Without Docker: the lifecycle's detector and builder" in printed
    assert "status: SERVING" in printed
