"""The contents of the packages."""

import ast
import importlib.metadata
import io
import json
import re
import stat
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import CHECKOUT, debian, wheels
from runtime.main import ArchiveImporter
from runtime.package import COMMAND_LINE
from runtime.recipe import ARCHITECTURES, PACKAGES
from tests.runtime.roots import Root

LIMIT = 10_000_000
ELF_MACHINES = {"amd64": 62, "arm64": 183}
PROGRAMS = {"bin/detect", "bin/build", "runtime/bin/python3", "runtime/lib/ld.so", "runtime/lib/python"}

pytestmark = pytest.mark.parametrize("architecture", ARCHITECTURES)


@pytest.fixture
def tree(packages: Path, architecture: str) -> Path:
    return packages / f"linux-{architecture}"


def regular_files(tree: Path) -> dict[str, Path]:
    return {str(path.relative_to(tree)): path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()}


def test_modes_and_kinds_of_files(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        mode = path.lstat().st_mode
        name = str(path.relative_to(tree))
        assert stat.S_ISDIR(mode) or stat.S_ISREG(mode), f"{name} is a link or a device"
        program = stat.S_ISDIR(mode) or name in PROGRAMS
        assert stat.S_IMODE(mode) == (0o755 if program else 0o644), name
    assert regular_files(tree).keys() >= PROGRAMS


def test_every_program_is_of_the_architecture(tree: Path, architecture: str) -> None:
    images = [content for path in regular_files(tree).values() if (content := path.read_bytes())[:4] == b"\x7fELF"]
    assert len(images) > 20
    assert {int.from_bytes(image[18:20], "little") for image in images} == {ELF_MACHINES[architecture]}


def test_modules_are_in_the_archive(tree: Path) -> None:
    bytecode = {name: path for name, path in regular_files(tree).items() if name.endswith(".pyc")}
    # PEP 552: bit 0 says that a hash follows, bit 1 that it is checked.
    assert {path.read_bytes()[4:8] for path in bytecode.values()} == {b"\x01\0\0\0"}
    library = "runtime/lib/python3.13"
    start = {f"{library}/{name}.pyc" for name in ("os", *(f"encodings/{n}" for n in ("__init__", "aliases", "utf_8")))}
    assert bytecode.keys() == {"runtime/main.pyc", *start}
    assert not {name for name in regular_files(tree) if name.endswith(".py")}
    index = ArchiveImporter(str(tree / "runtime/modules"), "").index
    assert {module_name(path) for path in sources()} == {name for name in index if name.startswith("github_assets")}


def sources() -> list[Path]:
    """Return the modules of the buildpack that are for builds."""
    modules = Path(CHECKOUT, "lib").rglob("*.py")
    return [path for path in modules if not {*path.relative_to(CHECKOUT).parts} & {*COMMAND_LINE}]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(Path(CHECKOUT, "lib")).with_suffix("").parts).removesuffix(".__init__")


def test_the_package_does_not_depend_on_the_build_directory(tree: Path) -> None:
    for name, path in regular_files(tree).items():
        assert CHECKOUT.encode() not in path.read_bytes(), name


def test_licences(tree: Path, architecture: str) -> None:
    licences = tree / "runtime/licenses"
    texts = {path.name for path in (licences / "common-licenses").iterdir()}
    assert texts >= {"Apache-2.0", "GPL-2", "GPL-3", "LGPL-2.1"}
    for package in PACKAGES:
        named = re.findall(r"/usr/share/common-licenses/([\w.+-]*\w)", (licences / package / "copyright").read_text())
        assert texts.issuperset(named), package
    for requirement in requirements():
        name, version = requirement
        folder = licences / f"{name.replace('-', '_')}-{version}"
        assert any(path.stat().st_size > 500 for path in folder.iterdir()), requirement
    made_of = debian.obtain(debian.read_lock(), release=False)
    assert (licences / "debian.lock.toml").read_text() == made_of.text
    assert (licences / "requirements.txt").read_bytes() == Path(wheels.LOCK).read_bytes()
    assert (tree / "LICENSE").exists()
    assert "libc6" in (licences / "SOURCES").read_text()


def requirements() -> list[tuple[str, str]]:
    return re.findall(r"^([\w.-]+)==(\S+)", Path(wheels.LOCK).read_text(encoding="utf-8"), re.MULTILINE)


def test_the_locks_pin_everything(architecture: str) -> None:
    pinned = {deb.package for deb in debian.read_lock().debs if deb.architecture == architecture}
    assert pinned == PACKAGES.keys()
    text = Path(wheels.LOCK).read_text(encoding="utf-8")
    assert {name for name, _ in requirements()} >= {"toml", "pyyaml", "semantic-version"}
    for entry in text.replace("\\\n", " ").splitlines()[1:]:
        assert re.fullmatch(r"\S+==\S+( +--hash=sha256:[0-9a-f]{64})+", entry), entry
    for lock in (debian.LOCK, wheels.LOCK):
        assert "://" not in Path(lock).read_text(encoding="utf-8"), "a lock names no host"


def test_the_bundle_contains_the_pinned_versions(packages: Path, architecture: str) -> None:
    library = packages / f"linux-{architecture}/runtime/lib/python3.13"
    found = importlib.metadata.distributions(path=[str(library)])
    assert sorted((each.name.lower(), each.version) for each in found) == requirements()


def test_the_package_has_whatever_the_buildpack_imports(packages: Path, tree: Path) -> None:
    imported = {name for file in sources() for name in imports(ast.parse(file.read_bytes()))}
    wanted = sorted(name for name in imported if not name.startswith("github_assets"))
    host = Root(Path("/"), str(packages / "linux-amd64"), "")
    done = host.run_python("import importlib\nfor name in sys.argv[1:]: importlib.import_module(name)", *wanted)
    assert "tomllib" in wanted
    native, other = (ArchiveImporter(str(each / "runtime/modules"), "") for each in (packages / "linux-amd64", tree))
    assert native.index.keys() == other.index.keys()
    assert (done.returncode, done.stderr) == (0, "")


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported anywhere but for the type checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
        yield from imports(node)


def test_the_cnb_file_contains_only_the_tree(packages: Path, tree: Path, architecture: str) -> None:
    buildpack = tomllib.loads((tree / "buildpack.toml").read_text(encoding="utf-8"))["buildpack"]
    (file,) = packages.glob(f"*-linux-{architecture}.cnb")
    assert file.name == f"github-assets-cnb-{buildpack['version']}-linux-{architecture}.cnb"
    assert file.stat().st_size <= LIMIT
    place = f"cnb/buildpacks/{buildpack['id'].replace('/', '_')}/{buildpack['version']}/"
    found, platforms = {}, set()
    with tarfile.open(file) as archive:
        for member in archive:
            if not member.isfile():
                continue
            blob = archive.extractfile(member).read()
            if blob.startswith(b"\x1f\x8b"):
                with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
                    for entry in layer:
                        assert entry.isdir() or entry.isfile(), entry.name
                        if entry.isfile():
                            name = entry.name.lstrip("/").removeprefix(place)
                            found[name] = (entry.mode & 0o7777, layer.extractfile(entry).read())
            elif blob.startswith(b"{") and "architecture" in (config := json.loads(blob)):
                platforms.add((config["os"], config["architecture"]))
    assert platforms == {("linux", architecture)}
    assert found == {
        name: (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for name, path in regular_files(tree).items()
    }
