"""Which of an archive's executables are meant, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from github_assets.errors.install import ArchiveAmbiguous, ArchiveMemberMissing
from github_assets.install.executables import Executable, fits
from github_assets.install.formats import ELF
from github_assets.platforms import Platform

PROGRAM, HELPER, UNMARKED, DOCUMENT = range(4)
_PROGRAM_FOLDERS = ("bin", "sbin")
_DOCUMENT_FOLDERS = frozenset(
    {
        "autocomplete",
        "complete",
        "completion",
        "completions",
        "contrib",
        "doc",
        "docs",
        "etc",
        "example",
        "examples",
        "licence",
        "licences",
        "license",
        "licenses",
        "man",
        "manual",
        "share",
        "test",
        "tests",
    }
)
_DOCUMENT_ENDINGS = (".bash", ".elv", ".fish", ".nu", ".ps1", ".zsh")
_SHOWN = 20


class Candidate(NamedTuple):
    """An entry that Linux could start."""

    entry: str
    """Its name in the archive, without stripped components."""
    file: str
    """Where its content was unpacked to; a link shares it with what it leads to."""
    marked: bool | None
    """Whether its mode has an x bit; None where the archive has no modes."""
    executable: Executable

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.entry.rpartition("/")[2]

    @property
    def rank(self) -> int:
        """How likely it is meant; less is more.

        PROGRAM: an ELF program, or a script whose name has no ending. HELPER: another script (`install.sh`). UNMARKED:
        a script whose mode has no x bit, as zips made in CI have it. DOCUMENT: a script in a folder of documents, or a
        completion. An x bit alone, without ELF or `#!`, makes no candidate: archives made on Windows have none, and
        some made in CI have it on the README.
        """
        if self.executable.kind == ELF:
            return PROGRAM
        folders = self.entry.lower().split("/")[:-1]
        if not _DOCUMENT_FOLDERS.isdisjoint(folders) or self.name.lower().endswith(_DOCUMENT_ENDINGS):
            return DOCUMENT
        if self.marked is False:
            return UNMARKED
        return HELPER if os.path.splitext(self.name)[1] else PROGRAM

    @property
    def depth(self) -> int:
        """In how many folders it is; a last one called `bin` does not count."""
        folders = self.entry.split("/")[:-1]
        return len(folders) - (bool(folders) and folders[-1] in _PROGRAM_FOLDERS)


def choose(
    candidates: Sequence[Candidate],
    target: str | None,
    plain_name: Callable[[str], str],
    platform: Platform | None,
    *,
    all_ranks: bool,
) -> list[tuple[Candidate, str]]:
    """Return those that are meant, with the names that they get.

    Those of another platform do not count where some are of this one.
    With a target, one: the candidate with that very name; else the one whose `plain_name` it is; else the only one of
    the best rank. It is called `target`. Of several with one name, the best rank in the fewest folders counts.
    Without: all of the best rank in the fewest folders (`all_ranks`, where the user named them: all but documents);
    each keeps its name, a single one takes its plain name.
    Raises ArchiveMemberMissing where there is none, ArchiveAmbiguous where a name fits several, or two would get one
    name.
    """
    if platform:
        candidates = [one for one in candidates if fits(one.executable, platform)] or candidates
    if not candidates:
        raise ArchiveMemberMissing(wanted="executable", available=())
    best = min(one.rank for one in candidates)
    if target is not None:
        ranked = [one for one in candidates if one.rank == best]
        for fitting in (
            [one for one in candidates if one.name == target],
            [one for one in candidates if plain_name(one.name) == target],
            ranked if best < DOCUMENT and len({one.file for one in ranked}) == 1 else [],
        ):
            if len({one.file for one in fitting}) > 1:
                fitting = _nearest(fitting)
            if len({one.file for one in fitting}) > 1:
                raise ArchiveAmbiguous(target=target, candidates=_names(fitting))
            if fitting:
                return [(fitting[0], target)]
        raise ArchiveMemberMissing(wanted=target, available=_names(candidates))
    limit = UNMARKED if all_ranks else best
    chosen = _nearest([one for one in candidates if one.rank <= limit and one.rank < DOCUMENT], every=all_ranks)
    if not chosen:
        raise ArchiveMemberMissing(wanted="executable", available=_names(candidates))
    if len(chosen) == 1:
        return [(chosen[0], plain_name(chosen[0].name))]
    for name in {one.name for one in chosen}:
        same = [one for one in chosen if one.name == name]
        if len(same) > 1:
            raise ArchiveAmbiguous(target=name, candidates=_names(same))
    return [(one, one.name) for one in chosen]


def _nearest(candidates: list[Candidate], *, every: bool = False) -> list[Candidate]:
    """Return those of the best rank in the fewest folders, or `every` one."""
    if every or not candidates:
        return candidates
    best = min((one.rank, one.depth) for one in candidates)
    return [one for one in candidates if (one.rank, one.depth) == best]


def _names(candidates: Sequence[Candidate]) -> list[str]:
    return sorted({one.entry for one in candidates})[:_SHOWN]
