"""Runs the lifecycle's own detector and builder on this machine, without containers."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from testing.toolchain import golang

PLATFORM_API = "0.13"
_TARGETS_SINCE = 12  # the Platform API, 0.N, whose builder asks what the run image is for
_USER, _GROUP = 1001, 1000  # the lifecycle refuses to run these phases as root


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """Give an empty directory for `run_phases` that its user can reach, unlike pytest's own where root runs it."""
    with tempfile.TemporaryDirectory(prefix="phases-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def run_phases(
    work: Path,
    app: Path,
    buildpacks: Sequence[Path],
    *,
    env: Mapping[str, str],
    builder_env: Mapping[str, str] | None = None,
    process: Mapping[str, str] | None = None,
    arch: str = "amd64",
    optional: Collection[Path] = (),
    lifecycle: str = golang.LIFECYCLE_VERSION,
) -> subprocess.CompletedProcess[str]:
    """Run a lifecycle's detector and builder over a copy of *app* with one group of these buildpack directories.

    All of them are required but those that are *optional* too. *lifecycle* is a version in `golang.LIFECYCLES`.

    *env* is the build's environment, as files in `work/platform/env`, *builder_env* that of the builder, and *process*
    that of the lifecycle; whatever else is below `work/platform` (bindings) is used as it is. The result is in
    `work/layers/<escaped id>`; what an earlier run left there is what this one finds restored. `stdout` holds both
    phases' output; the exit status is that of the phase that failed (20 to 29: detect, 51: a buildpack's), else 0.
    """
    program = golang.lifecycle(lifecycle) / "lifecycle"
    shutil.rmtree(work / "buildpacks", ignore_errors=True)
    order = ["[[order]]"]
    for source in buildpacks:
        about = tomllib.loads((source / "buildpack.toml").read_text())["buildpack"]
        folder = work / "buildpacks" / about["id"].replace("/", "_") / about["version"]
        shutil.copytree(source, folder, symlinks=True)
        order.append(f'[[order.group]]\nid = "{about["id"]}"\nversion = "{about["version"]}"')
        order.append(f"optional = {json.dumps(source in optional)}")
    files = {"order.toml": "\n".join(order)}
    files["analyzed.toml"] = f'[run-image.target]\nos = "linux"\narch = "{arch}"\n'
    files |= {f"platform/env/{name}": value for name, value in env.items()}
    files |= {f"build-config/env/{name}": value for name, value in (builder_env or {}).items()}
    for stale in ("workspace", "platform/env", "build-config"):
        shutil.rmtree(work / stale, ignore_errors=True)
    shutil.copytree(app, work / "workspace", symlinks=True)
    for folder in ("layers", "platform/env", "build-config/env", "bin"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (work / name).write_text(content)
    shutil.copy(program, work / "bin" / "lifecycle")
    user, group, groups = (None, None, None) if os.geteuid() else (_USER, _GROUP, ())
    if user:
        _give_away(work)

    common = {"app": "workspace", "layers": "layers", "platform": "platform", "buildpacks": "buildpacks"}
    common |= {"group": "group.toml", "plan": "plan.toml"}
    process = {"CNB_PLATFORM_API": PLATFORM_API, **(process or {})}
    if int(process["CNB_PLATFORM_API"].partition(".")[2]) >= _TARGETS_SINCE:
        common["analyzed"] = "analyzed.toml"
    output = ""
    for phase, options in (("detector", {**common, "order": "order.toml"}), ("builder", common)):
        done = subprocess.run(
            [phase, *(f"-{name}={work / path}" for name, path in options.items())],
            executable=work / "bin" / "lifecycle",
            env={
                "CNB_BUILD_CONFIG_DIR": str(work / "build-config"),
                "HOME": str(work),
                "PATH": os.environ["PATH"],
                "CNB_NO_COLOR": "true",
                **process,
            },
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            user=user,
            group=group,
            extra_groups=groups,
        )
        output += done.stdout
        if done.returncode:
            break
    return subprocess.CompletedProcess(done.args, done.returncode, output, "")


def _give_away(folder: Path) -> None:
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(os.path.join(parent, name), _USER, _GROUP, follow_symlinks=False)
