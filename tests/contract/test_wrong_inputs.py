"""Wrong inputs get the messages that docs/errors.md shows."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from github_assets.messages import message
from github_assets.messages.catalog import ENTRIES
from testing.githubd import Release, Repository, Server, faults
from testing.githubd.exchange import Role
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.samples import ASKED, DIGEST, PROBE
from tests.unit.install.archive_files import TOOL, Member, tar
from tests.unit.install.elf_files import ARM64, STATIC, elf

EXAMPLES = {entry.id: message(entry.example) + "\n" for entry in ENTRIES}
HOSTS: dict[Role, str] = {
    "api": "api.github.com",
    "web": "github.com",
    "store": "release-assets.githubusercontent.com",
    "other": "mirror.example.com",
}
README = Member("README.md", b"# A tool\n")
ARCHIVE = "tool-1.2.0-linux-amd64.tar.gz"
ELSEWHERE = '[[assets]]\nrepo = "https://ghe.example.com/octo/tool"\n'
ASSET = '[[assets]]\nrepo = "octo/tool"\n'
PINNED = '[[assets]]\nrepo = "grpc-ecosystem/grpc-health-probe"\nfile = "grpc_health_probe-linux-amd64"\n'


class World(NamedTuple):
    """Everything that can be wrong."""

    lifecycle: Lifecycle
    server: Server
    release: Release
    command: Command

    def build(self, settings: Mapping[str, str]) -> Run:
        """Build with settings only."""
        return self.lifecycle.build(settings)

    def asked(self, **settings: str) -> Run:
        """Build with the usual settings, but for these."""
        return self.lifecycle.build({**ASKED, **settings})

    def file(self, text: str, name: str = "github-assets.toml", settings: Mapping[str, str] | None = None) -> Run:
        """Build with a file of the application."""
        (self.lifecycle.app / name).write_text(text)
        return self.lifecycle.build(settings or {})

    def tool(self, assets: Mapping[str, bytes], keys: str = "") -> Run:
        """Build with octo/tool, whose release has these assets."""
        release = self.server.github.repository("octo/tool").release("v1.2.0")
        for name, content in assets.items():
            release.asset(name, content)
        return self.file(ASSET + keys)

    def archive(self, *members: Member, keys: str = "") -> Run:
        """Build with octo/tool, whose release has an archive with these members."""
        return self.tool({ARCHIVE: gzip.compress(tar(*members))}, keys)

    def fault(self, fault: faults.Fault, role: Role = "api", **settings: str) -> Run:
        """Build while a host always fails."""
        self.server.fail(role, fault, times=None)
        return self.asked(**settings)


def bound(world: World) -> Run:
    binding = world.lifecycle.app / "bindings/github"
    binding.mkdir(parents=True)
    (binding / "type").write_text("github")
    (binding / "token").write_text("ghp_inTheApplication0000000000000000")
    return world.asked(SERVICE_BINDING_ROOT=str(binding.parent))


def untrusted(world: World) -> Run:
    del world.lifecycle.process["SSL_CERT_FILE"]
    return world.asked()


def private(world: World) -> Run:
    world.release.repository.private = True
    return world.asked(TOKEN="ghp_thatHasExpired00000000000000000000")


def pre_release(world: World) -> Run:
    world.server.github.repository("octo/tool").release("v2.0.0-rc.1", prerelease=True)
    return world.build({"BP_GITHUB_ASSETS": "octo/tool"})


def elsewhere(world: World) -> Run:
    name = "BP_GITHUB_ASSET_TOKEN_OCTO"
    return world.file(f'{ELSEWHERE}token_env = "{name}"\n', settings={name: "ghp_forGitHubAlone000000000000"})


def without_digest(world: World, settings: Mapping[str, str], text: str = "") -> Run:
    world.release.assets[0].digest = None
    return world.file(text, settings=settings) if text else world.build(settings)


def on_folder(world: World) -> Run:
    folder = world.lifecycle.platform.parent / "mirror"
    path = folder / "grpc-ecosystem/grpc-health-probe/releases/download/v0.4.45"
    path.mkdir(parents=True)
    (path / ASKED["FILE"]).write_bytes(PROBE)
    del world.release.assets[1:]
    return without_digest(world, {**ASKED, "BP_DEPENDENCY_MIRROR": f"file://{folder}"})


def locked(world: World) -> Path:
    assert world.command("lock").status == 0
    return world.lifecycle.app / "github-assets.lock"


def from_the_future(world: World) -> Run:
    lock = locked(world)
    lock.write_text(lock.read_text().replace("format = 1", "format = 9", 1))
    return world.asked(FILE="grpc_health_probe-{os}-{arch}")


def asked_for_more(world: World) -> Run:
    world.server.github.repository("octo/tool").release("v1.2.0").asset("tool", STATIC)
    locked(world)
    return world.asked(FILE="grpc_health_probe-{os}-{arch}", BP_GITHUB_ASSETS="octo/tool")


def uploading(world: World) -> Run:
    world.release.assets[0].state = "starter"
    return world.asked()


def ambiguous(world: World) -> Run:
    release = world.server.github.repository("octo/tool").release("v1.2.0")
    for name in ("server-linux-amd64", "client-linux-amd64"):
        release.asset(name, STATIC)
    return world.file("assets:\n- repo: octo/tool\n", "github-assets.yaml")


WRONG: dict[str, Callable[[World], Run]] = {
    "GHA005": lambda world: world.lifecycle.run_alone("build", without="CNB_LAYERS_DIR"),
    "GHA101": lambda world: world.build({"REPO": "grpc-health-probe"}),
    "GHA102": lambda world: world.asked(TARGET='"grpc_health_probe"'),
    "GHA103": lambda world: world.build({"FILE": ASKED["FILE"], "TARGET": ASKED["TARGET"]}),
    "GHA104": lambda world: world.asked(BP_GITHUB_ASSET_VERSON="v0.4.45"),
    "GHA105": lambda world: world.file(ASSET + 'strip_components = "1"\n'),
    "GHA106": lambda world: world.file(ASSET + 'extract = "none"\npath = "bin/*"\n'),
    "GHA107": lambda world: world.file('[[asset]]\nrepo = "octo/tool"\n'),
    "GHA108": lambda world: world.file('[[assets]]\nfile = "tool"\n'),
    "GHA109": lambda world: world.file('[[assets]]\nrepo "octo/tool"\n'),
    "GHA110": lambda world: world.file('[[assets]]\nrepo = "octo/tool"\n<<<<<<< HEAD\nversion = "1"\n'),
    "GHA111": lambda world: world.asked(SSL_CERT_FILE=str(world.lifecycle.app / "ca.pem")),
    "GHA112": bound,
    "GHA113": lambda world: world.file(ASSET + 'token_env = "BP_GITHUB_ASSET_TOKEN_OCTO"\n'),
    "GHA114": lambda world: world.file((ASSET + 'file = "tool"\n') * 2),
    "GHA115": lambda world: world.command("lock", settings={}),
    "GHA203": untrusted,
    "GHA207": private,
    "GHA208": lambda world: world.fault(faults.SamlRequired(), TOKEN="ghp_notYetAuthorized000000000000000"),
    "GHA210": lambda world: world.fault(faults.Status(451)),
    "GHA301": lambda world: world.asked(REPO="grpc-ecosystem/grpc-health-prob"),
    "GHA302": lambda world: world.asked(VERSION="v0.4.99"),
    "GHA303": pre_release,
    "GHA304": elsewhere,
    "GHA401": lambda world: world.asked(FILE="grpc_health_probe-linux-x64"),
    "GHA402": lambda world: world.tool({"tool-linux-arm64": STATIC, "tool-darwin-arm64": STATIC}),
    "GHA403": ambiguous,
    "GHA404": lambda world: world.asked(VERSION="^1.2"),
    "GHA406": uploading,
    "GHA507": lambda world: world.asked(BP_DEPENDENCY_MIRROR=f"{world.server.other_url}/none"),
    "GHA508": lambda world: world.asked(BP_DEPENDENCY_MIRROR=f"file://{world.lifecycle.app}"),
    "GHA509": on_folder,
    "GHA601": lambda world: world.tool(
        {"tool-linux-amd64.7z": b"7z\xbc\xaf\x27\x1c"}, 'file = "tool-linux-amd64.7z"\n'
    ),
    "GHA602": lambda world: world.tool({ARCHIVE: gzip.compress(tar(TOOL))[:-20]}),
    "GHA607": lambda world: world.archive(Member("bin/tool", STATIC), README, keys='path = "bin/tol"\n'),
    "GHA608": lambda world: world.archive(README, Member("schema.json", b"{}")),
    "GHA609": lambda world: world.archive(TOOL, Member("toolctl", STATIC), keys='target = "tol"\n'),
    "GHA610": lambda world: world.archive(Member("v1/tool", STATIC), Member("v2/tool", elf(pie=True))),
    "GHA611": lambda world: world.archive(Member("tool-1.2.0/bin/tool", STATIC), keys="strip_components = 3\n"),
    "GHA612": lambda world: world.asked(FILE="checksums.txt"),
    "GHA613": lambda world: world.tool(
        {"tool-linux-amd64": STATIC, "tool-linux-arm64": elf(ARM64)}, 'file = "tool-linux-arm64"\n'
    ),
    "GHA701": from_the_future,
    "GHA702": asked_for_more,
    "GHA707": lambda world: world.command("lock", "--accept", "octo/tol"),
    "GHA708": lambda world: world.file(f'{PINNED}sha256 = "{"c07d" * 16}"\n'),
    "GHA709": lambda world: world.command("verify", "."),
    "GHA710": lambda world: without_digest(world, {}, f'{PINNED}verify = "required"\n'),
    "GHA711": lambda world: world.file(f'{PINNED}minimum = "attested"\n'),
}


@pytest.mark.parametrize("id_", WRONG)
def test_a_wrong_input_gets_the_message_on_the_page(
    lifecycle: Lifecycle,
    server: Server,
    release: Release,
    repository: Repository,
    command: Command,
    id_: str,
) -> None:
    repository.release("v0.4.44", created_at=release.created_at.replace(year=2020)).asset(ASKED["FILE"], PROBE)

    run = WRONG[id_](World(lifecycle, server, release, command))

    said = run.err.replace(str(lifecycle.app), "/workspace").replace(DIGEST, "1f3a" * 16)
    for role, host in HOSTS.items():
        said = said.replace(urlsplit(server.site.urls[role]).netloc, host)
    assert run.status == 1
    assert said == EXAMPLES[id_]


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) > 25
