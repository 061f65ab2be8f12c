"""Which programs of an archive are chosen."""

from __future__ import annotations

import pytest

from github_assets.errors.install import ProgramAmbiguous, ProgramNotFound
from github_assets.install.executables import Executable
from github_assets.install.program_choice import Candidate, choose_program, choose_programs, for_platform
from github_assets.platforms import Platform

AMD64 = Platform("linux", "amd64")
ELF, FOREIGN = Executable("elf", None, "linux", "amd64"), Executable("elf", None, "linux", "arm64")
UNREADABLE = Executable("elf", None, "linux", "amd64", unreadable="it is truncated")
SCRIPT = Executable("script", interpreter="/bin/sh")


def candidate(entry: str, executable: Executable = ELF, mode_is_executable: bool | None = True) -> Candidate:
    return Candidate(entry, entry, mode_is_executable, executable)


def plain(name: str) -> str:
    return name.removesuffix("_linux_amd64").removesuffix("-musl")


RIPGREP = [candidate("rg-14/rg"), candidate("rg-14/complete/rg.bash", SCRIPT)]
YQ = [candidate("yq_linux_amd64"), candidate("install-man-page.sh", SCRIPT)]
TWO = [candidate("prometheus-3/prometheus"), candidate("prometheus-3/promtool")]
NODE = [
    candidate("node-22/bin/node"),
    candidate("node-22/bin/npm", SCRIPT),
    candidate("node-22/lib/npm/bin/npx", SCRIPT),
]
FAT = [candidate("amd64/tool"), candidate("arm64/tool", FOREIGN)]
SCRIPTS = [candidate("kubectx", SCRIPT), candidate("kubens", SCRIPT), candidate("test/run", SCRIPT)]
LOST_MODES = [candidate("tool.sh", SCRIPT, mode_is_executable=False)]
WINDOWS_ZIP = [candidate("tool", mode_is_executable=None), candidate("helper", SCRIPT, mode_is_executable=None)]
SERVER = [candidate("foo-server"), candidate("bar")]
DEBUG = [candidate("tool"), candidate("tool.debug", UNREADABLE)]
UNUSUAL = [candidate("tool", UNREADABLE), candidate("install.sh", SCRIPT)]


@pytest.mark.parametrize(
    ("candidates", "target", "expected"),
    [
        (RIPGREP, "ripgrep", "rg-14/rg"),
        (RIPGREP, "rg.bash", "rg-14/complete/rg.bash"),
        (YQ, "yq", "yq_linux_amd64"),
        (YQ, "install-man-page.sh", "install-man-page.sh"),
        (TWO, "promtool", "prometheus-3/promtool"),
        (TWO, "Promtool", "prometheus-3/promtool"),
        (TWO, "promtool.exe", "prometheus-3/promtool"),
        (NODE, "npx", "node-22/lib/npm/bin/npx"),
        (FAT, "tool", "amd64/tool"),
        (DEBUG, "tool", "tool"),
        (DEBUG, "other", "tool"),
        (UNUSUAL, "other", "tool"),
    ],
)
def test_choose_program(candidates: list[Candidate], target: str, expected: str) -> None:
    for order in (candidates, candidates[::-1]):
        assert choose_program(for_platform(order, AMD64), target, plain).entry == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], set()),
        (RIPGREP, {"rg-14/rg"}),
        (YQ, {"yq_linux_amd64"}),
        (TWO, {"prometheus-3/prometheus", "prometheus-3/promtool"}),
        (NODE, {"node-22/bin/node", "node-22/bin/npm"}),
        (FAT, {"amd64/tool"}),
        (SCRIPTS, {"kubectx", "kubens"}),
        (LOST_MODES, {"tool.sh"}),
        (WINDOWS_ZIP, {"tool", "helper"}),
        (DEBUG, {"tool"}),
        (UNUSUAL, {"tool"}),
        ([candidate("docs/build", SCRIPT)], set()),
    ],
)
def test_choose_programs(candidates: list[Candidate], expected: set[str]) -> None:
    for order in (candidates, candidates[::-1]):
        chosen = choose_programs(for_platform(order, AMD64), every_rank=False)
        assert {one.entry for one in chosen} == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (YQ, {"yq_linux_amd64", "install-man-page.sh"}),
        (NODE, {"node-22/bin/node", "node-22/bin/npm", "node-22/lib/npm/bin/npx"}),
        (RIPGREP, {"rg-14/rg"}),
        ([candidate("docs/build", SCRIPT)], {"docs/build"}),
        (DEBUG, {"tool"}),
        (DEBUG[1:], {"tool.debug"}),
    ],
)
def test_files_that_the_user_named_are_taken(candidates: list[Candidate], expected: set[str]) -> None:
    assert {one.entry for one in choose_programs(candidates, every_rank=True)} == expected


@pytest.mark.parametrize(
    ("candidates", "target", "error"),
    [
        ([], "tool", ProgramNotFound),
        (TWO, "grafana", ProgramNotFound),
        (SERVER, "foo", ProgramNotFound),
        ([candidate("docs/build", SCRIPT)], "tool", ProgramNotFound),
        ([candidate("a/tool"), candidate("b/tool")], "tool", ProgramAmbiguous),
        ([candidate("a/tool"), candidate("b/Tool")], "TOOL", ProgramAmbiguous),
        ([candidate("tool_linux_amd64"), candidate("tool-musl")], "tool", ProgramAmbiguous),
    ],
)
def test_targets_that_match_none_or_several(candidates: list[Candidate], target: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        choose_program(candidates, target, plain)


def test_the_error_lists_the_programs() -> None:
    with pytest.raises(ProgramNotFound) as caught:
        choose_program(TWO, "grafana", plain)
    assert caught.value.available == ["prometheus", "promtool"]


def test_an_exact_name_near_the_top_takes_precedence() -> None:
    deep = [candidate("tool/tool"), candidate("tool/plugins/x/tool")]
    assert choose_program(deep, "tool", plain).entry == "tool/tool"


def test_programs_for_other_platforms_are_kept_where_there_are_no_others() -> None:
    """So that the caller can say that the architecture is wrong, not that there is nothing."""
    assert len(for_platform([candidate("tool", FOREIGN)], AMD64)) == 1
