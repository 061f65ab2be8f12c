"""The rules against facts: what careful users choose from real lists of names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest

from .cases import Case, collected_cases, further_cases

_LEAST_AGREEMENT = 0.98
# Told by other means than the rules' own: no spelling here comes from their tables.
_FOREIGN = {
    "amd64": r"arm64|aarch64|aarch_64|armv\d|armhf|arm32|i[3-6]86|(?<!\d)386|x86_32|s390|ppc|riscv|mips",
    "arm64": r"x86_64|x86-64|amd64|x64|i[3-6]86|(?<!\d)386|armv[4-7]|armhf|gnueabi|arm32|s390|ppc|riscv|mips",
}
_NO_PROGRAM = re.compile(
    r"darwin|macos|osx|windows|win(32|64)|freebsd|android|\.exe|checksums|sha256|sha512|md5|(^|\W)source\W"
    r"|\.(asc|sig|pem|json|jsonl|txt|sbom|deb|rpm|apk|msi|dmg|pkg|minisig|ya?ml|zsync)$",
    re.IGNORECASE,
)


@pytest.mark.parametrize("cases", [collected_cases(), further_cases()], ids=["collected", "further"])
def test_the_choice_is_that_of_a_careful_user(cases: list[Case], capsys: pytest.CaptureFixture[str]) -> None:
    differing = [(case, case.usual()) for case in cases if case.usual() != case.expected]
    report = [f"{len(cases) - len(differing)} of {len(cases)} agree", *(_line(*it) for it in differing)]
    with capsys.disabled():
        print("", *report, sep="\n")
    assert len(differing) <= len(cases) * (1 - _LEAST_AGREEMENT), "\n".join(report)
    picked_wrong = [_line(case, chosen) for case, chosen in differing if chosen is not None]
    assert not picked_wrong


def test_no_asset_for_another_platform_is_chosen() -> None:
    wrong = []
    for case in collected_cases() + further_cases():
        chosen = case.usual()
        if chosen is None:
            continue
        rest = chosen.removeprefix(_name_of_all(case.names)).lower()
        rest = rest.replace((case.target or (case.repository or "").rpartition("/")[2]).lower(), "", 1)
        foreign = re.search(_FOREIGN.get(case.platform.arch, "(?!)"), rest) or _NO_PROGRAM.search(rest)
        if case.expected is None or foreign:
            wrong.append(_line(case, chosen))
    assert not wrong, "\n".join(wrong)


def _name_of_all(names: Sequence[str]) -> str:
    """Return the whole words that all of several names begin with, which may be those of a platform: `win-tool`."""
    same = itertools.takewhile(lambda characters: len(characters) == 1, map(set, zip(*names, strict=False)))
    words = re.match(r"(.*[-_.])?", "".join(map("".join, same)) if len(names) > 1 else "")
    return words.group() if words else ""


def _line(case: Case, chosen: str | None) -> str:
    return f"  {case.id}: {chosen or 'refused'} instead of {case.expected or 'a refusal'}"
