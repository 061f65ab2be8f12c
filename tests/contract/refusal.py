"""What all failed runs have in common."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.samples import TOKEN
from tests.messages import parts


def refused(
    run: Run, lifecycle: Lifecycle, *secrets: str, before: Mapping[str, bytes | None] | None = None, status: int = 1
) -> tuple[str, str]:
    """Return what happened and what to do, after asserting that a run ended with one message and left nothing.

    `before` has the layers directory as it was; empty where it is not given.
    """
    assert run.status == status, run.log
    assert run.log.count("ERROR:") == 1
    assert "Traceback" not in run.log
    for secret in (TOKEN, "sig=", *secrets):
        assert secret not in run.log
    assert lifecycle.files() == dict(before or {})
    said = parts(run.err)
    return said.headline, said.advice
