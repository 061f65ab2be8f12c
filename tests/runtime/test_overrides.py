"""What the modules of runtime/overrides provide, compared with what the bundle and the buildpack use of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import CHECKOUT, bundle, debian
from runtime.package import COMMAND_LINE
from runtime.recipe import PYTHON
from tests.runtime.roots import Root

OVERRIDES = {
    str(path.relative_to(bundle.OVERRIDES).with_suffix("")).removesuffix("/__init__").replace("/", "."): path
    for path in Path(bundle.OVERRIDES).rglob("*.py")
}


CODEC = "encodings.idna"
"""Found by the codec's name, not by an import."""
UNUSED = {"functools": {"get_type_hints", "Union", "get_args", "get_origin"}}
"""By module, what it takes of an overridden one in a function that nothing calls: singledispatch's registration."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All modules that may import another: the package's, and the bundle's before they are compiled."""
    folder = tmp_path_factory.mktemp("bundle") / bundle.native()
    bundle._assemble(str(folder), debian.obtain(debian.read_lock(), release=False), bundle.native())
    ours = (path for path in Path(CHECKOUT, "lib").rglob("*.py") if not set(path.parts) & set(COMMAND_LINE))
    return [*ours, *(folder / f"lib/python{PYTHON}").rglob("*.py")]


def test_there_are_few_overrides() -> None:
    """Each hides a module from everything in the bundle: what is listed here was found to be worth it."""
    assert OVERRIDES.keys() == {
        "decimal",
        "encodings.idna",
        "pyzstd",
        "semantic_version",
        "toml",
        "toml.decoder",
        "typing",
    }


@pytest.mark.parametrize("module", sorted(OVERRIDES.keys() - {CODEC}))
def test_an_override_provides_what_is_used_of_the_module(sources: list[Path], module: str) -> None:
    provided = set(names_defined(ast.parse(OVERRIDES[module].read_bytes())))
    # Not all modules are in a syntax that this Python knows: parse those that have such a statement.
    statement = re.compile(rf"^\s*(from\s+{module}\s+import|import\s+(.*[\s,])?{module}\b)", re.MULTILINE)
    used = {
        str(path): set(names_used(ast.parse(path.read_bytes()), module)) - UNUSED.get(path.stem, set())
        for path in sources
        if path.parent.name == module or statement.search(path.read_text(encoding="utf-8"))
    }

    assert any(used.values()), "nothing imports it: remove it"
    assert {path: names - provided for path, names in used.items() if names - provided} == {}


def test_nothing_uses_singledispatch(sources: list[Path]) -> None:
    uses = [path for path in sources if b"singledispatch" in path.read_bytes() and path.name != "functools.py"]

    assert uses == []


def test_hosts_are_encoded_as_ascii(packages: Path) -> None:
    done = Root(Path("/"), str(packages / "linux-amd64"), "").run_python(
        "assert 'api.github.com'.encode('idna') == b'api.github.com'\n"
        "assert b'api.github.com'.decode('idna') == 'api.github.com'\n"
        "'b\\xfccher.example'.encode('idna')\n"
    )

    assert done.stderr.splitlines()[-1].startswith("UnicodeEncodeError: 'ascii'")


def test_named_tuples_are_like_those_of_typing(packages: Path) -> None:
    code = """
class Point(NamedTuple):
    "A point."

    x: int
    y: Any = 2
    "Upwards."
    unit = "m"

    @property
    def sum(self) -> int:
        return self.x + self.y

    @classmethod
    def at(cls, x: int) -> Point:
        return cls(x)

made = Point.at(1)._replace(x=3)
assert (made, made.x, made.y, made.sum, made.unit) == ((3, 2), 3, 2, 5, "m")
assert (repr(made), Point.__doc__, Point.__mro__[1:]) == ("Point(x=3, y=2)", "A point.", (tuple, object))
assert (Point._fields, Point._field_defaults, Point.__match_args__) == (("x", "y"), {"y": 2}, ("x", "y"))
assert (Point.__name__, Point.__module__, made._asdict()) == ("Point", __name__, {"x": 3, "y": 2})
try:
    made.z = 1
except AttributeError:
    pass
else:
    raise AssertionError("it has a __dict__")
"""
    head = "from __future__ import annotations\nfrom typing import Any, NamedTuple\n"
    exec(head + code, {"__name__": "tests"})
    source = f"exec({head + code!r}, {{'__name__': 'tests'}})"
    done = Root(Path("/"), str(packages / "linux-amd64"), "").run_python(source)

    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_used_of_a_module_is_found() -> None:
    tree = ast.parse(
        "import decimal, x.y\n"
        "import decimal as d\n"
        "from decimal import A as B, C\n"
        "from decimal import *\n"
        "from . import D\n"
        "from other import E\n"
        "def f():\n    return decimal.F(d.G.H, x.y, x.decimal.I)\n"
    )

    assert set(names_used(tree, "decimal")) == {"A", "C", "*", "D", "F", "G"}


def names_defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def names_used(tree: ast.Module, module: str) -> Iterator[str]:
    """Yield the names that a module imports from another, and the attributes that it takes of it, at run time."""
    own_names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module, node.level) in ((module, 0), (None, 1)):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            own_names.update(alias.asname or alias.name for alias in node.names if alias.name == module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in own_names:
            yield node.attr
