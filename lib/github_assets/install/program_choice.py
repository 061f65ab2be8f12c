"""Which of an archive's programs are meant, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from github_assets.config.names import valid_file_name
from github_assets.errors.install import ProgramAmbiguous, ProgramNotFound
from github_assets.install.executables import Executable, runs_on
from github_assets.install.formats import SCRIPT
from github_assets.platforms import Platform

PROGRAM, UNREADABLE, HELPER, NOT_EXECUTABLE, DOCUMENT = range(5)
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
_MAX_LISTED = 20


class Candidate(NamedTuple):
    """An entry that Linux could start."""

    entry: str
    """Its name in the archive."""
    file: str
    """Where its content is; a link shares it with what it leads to."""
    mode_is_executable: bool | None
    """Whether its mode has an x bit; None where the archive has no modes."""
    executable: Executable

    @property
    def name(self) -> str:
        """The last part of its name; archivers on Windows may have written its directories with backslashes."""
        return self.entry.replace("\\", "/").rpartition("/")[2]

    @property
    def rank(self) -> int:
        """How likely it is meant; less is more.

        PROGRAM: an ELF program, or a script whose name has no ending. UNREADABLE: an ELF file with damaged headers,
        such as test data or debug symbols. HELPER: another script (`install.sh`). NOT_EXECUTABLE: a script whose mode
        has no x bit, as in zips made in CI. DOCUMENT: a script in a directory of documents, or a completion. An x bit
        alone, without ELF or `#!`, makes no candidate: archives made on Windows have none, and some made in CI have it
        on the README.
        """
        if self.executable.kind != SCRIPT:
            return UNREADABLE if self.executable.unreadable else PROGRAM
        folders = self.entry.lower().split("/")[:-1]
        if not _DOCUMENT_FOLDERS.isdisjoint(folders) or self.name.lower().endswith(_DOCUMENT_ENDINGS):
            return DOCUMENT
        if self.mode_is_executable is False:
            return NOT_EXECUTABLE
        return HELPER if os.path.splitext(self.name)[1] else PROGRAM

    @property
    def depth(self) -> int:
        """In how many directories it is; a last one called `bin` does not count."""
        folders = self.entry.split("/")[:-1]
        return len(folders) - (bool(folders) and folders[-1] in _PROGRAM_FOLDERS)


def for_platform(candidates: Sequence[Candidate], platform: Platform) -> Sequence[Candidate]:
    """Return those that run on a platform; where none does, all."""
    return [one for one in candidates if runs_on(one.executable, platform)] or candidates


def choose_program(candidates: Sequence[Candidate], target: str, plain_name: Callable[[str], str]) -> Candidate:
    """Return the one that is meant by a target.

    That is the one with this very name; else the one whose `plain_name` it is; else the one whose name differs in case,
    or by `.exe`; else the only one of the best rank. Of several, the best rank in the fewest directories counts.
    Raises ProgramNotFound, and ProgramAmbiguous where several fit.
    """
    best = min((one.rank for one in candidates), default=DOCUMENT)
    of_best_rank = [one for one in candidates if one.rank == best]
    for fitting in (
        [one for one in candidates if one.name == target],
        [one for one in candidates if plain_name(one.name) == target],
        [one for one in candidates if _folded(one.name) == _folded(target)],
        of_best_rank if best < DOCUMENT and _number_of_files(of_best_rank) == 1 else [],
    ):
        if _number_of_files(fitting) > 1:
            fitting = nearest(fitting)
        if _number_of_files(fitting) > 1:
            raise ProgramAmbiguous(name=target, candidates=entries_of(fitting))
        if fitting:
            return fitting[0]
    names = sorted({one.name for one in candidates if valid_file_name(one.name)})
    raise ProgramNotFound(name=target, available=names[:_MAX_LISTED])


def choose_programs(candidates: Sequence[Candidate], *, every_rank: bool) -> list[Candidate]:
    """Return those that are meant without a target, which may be none.

    Those of the best rank in the fewest directories, never documents. With `every_rank`, where the user named them,
    all; what can't be read, and documents, only where there is nothing else.
    """
    programs = [one for one in candidates if one.rank < DOCUMENT]
    if not every_rank:
        return nearest(programs)
    return [one for one in programs if one.rank != UNREADABLE] or programs or list(candidates)


def nearest(candidates: list[Candidate]) -> list[Candidate]:
    """Return those of the best rank in the fewest directories."""
    best = min(((one.rank, one.depth) for one in candidates), default=None)
    return [one for one in candidates if (one.rank, one.depth) == best]


def by_name(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    """Return candidates with the names of their files; several of one name are as many files, or more."""
    found: dict[str, list[Candidate]] = {}
    for one in candidates:
        found.setdefault(one.name, []).append(one)
    return found


def entries_of(candidates: Iterable[Candidate]) -> list[str]:
    """Return some of their names in the archive, for messages."""
    return sorted({one.entry for one in candidates})[:_MAX_LISTED]


def _number_of_files(candidates: Iterable[Candidate]) -> int:
    return len({one.file for one in candidates})


def _folded(name: str) -> str:
    return name.casefold().removesuffix(".exe")
