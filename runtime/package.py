"""The buildpack's packages: a directory for `pack build -b DIR` and a .cnb file, per architecture."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable

from runtime import CACHE, CHECKOUT, DIST, PackagingError, files
from runtime.archive import archive
from runtime.bundle import bundles, compile_modules, native, precompile
from runtime.recipe import PYTHON

#: What only the command line imports; pip installs it, and a build has no use for it.
COMMAND_LINE = ("cli", "attestations.py", "fetch.py")
_PROGRAMS = os.path.join(CHECKOUT, ".cache", "toolchain", "bin")


def make(architectures: Iterable[str], *, cnb: bool, release: bool) -> None:
    """Write dist/linux-<arch>/ and, with `cnb`, dist/<name>-<version>-linux-<arch>.cnb. Raises PackagingError."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        interpreters = bundles({*architectures, native()}, release=release)
        for architecture in architectures:
            folder = os.path.join(DIST, f"linux-{architecture}")
            # Before the directory changes: a .cnb file never stands beside a content that it was not made of.
            for stale in glob.glob(os.path.join(DIST, f"*-linux-{architecture}.cnb")):
                files.remove(stale)
            with files.complete(folder, os.path.join(CACHE, "dist")) as made:
                _fill(made, interpreters[architecture], interpreters[native()])
            _say(folder)
            if cnb:
                _place_cnb(folder, architecture, "release-pack" if release else "pack")


def _fill(folder: str, bundle: str, interpreter: str) -> None:
    """Write a complete buildpack into `folder`."""
    for name in ("buildpack.toml", "package.toml", "LICENSE"):
        shutil.copyfile(os.path.join(CHECKOUT, name), os.path.join(folder, name))
    shutil.copytree(os.path.join(CHECKOUT, "bin"), os.path.join(folder, "bin"))
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*", *COMMAND_LINE)
    lib = shutil.copytree(os.path.join(CHECKOUT, "lib"), os.path.join(folder, "lib"), ignore=unwanted)
    compile_modules(interpreter, lib, "lib", "--replace")
    runtime = shutil.copytree(bundle, os.path.join(folder, "runtime"))
    library = os.path.join(runtime, "lib", f"python{PYTHON}")
    # By the interpreter with a library of this machine's: the result is the same for all architectures.
    precompile(
        interpreter, os.path.join(runtime, "precompiled"), lib, os.path.join(interpreter, "lib", f"python{PYTHON}")
    )
    archive(os.path.join(runtime, "modules"), lib, library)
    files.settle(folder)


def _place_cnb(folder: str, architecture: str, pack: str) -> None:
    """Put the .cnb file of `folder`, made by one of the tool chain's programs, beside it."""
    with open(os.path.join(folder, "buildpack.toml"), "rb") as file:
        buildpack = tomllib.load(file)["buildpack"]
    name = f"{buildpack['id'].rpartition('/')[2]}-{buildpack['version']}-linux-{architecture}.cnb"
    kept = os.path.join(CACHE, "cnb", f"{pack}-{architecture}", f"{files.digest(folder)}.cnb")
    if not os.path.exists(kept):
        files.remove(os.path.dirname(kept))
        os.makedirs(os.path.dirname(kept))
        made = os.path.join(CACHE, f"new-{name}")
        files.remove(made)
        program = os.path.join(_PROGRAMS, pack)
        if not os.path.exists(program):
            raise PackagingError(
                f"{os.path.relpath(program)} is missing; `python3 -m testing.toolchain {pack}` makes it."
            )
        target = ("--target", f"linux/{architecture}", "--pull-policy", "never")
        config = os.path.join(folder, "package.toml")
        done = subprocess.run(
            [program, "buildpack", "package", made, "--config", config, "--format", "file", "--no-color", *target],
            env={**os.environ, "PACK_HOME": os.path.join(CACHE, "pack")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PackagingError(f"pack could not make {name}: {done.stderr.strip() or done.stdout.strip()}")
        os.rename(made, kept)
    shutil.copyfile(kept, os.path.join(CACHE, name))
    os.rename(os.path.join(CACHE, name), os.path.join(DIST, name))
    _say(os.path.join(DIST, name))


def _say(path: str) -> None:
    size = sum(os.path.getsize(p) for p in glob.glob(f"{path}/**", recursive=True) if os.path.isfile(p))
    size = size or os.path.getsize(path)
    print(f"{os.path.relpath(path)}: {size / 1e6:.1f} MB")
