"""Puts one proven asset into a layer: as it is, or what its archive holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from github_assets.config.request import ALL, BIN, NONE, AssetRequest
from github_assets.errors.config import TargetConflict
from github_assets.errors.install import ArchiveError, ArchiveUnsafe, ForeignExecutable, NotExecutable
from github_assets.install import formats
from github_assets.install.archives import Unpacking, unpack
from github_assets.install.executables import Executable, inspect, platform_of, runs_on
from github_assets.install.links import leading_out, links_of
from github_assets.install.notices import NotAnArchive, Notice, ShellRequired, UncheckedExecutable
from github_assets.install.placement import merge, place
from github_assets.locations import Location
from github_assets.platforms import Platform
from github_assets.selection.resolved import ResolvedAsset


class InstalledProgram(NamedTuple):
    """A program of a layer; `path` is relative to the layer."""

    path: str
    executable: Executable


class Installed(NamedTuple):
    """What an asset brought into its layer: the programs, and what the user should know."""

    programs: Sequence[InstalledProgram] = ()
    notices: Sequence[Notice] = ()


def install(file: str, layer: str, resolved: ResolvedAsset, platform: Platform) -> Installed:
    """Move or unpack a downloaded file into a layer on the same file system.

    Beside `file` there may be directories whose names begin as its does. What is to be executed is looked at first, and
    refused where it is certain that it can't be.

    Raises ForeignExecutable, NotExecutable, TargetConflict, what `unpack`, `merge` and `place` raise, and OSError.
    """
    request = resolved.request
    with open(file, "rb") as opened:
        format_ = formats.sniff(opened.read(formats.HEAD))
    is_archive = format_ in formats.ARCHIVES or format_ in formats.UNSUPPORTED
    ignored = [NotAnArchive()] if not is_archive and (request.path or request.strip_components) else []
    try:
        if is_archive and not _keeps_archive(request):
            return _unpack(file, layer, resolved, platform)
        if is_archive or not request.executable:
            name = request.target or resolved.asset.name if is_archive else resolved.target
            _place(file, layer, request, name, executable=False)
            return Installed(notices=ignored)
        executable = inspect(file)
        _check(executable, platform, resolved.asset.name)
        path = _place(file, layer, request, resolved.target)
        return Installed([InstalledProgram(path, executable)], [*ignored, *_notices(path, executable)])
    except ArchiveError as error:
        error.archive = resolved.asset.name
        raise
    except (ForeignExecutable, NotExecutable) as error:
        error.instead = resolved.alternative(platform)
        raise


def _keeps_archive(request: AssetRequest) -> bool:
    """Tell whether an archive is installed as it is: nothing says what is wanted of it."""
    wants_content = request.executable or request.extract == ALL or request.path or request.strip_components
    return request.extract == NONE or not wants_content


def _unpack(file: str, layer: str, resolved: ResolvedAsset, platform: Platform) -> Installed:
    request = resolved.request
    tree = f"{file}.tree"
    unpacked = unpack(
        file,
        tree,
        Unpacking(
            archive=resolved.asset.name,
            platform=platform,
            target=request.target,
            path=request.path,
            strip_components=request.strip_components,
            extract=request.extract,
            executable=request.executable,
            folder=request.folder,
            plain_name=resolved.plain_name,
        ),
    )
    os.unlink(file)
    notices = list(unpacked.notices)
    for program in unpacked.programs:
        if request.extract != ALL or request.target:  # a tree may hold helpers for other platforms
            _check(program.executable, platform, program.entry, resolved.asset.name)
        notices += _notices(program.path, program.executable)
    _check_free(layer, [program.path for program in unpacked.programs], request.source)
    shared = bool(os.listdir(layer))
    merge(tree, layer)
    escaping = leading_out(links_of(layer)) if shared else None
    if escaping:
        raise ArchiveUnsafe(entry=escaping, reason="combined with another asset's links, it leads out of the layer")
    return Installed([InstalledProgram(each.path, each.executable) for each in unpacked.programs], notices)


def _place(file: str, layer: str, request: AssetRequest, name: str, *, executable: bool = True) -> str:
    """Move a file that is installed as it is, and return its path in the layer."""
    folder = BIN if request.folder is None else request.folder
    path = os.path.join(folder, name)
    _check_free(layer, [path], request.source)
    place(file, layer, name, folder, executable=executable)
    return path


def _check(executable: Executable, platform: Platform, file: str, archive: str | None = None) -> None:
    """Raise ForeignExecutable or NotExecutable where it is certain that a file can't be executed."""
    if not runs_on(executable, platform):
        raise ForeignExecutable(file=file, archive=archive, found=platform_of(executable), wanted=str(platform))
    if executable.not_a_program:
        raise NotExecutable(file=file, archive=archive, reason=executable.not_a_program)


def _notices(path: str, executable: Executable) -> list[Notice]:
    if executable.unreadable:
        return [UncheckedExecutable(path, executable.unreadable)]
    return [ShellRequired(path)] if executable.kind == formats.APE else []


def _check_free(layer: str, paths: Sequence[str], source: Location) -> None:
    for path in paths:
        if os.path.lexists(os.path.join(layer, path)):
            raise TargetConflict(target=path, sources=[str(source), "an asset before it"])
