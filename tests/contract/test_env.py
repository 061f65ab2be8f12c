"""`env`: variables of the image's processes, which a launcher reads from the layer."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable

import pytest

from testing.githubd import GitHub, Repository
from tests.contract.lifecycle import Lifecycle
from tests.unit.install.archive_files import TOOL, Member, tar
from tests.unit.install.elf_files import STATIC

AGENT = b"PK\x03\x04 an agent"
APPEND = 'env.JAVA_TOOL_OPTIONS = { append = "-javaagent:{layer}/bin/agent.jar", delimiter = " " }'


@pytest.fixture(autouse=True)
def repository(github: GitHub) -> Repository:
    repository = github.repository("acme/agent")
    repository.release("v1.0.0").asset("agent.jar", AGENT)
    return repository


@pytest.fixture
def configure(lifecycle: Lifecycle) -> Callable[[str], None]:
    def write(env: str) -> None:
        (lifecycle.app / "github-assets.toml").write_text(
            f'[[assets]]\nrepo = "acme/agent"\nfile = "agent.jar"\nexecutable = false\n{env}\n'
        )

    return write


def variables(lifecycle: Lifecycle) -> dict[str, str]:
    return {path.name: path.read_text() for path in (lifecycle.layer / "env.launch").iterdir()}


def test_a_java_agent(lifecycle: Lifecycle, configure: Callable[[str], None]) -> None:
    configure(APPEND)

    run = lifecycle.build({})

    assert run.status == 0, run.log
    agent = lifecycle.layer / "bin" / "agent.jar"
    assert agent.read_bytes() == AGENT
    assert variables(lifecycle) == {
        "JAVA_TOOL_OPTIONS.append": f"-javaagent:{agent}",
        "JAVA_TOOL_OPTIONS.delim": " ",
    }
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (lifecycle.layer / "env.launch").iterdir()}
    assert modes == {"JAVA_TOOL_OPTIONS.append": 0o644, "JAVA_TOOL_OPTIONS.delim": 0o644}
    assert stat.S_IMODE((lifecycle.layer / "env.launch").stat().st_mode) == 0o755
    assert run.out.count("    Set JAVA_TOOL_OPTIONS for the image's processes\n") == 1
    [label] = lifecycle.toml("launch.toml")["labels"]
    [asset] = json.loads(label["value"])
    assert json.loads(asset["options"])["env"]["JAVA_TOOL_OPTIONS.append"] == "-javaagent:{layer}/bin/agent.jar"


def test_every_action(lifecycle: Lifecycle, configure: Callable[[str], None]) -> None:
    configure(
        'env = { A = "a", B = { default = "b" }, C = { override = "" }, '
        'PATH = { prepend = "{layer}/x:{layer}", delimiter = ":" } }'
    )

    assert lifecycle.build({}).status == 0

    layer = lifecycle.layer
    expected = {"A.override": "a", "B.default": "b", "C.override": ""}
    assert variables(lifecycle) == {**expected, "PATH.prepend": f"{layer}/x:{layer}", "PATH.delim": ":"}


def test_variables_decide_whether_the_layer_is_reused(
    lifecycle: Lifecycle, configure: Callable[[str], None], repository: Repository
) -> None:
    configure(APPEND)
    lifecycle.build({})
    lifecycle.restore()
    assert "Reusing layer github-assets" in lifecycle.build({}).out

    configure('env.JAVA_TOOL_OPTIONS = "-Xmx1g"')
    run = lifecycle.build({})

    assert "Replacing layer github-assets:\n    the options of agent.jar changed" in run.out
    assert variables(lifecycle) == {"JAVA_TOOL_OPTIONS.override": "-Xmx1g"}


def test_the_lock_file_pins_no_variables(
    lifecycle: Lifecycle, configure: Callable[[str], None], command: Callable[..., object]
) -> None:
    configure(APPEND)
    command("lock", "--platform", "linux/amd64", settings={})
    locked = (lifecycle.app / "github-assets.lock").read_text()
    assert "JAVA_TOOL_OPTIONS" not in locked
    configure('env.JAVA_TOOL_OPTIONS = "-Xmx1g"')

    assert lifecycle.build({}).status == 0
    assert variables(lifecycle) == {"JAVA_TOOL_OPTIONS.override": "-Xmx1g"}


def test_an_archive_sets_no_variables(lifecycle: Lifecycle, repository: Repository) -> None:
    data = tar(TOOL, Member("env.launch/LD_PRELOAD.override", b"/evil.so"), Member("exec.d/evil", STATIC))
    repository.release("v2.0.0").asset("agent.tar", data)
    (lifecycle.app / "github-assets.toml").write_text(
        '[[assets]]\nrepo = "acme/agent"\nfile = "agent.tar"\nextract = "all"\nenv.A = "b"\n'
    )

    run = lifecycle.build({})

    assert run.status == 0, run.log
    assert variables(lifecycle) == {"A.override": "b"}
    assert not (lifecycle.layer / "exec.d").exists()
    for name in ("env.launch", "exec.d"):
        assert f'Skipped "{name}": a launcher would run it, or set variables from it.' in run.log
