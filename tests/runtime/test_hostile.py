"""Neither the environment nor missing permissions keep the bundled interpreter from working."""

import json
from pathlib import Path

import pytest

from runtime import files
from tests.runtime.conftest import PROBE
from tests.runtime.roots import Root

BAD_OPENSSL_CONF = "openssl_conf = missing_section\nconfig_diagnostics = 1\n"
LIBRARIES = "/lib/x86_64-linux-gnu"

HOSTILE = {
    "PYTHONHOME": "/nonexistent",
    "PYTHONPATH": "/hostile",
    "PYTHONSTARTUP": "/hostile/json.py",
    "PYTHONOPTIMIZE": "2",
    "PYTHONIOENCODING": "ascii",
    "PYTHONPLATLIBDIR": "lib64",
    "LD_LIBRARY_PATH": LIBRARIES,
    "LD_PRELOAD": f"{LIBRARIES}/libpthread-2.31.so",
    "LD_AUDIT": "/nonexistent.so",
    "LANG": "ja_JP.SJIS",
    "LC_ALL": "POSIX",
    "OPENSSL_CONF": "/hostile/openssl.cnf",
    "SSL_CERT_FILE": "/nonexistent",
    "runtime": "/hostile",
    "root": "/hostile",
    "CDPATH": "/hostile",
    "ENV": "/hostile/env.sh",
}


@pytest.fixture(scope="module")
def root(old_glibc: Root) -> Root:
    hostile = old_glibc.path / "hostile"
    hostile.mkdir()
    (hostile / "_ssl.py").write_text("raise SystemExit('the wrong _ssl')")
    (hostile / "openssl.cnf").write_text(BAD_OPENSSL_CONF)
    (hostile / "env.sh").write_text("exit 77")
    default = old_glibc.path / "usr/lib/ssl/openssl.cnf"
    default.parent.mkdir(parents=True)
    default.write_text(BAD_OPENSSL_CONF)
    return old_glibc


def test_a_hostile_environment_another_user_and_nothing_writable(root: Root, address: str) -> None:
    buildpack = root.path / root.buildpack.lstrip("/")
    before = files.digest(str(buildpack))
    done = root.run_python(PROBE, address, root.ca_file, environment=HOSTILE, user=54321)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["outside"], report["flags"], report["text"]) == ([], [1, 1, 1, 1], "ü→")
    assert files.digest(str(buildpack)) == before


@pytest.mark.parametrize("program", ["detect", "build"])
def test_the_front_doors_in_a_hostile_environment(root: Root, program: str) -> None:
    quiet = root.run(f"{root.buildpack}/bin/{program}", user=54321)
    loud = root.run(f"{root.buildpack}/bin/{program}", environment=HOSTILE, user=54321)
    assert (loud.returncode, loud.stdout) == (quiet.returncode, quiet.stdout)
    assert "Traceback" not in quiet.stderr + loud.stderr


@pytest.mark.parametrize(
    "name", ["PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "LD_PRELOAD", "OPENSSL_CONF", "PYTHONIOENCODING"]
)
def test_without_the_launcher_script_each_of_these_does_harm(root: Root, name: str) -> None:
    lib = f"{root.buildpack}/runtime/lib"
    loader = (f"{lib}/ld.so", "--inhibit-cache", "--library-path", lib, "--argv0", root.python, f"{lib}/python", "-S")
    code = "import json, ssl; ssl.create_default_context(); print('ü')"
    calm = {"OPENSSL_CONF": "/dev/null"}
    assert root.run_python(code, start=loader, environment=calm).returncode == 0
    bare = root.run_python(code, start=loader, environment=calm | {name: HOSTILE[name]})
    assert bare.returncode != 0 or bare.stderr
    assert root.run_python(code, environment=calm | {name: HOSTILE[name]}).stderr == ""


def test_a_source_checkout_names_the_alternative(tmp_path: Path, packages: Path) -> None:
    source = Root(Path("/"), str(packages.parent), "")
    for program in ("detect", "build"):
        done = source.run(f"{source.buildpack}/bin/{program}")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert "make package" in done.stderr
