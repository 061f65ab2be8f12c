"""Which executables of an archive are meant."""

from __future__ import annotations

import pytest

from github_assets.errors.install import ArchiveAmbiguous, ArchiveMemberMissing
from github_assets.install.executables import Executable
from github_assets.install.program_choice import Candidate, choose
from github_assets.platforms import Platform

AMD64 = Platform("linux", "amd64")
ELF, FOREIGN, SCRIPT = Executable("elf", True, "linux", "amd64"), Executable("elf", True, "linux", "arm64"), None


def candidate(entry: str, executable: Executable | None = ELF, marked: bool | None = True) -> Candidate:
    return Candidate(entry, entry, marked, executable or Executable("script", True, interpreter="/bin/sh"))


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
LOST_MODES = [candidate("tool.sh", SCRIPT, marked=False)]
WINDOWS_ZIP = [candidate("tool", marked=None), candidate("helper", SCRIPT, marked=None)]
SERVER = [candidate("foo-server"), candidate("bar")]


@pytest.mark.parametrize(
    ("candidates", "target", "expected"),
    [
        (RIPGREP, None, {"rg-14/rg": "rg"}),
        (RIPGREP, "ripgrep", {"rg-14/rg": "ripgrep"}),
        (RIPGREP, "rg.bash", {"rg-14/complete/rg.bash": "rg.bash"}),
        (YQ, None, {"yq_linux_amd64": "yq"}),
        (YQ, "yq", {"yq_linux_amd64": "yq"}),
        (YQ, "install-man-page.sh", {"install-man-page.sh": "install-man-page.sh"}),
        (TWO, None, {"prometheus-3/prometheus": "prometheus", "prometheus-3/promtool": "promtool"}),
        (TWO, "promtool", {"prometheus-3/promtool": "promtool"}),
        (NODE, None, {"node-22/bin/node": "node", "node-22/bin/npm": "npm"}),
        (NODE, "npx", {"node-22/lib/npm/bin/npx": "npx"}),
        (FAT, None, {"amd64/tool": "tool"}),
        (FAT, "tool", {"amd64/tool": "tool"}),
        (SCRIPTS, None, {"kubectx": "kubectx", "kubens": "kubens"}),
        (LOST_MODES, None, {"tool.sh": "tool.sh"}),
        (WINDOWS_ZIP, None, {"tool": "tool", "helper": "helper"}),
    ],
)
def test_choose(candidates: list[Candidate], target: str | None, expected: dict[str, str]) -> None:
    for order in (candidates, candidates[::-1]):
        chosen = choose(order, target, plain, AMD64, all_ranks=False)
        assert {one.entry: name for one, name in chosen} == expected


def test_named_files_are_all_taken() -> None:
    chosen = choose(YQ, None, plain, AMD64, all_ranks=True)
    assert {name for _, name in chosen} == {"yq_linux_amd64", "install-man-page.sh"}


@pytest.mark.parametrize(
    ("candidates", "target", "error"),
    [
        ([], None, ArchiveMemberMissing),
        ([], "tool", ArchiveMemberMissing),
        (TWO, "grafana", ArchiveMemberMissing),
        (SERVER, "foo", ArchiveMemberMissing),
        ([candidate("docs/build", SCRIPT)], None, ArchiveMemberMissing),
        ([candidate("docs/build", SCRIPT)], "tool", ArchiveMemberMissing),
        ([candidate("a/tool"), candidate("b/tool")], "tool", ArchiveAmbiguous),
        ([candidate("a/tool"), candidate("b/tool")], None, ArchiveAmbiguous),
        ([candidate("tool_linux_amd64"), candidate("tool-musl")], "tool", ArchiveAmbiguous),
    ],
)
def test_what_is_refused(candidates: list[Candidate], target: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        choose(candidates, target, plain, AMD64, all_ranks=False)


def test_the_error_names_what_there_is() -> None:
    with pytest.raises(ArchiveMemberMissing) as caught:
        choose(TWO, "grafana", plain, AMD64, all_ranks=False)
    assert caught.value.available == ["prometheus-3/prometheus", "prometheus-3/promtool"]


def test_an_exact_name_near_the_top_wins() -> None:
    deep = [candidate("tool/tool"), candidate("tool/plugins/x/tool")]
    assert [one.entry for one, _ in choose(deep, "tool", plain, AMD64, all_ranks=False)] == ["tool/tool"]


def test_foreign_programs_are_left_when_there_are_no_others() -> None:
    """So that the caller can say that the architecture is wrong, not that there is nothing."""
    assert len(choose([candidate("tool", FOREIGN)], None, plain, AMD64, all_ranks=False)) == 1
