"""The archive that the bundled Python imports modules from; `main` reads it."""

from __future__ import annotations

import glob
import marshal
import os

from runtime.main import LENGTH

#: What Python reads before `main` can install the importer: os is how it finds its library.
_STARTUP = ("os", "encodings", "encodings.aliases", "encodings.utf_8")
#: The header of a .pyc file (PEP 552).
_HEADER = 16


def archive(target: str, *folders: str) -> None:
    """Move the modules below `folders`, .pyc files, into a new file, but for those that Python starts with."""
    index: dict[str, tuple[int, int, bool]] = {}
    codes = bytearray()
    for folder in folders:
        for path in sorted(glob.glob(f"{folder}/**/*.pyc", recursive=True)):
            name = os.path.relpath(path, folder).removesuffix(".pyc").replace(os.sep, ".")
            module = name.removesuffix(".__init__")
            if module not in _STARTUP:
                with open(path, "rb") as file:
                    code = file.read()[_HEADER:]
                index[module] = (len(codes), len(code), name != module)
                codes += code
                os.remove(path)
        _remove_empty(folder)
    head = marshal.dumps(index, 2)  # later versions write what depends on reference counts
    with open(target, "wb") as file:
        file.write(len(head).to_bytes(LENGTH, "little") + head + codes)


def _remove_empty(folder: str) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        if not os.listdir(parent):
            os.rmdir(parent)
