"""Puts one proven asset into a layer: as it is, or what its archive holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from github_assets.config.request import ALL, BIN
from github_assets.errors.config import TargetConflict
from github_assets.errors.install import ForeignExecutable
from github_assets.install import formats
from github_assets.install.archives import Unpacking, unpack
from github_assets.install.executables import Executable, check, inspect
from github_assets.install.placement import merge, place
from github_assets.locations import Location
from github_assets.platforms import Platform
from github_assets.selection.resolved import ResolvedAsset


class InstalledFile(NamedTuple):
    """An executable of a layer; `path` is relative to the layer."""

    path: str
    executable: Executable
    missing_libraries: tuple[str, ...] = ()
    """Shared libraries that it needs and that its archive has, but that were not asked for."""


def install(file: str, layer: str, resolved: ResolvedAsset, platform: Platform) -> list[InstalledFile]:
    """Move or unpack a downloaded file into a layer on the same file system; return its executables.

    Raises ForeignExecutable, TargetConflict, what `unpack`, `merge` and `place` raise, and OSError.
    """
    request = resolved.request
    with open(file, "rb") as opened:
        format_ = formats.sniff(opened.read(formats.HEAD))
    if format_ in formats.ARCHIVES or format_ in formats.UNSUPPORTED:
        return _unpacked(file, layer, resolved, platform)
    executable = inspect(file)
    _check_platform(executable, resolved.asset.name, resolved, platform)
    folder = BIN if request.folder is None else request.folder
    path = os.path.join(folder, resolved.target)
    _check_free(layer, [path], request.source)
    place(file, layer, resolved.target, folder, executable=request.executable)
    return [InstalledFile(path, executable)] if request.executable else []


def _unpacked(file: str, layer: str, resolved: ResolvedAsset, platform: Platform) -> list[InstalledFile]:
    request = resolved.request
    tree = f"{file}.tree"
    unpacked = unpack(
        file,
        tree,
        Unpacking(
            archive=resolved.asset.name,
            platform=platform,
            target=request.target if request.extract != ALL else None,
            path=request.path,
            strip_components=request.strip_components,
            extract=request.extract,
            folder=request.folder,
            plain_name=resolved.plain_name,
        ),
    )
    os.unlink(file)
    if request.extract != ALL:  # a tree may hold helpers for other platforms
        for each in unpacked:
            _check_platform(each.executable, f"{each.entry} in {resolved.asset.name}", resolved, platform)
    _check_free(layer, [each.path for each in unpacked], request.source)
    merge(tree, layer)
    return [InstalledFile(each.path, each.executable, each.missing_libraries) for each in unpacked]


def _check_platform(executable: Executable, file: str, resolved: ResolvedAsset, platform: Platform) -> None:
    try:
        check(executable, file, platform)
    except ForeignExecutable as error:
        raise ForeignExecutable(
            file=error.file, found=error.found, wanted=error.wanted, instead=resolved.alternative(platform)
        ) from None


def _check_free(layer: str, paths: Sequence[str], source: Location) -> None:
    for path in paths:
        if os.path.lexists(os.path.join(layer, path)):
            raise TargetConflict(target=path, sources=[str(source), "an asset before it"])
