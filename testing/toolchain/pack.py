"""pack with its own home, and the contents of the images that it builds."""

import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from testing.toolchain import golang
from testing.toolchain.engine import Engine
from testing.toolchain.store import CACHE, ToolchainError

_HOME = CACHE / "home"


class ImageFile(NamedTuple):
    """A regular file of one layer: its path with a leading slash, permission bits, owner and content."""

    path: str
    mode: int
    uid: int
    gid: int
    content: bytes


def pack_environment(engine: Engine) -> dict[str, str]:
    """Return the variables that make pack use the engine and a home of its own, not the user's."""
    _HOME.mkdir(parents=True, exist_ok=True)
    return {
        "DOCKER_HOST": engine.host,
        "HOME": str(_HOME),
        "PACK_HOME": str(_HOME / "pack"),
        "PACK_VOLUME_KEY": "github-assets-cnb",
        "NO_COLOR": "1",
    }


def run_pack(
    engine: Engine, *arguments: str | Path, check: bool = True, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pack against the engine; standard output and error are merged in `stdout`.

    *env* adds to pack's own environment (`-e NAME` reads it there). Raises ToolchainError when pack fails, unless
    *check* is false.
    """
    done = subprocess.run(
        [golang.pack(), *arguments],
        env={**os.environ, **pack_environment(engine), **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if check and done.returncode:
        command = " ".join(str(word) for word in arguments[:3])
        raise ToolchainError(f"`pack {command} …` failed", "its output is above", done.stdout)
    return done


def pack_build(
    engine: Engine,
    image: str,
    app: Path,
    *,
    extra: Sequence[str | Path] = (),
    check: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Build *image* from the application in *app*, with the options of `build_options`; the output is in `stdout`.

    Raises ToolchainError when the build fails, unless *check* is false.
    """
    return run_pack(engine, "build", image, *build_options(app, **options), *extra, check=check)


def build_options(
    app: Path,
    *,
    builder: str,
    buildpacks: Sequence[str | Path] = (),
    env: Mapping[str, str] | None = None,
    volumes: Mapping[Path, str] | None = None,
    trust_builder: bool = True,
) -> list[str | Path]:
    """Return the options of `pack build` for the application directory *app*.

    *buildpacks* are directories, .cnb files or ids (`-b`); *env* is the build's environment (`-e`); *volumes* maps
    host directories to paths in the build containers.
    """
    options: list[str | Path] = ["--path", app, "--builder", builder]
    options += ["--pull-policy", "never", "--network", "host", "--docker-host", "inherit"]
    if trust_builder:
        options += ["--trust-builder", "--trust-extra-buildpacks"]
    for buildpack in buildpacks:
        options += ["--buildpack", buildpack]
    for name, value in (env or {}).items():
        options += ["--env", f"{name}={value}"]
    for source, target in (volumes or {}).items():
        options += ["--volume", f"{source}:{target}"]
    return options


def image_config(engine: Engine, image: str) -> dict[str, Any]:
    """Return the output of `docker image inspect`: Config.Labels, Config.Env, RootFS.Layers and so on."""
    inspected: list[dict[str, Any]] = json.loads(engine.docker("image", "inspect", image).stdout)
    return inspected[0]


def image_files(engine: Engine, image: str) -> Iterator[ImageFile]:
    """Yield every regular file of every layer, lowest layer first; the archive is streamed, not kept.

    A file that a later layer replaces is yielded twice: what an image once held can still be read from it.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        archive = Path(folder) / "image.tar"
        engine.docker("save", "--output", archive, image)
        with tarfile.open(archive) as saved:
            manifest = saved.extractfile("manifest.json")
            if not manifest:
                raise ToolchainError(f"docker save {image} wrote no manifest", "is this a Docker Engine?")
            for layer in json.load(manifest)[0]["Layers"]:
                member = saved.getmember(layer)
                with tarfile.open(fileobj=saved.extractfile(member), mode="r:*") as files:
                    for file in files:
                        content = files.extractfile(file) if file.isreg() else None
                        if content:
                            yield ImageFile(
                                "/" + file.name.removeprefix("./").lstrip("/"),
                                file.mode,
                                file.uid,
                                file.gid,
                                content.read(),
                            )
