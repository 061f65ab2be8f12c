"""Compiles every module below a folder; run by the bundled interpreter: `bytecode.py FOLDER LABEL [--replace]`.

The .pyc are of the unchecked-hash kind (PEP 552), so that time stamps never matter, and without docstrings; LABEL is
what tracebacks call FOLDER. With --replace each takes the place of its source.
"""

from __future__ import annotations

import importlib.util
import os
import py_compile
import sys


def main(folder: str, label: str, *options: str) -> None:
    """Compile. Raises py_compile.PyCompileError."""
    replace = "--replace" in options
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                source = os.path.join(parent, name)
                py_compile.compile(
                    source,
                    # Under the name that a Python without -OO looks for.
                    cfile=f"{source}c" if replace else importlib.util.cache_from_source(source, optimization=""),
                    dfile=os.path.join(label, os.path.relpath(source, folder)),
                    doraise=True,
                    optimize=2,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
                if replace:
                    os.remove(source)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except py_compile.PyCompileError as error:
        sys.exit(error.msg)
