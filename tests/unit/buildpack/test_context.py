from __future__ import annotations

import os

import pytest

from github_assets.buildpack.context import build_context, detect_context
from github_assets.errors.buildpack import NotRunByLifecycle

RUN = ["/layers/ours", "/platform", "/plan"]
"""Arguments of bin/build."""


def test_variables_win_over_arguments() -> None:
    variables = {"CNB_PLATFORM_DIR": "/platform", "CNB_LAYERS_DIR": "/layers/ours", "CNB_BUILD_PLAN_PATH": "/plan"}

    assert detect_context(["/other", "/other"], variables).plan_path == "/plan"
    assert build_context(["/other", "/other", "/other"], variables).layers_dir == "/layers/ours"


def test_arguments_alone_suffice() -> None:
    assert detect_context(["/platform", "/plan"], {}).plan_path == "/plan"
    context = build_context(RUN, {})
    assert (context.layers_dir, context.platform_dir) == ("/layers/ours", "/platform")


@pytest.mark.parametrize("arguments", [[], [""], ["/platform"]])
def test_detect_without_a_plan(arguments: list[str]) -> None:
    with pytest.raises(NotRunByLifecycle):
        detect_context(arguments, {})


@pytest.mark.parametrize("variables", [{}, {"CNB_TARGET_OS": "", "CNB_TARGET_ARCH": ""}])
def test_the_default_platform_is_the_builders(variables: dict[str, str]) -> None:
    native = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]

    assert str(build_context(RUN, variables).platform) == f"linux/{native}"


def test_the_platform_that_the_lifecycle_names() -> None:
    variables = {"CNB_TARGET_OS": "linux", "CNB_TARGET_ARCH": "arm64"}

    assert str(build_context(RUN, variables).platform) == "linux/arm64"
