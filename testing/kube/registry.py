"""The images that the cluster starts with, in the storage of a registry; and how tests read images there."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import requests

from testing.kube import REGISTRY
from testing.toolchain import debian, golang, images, tar
from testing.toolchain.store import ToolchainError, keep, run

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_NOBODY = 65532
_PATH = "--env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STACK = "io.buildpacks.stacks.bookworm"
_WORKSHOP = "127.0.0.1:5099"
"""Where the storage is filled."""


def base_images() -> Path:
    """Return a registry's storage with `base`, which builds and applications run on, and `pause`."""
    root = images.base_root()

    def push(pusher: _Pusher) -> None:
        pusher.image("base", root, *_base_options())
        pusher.image("pause", root, "--entrypoint=/usr/bin/sleep,infinity")

    return _storage("base", [root.parent.name], push)


def kpack_images() -> Path:
    """Return a registry's storage with kpack's images and the lifecycle's."""
    programs, lifecycle = golang.kpack(), images.lifecycle_archive()

    def push(pusher: _Pusher) -> None:
        for name in golang.KPACK_PROGRAMS:
            pusher.program(f"kpack/{name}", programs / name, f"/cnb/process/{name}")
        pusher.files("lifecycle", images.lifecycle_layer(lifecycle), *_lifecycle_options())

    return _storage("kpack", [programs.name, lifecycle.parent.name], push)


def tekton_images() -> Path:
    """Return a registry's storage with Tekton's images, and the shell that it writes scripts with."""
    programs, root = golang.tekton(), images.base_root()

    def push(pusher: _Pusher) -> None:
        for name in golang.TEKTON_PROGRAMS:
            pusher.program(f"tekton/{name}", programs / name, f"/ko-app/{name}")
        pusher.image("tekton/shell", root, _PATH)

    return _storage("tekton", [programs.name, root.parent.name], push)


PLATFORMS: Final = {"kpack": kpack_images, "tekton": tekton_images}
"""The images of each platform."""


def _storage(name: str, recipe: Sequence[str | Path], push: Callable[[_Pusher], None]) -> Path:
    def make(into: Path) -> None:
        with serving(into, _WORKSHOP), tempfile.TemporaryDirectory() as scratch:
            push(_Pusher(_WORKSHOP, Path(scratch)))

    return keep(f"kube-{name}-images", [*recipe, Path(__file__)], make)


class _Pusher:
    """Puts images into a registry."""

    def __init__(self, registry: str, scratch: Path) -> None:
        self._registry = registry
        self._scratch = scratch

    def image(self, name: str, layer: Path, *options: str) -> None:
        """Push an image of one layer with these options of `crane mutate`."""
        reference = f"{self._registry}/{name}:1"
        crane("append", "--new_layer", layer, "--new_tag", reference)
        crane("mutate", reference, "--tag", reference, "--set-platform", "linux/amd64", *options)

    def files(self, name: str, members: Iterable[tar.Member], *options: str) -> None:
        """Push an image of these files."""
        layer = self._scratch / "layer.tar"
        with layer.open("wb") as archive:
            tar.write(archive, members)
        self.image(name, layer, *options)

    def program(self, name: str, program: Path, path: str) -> None:
        """Push an image that holds a static program and CA certificates, and runs it as nobody."""
        passwd = f"nonroot:x:{_NOBODY}:{_NOBODY}::/home/nonroot:/sbin/nologin\n"
        members = [
            tar.folder("tmp", 0o1777),
            tar.folder("home/nonroot", 0o755, _NOBODY, _NOBODY),
            tar.file("etc/passwd", passwd.encode()),
            tar.file("etc/ssl/certs/ca-certificates.crt", _CERTIFICATES.read_bytes()),
            tar.file(path.lstrip("/"), program.read_bytes(), 0o755),
        ]
        self.files(name, members, f"--user={_NOBODY}:{_NOBODY}", f"--entrypoint={path}")


def _base_options() -> list[str]:
    env = {
        "CNB_USER_ID": images.USER_ID,
        "CNB_GROUP_ID": images.GROUP_ID,
    }
    labels = {
        "io.buildpacks.stack.id": STACK,
        "io.buildpacks.base.distro.name": "debian",
        "io.buildpacks.base.distro.version": "12",
    }
    options = [_PATH, f"--user={images.USER_ID}:{images.GROUP_ID}"]
    options += [f"--env={name}={value}" for name, value in env.items()]
    return options + [f"--label={name}={value}" for name, value in labels.items()]


def _lifecycle_options() -> list[str]:
    apis = {"buildpack": images.BUILDPACK_APIS[-1], "platform": images.PLATFORM_APIS[-1]}
    metadata = {"lifecycle": {"version": golang.LIFECYCLE_VERSION}, "api": apis}
    labels = {**images.lifecycle_labels(), "io.buildpacks.builder.metadata": json.dumps(metadata)}
    return [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]


def crane(*arguments: str | Path) -> str:
    """Run crane; return what it printed. Raises ToolchainError when it fails."""
    return run([golang.crane(), *arguments], advice="its output is above")


def packaged(directory: Path, scratch: Path) -> Path:
    """Return the .cnb file of a buildpack directory."""
    file = scratch / f"{directory.name}.cnb"
    command: list[str | Path] = [golang.pack(), "buildpack", "package", file, "--path", directory, "--format", "file"]
    home = {"PACK_HOME": str(scratch / "pack")}
    run([*command, "--target", "linux/amd64"], advice="its output is above", env=home)
    return file


def push_buildpack(file: Path, reference: str, scratch: Path) -> None:
    """Push a .cnb file, which is an image in an archive."""
    layout = scratch / file.stem
    layout.mkdir()
    run(["tar", "-xf", file, "-C", layout], advice="its output is above")
    crane("push", layout, reference)


@contextlib.contextmanager
def serving(folder: Path, address: str, log: Path | None = None) -> Iterator[None]:
    """Run a registry over its storage for the length of a block."""
    settings = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder)}, "delete": {"enabled": True}},
        "http": {"addr": address},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config, contextlib.ExitStack() as stack:
        json.dump(settings, config)  # JSON is YAML
        config.flush()
        output = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        program = debian.program("docker-registry", "docker-registry")
        process = stack.enter_context(
            subprocess.Popen([program, "serve", config.name], stdout=output, stderr=subprocess.STDOUT)
        )
        stack.callback(process.terminate)
        for _ in range(200):
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"http://{address}/v2/", timeout=5)
                break
            time.sleep(0.05)
        else:
            raise ToolchainError("the registry did not answer", f"is {address} in use?")
        yield


def reference(image: str) -> tuple[str, str]:
    """Return the repository and the tag or digest of an image in the registry."""
    name = image.removeprefix(f"{REGISTRY}/")
    separator = "@" if "@" in name else ":"
    repository, _, version = name.partition(separator)
    return repository, version or "latest"


def manifest(image: str) -> dict[str, Any]:
    """Return an image's manifest."""
    repository, version = reference(image)
    kinds = ("docker.distribution.manifest.v2", "oci.image.manifest.v1")
    accept = ", ".join(f"application/vnd.{kind}+json" for kind in kinds)
    found = requests.get(
        f"http://{REGISTRY}/v2/{repository}/manifests/{version}", headers={"Accept": accept}, timeout=30
    )
    found.raise_for_status()
    return dict(found.json())


def blob(image: str, digest: str) -> bytes:
    """Return a blob of an image's repository."""
    found = requests.get(f"http://{REGISTRY}/v2/{reference(image)[0]}/blobs/{digest}", timeout=60)
    found.raise_for_status()
    return found.content


def config(image: str) -> dict[str, Any]:
    """Return an image's configuration: config.Labels, rootfs.diff_ids and so on."""
    return dict(json.loads(blob(image, manifest(image)["config"]["digest"])))


def contents(image: str) -> Iterator[tuple[str, bytes]]:
    """Yield all that an image consists of, by name: its manifest, its configuration, and its unpacked layers."""
    about: Mapping[str, Any] = manifest(image)
    layers: Sequence[Mapping[str, Any]] = about["layers"]
    yield "manifest", json.dumps(about).encode()
    yield "configuration", blob(image, about["config"]["digest"])
    for layer in layers:
        data = blob(image, layer["digest"])
        yield layer["digest"], gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
