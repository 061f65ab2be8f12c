"""An image in a file or a directory: what `docker save` writes, or an OCI layout, also as a tar file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple, cast

from github_assets.config.names import LAYERS
from github_assets.errors.config import FileUnreadable

_INDEX, _ARCHIVE = "index.json", "manifest.json"
_LARGEST_JSON = 4 << 20
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
"""OCI image spec, "Whiteouts"."""

_ZSTD = b"\x28\xb5\x2f\xfd"

_Open = Callable[[str], BinaryIO]


class Image(NamedTuple):
    """An image for one platform."""

    platform: str
    labels: Mapping[str, str]
    files: Mapping[str, str]
    """The SHA-256 of each file below LAYERS by its path there; empty for a link."""


def is_image(path: str) -> bool:
    """Return whether there is a tar file, or a directory with an OCI layout."""
    return os.path.isfile(path) or os.path.isfile(os.path.join(path, "oci-layout"))


def read_images(path: str) -> list[Image]:
    """Return the image, or those of all platforms, except for what BuildKit attests. Raises FileUnreadable."""
    try:
        with contextlib.ExitStack() as stack:
            if os.path.isdir(path):
                return _read(lambda name: stack.enter_context(open(os.path.join(path, name), "rb")))
            archive = stack.enter_context(tarfile.open(path))

            def member(name: str) -> BinaryIO:
                file = archive.extractfile(name)
                if file is None:
                    raise KeyError(name)
                return cast(BinaryIO, file)

            return _read(member)
    except OSError as error:
        raise FileUnreadable(file=path, reason=error.strerror or str(error)) from None
    except Exception:  # decompressors have errors of their own for what is damaged
        raise FileUnreadable(file=path, reason="it is no image") from None


def _read(open_: _Open) -> list[Image]:
    try:
        index = _json(open_, _INDEX)
    except (FileNotFoundError, KeyError):
        return [_image(open_, each["Config"], each["Layers"]) for each in _json(open_, _ARCHIVE)]
    return list(_of_index(open_, index))


def _of_index(open_: _Open, index: Any) -> Iterator[Image]:
    """Yield the images of an OCI index (OCI image spec, "Image Index")."""
    for each in index["manifests"]:
        if each.get("platform", {}).get("os") == "unknown":
            continue
        document = _json(open_, _blob(each["digest"]))
        if "manifests" in document:
            yield from _of_index(open_, document)
        else:
            layers = [_blob(layer["digest"]) for layer in document["layers"]]
            yield _image(open_, _blob(document["config"]["digest"]), layers)


def _image(open_: _Open, config: str, layers: list[str]) -> Image:
    document = _json(open_, config)
    files: dict[str, str] = {}
    for layer in layers:
        with open_(layer) as stream, tarfile.open(fileobj=_decompressed(stream), mode="r|*") as archive:
            _add(archive, files)
    labels = document.get("config", {}).get("Labels") or {}
    return Image(f"{document['os']}/{document['architecture']}", labels, files)


def _add(archive: tarfile.TarFile, files: dict[str, str]) -> None:
    """Apply a layer to the files below LAYERS."""
    for member in archive:
        path = os.path.normpath(f"/{member.name}")
        folder, name = os.path.split(path)
        if not f"{path}/".startswith(f"{LAYERS}/"):
            continue
        if name.startswith(_WHITEOUT):
            gone = folder if name == _OPAQUE else os.path.join(folder, name.removeprefix(_WHITEOUT))
            for each in [each for each in files if f"{LAYERS}/{each}/".startswith(f"{gone}/")]:
                del files[each]
            continue
        content = archive.extractfile(member) if member.isreg() else None
        if content or not member.isdir():
            digest = hashlib.file_digest(content, "sha256").hexdigest() if content else ""  # type: ignore[arg-type]
            files[os.path.relpath(path, LAYERS)] = digest


def _decompressed(stream: BinaryIO) -> BinaryIO:
    """Return the layer without zstd, which tarfile does not know."""
    head = stream.read(len(_ZSTD))
    stream.seek(0)
    if head != _ZSTD:
        return stream
    import pyzstd

    return cast(BinaryIO, pyzstd.ZstdFile(stream))


def _json(open_: _Open, name: str) -> Any:
    with open_(name) as file:
        return json.loads(file.read(_LARGEST_JSON))


def _blob(digest: str) -> str:
    algorithm, _, digits = digest.partition(":")
    if not (algorithm.isalnum() and digits.isalnum()):
        raise ValueError(digest)
    return f"blobs/{algorithm}/{digits}"
