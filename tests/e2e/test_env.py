"""`env`: the lifecycle's own launcher starts processes with the variables that an asset sets."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.seed_case import authority
from testing.githubd import GitHub, Server
from testing.toolchain import golang, phases
from tests.unit.install.archive_files import TOOL, Member, tar

EVIL = b"#!/bin/sh\necho EVIL\n"


def java_agent() -> bytes:
    """Return a .jar whose agent prints `the agent runs` (JVM specification, "The class File Format")."""

    def text(value: str) -> bytes:
        return struct.pack(">BH", 1, len(value)) + value.encode()

    def refers(tag: int, *indexes: int) -> bytes:
        return struct.pack(f">B{len(indexes)}H", tag, *indexes)

    kind, string, field, method, name_and_type = 7, 8, 9, 10, 12
    constants = [
        refers(kind, 2),
        text("Agent"),
        refers(kind, 4),
        text("java/lang/Object"),
        text("premain"),
        text("(Ljava/lang/String;)V"),
        text("Code"),
        refers(field, 9, 11),
        refers(kind, 10),
        text("java/lang/System"),
        refers(name_and_type, 12, 13),
        text("out"),
        text("Ljava/io/PrintStream;"),
        refers(string, 15),
        text("the agent runs"),
        refers(method, 17, 19),
        refers(kind, 18),
        text("java/io/PrintStream"),
        refers(name_and_type, 20, 6),
        text("println"),
    ]
    code = bytes.fromhex("b20008 120e b60010 b1")  # getstatic, ldc, invokevirtual, return
    body = struct.pack(">HHI", 2, 1, len(code)) + code + struct.pack(">HH", 0, 0)
    public_static, java_5 = 9, 49
    compiled = struct.pack(">IHHH", 0xCAFEBABE, 0, java_5, len(constants) + 1) + b"".join(constants)
    compiled += struct.pack(">HHHHHH", 0x21, 1, 3, 0, 0, 1)
    compiled += struct.pack(">HHHH", public_static, 5, 6, 1) + struct.pack(">HI", 7, len(body)) + body
    compiled += struct.pack(">H", 0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nPremain-Class: Agent\n")
        jar.writestr("Agent.class", compiled)
    return buffer.getvalue()


@pytest.fixture
def image(buildpack: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace in which the lifecycle has built an application with an agent and a tree."""
    state = GitHub()
    release = state.repository("acme/agent").release("v1.0.0")
    release.asset("agent.jar", java_agent())
    tree = tar(TOOL, Member("env.launch/SHOWN.override", b"EVIL"), Member("exec.d/evil", EVIL, mode=0o755))
    release.asset("tree.tar", tree)
    app = tmp_path / "app"
    app.mkdir()
    (app / "github-assets.toml").write_text(
        """
        [[assets]]
        repo = "acme/agent"
        file = "agent.jar"
        executable = false
        [assets.env]
        JAVA_TOOL_OPTIONS = { append = "-javaagent:{layer}/bin/agent.jar", delimiter = " " }
        SHOWN = { default = "by default" }
        HIDDEN = "from {layer}"

        [[assets]]
        repo = "acme/agent"
        file = "tree.tar"
        extract = "all"
        layer = "tree"
        env.PATH = { prepend = "{layer}", delimiter = ":" }
        """
    )
    with Server(state) as server, phases.workspace() as work:
        binding = authority(server, tmp_path / "ca")
        shutil.copytree(binding, work / "platform/bindings/ca")
        built = phases.run_phases(work, app, [buildpack], env={"GITHUB_API_URL": server.api_url})
        assert built.returncode == 0, built.stdout
        yield work


def launch(work: Path, *command: str, **variables: str) -> str:
    """Return the output of a command that the launcher starts, as a container's entrypoint does."""
    done = subprocess.run(
        ["launcher", "--", *command],
        executable=golang.lifecycle() / "launcher",
        env={
            "CNB_APP_DIR": str(work / "workspace"),
            "CNB_LAYERS_DIR": str(work / "layers"),
            "CNB_PLATFORM_API": phases.PLATFORM_API,
            "PATH": "/usr/bin:/bin",
            **variables,
        },
        cwd=work / "workspace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_launcher_sets_the_variables(image: Path) -> None:
    layers = image / "layers" / "cage1016_github-assets-cnb"
    script = 'echo "$JAVA_TOOL_OPTIONS"; echo "$SHOWN"; echo "$HIDDEN"; echo "$PATH"'

    before = {"JAVA_TOOL_OPTIONS": "-Xmx64m", "SHOWN": "by the operator", "HIDDEN": "by the operator"}
    options, shown, hidden, path = launch(image, "sh", "-c", script, **before).splitlines()
    bare, default, *_ = launch(image, "sh", "-c", script).splitlines()

    agent = f"-javaagent:{layers}/github-assets/bin/agent.jar"
    assert (options, shown) == (f"-Xmx64m {agent}", "by the operator")
    assert hidden == f"from {layers}/github-assets"
    assert f"{layers}/tree" in path.split(":")
    assert (bare, default) == (agent, "by default")


@pytest.mark.skipif(not shutil.which("java"), reason="there is no Java on this machine")
def test_a_java_agent_runs(image: Path) -> None:
    assert "the agent runs" in launch(image, "java", "-version")
