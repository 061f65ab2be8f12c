"""Inspection of downloaded files: whether they are programs, for which platform, and what they need to start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from testing.githubd import GitHub, Release
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.refusal import refused
from tests.unit.install.archive_files import Member, as_zip, tar
from tests.unit.install.elf_files import ARM64, DYN, LIBRARY, REL, STATIC, elf

DYNAMIC = Path("/bin/sh").read_bytes()
"""A program of this machine, which needs glibc's loader."""


@pytest.fixture
def release(github: GitHub) -> Release:
    return github.repository("acme/tool").release("v1.0.0")


@pytest.fixture
def install(release: Release, lifecycle: Lifecycle) -> Callable[..., Run]:
    """Builds with assets of these names and contents, and the same keys in the table of each."""

    def run(assets: Mapping[str, bytes], *keys: str) -> Run:
        tables = []
        for name, content in assets.items():
            release.asset(name, content)
            tables += ["[[assets]]", 'repo = "acme/tool"', f'file = "{name}"', *keys]
        (lifecycle.app / "github-assets.toml").write_text("\n".join(tables))
        return lifecycle.build({})

    return run


def installed(lifecycle: Lifecycle) -> dict[str, int]:
    """The layer's files, with their modes."""
    files = [path for path in sorted(lifecycle.layer.rglob("*")) if path.is_file()]
    return {str(path.relative_to(lifecycle.layer)): path.stat().st_mode & 0o777 for path in files}


# what starting it takes


@pytest.fixture
def dynamic(release: Release) -> None:
    release.asset("tool-linux-amd64", DYNAMIC)
    release.asset("tool-linux-amd64-musl", b"\x7fELF")
    release.asset("tool-linux-arm64", DYNAMIC)
    release.asset("tool-linux-arm64.tar.gz", tar(Member("tool/tool", DYNAMIC, mode=0o755)))


@pytest.mark.usefixtures("dynamic")
def test_a_program_whose_loader_the_image_lacks_causes_a_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "alpine", "CNB_TARGET_DISTRO_VERSION": "3.20"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    needs = "Warning: bin/tool needs the loader /lib64/ld-linux-x86-64.so.2, which alpine 3.20 may not have."
    assert f"{needs} The release also has tool-linux-amd64-musl:\n    FILE=tool-linux-amd64-musl\n" in run.out


@pytest.mark.usefixtures("dynamic")
def test_a_glibc_that_is_too_old_causes_a_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "ubuntu", "CNB_TARGET_DISTRO_VERSION": "18.04"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    assert "Warning: bin/tool needs glibc 2." in run.out
    assert "; ubuntu 18.04 has 2.27." in run.out


@pytest.mark.usefixtures("dynamic")
def test_a_program_that_the_image_can_start_causes_no_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "debian", "CNB_TARGET_DISTRO_VERSION": "13"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    assert "Warning" not in run.log


# for which platform it is


@pytest.mark.usefixtures("dynamic")
@pytest.mark.parametrize(
    ("file", "named"),
    [("tool-linux-arm64", "tool-linux-arm64"), ("tool-linux-arm64.tar.gz", '"tool/tool" in tool-linux-arm64.tar.gz')],
)
def test_an_asset_that_is_named_after_another_architecture(lifecycle: Lifecycle, file: str, named: str) -> None:
    lifecycle.process["CNB_TARGET_ARCH"] = "arm64"

    what, _ = refused(lifecycle.build({"REPO": "acme/tool", "FILE": file, "TARGET": "tool"}), lifecycle)

    assert what == f"{named} is an executable for linux/amd64, but the image is for linux/arm64."


PORTABLE = b"MZqFpD='\n\n\0\x10\0\xf8" + bytes(4000)
UNUSUAL = {
    "freebsd_osabi": (elf(osabi=9), ""),
    "unknown_osabi": (elf(osabi=97), ""),
    "packed": (elf(type_=DYN), ""),
    "truncated": (STATIC[:100], "may not start: its ELF header is damaged or unusual: "),
    "magic_only": (b"\x7fELF", "may not start: its ELF header is damaged or unusual: "),
    "no_entry_point": (elf(entry=0), "may not start: its ELF header does not look like a program's."),
    "portable": (PORTABLE, "is an Actually Portable Executable: Linux starts it only through a shell"),
}


@pytest.mark.parametrize("archived", [False, True])
def test_unusual_programs_are_installed(install: Callable[..., Run], lifecycle: Lifecycle, archived: bool) -> None:
    contents = {name: content for name, (content, _) in UNUSUAL.items()}
    if archived:
        assets = {"tools.tar": tar(*(Member(name, each, mode=0o755) for name, each in contents.items()))}
    else:
        assets = contents

    run = install(assets, *(['path = "*"'] if archived else []))

    assert run.status == 0, run.log
    warnings = [line for line in run.out.splitlines() if "Warning" in line]
    for name, (_, warning) in UNUSUAL.items():
        if not archived or "may not start" not in warning:  # what can't be read is left out beside what can
            assert installed(lifecycle)[f"bin/{name}"] == 0o755
            assert any(f"bin/{name} {warning}" in line for line in warnings) is bool(warning)


# whether it is a program

NO_PROGRAMS = {
    "nothing": (b"", "it is empty"),
    "a_web_page": (b"<!DOCTYPE html><title>Sign in</title>", "it is an HTML page"),
    "checksums": (b"0123abc  tool.tar.gz\n", "it is text that does not begin with a #! line"),
    "JSON": (b'{"a": 1}\n', "it is text that does not begin with a #! line"),
    "WebAssembly": (b"\0asm\1\0\0\0", "it is a WebAssembly module"),
    "Brotli": (b"\x1b\x0f\0\xf8" + bytes(100), "its format is unknown"),
    "a_Java_archive": (
        as_zip(Member("META-INF/MANIFEST.MF", b"x"), Member("A.class", b"\xca\xfe\xba\xbe")),
        "it is a Java archive",
    ),
    "Windows_line_ends": (b"#!/bin/sh\r\necho\r\n", "its #! line ends with a carriage return"),
    "a_byte_order_mark": (b"\xef\xbb\xbf#!/bin/sh\n", "a byte order mark precedes its #! line"),
    "a_shared_library": (LIBRARY, "it is a shared library"),
    "an_object_file": (elf(type_=REL), "it is an object file"),
}


def test_files_that_are_not_executable_are_refused(install: Callable[..., Run], lifecycle: Lifecycle) -> None:
    what, advice = refused(install({kind: content for kind, (content, _) in NO_PROGRAMS.items()}), lifecycle)

    assert what == f"{len(NO_PROGRAMS)} assets failed:"
    for kind, (_, reason) in NO_PROGRAMS.items():
        assert f"{kind} is not an executable: {reason}" in advice
    assert advice.count("To install it as a file:\n    executable = false") == len(NO_PROGRAMS)


FILES = {
    **{kind: content for kind, (content, _) in NO_PROGRAMS.items()},
    "a_program": STATIC,
    "a_program_for_arm64": elf(ARM64),
    "a_program_for_Windows": b"MZ\x90\0" + bytes(3000),
    "a_program_for_macOS": b"\xcf\xfa\xed\xfe" + bytes(100),
    "a_BPF_object": elf(247, type_=REL, entry=0),
    "a_damaged_program": STATIC[:70],
    "an_archive": tar(Member("data.txt", b"x")),
    "an_archive_that_cant_be_unpacked": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "LZMA": b"\x5d\0\0\x80\0" + bytes(100),
}


def test_any_file_is_installed_unchanged_if_not_executable(install: Callable[..., Run], lifecycle: Lifecycle) -> None:
    run = install(FILES, "executable = false")

    assert run.status == 0, run.log
    assert {kind: (lifecycle.layer / "bin" / kind).read_bytes() for kind in FILES} == FILES
    assert set(installed(lifecycle).values()) == {0o644}
    assert lifecycle.toml("launch.toml").get("processes", []) == []
    assert "Warning" not in run.log


# what a message says to set


@pytest.mark.parametrize("kind", FILES)
def test_variables_alone_get_round_every_refusal(release: Release, lifecycle: Lifecycle, kind: str) -> None:
    release.asset(kind, FILES[kind])
    asked = {"REPO": "acme/tool", "FILE": kind}
    refusal = lifecycle.build(asked)

    if refusal.status:
        _, advice = refused(refusal, lifecycle)
        variable, _, value = advice.splitlines()[-1].strip().partition("=")
        assert variable in ("BP_GITHUB_ASSET_EXECUTABLE", "BP_GITHUB_ASSET_EXTRACT")
        run = lifecycle.build({**asked, variable: value})
        assert (run.status, run.err) == (0, "")
        assert installed(lifecycle)
