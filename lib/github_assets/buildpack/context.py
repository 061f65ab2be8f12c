"""What the lifecycle hands to a buildpack (Buildpack API 0.10, "Detection" and "Build")."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from github_assets.config.environment import Environment
from github_assets.errors import NotInBuild
from github_assets.platforms import Platform


class DetectContext(NamedTuple):
    """One run of bin/detect."""

    environment: Environment
    app_dir: str
    plan_path: str


class BuildContext(NamedTuple):
    """One run of bin/build."""

    environment: Environment
    app_dir: str
    layers_dir: str
    platform_dir: str | None
    platform: Platform


def detect_context(arguments: Sequence[str], variables: Mapping[str, str]) -> DetectContext:
    """Return the context of `bin/detect <platform> <plan>`. Raises NotInBuild."""
    platform_dir = _given(variables, "CNB_PLATFORM_DIR", arguments, 0)
    plan_path = _given(variables, "CNB_BUILD_PLAN_PATH", arguments, 1)
    return DetectContext(Environment(platform_dir, variables), os.getcwd(), plan_path)


def build_context(arguments: Sequence[str], variables: Mapping[str, str]) -> BuildContext:
    """Return the context of `bin/build <layers> <platform> <plan>`. Raises NotInBuild."""
    platform_dir = _given(variables, "CNB_PLATFORM_DIR", arguments, 1)
    return BuildContext(
        environment=Environment(platform_dir, variables),
        app_dir=os.getcwd(),
        layers_dir=_given(variables, "CNB_LAYERS_DIR", arguments, 0),
        platform_dir=platform_dir,
        platform=target_platform(variables),
    )


def target_platform(variables: Mapping[str, str]) -> Platform:
    """Return the platform of the image; lifecycles before 0.20 may set CNB_TARGET_* to nothing."""
    machine = os.uname().machine
    native = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return Platform(variables.get("CNB_TARGET_OS") or "linux", variables.get("CNB_TARGET_ARCH") or native)


def _given(variables: Mapping[str, str], name: str, arguments: Sequence[str], position: int) -> str:
    value = variables.get(name) or (arguments[position] if len(arguments) > position else "")
    if not value:
        raise NotInBuild(name=name)
    return value
