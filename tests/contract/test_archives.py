"""Archives of any kind: the requested files are installed, or the build fails and says why."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable

import pytest

from testing.githubd import GitHub, Release
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.unit.install.archive_files import TOOL, Member, tar
from tests.unit.install.elf_files import ARM64, DYN, STATIC, elf
from tests.unit.install.test_programs import UNWANTED

SYMLINK = b"2"
TABLE = "[[assets]] number 1 in github-assets.toml"
FORGED = "x\n::error title=forged::by an asset\n\x1b[2J\x1b]0;title\x07"


@pytest.fixture
def release(github: GitHub) -> Release:
    return github.repository("acme/tool").release("v1.0.0")


@pytest.fixture
def configure(lifecycle: Lifecycle) -> Callable[..., None]:
    """Writes a configuration file with these tables."""

    def write(*tables: str) -> None:
        text = "\n".join(f'[[assets]]\nrepo = "acme/tool"\n{table}' for table in tables)
        (lifecycle.app / "github-assets.toml").write_text(text)

    return write


def unpacked(lifecycle: Lifecycle) -> list[str]:
    return sorted(str(path.relative_to(lifecycle.layer)) for path in lifecycle.layer.rglob("*") if not path.is_dir())


def test_archives_with_unwanted_entries(release: Release, lifecycle: Lifecycle, configure: Callable[..., None]) -> None:
    for number, data in enumerate(UNWANTED.values()):
        release.asset(f"tool-{number}", data)
    configure(*(f'file = "tool-{number}"\ntarget = "tool{number}"' for number in range(len(UNWANTED))))

    run = lifecycle.build({})

    assert run.status == 0, run.log
    assert "Warning" not in run.log
    assert {(lifecycle.layer / f"bin/tool{number}").read_bytes() for number in range(len(UNWANTED))} == {STATIC}


@pytest.mark.parametrize("extract", ["executables", "all"])
def test_strip_components_that_leaves_nothing(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], extract: str
) -> None:
    release.asset("tool.tar", tar(Member("tool-1.0/bin/tool", STATIC), Member("tool-1.0/README", b"x")))
    configure(f'file = "tool.tar"\nstrip_components = 5\nextract = "{extract}"')

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what == 'strip_components = 5 leaves nothing of tool.tar: its deepest path is "tool-1.0/bin/tool".'
    assert advice == f"Set strip_components of {TABLE} to 2 or less."


@pytest.mark.parametrize(("keys", "name"), [("", "data.tar.gz"), ('target = "data.tgz"', "data.tgz")])
def test_an_archive_that_is_not_unpacked(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], keys: str, name: str
) -> None:
    data = tar(TOOL)
    release.asset("data.tar.gz", data)
    configure(f'file = "data.tar.gz"\nextract = "none"\n{keys}')

    run = lifecycle.build({})

    assert run.status == 0, run.log
    assert (lifecycle.layer / "bin" / name).read_bytes() == data
    assert (lifecycle.layer / "bin" / name).stat().st_mode & 0o777 == 0o644
    assert lifecycle.toml("launch.toml").get("processes", []) == []


@pytest.mark.parametrize("key", ['path = "tool"', "strip_components = 1"])
def test_an_archive_that_is_not_unpacked_has_no_paths(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], key: str
) -> None:
    release.asset("data.tar.gz", tar(TOOL))
    configure(f'file = "data.tar.gz"\nextract = "none"\n{key}')

    what, _ = refused(lifecycle.build({}), lifecycle)

    assert what == f'[[assets]] number 1 in github-assets.toml has both extract = "none" and {key.partition(" ")[0]}.'


def test_a_tree_without_executables_has_no_target(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("data.tar.gz", tar(TOOL))
    configure('file = "data.tar.gz"\nextract = "all"\nexecutable = false\ntarget = "tool"')

    what, _ = refused(lifecycle.build({}), lifecycle)

    assert what.endswith(' has both extract = "all" and executable = false and target.')


def test_options_for_archives_have_no_effect_on_a_program(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("tool", STATIC)
    configure('file = "tool"\npath = "bin/tool"')

    run = lifecycle.build({})

    assert run.status == 0
    assert "Warning: The asset is not an archive: path and strip_components have no effect." in run.out


def test_a_program_is_installed_as_a_program_whatever_extract_is(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("tool", STATIC)
    configure('file = "tool"\nextract = "none"')

    assert lifecycle.build({}).status == 0
    assert lifecycle.toml("launch.toml")["processes"][0]["type"] == "tool"


def test_links_of_two_assets_that_lead_out_together(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("one.tar", tar(TOOL, Member("a/b/c/up", type=SYMLINK, link="../../..")))
    escape = Member("escape", type=SYMLINK, link="a/b/c/up/../../etc/passwd")
    release.asset("two.tar", tar(TOOL._replace(name="other"), escape))
    configure('file = "one.tar"\nextract = "all"', 'file = "two.tar"\nextract = "all"')

    what, _ = refused(lifecycle.build({}), lifecycle)

    assert what == (
        'Refused to unpack two.tar: "escape": combined with another asset\'s links, it leads out of the layer.'
    )


def test_links_of_two_assets_that_stay_inside(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("one.tar", tar(TOOL, Member("a/b/up", type=SYMLINK, link="../..")))
    release.asset("two.tar", tar(TOOL._replace(name="other"), Member("link", type=SYMLINK, link="a/b/up/tool")))
    configure('file = "one.tar"\nextract = "all"', 'file = "two.tar"\nextract = "all"')

    assert lifecycle.build({}).status == 0
    assert (lifecycle.layer / "link").read_bytes() == STATIC


@pytest.mark.parametrize("layer", ["one", "two"])
def test_a_program_where_another_asset_has_a_link_for_bin(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], layer: str
) -> None:
    release.asset("one.tar", tar(Member("usr/bin/tool", STATIC), Member("bin", type=SYMLINK, link="usr/bin")))
    release.asset("other", STATIC)
    configure('file = "one.tar"\nextract = "all"\nlayer = "one"', f'file = "other"\nlayer = "{layer}"')

    run = lifecycle.build({})

    if layer == "two":
        assert run.status == 0, run.log
    else:
        what, _ = refused(run, lifecycle)
        assert what == "Another asset in the same layer already has bin."


@pytest.mark.parametrize("name", [".download/x", "downloads/0", ".github-assets.partial/x", "0.tree/x", ".unpacking/x"])
def test_names_of_the_builds_own_folders(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], name: str
) -> None:
    release.asset("tool.tar", tar(TOOL, Member(name, b"x")))
    configure('file = "tool.tar"\nextract = "all"')

    assert lifecycle.build({}).status == 0
    assert unpacked(lifecycle) == sorted(["bin/tool", "tool", name])


def test_deeply_nested_folders(release: Release, lifecycle: Lifecycle, configure: Callable[..., None]) -> None:
    release.asset("tool.tar", tar(TOOL, Member("a/" * 1020 + "x", b"x")))
    configure('file = "tool.tar"\nextract = "all"')

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what.endswith("it is nested more than 200 directories deep.")
    assert advice == f"Select the files you need (path of {TABLE}): the others are not unpacked then."


def overlapping_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(FORGED), b"#!/bin/sh\n")
    data = bytearray(out.getvalue())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 20 : directory + 24] = (5000).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    "content",
    [
        elf(type_=DYN, interpreter="/lib/" + FORGED, needed=("libc.so.6",)),
        tar(
            Member("tool", elf(interpreter="/lib/x", needed=(FORGED,)), mode=0o755),
            Member(f"lib/{FORGED}", elf(type_=1)),
        ),
        tar(Member(FORGED, elf(ARM64), mode=0o755)),
        tar(Member(FORGED, STATIC, mode=0o755)),
        tar(TOOL, Member(FORGED, STATIC, mode=0o755)),
        tar(Member("data", b"x"), Member(FORGED, b"x")),
        tar(TOOL, Member(FORGED, type=SYMLINK, link="..")),
        overlapping_zip(),
    ],
)
@pytest.mark.parametrize("extract", ["executables", "all"])
def test_names_in_an_asset_cannot_add_lines(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None], content: bytes, extract: str
) -> None:
    release.asset("tool-linux-amd64", content)
    configure(f'file = "tool-linux-amd64"\nextract = "{extract}"')

    run = lifecycle.build({})

    assert not any(line.strip().startswith("::error") for line in run.log.splitlines())
    assert "\x1b" not in run.log
    assert "\x07" not in run.log


def test_advice_on_names_can_be_followed(release: Release, lifecycle: Lifecycle) -> None:
    release.asset("tool.tar", tar(Member("x/Tool", STATIC, mode=0o755), Member("x/helper", elf(pie=True), mode=0o755)))

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool.tar", "TARGET": "other"})
    proposed = [line.strip() for line in run.err.splitlines() if "=" in line]

    assert proposed == ["TARGET=Tool", "TARGET=helper"]
    for line in proposed:
        name = line.removeprefix("TARGET=")
        assert lifecycle.build({"REPO": "acme/tool", "FILE": "tool.tar", "TARGET": name}).status == 0
        assert os.path.exists(lifecycle.layer / "bin" / name)


def test_advice_on_paths_can_be_followed(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    release.asset("tool.tar", tar(Member("a/tool", STATIC, mode=0o755), Member("b/tool", elf(pie=True), mode=0o755)))
    configure('file = "tool.tar"')

    run = lifecycle.build({})
    proposed = [line.strip() for line in run.err.splitlines() if " = " in line]

    assert proposed == ['path = "a/tool"', 'path = "b/tool"']
    for line in proposed:
        configure(f'file = "tool.tar"\n{line}')
        assert lifecycle.build({}).status == 0


def test_a_compressed_archive_with_something_after_it(
    release: Release, lifecycle: Lifecycle, configure: Callable[..., None]
) -> None:
    import gzip

    release.asset("tool.tar.gz", gzip.compress(tar(TOOL)) + b"a signature\n")
    configure('file = "tool.tar.gz"')

    run = lifecycle.build({})

    assert run.status == 0, run.log
    assert "Warning: Ignored the data that follows the compressed data of the archive." in run.out
