"""Compiles every module below a directory; run by the bundled interpreter: `bytecode.py FOLDER LABEL [OPTION …]`.

The .pyc are of the unchecked-hash kind (PEP 552), so that time stamps never matter, and without docstrings; LABEL is
what tracebacks call FOLDER. With --replace each takes the place of its source. With --no-lines they lack the tables of
line numbers, a quarter of the compressed size.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import sys
from types import CodeType

_HEADER = 16
"""Bytes before the code (PEP 552)."""


def main(folder: str, label: str, *options: str) -> None:
    """Compile. Raises py_compile.PyCompileError."""
    replace, lines = "--replace" in options, "--no-lines" not in options
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                source = os.path.join(parent, name)
                # Under the name that a Python without -OO looks for.
                target = f"{source}c" if replace else importlib.util.cache_from_source(source, optimization="")
                py_compile.compile(
                    source,
                    cfile=target,
                    dfile=os.path.join(label, os.path.relpath(source, folder)),
                    doraise=True,
                    optimize=2,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
                if not lines:
                    _remove_lines(target)
                if replace:
                    os.remove(source)


def _remove_lines(path: str) -> None:
    with open(path, "rb") as file:
        header, code = file.read(_HEADER), marshal.loads(file.read())
    with open(path, "wb") as file:
        file.write(header + marshal.dumps(_without_lines(code)))


def _without_lines(code: CodeType) -> CodeType:
    constants = (_without_lines(value) if isinstance(value, CodeType) else value for value in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=tuple(constants))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except py_compile.PyCompileError as error:
        sys.exit(error.msg)
