"""Hostile archives cannot do any harm."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from github_assets.install.archives import Unpacking, unpack
from github_assets.platforms import Platform

from .corpus import CASES, LIMITS, Case

WHOLE, EXECUTABLES = "all", "executables"


def snapshot(folder: str) -> dict[str, object]:
    """Everything below a directory, with what could change about it."""
    found: dict[str, object] = {}
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(at, name)
            facts = os.lstat(path)
            content: object = None
            if stat.S_ISLNK(facts.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(facts.st_mode):
                with open(path, "rb") as file:
                    content = file.read()
            found[os.path.relpath(path, folder)] = (facts.st_mode, facts.st_ino, content)
    return found


def assert_clean(folder: str) -> None:
    """Only plain files and directories with plain modes, and links that stay inside."""
    root = os.path.realpath(folder)
    assert stat.S_IMODE(os.lstat(folder).st_mode) == 0o755
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(at, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                assert f"{os.path.realpath(path)}/".startswith(f"{root}/"), path
            elif stat.S_ISDIR(mode):
                assert stat.S_IMODE(mode) == 0o755, path
            else:
                assert stat.S_ISREG(mode), path
                assert stat.S_IMODE(mode) in (0o755, 0o644), path


@pytest.mark.parametrize("extract", [WHOLE, EXECUTABLES])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_written_outside(case: Case, extract: str, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"untouched")
    data = case.make(str(outside))
    archive = tmp_path / "archive"
    archive.write_bytes(data)
    before = snapshot(str(tmp_path))
    expected = case.whole if extract == WHOLE else case.executables
    destination = str(tmp_path / "tree")
    options = Unpacking("archive.tar", Platform("linux", "amd64"), extract=extract, limits=LIMITS)
    if expected is None:
        unpack(str(archive), destination, options)
        assert_clean(destination)
        shutil.rmtree(destination)
    else:
        with pytest.raises(expected) as caught:
            unpack(str(archive), destination, options)
        assert type(caught.value) is expected
    assert snapshot(str(tmp_path)) == before


def test_the_corpus_is_large_enough() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.whole is not None for case in CASES) >= 40
