"""Layers: what `<layer>.toml` says, when a layer stays as it is, and how it comes to stand complete or not at all.

Buildpack spec, "Layer Types" and "Layer Content Metadata (TOML)"; a launch layer is not restored, its metadata is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from github_assets.files import remove_tree, to_toml, write_whole, writing
from github_assets.platforms import Platform

FORMAT = "1"
"""Counted up when the same inputs would give another layer."""


class LayerAsset(NamedTuple):
    """One asset of a layer, as text: TOML's other types don't all survive the way through the image's label.

    All of it decides reuse but what has defaults after `options`: it is known only after the download, or spares one.
    """

    repository: str
    tag: str
    asset: str
    id: str
    size: str
    digest: str
    target: str
    options: str = ""
    sha256: str = ""
    vouched_by: str = ""
    executables: str = ""
    """Paths relative to the layer, one a line."""
    request: str = ""
    """A digest of what was asked for."""
    etag: str = ""
    """With which GitHub's API can be asked whether the release has changed; kept where a token makes that worth it."""

    @property
    def paths(self) -> list[str]:
        """The executables' paths, relative to the layer."""
        return self.executables.split("\n") if self.executables else []


_OF_THE_RUN = frozenset(("sha256", "vouched_by", "executables", "request", "etag"))
_WORDS = {"repository": "repository", "tag": "release", "id": "asset id", "asset": "asset", "size": "size"}


class LayerMetadata(NamedTuple):
    """`[metadata]` of `<layer>.toml`: everything that decides whether the layer can stay."""

    platform: Platform
    assets: tuple[LayerAsset, ...]
    format: str = FORMAT

    def to_toml(self) -> dict[str, Any]:
        """Return the table that `from_toml` reads."""
        return {
            "format": self.format,
            "os": self.platform.os,
            "arch": self.platform.arch,
            "libc": self.platform.libc or "",
            "assets": [
                {field: text for field, text in asset._asdict().items() if text or field not in ("request", "etag")}
                for asset in self.assets
            ],
        }

    @classmethod
    def from_toml(cls, table: Any) -> LayerMetadata | None:
        """Return the metadata that an earlier build wrote, or None where it is not of this format."""
        try:
            if table["format"] != FORMAT:
                return None
            assets = tuple(LayerAsset(**{str(k): str(v) for k, v in asset.items()}) for asset in table["assets"])
            platform = Platform(str(table["os"]), str(table["arch"]), str(table["libc"]) or None)
            return cls(platform, assets)
        except (LookupError, TypeError, AttributeError):
            return None

    def in_order_of(self, wanted: LayerMetadata) -> LayerMetadata:
        """Return the same assets in the order in which they are asked for now, and with the ETags of now."""
        assets = _by_target(self.assets)
        return self._replace(
            assets=tuple(
                assets[name]._replace(request=now.request, etag=now.etag)
                for name, now in _by_target(wanted.assets).items()
            )
        )

    def reasons_to_replace(self, previous: LayerMetadata) -> list[str]:
        """Return why a layer with the previous metadata can't stand for this one; nothing where it can."""
        reasons = []
        if self.platform != previous.platform:
            reasons.append(f"the platform was {previous.platform} and is {self.platform}")
        old, new = _by_target(previous.assets), _by_target(self.assets)
        reasons += [f"{target} is no longer asked for" for target in old.keys() - new.keys()]
        reasons += [f"{target} is new" for target in new.keys() - old.keys()]
        for target in sorted(new.keys() & old.keys()):
            was, now = old[target]._asdict(), new[target]._asdict()
            reasons += [
                f"the {_WORDS.get(field, field)} of {target} was {was[field] or 'none'} and is {now[field] or 'none'}"
                for field in LayerAsset._fields
                if field not in _OF_THE_RUN and was[field] != now[field]
            ]
        return sorted(reasons)


def _by_target(assets: Iterable[LayerAsset]) -> dict[str, LayerAsset]:
    """Return the assets by their targets; those in several folders may have one name, and are told apart by a mark."""
    found: dict[str, LayerAsset] = {}
    for asset in assets:
        name = asset.target
        while name in found:
            name += "'"
        found[name] = asset
    return found


class Layers:
    """A buildpack's layers directory."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._placed: list[str] = []

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take everything away that was placed here in the block, when the block ends badly."""
        try:
            yield
        except BaseException:
            for path in self._placed:
                remove_tree(path, ignore_errors=True)
                with contextlib.suppress(OSError):
                    os.unlink(path)
            raise

    def path(self, layer: str) -> str:
        """Return where the layer's content is, in the build and in the image."""
        return os.path.join(self._directory, layer)

    def previous(self, layer: str) -> LayerMetadata | None:
        """Return the metadata that the lifecycle restored from the previous image, or None."""
        import tomllib

        try:
            with open(self._toml(layer), "rb") as file:
                return LayerMetadata.from_toml(tomllib.load(file).get("metadata"))
        except (OSError, ValueError):
            return None

    @contextlib.contextmanager
    def replacing(self, layer: str) -> Iterator[str]:
        """Yield an empty directory that becomes the layer's content when the block ends well, and vanishes when not."""
        staging = self.path(f".{layer}.partial")
        with writing(staging):
            remove_tree(staging, ignore_errors=True)
            os.mkdir(staging)
            os.chmod(staging, 0o755)
        try:
            yield staging
            with writing(self.path(layer)):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._toml(layer))
                self._remove(layer)
                self._placed.append(self.path(layer))
                os.rename(staging, self.path(layer))
        except BaseException:
            remove_tree(staging, ignore_errors=True)
            raise

    def describe(self, layer: str, metadata: LayerMetadata) -> None:
        """Write `<layer>.toml` for a launch layer, the last thing that makes its content count. Raises CannotWrite."""
        types = {"launch": True, "build": False, "cache": False}
        self.write_toml(f"{layer}.toml", {"types": types, "metadata": metadata.to_toml()})

    def reuse(self, layer: str, metadata: LayerMetadata) -> None:
        """Leave the layer to the lifecycle, which takes the previous image's where nothing stands here."""
        self._remove(layer)
        self.describe(layer, metadata)

    def write_toml(self, name: str, content: dict[str, Any]) -> None:
        """Write one of the files that the lifecycle reads. Raises CannotWrite."""
        self.write_text(name, to_toml(content))

    def write_text(self, name: str, content: str) -> None:
        """Write another file beside the layers. Raises CannotWrite."""
        path = os.path.join(self._directory, name)
        self._placed.append(path)
        write_whole(path, content)

    def other_buildpacks_processes(self) -> set[str]:
        """Return the process types of the buildpacks that ran before this one, which a type of ours would replace."""
        import tomllib

        types: set[str] = set()
        for sibling in os.scandir(os.path.dirname(os.path.abspath(self._directory))):
            if sibling.name == os.path.basename(self._directory):
                continue
            with (
                contextlib.suppress(OSError, ValueError, TypeError, AttributeError),
                open(os.path.join(sibling.path, "launch.toml"), "rb") as file,
            ):
                types.update(str(process.get("type")) for process in tomllib.load(file).get("processes", []))
        return types

    def _remove(self, layer: str) -> None:
        with writing(self.path(layer)):
            remove_tree(self.path(layer))

    def _toml(self, layer: str) -> str:
        return self.path(f"{layer}.toml")
