"""Regular expressions that would run forever."""

from __future__ import annotations

import pytest

from testing.githubd import GitHub
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import PROBE

ENDLESS = "/(a+)+$/"


@pytest.mark.parametrize("key", ["file", "tag_pattern"])
def test_an_expression_of_exponential_time(github: GitHub, lifecycle: Lifecycle, key: str) -> None:
    github.repository("octo/tool").release("a" * 60 + "b").asset("a" * 60 + "b", PROBE)
    (lifecycle.app / "github-assets.toml").write_text(f'[[assets]]\nrepo = "octo/tool"\n{key} = "{ENDLESS}"\n')

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what.endswith(f'takes too long to match: "{ENDLESS}".')
    assert what.startswith(f"{key} of ")
    assert advice.startswith("Avoid nested repetition")
