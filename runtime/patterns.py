"""Writes what regular expressions are compiled to when modules are imported, for `main`: `patterns.py FILE FOLDER …`.

Run by the bundled interpreter, whose modules are below the folders. FILE maps a pattern and its flags to the arguments
of `_sre.compile` behind the pattern, as marshalled bytes: most builds use a part of them.
"""

from __future__ import annotations

import _sre
import importlib
import marshal
import os
import re._compiler as compiler
import sys
from collections.abc import Iterator
from typing import Any

_NO_REFERENCES = 2  # later versions of the format write what depends on reference counts


def main(target: str, *folders: str) -> None:
    """Import all modules, and write what they compiled."""
    compile_pattern, create = compiler.compile, _sre.compile
    compiled: dict[tuple[object, int], bytes] = {}

    def record(pattern: object, flags: int = 0) -> object:
        def keep(_pattern: object, all_flags: int, code: list[int], *groups: Any) -> object:
            arguments = (int(all_flags), [int(operation) for operation in code], *groups)
            compiled[pattern, int(flags)] = marshal.dumps(arguments, _NO_REFERENCES)
            return create(_pattern, *arguments)

        _sre.compile = keep
        return compile_pattern(pattern, flags)

    compiler.compile = record
    sys.path[:0] = folders
    for name in sorted({name for folder in folders for name in _modules(folder)}):
        importlib.import_module(name)
    with open(target, "wb") as file:
        marshal.dump(compiled, file, _NO_REFERENCES)


def _modules(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".pyc") and not name.startswith("__main__"):
                path = os.path.relpath(os.path.join(parent, name), folder).removesuffix(".pyc")
                yield path.replace(os.sep, ".").removesuffix(".__init__")


if __name__ == "__main__":
    main(*sys.argv[1:])
