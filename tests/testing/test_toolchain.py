"""The parts of the toolchain work together."""

import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testing.toolchain import engine, golang, images, phases
from testing.toolchain.engine import Engine
from testing.toolchain.pack import image_config, image_files, pack_build
from testing.toolchain.store import ToolchainError, keep

IMAGE = "github-assets-cnb/test-parts"


def test_an_engine_is_stopped_by_whoever_leaves_it_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[Engine] = []
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    monkeypatch.setattr(engine, "RUN", tmp_path)
    monkeypatch.setattr(engine, "find", lambda: running[0] if running else None)
    monkeypatch.setattr(engine, "start", lambda: running.append(Engine(f"unix://{engine.SOCKET}")) or running[0])
    monkeypatch.setattr(engine, "stop", running.clear)
    first, last = engine.running(), engine.running()

    first.__enter__()
    last.__enter__()
    first.__exit__(None, None, None)
    assert running
    last.__exit__(None, None, None)
    assert not running


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    with engine.running() as found:
        yield found


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    shutil.copy(golang.service(), folder)
    return folder


@pytest.fixture(scope="module")
def image(docker: Engine, app: Path) -> str:
    build = pack_build(
        docker, IMAGE, app, builder=images.test_builder(docker), buildpacks=[images.GO_BINARY], check=False
    )
    assert build.returncode == 0, build.stdout
    return IMAGE


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def probe(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(golang.probe("amd64")), f"-addr=127.0.0.1:{port}", "-connect-timeout=20s", *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def probe_until(port: int, response: str) -> None:
    for _ in range(100):
        if response in (last := probe(port).stdout):
            return
        time.sleep(0.1)
    pytest.fail(f"the last answer was {last!r}, not {response!r}")


def test_the_example_answers_the_probe_and_changes_its_answer_on_signals(docker: Engine, image: str, port: int) -> None:
    container = docker.docker("run", "--detach", "--network=host", f"--env=PORT={port}", image).stdout.strip()
    try:
        assert "status: SERVING" in probe(port).stdout
        assert probe(port, "-service=cage1016.Demo").returncode == 0
        assert "unknown service" in probe(port, "-service=nobody").stdout.lower()
        docker.docker("kill", "--signal=USR1", container)
        probe_until(port, "NOT_SERVING")
        assert probe(port).returncode != 0
        docker.docker("kill", "--signal=USR2", container)
        probe_until(port, "status: SERVING")
        docker.docker("stop", "--time=20", container)
        assert docker.docker("inspect", "--format={{.State.ExitCode}}", container).stdout.strip() == "0"
    finally:
        docker.docker("rm", "--force", container)


def test_the_example_can_start_not_serving(docker: Engine, image: str, port: int) -> None:
    container = docker.docker(
        "run", "--detach", "--network=host", image, f"-addr=127.0.0.1:{port}", "-serving=false"
    ).stdout.strip()
    try:
        assert "NOT_SERVING" in probe(port).stdout
    finally:
        docker.docker("rm", "--force", container)


def test_an_image_can_be_read_without_running_it(docker: Engine, image: str) -> None:
    server = [file for file in image_files(docker, image) if file.path == "/workspace/grpc-service"]
    assert [(file.mode, file.content) for file in server] == [(0o755, golang.service().read_bytes())]
    assert image_config(docker, image)["Config"]["Labels"]["io.buildpacks.base.distro.name"] == "debian"


def test_the_debian_base_has_neither_python_nor_curl(docker: Engine) -> None:
    look = "command -v sh; command -v python3 python curl wget"
    found = docker.docker("run", "--rm", "--network=host", images.base_image(docker), "sh", "-c", look, check=False)
    assert [os.path.basename(path) for path in found.stdout.split()] == ["sh"]


def test_the_musl_base_has_nothing_but_a_shell_and_certificates(docker: Engine) -> None:
    paths = {file.path for file in image_files(docker, images.musl_base_image(docker))}
    assert "/lib/ld-musl-x86_64.so.1" in paths
    assert {path for path in paths if "/bin/" in path} == {"/bin/sh"}
    assert "/etc/ssl/certs/ca-certificates.crt" in paths


@pytest.mark.parametrize("base", [images.test_builder, images.musl_builder])
def test_a_builder_by_itself_builds_an_image(docker: Engine, app: Path, base: Callable[[Engine], str]) -> None:
    build = pack_build(docker, f"{IMAGE}-noop", app, builder=base(docker))
    assert "Successfully built" in build.stdout


def test_an_untrusted_builder_uses_the_lifecycle_image(docker: Engine, app: Path) -> None:
    name = images.lifecycle_image(docker)
    build = pack_build(
        docker,
        f"{IMAGE}-untrusted",
        app,
        builder=images.test_builder(docker),
        buildpacks=[images.GO_BINARY],
        trust_builder=False,
        extra=["--verbose"],
    )
    assert f"Using lifecycle docker.io/{name}" in build.stdout
    assert "Successfully built" in build.stdout


def test_an_optional_buildpack_that_does_not_detect_is_left_out(docker: Engine, app: Path, tmp_path: Path) -> None:
    picky = tmp_path / "picky"
    shutil.copytree(images.NOOP, picky)
    (picky / "buildpack.toml").write_text((picky / "buildpack.toml").read_text().replace("noop", "picky"))
    (picky / "bin" / "detect").write_text('#!/bin/sh\n[ "${PICKED:-}" ] || exit 100\n')
    builder = images.custom_builder(docker, picky)
    without = pack_build(docker, f"{IMAGE}-custom", app, builder=builder).stdout
    picked = pack_build(docker, f"{IMAGE}-custom", app, builder=builder, env={"PICKED": "yes"}).stdout
    assert "test/go-binary 1.0.0" in without
    assert "test/picky" not in without
    assert "test/picky" in picked


def test_the_phases_run_without_containers(app: Path) -> None:
    with phases.workspace() as work:
        built = phases.run_phases(work, app, [images.GO_BINARY], env={})
        assert built.returncode == 0, built.stdout
        launch = (work / "layers" / "test_go-binary" / "launch.toml").read_text()
        assert f'command = ["{work}/workspace/grpc-service"]' in launch


def test_the_phases_report_that_nothing_detected(tmp_path: Path) -> None:
    with phases.workspace() as work:
        built = phases.run_phases(work, tmp_path, [images.GO_BINARY], env={})
        assert built.returncode == 20
        assert "fail: test/go-binary@1.0.0" in built.stdout


def test_a_failing_buildpack_fails_the_phases(app: Path, tmp_path: Path) -> None:
    failing = tmp_path / "failing"
    shutil.copytree(images.NOOP, failing)
    (failing / "bin" / "build").write_text("#!/bin/sh\necho no luck\nexit 7\n")
    with phases.workspace() as work:
        built = phases.run_phases(work, app, [failing], env={})
    assert built.returncode == 51
    assert "no luck" in built.stdout


def test_an_engine_starts_over_what_a_killed_one_left(
    monkeypatch: pytest.MonkeyPatch, docker: Engine, tmp_path: Path, port: int
) -> None:
    if not docker.own:
        pytest.skip("the engine in use is not this checkout's own, so dockerd may be missing")
    runtime = Path(f"{engine.RUN}-test")
    monkeypatch.setattr(engine, "RUN", runtime)
    monkeypatch.setattr(engine, "SOCKET", runtime / "docker.sock")
    monkeypatch.setattr(engine, "DATA", tmp_path / "docker")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(golang.service().resolve(), "server")
    try:
        first = engine.start_own()
        image = first.docker("import", "-", data=archive.getvalue()).stdout.strip()
        first.docker("run", "--detach", "--network=host", image, "/server", f"-addr=127.0.0.1:{port}")
        assert probe(port).returncode == 0
        for pid, words in engine.own_processes():
            if "shim" not in words[0]:
                os.kill(pid, signal.SIGKILL)
        assert probe(port).returncode == 0
        second = engine.start_own()
        socket.create_server(("127.0.0.1", port)).close()
        assert not second.docker("ps", "--all", "--quiet").stdout
    finally:
        engine.stop(purge=True)
    assert not runtime.exists()
    assert not (tmp_path / "docker").exists()
    assert not engine.own_processes()


MAJOR, MINOR, _ = map(int, golang.PACK_VERSION.split("."))


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        (f"{golang.PACK_VERSION}+git-66a3a22.build-6800", True),
        (f"{MAJOR}.{MINOR + 1}.0", True),
        (f"{MAJOR}.{MINOR - 1}.9", False),
        (f"{MAJOR + 1}.0.0", False),
        ("pack: another program of that name", False),
    ],
)
def test_a_pack_on_the_path_is_taken_if_it_is_as_recent_as_ours(
    version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pack"
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    ours = tmp_path / "ours"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(golang, "_build_pack", lambda name: ours)
    monkeypatch.setattr(golang, "link", lambda name, target: target)
    golang.pack_on_path.cache_clear()
    try:
        assert golang.pack() == (program if taken else ours)
    finally:
        golang.pack_on_path.cache_clear()


def test_a_failed_recipe_leaves_nothing_that_looks_complete() -> None:
    def broken(into: Path) -> None:
        (into / "half").write_text("half")
        raise ToolchainError("half way", "try again")

    def whole(into: Path) -> None:
        assert not list(into.iterdir())
        (into / "whole").write_text("whole")

    with pytest.raises(ToolchainError):
        keep("test-parts", ["recipe"], broken)
    first = keep("test-parts", ["recipe"], whole)
    assert [path.name for path in first.iterdir()] == ["whole"]
    assert keep("test-parts", ["recipe"], broken) == first
    with pytest.raises(ToolchainError):
        keep("test-parts", ["another"], broken)
    shutil.rmtree(first.parent, ignore_errors=True)
