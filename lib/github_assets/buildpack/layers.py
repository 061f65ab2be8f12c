"""The layers directory: layers are either replaced as a whole or left for the lifecycle to reuse.

The lifecycle restores the metadata of a launch layer, but not its content (Buildpack spec, "Layer Types").
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from github_assets.buildpack.metadata import LayerMetadata
from github_assets.config.files import decode, read_bytes
from github_assets.config.parsing import parse_toml
from github_assets.errors import GithubAssetsError
from github_assets.files import disk_errors, remove_tree, to_toml, write_atomically

LARGEST_FILE = 2 << 20
"""Bytes. The metadata of a thousand assets has about one million."""


class Staging(NamedTuple):
    """Directories of a layer in the making, on the file system that the layer will be on."""

    content: str
    downloads: str


class Layers:
    """A buildpack's layers directory."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._placed: list[str] = []

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Remove everything that was written in the block if it raises."""
        try:
            yield
        except BaseException:
            for path in self._placed:
                remove_tree(path, ignore_errors=True)
                with contextlib.suppress(OSError):
                    os.unlink(path)
            raise

    def path(self, layer: str) -> str:
        """Return the path of the layer's content, in the build and in the image."""
        return os.path.join(self._directory, layer)

    def previous(self, layer: str) -> LayerMetadata | None:
        """Return the metadata that the lifecycle restored from the previous image, or None."""
        try:
            return LayerMetadata.from_toml(_read_toml(self._toml(layer)).get("metadata"))
        except GithubAssetsError:
            return None

    @contextlib.contextmanager
    def replacing(self, layer: str) -> Iterator[Staging]:
        """Yield empty directories; `content` becomes the layer's content, or both are removed if the block raises."""
        folder = self.path(f".{layer}.partial")
        staging = Staging(os.path.join(folder, "content"), os.path.join(folder, "downloads"))
        with disk_errors(folder):
            remove_tree(folder, ignore_errors=True)
            os.mkdir(folder)
            for path in staging:
                os.mkdir(path)
            os.chmod(staging.content, 0o755)
        try:
            yield staging
            with disk_errors(self.path(layer)):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._toml(layer))
                self._remove(layer)
                self._placed.append(self.path(layer))
                os.rename(staging.content, self.path(layer))
        finally:
            remove_tree(folder, ignore_errors=True)

    def set_variables(self, layer: str, files: Mapping[str, str]) -> None:
        """Write the files in env.launch/ of a layer, which has none yet. Raises CannotWrite."""
        folder = self.path(f"{layer}/env.launch")
        with disk_errors(folder):
            os.mkdir(folder)
            os.chmod(folder, 0o755)
        for name, text in files.items():
            write_atomically(os.path.join(folder, name), text)

    def describe(self, layer: str, metadata: LayerMetadata) -> None:
        """Write `<layer>.toml` for a launch layer, without which its content is ignored. Raises CannotWrite."""
        types = {"launch": True, "build": False, "cache": False}
        self.write_toml(f"{layer}.toml", {"types": types, "metadata": metadata.to_toml()})

    def reuse(self, layer: str, metadata: LayerMetadata) -> None:
        """Write only the metadata, so that the lifecycle reuses the layer of the previous image."""
        self._remove(layer)
        self.describe(layer, metadata)

    def write_toml(self, name: str, content: dict[str, Any]) -> None:
        """Write a TOML file for the lifecycle. Raises CannotWrite."""
        self.write_text(name, to_toml(content))

    def write_text(self, name: str, content: str) -> None:
        """Write a file next to the layers. Raises CannotWrite."""
        path = os.path.join(self._directory, name)
        self._placed.append(path)
        write_atomically(path, content)

    def other_buildpacks_processes(self) -> set[str]:
        """Return the process types of earlier buildpacks, which ours must not replace."""
        types: set[str] = set()
        for sibling in os.scandir(os.path.dirname(os.path.abspath(self._directory))):
            if sibling.name == os.path.basename(self._directory):
                continue
            with contextlib.suppress(GithubAssetsError, TypeError, AttributeError):
                launch = _read_toml(os.path.join(sibling.path, "launch.toml"))
                types.update(str(process.get("type")) for process in launch.get("processes", []))
        return types

    def _remove(self, layer: str) -> None:
        with disk_errors(self.path(layer)):
            remove_tree(self.path(layer))

    def _toml(self, layer: str) -> str:
        return self.path(f"{layer}.toml")


def _read_toml(path: str) -> dict[str, Any]:
    """Return a file that somebody else wrote as a table, {} where there is none. Raises FileUnreadable."""
    data = read_bytes(path, path, LARGEST_FILE)
    return parse_toml(decode(data, path), path) if data else {}
