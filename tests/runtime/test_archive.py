"""The archive of modules, and the importer that reads it."""

import py_compile
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import main
from runtime.archive import archive
from runtime.main import ArchiveImporter
from runtime.recipe import ARCHITECTURES
from tests.runtime.roots import Root

SOURCES = {
    "lib/tool/__init__.py": "from tool.inner import VALUE",
    "lib/tool/inner.py": "VALUE = 42",
    "library/encodings/utf_8.py": "",
    "library/encodings/cp437.py": "",
    "library/plain.py": "import tool; NAME = __name__",
}

Write = Callable[[Path], Path]


@pytest.fixture
def write() -> Write:
    def write(folder: Path) -> Path:
        for name, source in SOURCES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
            py_compile.compile(str(path), cfile=f"{path}c", dfile=name, doraise=True)
            path.unlink()
        archive(str(folder / "modules"), str(folder / "lib"), str(folder / "library"))
        return folder

    return write


def test_modules_move_into_the_archive_except_what_python_starts_with(write: Write, tmp_path: Path) -> None:
    folder = write(tmp_path)

    index = ArchiveImporter(str(folder / "modules"), "").index
    assert {name: package for name, (_, _, package) in index.items()} == {
        "tool": True,
        "tool.inner": False,
        "encodings.cp437": False,
        "plain": False,
    }
    assert {str(path.relative_to(folder)) for path in folder.rglob("*")} == {
        "modules",
        "library",
        "library/encodings",
        "library/encodings/utf_8.pyc",
    }


def test_modules_are_imported_from_the_archive(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "ARCHIVE", str(write(tmp_path) / "modules"))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    importer = main.install()
    try:
        import plain  # type: ignore[import-not-found]

        assert plain.NAME == "plain"
        assert sys.modules["tool"].VALUE == 42
        assert sys.modules["tool"].__path__[0].endswith("/tool")
    finally:
        for name in importer.index:
            if name in ("plain", "tool", "tool.inner"):
                sys.modules.pop(name, None)


def test_what_is_not_in_the_archive_is_left_to_others(write: Write, tmp_path: Path) -> None:
    assert ArchiveImporter(str(write(tmp_path) / "modules"), "").find_spec("tool.other") is None


def test_two_archives_of_the_same_modules_are_the_same(write: Write, tmp_path: Path) -> None:
    first, second = (write(tmp_path / name) / "modules" for name in ("first", "second"))

    assert first.read_bytes() == second.read_bytes()


def test_precompiled_patterns_are_what_the_library_would_compile(packages: Path) -> None:
    host = Root(Path("/"), str(packages / "linux-amd64"), "")
    done = host.run_python(
        "main.take_precompiled_patterns = lambda compile_new: compile_new\n"
        "import marshal, re, re._compiler, _sre\n"
        "import github_assets.selection.asset_names as names\n"
        "known = main.precompiled.patterns\n"
        "for (pattern, flags), compiled in known.items():\n"
        "    assert _sre.compile(pattern, *marshal.loads(compiled)) == re._compiler.compile(pattern, flags), pattern\n"
        "used = {value.pattern for value in vars(names).values() if isinstance(value, re.Pattern)}\n"
        "assert used and used <= {pattern for pattern, _ in known}, used\n"
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_precompiled_patterns_are_used(packages: Path) -> None:
    host = Root(Path("/"), str(packages / "linux-amd64"), "")
    done = host.run_python(
        "import marshal, re, re._compiler, re._parser\n"
        "def parse(*arguments): raise AssertionError('compiled again')\n"
        "re._parser.parse = parse\n"
        "import github_assets.selection.asset_names\n"
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_precompiled_constructors_are_used_and_are_what_the_library_would_compile(packages: Path) -> None:
    host = Root(Path("/"), str(packages / "linux-amd64"), "")
    done = host.run_python(
        "import builtins, marshal\n"
        "known = main.precompiled.constructors\n"
        "for source, code in known.items():\n"
        "    assert marshal.loads(code) == compile(source, '<string>', 'eval'), source\n"
        "codes = []\n"
        "main.eval = lambda code, namespace: (codes.append(code), builtins.eval(code, namespace))[1]\n"
        "import github_assets.resolution.plan\n"
        "assert codes and codes == [code for code in codes if not isinstance(code, str)], codes\n"
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_architectures_have_the_same_precompiled_code(packages: Path) -> None:
    files = [packages / f"linux-{architecture}/runtime/precompiled" for architecture in ARCHITECTURES]

    assert len({file.read_bytes() for file in files}) == 1
