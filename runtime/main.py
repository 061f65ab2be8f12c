"""What bin/detect and bin/build run: `main.pyc detect|build …`.

Every module is in one file, the archive: to find it costs no look into directories. Python itself starts with the few
modules that are files, and finds extension modules by its path. No `from __future__` here: it is in the archive.

What the standard library would compile for them, regular expressions and named tuples' constructors, is in the file
`precompiled`.
"""

import _sre
import marshal
import os
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType, ModuleType

ARCHIVE = os.path.join(os.path.dirname(__file__), "modules")
PRECOMPILED = os.path.join(os.path.dirname(__file__), "precompiled")
LENGTH = 4
"""The archive begins with the length of its index, an integer of so many bytes, little-endian."""


class ArchiveImporter:
    """Finds and loads the modules of the archive (a meta path finder and loader, PEP 451).

    The index maps a module's name to the offset of its code behind the index, the length of that, and whether it is a
    package.
    """

    def __init__(self, archive: str, library: str) -> None:
        self._file = os.open(archive, os.O_RDONLY | os.O_CLOEXEC)
        self._library = library
        length = int.from_bytes(os.read(self._file, LENGTH), "little")
        self._codes = LENGTH + length
        self.index: Mapping[str, tuple[int, int, bool]] = marshal.loads(os.read(self._file, length))

    def find_spec(
        self, name: str, _path: "Sequence[str] | None" = None, _target: "ModuleType | None" = None
    ) -> ModuleSpec | None:
        """Return how to load a module; None if it is not in the archive."""
        if name not in self.index:
            return None
        spec = ModuleSpec(name, self, is_package=self.index[name][2])
        if spec.submodule_search_locations is not None:  # its extension modules are files
            spec.submodule_search_locations.append(os.path.join(self._library, *name.split(".")))
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave this to the import system."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run a module's code."""
        offset, length, _ = self.index[module.__name__]
        code: CodeType = marshal.loads(os.pread(self._file, length, self._codes + offset))
        exec(code, module.__dict__)
        if module.__name__ == "re._compiler":
            module.compile = take_precompiled_patterns(module.compile)
        elif module.__name__ == "collections":
            module.eval = eval_precompiled  # only namedtuple() calls it


class Precompiled:
    """What PRECOMPILED holds, read when it is first needed."""

    patterns: "dict[tuple[object, int], bytes]"
    constructors: "dict[str, bytes]"

    def __getattr__(self, name: str) -> object:
        with open(PRECOMPILED, "rb") as file:
            self.patterns, self.constructors = marshal.loads(file.read())
        return self.__dict__[name]


precompiled = Precompiled()


def take_precompiled_patterns(compile_new: "Callable[[object, int], object]") -> "Callable[..., object]":
    """Return a compiler of regular expressions that has done those already that are precompiled."""

    def compile_pattern(pattern: object, flags: int = 0) -> object:
        known = precompiled.patterns.get((pattern, int(flags)))
        return _sre.compile(pattern, *marshal.loads(known)) if known else compile_new(pattern, flags)

    return compile_pattern


def eval_precompiled(source: str, namespace: "dict[str, object]") -> object:
    """Return what `eval` returns."""
    known = precompiled.constructors.get(source)
    return eval(marshal.loads(known) if known else source, namespace)


def install() -> ArchiveImporter:
    """Have modules imported from the archive, after those that are built into Python and before files."""
    importer = ArchiveImporter(ARCHIVE, os.path.dirname(os.__file__))
    sys.meta_path.insert(-1, importer)
    return importer


if __name__ == "__main__":
    install()

    from github_assets.__main__ import run

    run()
