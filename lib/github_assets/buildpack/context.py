"""The input of a buildpack from the lifecycle (Buildpack API 0.10, "Detection" and "Build")."""

from __future__ import annotations

import os

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.settings import Environment, read_libc
from github_assets.errors.buildpack import NotRunByLifecycle
from github_assets.platforms import Platform
from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DetectContext(Value):
    """One run of bin/detect."""

    environment: Environment
    app_dir: str
    plan_path: str


class BuildContext(Value):
    """One run of bin/build."""

    environment: Environment
    app_dir: str
    layers_dir: str
    platform_dir: str | None
    plan_path: str | None
    target: Platform
    """The image's platform, without its C library, which is a setting."""
    distribution: tuple[str, str]
    """The run image's distribution and its version, such as `ubuntu` and `24.04`; empty if unknown."""

    @property
    def platform(self) -> Platform:
        """The image's platform. Raises SettingInvalid."""
        return self.target._replace(libc=read_libc(self.environment))


def detect_context(arguments: Sequence[str], variables: Mapping[str, str]) -> DetectContext:
    """Return the context of `bin/detect <platform> <plan>`. Raises NotRunByLifecycle."""
    platform_dir = _given(variables, "CNB_PLATFORM_DIR", arguments, 0)
    plan_path = _given(variables, "CNB_BUILD_PLAN_PATH", arguments, 1)
    app_dir = os.getcwd()
    environment = Environment(platform_dir, variables, ApplicationFiles(app_dir, platform_dir))
    return DetectContext(environment, app_dir, plan_path)


def build_context(arguments: Sequence[str], variables: Mapping[str, str]) -> BuildContext:
    """Return the context of `bin/build <layers> <platform> <plan>`. Raises NotRunByLifecycle."""
    platform_dir = _given(variables, "CNB_PLATFORM_DIR", arguments, 1)
    layers_dir = _given(variables, "CNB_LAYERS_DIR", arguments, 0)
    app_dir = os.getcwd()
    application = ApplicationFiles(app_dir, platform_dir, os.path.dirname(os.path.abspath(layers_dir)))
    return BuildContext(
        environment=Environment(platform_dir, variables, application),
        app_dir=app_dir,
        layers_dir=layers_dir,
        platform_dir=platform_dir,
        plan_path=variables.get("CNB_BP_PLAN_PATH") or (arguments[2] if len(arguments) > 2 else None),
        target=_target_platform(variables),
        distribution=(variables.get("CNB_TARGET_DISTRO_NAME", ""), variables.get("CNB_TARGET_DISTRO_VERSION", "")),
    )


def _target_platform(variables: Mapping[str, str]) -> Platform:
    """Return the platform of the image; lifecycles before 0.20 may set CNB_TARGET_* to nothing."""
    machine = os.uname().machine
    native = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return Platform(variables.get("CNB_TARGET_OS") or "linux", variables.get("CNB_TARGET_ARCH") or native)


def _given(variables: Mapping[str, str], name: str, arguments: Sequence[str], position: int) -> str:
    value = variables.get(name) or (arguments[position] if len(arguments) > position else "")
    if not value:
        raise NotRunByLifecycle(name=name)
    return value
