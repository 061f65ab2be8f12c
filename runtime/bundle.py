"""The bundled interpreter, one relocatable directory per architecture: Debian's CPython on a glibc of its own.

* bin/python3 starts it, as `start` says, and main.pyc is what the buildpack runs;
* lib/ld.so, lib/python and lib/*.so.* are the programs and their libraries;
* lib/python3.13 is the standard library with the vendored packages in it;
* licenses/ has every package's licence, the texts it points to, and two locks: the list of its sources.
"""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping

from runtime import CACHE, RECIPE, PackagingError, debian, files, wheels
from runtime.debian import Lock
from runtime.recipe import ARCHITECTURES, DROPPED, ENCODINGS, PACKAGES, PYTHON

OVERRIDES = os.path.join(RECIPE, "overrides")
_COMMON_LICENCES = "usr/share/common-licenses"


def bundles(architectures: Iterable[str], *, release: bool) -> dict[str, str]:
    """Return the directory of the bundle for each architecture; makes those whose packages or recipe changed.

    Raises PackagingError.
    """
    lock = debian.obtain(debian.read_lock(), release=release)
    home, key = os.path.join(CACHE, "bundles"), _key(lock)
    for other in glob.glob(f"{home}/*"):
        if os.path.basename(other) != key:
            files.remove(other)
    folders = {architecture: os.path.join(home, key, architecture) for architecture in architectures}
    if missing := {name: folder for name, folder in folders.items() if not _whole(folder)}:
        _make(lock, missing)
    return folders


def compile_modules(bundle: str, folder: str, label: str, *options: str) -> None:
    """Compile the modules below `folder` with the Python of `bundle`, one for this machine. Raises PackagingError."""
    _run(bundle, "bytecode.py", folder, label, *options)


def precompile(bundle: str, target: str, *folders: str) -> None:
    """Write what the modules below `folders` would compile when they are imported. Raises PackagingError."""
    _run(bundle, "precompiled.py", target, *folders)


def _run(bundle: str, script: str, *arguments: str) -> None:
    lib = os.path.join(bundle, "lib")
    loader = (f"{lib}/ld.so", "--inhibit-cache", "--library-path", lib, "--argv0", f"{bundle}/bin/python3")
    python = (f"{lib}/python", "-S", "-s", "-P", "-B", "-X", "utf8", os.path.join(RECIPE, script))
    # The seed, and a process per call, keep the bytecode the same; bin/python3 would ignore the seed.
    environment = {"PYTHONHASHSEED": "0"}
    done = subprocess.run([*loader, *python, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingError(f"{script} failed for {' '.join(arguments)}: {done.stderr.strip()}")


def native() -> str:
    """Return this machine's architecture. Raises PackagingError when there is no bundle for it."""
    for name, machine in ARCHITECTURES.items():
        if platform.machine() == machine:
            return name
    raise PackagingError(f"Packages are made on {' or '.join(ARCHITECTURES.values())}, not on {platform.machine()}.")


def _whole(folder: str) -> bool:
    """Return whether a bundle is there, as it was made."""
    try:
        with open(f"{folder}.sha256", encoding="ascii") as file:
            return file.read() == files.digest(folder)
    except FileNotFoundError:
        return False


def _key(lock: Lock) -> str:
    """Return a name for what the bundles are made of."""
    recipe = hashlib.sha256(lock.text.encode())
    for path in sorted(glob.glob(os.path.join(RECIPE, "**"), recursive=True)):
        if os.path.isfile(path) and "__pycache__" not in path and path != debian.LOCK:
            with open(path, "rb") as file:
                recipe.update(file.read())
    return recipe.hexdigest()[:16]


def _make(lock: Lock, folders: Mapping[str, str]) -> None:
    """Write the bundle of each architecture into its directory."""
    leftovers = os.path.join(CACHE, "scratch")
    files.remove(leftovers)
    os.makedirs(leftovers)
    with tempfile.TemporaryDirectory(dir=leftovers) as scratch:
        # Compiling replaces the sources, its own library's too: it is done by a bundle that stays as it is.
        interpreter = os.path.join(scratch, "interpreter")
        _assemble(interpreter, lock, native())
        for architecture, folder in folders.items():
            made = os.path.join(scratch, architecture)
            if architecture == native():
                shutil.copytree(interpreter, made)
            else:
                _assemble(made, lock, architecture)
            compile_modules(interpreter, made, "runtime", "--replace", "--no-lines")
            files.settle(made)
            files.remove(folder)
            os.makedirs(os.path.dirname(folder), exist_ok=True)
            os.rename(made, folder)
            with open(f"{folder}.sha256", "w", encoding="ascii") as file:
                file.write(files.digest(folder))


def _assemble(bundle: str, lock: Lock, architecture: str) -> None:
    """Write the bundle for one architecture, its modules still as source."""
    lib, licences = os.path.join(bundle, "lib"), os.path.join(bundle, "licenses")
    library = os.path.join(lib, f"python{PYTHON}")
    os.makedirs(os.path.join(bundle, "bin"))
    os.makedirs(licences)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(bundle)) as scratch:
        system = os.path.join(scratch, "system")
        for deb in lock.debs:
            if deb.architecture == architecture:
                deb.unpack(system)
        shutil.copytree(os.path.join(system, f"usr/lib/python{PYTHON}"), library, symlinks=True)
        shutil.copytree(os.path.join(system, "usr/lib/python3/dist-packages"), library, dirs_exist_ok=True)
        shutil.copy(os.path.join(system, f"usr/bin/python{PYTHON}"), os.path.join(lib, "python"))
        _copy_libraries(system, lib)
        _copy_licences(system, licences)
        with open(os.path.join(licences, "debian.lock.toml"), "w", encoding="utf-8") as file:
            file.write(lock.text)
        wheels.unpack(wheels.fetch(architecture), library, licences)
    shutil.copytree(OVERRIDES, library, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    _drop(library)
    for path in glob.glob(f"{library}/**/*.so", recursive=True):
        files.strip(path)
        os.chmod(path, 0o644)
    # Python looks for this name in every directory above, up to the root, until it finds one.
    with zipfile.ZipFile(os.path.join(lib, f"python{PYTHON.replace('.', '')}.zip"), "w"):
        pass
    shutil.copy(os.path.join(RECIPE, "bin", "python3"), os.path.join(bundle, "bin", "python3"))
    for name in ("start", "main.py"):
        shutil.copy(os.path.join(RECIPE, name), bundle)


def _copy_libraries(system: str, lib: str) -> None:
    for package, patterns in PACKAGES.items():
        for pattern in patterns:
            found = glob.glob(f"{system}/usr/lib/*-linux-gnu/{pattern}") + glob.glob(f"{system}/usr/lib/{pattern}")
            if not found:
                raise PackagingError(f"{package} has no {pattern} any more; amend PACKAGES in runtime/recipe.py.")
            name = os.path.basename(found[0])
            target = os.path.join(lib, "ld.so" if name.startswith("ld-linux") else name)
            shutil.copyfile(found[0], target)
            os.chmod(target, 0o755 if name.startswith("ld-linux") else 0o644)


def _copy_licences(system: str, licences: str) -> None:
    places: dict[str, str] = {}

    def copy(source: str, place: str) -> str:
        """Put a text at a place; one that is there already, as packages of one source have it, is named instead."""
        with open(os.path.join(system, source), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        first = places.setdefault(text, place)
        os.makedirs(os.path.dirname(os.path.join(licences, place)), exist_ok=True)
        with open(os.path.join(licences, place), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text if first == place else f"The text is that of {first}.\n")
        return text

    common: set[str] = set()
    for package in sorted(PACKAGES):
        text = copy(f"usr/share/doc/{package}/copyright", f"{package}/copyright")
        common.update(re.findall(rf"/{_COMMON_LICENCES}/([\w.+-]*\w)", text))
    for name in sorted(common):
        copy(f"{_COMMON_LICENCES}/{name}", f"common-licenses/{name}")
    for source in (wheels.LOCK, os.path.join(RECIPE, "SOURCES")):
        shutil.copy(source, licences)


def _drop(library: str) -> None:
    """Remove what the recipe drops, and what no import reads."""
    for pattern in " ".join(DROPPED.values()).split():
        found = glob.glob(os.path.join(library, pattern))
        if not found:
            raise PackagingError(f"Nothing matches {pattern}; amend DROPPED in runtime/recipe.py.")
        for path in found:
            files.remove(path)
    for path in glob.glob(f"{library}/encodings/*"):
        if os.path.basename(path).removesuffix(".py") not in ENCODINGS:
            files.remove(path)
    for path in glob.glob(f"{library}/**", recursive=True):
        if fnmatch.fnmatch(path, "*.pyi") or os.path.basename(path) == "py.typed":
            files.remove(path)
