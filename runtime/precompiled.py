"""Writes what the standard library compiles when modules are imported, for `main`: `precompiled.py FILE FOLDER …`.

Run by the bundled interpreter, whose modules are below the directories. FILE holds two mappings: from a regular
expression and its flags to the arguments of `_sre.compile` behind the expression, and from the source of a named
tuple's constructor to its code. Their values are marshalled bytes: most builds use a part of them.
"""

from __future__ import annotations

import _sre
import collections
import importlib
import marshal
import os
import sys
from collections.abc import Iterator
from typing import Any

_NO_REFERENCES = 2  # later versions of the format write what depends on reference counts


def main(target: str, *folders: str) -> None:
    """Import all modules, and write what they compiled."""
    patterns: dict[tuple[object, int], bytes] = {}
    constructors: dict[str, bytes] = {}

    def record_constructor(source: str, namespace: dict[str, Any]) -> object:
        code = compile(source, "<string>", "eval", dont_inherit=True)
        constructors[source] = marshal.dumps(code, _NO_REFERENCES)
        return eval(code, namespace)

    collections.eval = record_constructor  # type: ignore[attr-defined]
    import re._compiler as compiler  # makes named tuples

    compile_pattern, create = compiler.compile, _sre.compile

    def record_pattern(pattern: object, flags: int = 0) -> object:
        def keep(_pattern: object, all_flags: int, code: list[int], *groups: Any) -> object:
            arguments = (int(all_flags), [int(operation) for operation in code], *groups)
            patterns[pattern, int(flags)] = marshal.dumps(arguments, _NO_REFERENCES)
            return create(_pattern, *arguments)

        _sre.compile = keep
        return compile_pattern(pattern, flags)

    compiler.compile = record_pattern
    sys.path[:0] = folders
    for name in sorted({name for folder in folders for name in _modules(folder)}):
        importlib.import_module(name)
    with open(target, "wb") as file:
        marshal.dump((patterns, constructors), file, _NO_REFERENCES)


def _modules(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".pyc") and not name.startswith("__main__"):
                path = os.path.relpath(os.path.join(parent, name), folder).removesuffix(".pyc")
                yield path.replace(os.sep, ".").removesuffix(".__init__")


if __name__ == "__main__":
    main(*sys.argv[1:])
