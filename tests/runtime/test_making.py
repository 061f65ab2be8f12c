"""How packages are made: reproducible, and never incomplete."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import CHECKOUT, PackagingError, bundle, debian, files, package


def test_two_packages_of_the_same_sources_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A copy, which nobody edits between the two.
    for name in ("lib", "bin"):
        shutil.copytree(os.path.join(CHECKOUT, name), tmp_path / "checkout" / name)
    for name in ("buildpack.toml", "package.toml", "LICENSE"):
        shutil.copy(os.path.join(CHECKOUT, name), tmp_path / "checkout" / name)
    monkeypatch.setattr(package, "CHECKOUT", str(tmp_path / "checkout"))
    made = []
    for name in ("first", "second"):
        monkeypatch.setattr(package, "CACHE", str(tmp_path / name / "cache"))
        monkeypatch.setattr(package, "DIST", str(tmp_path / name / "dist"))
        monkeypatch.chdir(tmp_path)
        os.umask(0o077 if name == "second" else 0o022)
        try:
            package.make(["amd64"], cnb=True, release=False)
        finally:
            os.umask(0o022)
        (file,) = (tmp_path / name / "dist").glob("*.cnb")
        made.append((files.digest(str(tmp_path / name / "dist/linux-amd64")), file.read_bytes()))
    assert made[0] == made[1]


def test_what_was_in_dist_before_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(package, "DIST", str(tmp_path / "dist"))
    stale = tmp_path / "dist/linux-amd64/runtime/stale.pyc"
    stale.parent.mkdir(parents=True)
    stale.touch()
    old = tmp_path / "dist/github-assets-cnb-2.9.9-linux-amd64.cnb"
    old.touch()
    other = tmp_path / "dist/github-assets-cnb-2.9.9-linux-arm64.cnb"
    other.touch()
    package.make(["amd64"], cnb=False, release=False)
    assert (tmp_path / "dist/linux-amd64/runtime/modules").exists()
    assert not stale.exists()
    assert not old.exists()
    assert other.exists()


def test_a_failed_run_keeps_the_previous_package(tmp_path: Path) -> None:
    target, scratch = tmp_path / "dist/tree", tmp_path / "scratch"
    with files.complete(str(target), str(scratch)) as made:
        Path(made, "whole").touch()
    with contextlib.suppress(RuntimeError), files.complete(str(target), str(scratch)) as made:
        Path(made, "half").touch()
        raise RuntimeError("killed")
    assert [path.name for path in target.iterdir()] == ["whole"]
    assert [path.name for path in target.parent.iterdir()] == ["tree"]


def test_a_changed_file_in_the_cache_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = debian.obtain(debian.read_lock(), release=False).debs[0]
    content = Path(pin.path).read_bytes()
    monkeypatch.setattr(debian, "CACHE", str(tmp_path))
    Path(pin.path).parent.mkdir()
    assert not pin.cached
    Path(pin.path).write_bytes(content)
    assert pin.cached
    Path(pin.path).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert not pin.cached


def test_a_host_without_a_debian_archive_gets_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "ubuntu", "VERSION_CODENAME": "noble"})
    with pytest.raises(PackagingError, match="DEBIAN_MIRROR"):
        debian.Index()


def test_the_command_line_refuses_an_unknown_architecture() -> None:
    command = [sys.executable, "-m", "runtime", "package", "--arch", "s390x"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "amd64" in done.stderr


def test_a_module_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def (", encoding="utf-8")
    interpreter = bundle.bundles([bundle.native()], release=False)[bundle.native()]
    with pytest.raises(PackagingError, match=r"lib/odd\.py") as failure:
        bundle.compile_modules(interpreter, str(tmp_path), "lib")
    assert "Traceback" not in str(failure.value)
