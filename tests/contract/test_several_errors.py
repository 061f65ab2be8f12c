"""All errors are reported at once, and those with the same cause in one line."""

from __future__ import annotations

import io
import tarfile

from testing.githubd import GitHub, Server, faults
from tests.contract.lifecycle import Lifecycle

SCRIPT = b"#!/bin/sh\necho a tool\n"


def write_assets(lifecycle: Lifecycle, *assets: dict[str, str]) -> None:
    tables = ("\n".join(["[[assets]]", *(f'{key} = "{value}"' for key, value in asset.items())]) for asset in assets)
    (lifecycle.app / "github-assets.toml").write_text("\n\n".join(tables))


def test_a_wrong_repository_release_and_asset_are_reported_together(lifecycle: Lifecycle, github: GitHub) -> None:
    github.repository("octo/good").release("v1").asset("good", SCRIPT)
    github.repository("octo/fine").release("v1").asset("fine", SCRIPT)
    write_assets(
        lifecycle,
        {"repo": "octo/good", "file": "good"},
        {"repo": "octo/missing", "file": "x"},
        {"repo": "octo/fine", "file": "fine", "version": "v9"},
        {"repo": "octo/good", "file": "another", "target": "b"},
        {"repo": "octo/fine", "file": "fine", "target": "c"},
    )

    run = lifecycle.build({})

    assert run.status == 1
    assert run.err.count("ERROR:") == 1
    for name in ("octo/missing", '"v9"', '"another"'):
        assert name in run.err
    assert "3 assets failed" in run.err
    assert lifecycle.files() == {}


def test_all_that_is_wrong_with_the_configuration_is_reported_together(lifecycle: Lifecycle) -> None:
    binding = lifecycle.platform / "bindings" / "company"
    binding.mkdir(parents=True)
    (binding / "type").write_text("ca-certificates")
    (binding / "ca.pem").write_text("none")
    lifecycle.process["SSL_CERT_FILE"] = "/nowhere.pem"
    write_assets(
        lifecycle,
        {"repo": "octo/tool", "file": "tool"},
        {"repo": "octo/other", "target": "tool"},
        {"repo": "octo/tool", "strip": "1"},
    )
    wrong = {
        "BP_GITHUB_ASSETS_LIBC": "glibc",
        "BP_GITHUB_ASSETS_TIMEOUT": "soon",
        "BP_GITHUB_ASSETS_PROVIDE": "maybe",
        "BP_GITHUB_ASSETS_ENABLED": "perhaps",
        "BP_DEPENDENCY_MIRROR": "ftp://mirror",
        "HTTPS_PROXY": "socks5://proxy",
        "HTTP_PROXY": "socks5://proxy",
        "GITHUB_API_URL": "http://api.example",
        "TOKEN": "two words",
        "REPO": "octo",
        "VERSION": "v1..2",
        "TARGET": "a/b",
        "BP_GITHUB_ASSETS": "a,b/c>d/e",
    }

    run = lifecycle.build(wrong)

    assert run.status == 1
    assert lifecycle.files() == {}
    expected = [f"{name} is invalid" for name in wrong if name != "BP_GITHUB_ASSETS"]
    expected += [
        "BP_GITHUB_ASSETS item 1 is invalid",
        "target of BP_GITHUB_ASSETS item 2 is invalid",
        "SSL_CERT_FILE is invalid",
        "a ca-certificates binding is invalid",
        'number 3 in github-assets.toml has the unknown key "strip"',
    ]
    assert {each: run.err.count(each) for each in expected} == dict.fromkeys(expected, 1), run.err
    assert run.err.startswith(f"ERROR: {len(expected)} settings are invalid:\n"), run.err


def test_duplicates_are_reported_with_the_rest(lifecycle: Lifecycle) -> None:
    write_assets(lifecycle, {"repo": "octo/tool", "target": "tool"}, {"repo": "octo/other", "target": "tool"})

    run = lifecycle.build({"BP_GITHUB_ASSETS_LIBC": "glibc", "BP_DEPENDENCY_MIRROR_GITHUB_COM": "ftp://mirror"})

    assert "would both write github-assets/bin/tool" in run.err
    assert "BP_GITHUB_ASSETS_LIBC is invalid" in run.err
    assert "BP_DEPENDENCY_MIRROR_GITHUB_COM is invalid" in run.err


def test_downloads_of_all_layers_are_reported_together(lifecycle: Lifecycle, github: GitHub, server: Server) -> None:
    release = github.repository("octo/tools").release("v1")
    for name in ("one", "two", "three"):
        release.asset(name, SCRIPT)
    server.fail("web", faults.Status(404), times=None, match="/two$|/three$")
    server.fail("api", faults.Status(404), times=None, match="/assets/")
    write_assets(lifecycle, *({"repo": "octo/tools", "file": name, "layer": name} for name in ("one", "two", "three")))

    run = lifecycle.build({})

    assert run.status == 1
    assert "2 assets failed" in run.err
    assert lifecycle.files() == {}


def test_archives_of_all_layers_are_reported_together(lifecycle: Lifecycle, github: GitHub) -> None:
    release = github.repository("octo/tools").release("v1")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("README"))
    for name in ("one.tar.gz", "two.tar.gz"):
        release.asset(name, content.getvalue())
    release.asset("three", SCRIPT)
    write_assets(
        lifecycle,
        {"repo": "octo/tools", "file": "one.tar.gz"},
        {"repo": "octo/tools", "file": "three"},
        {"repo": "octo/tools", "file": "two.tar.gz", "layer": "other"},
    )

    run = lifecycle.build({})

    assert "2 assets failed" in run.err
    assert all(name in run.err for name in ("one.tar.gz", "two.tar.gz"))
    assert lifecycle.files() == {}


def test_a_host_that_is_down_is_logged_once(lifecycle: Lifecycle, github: GitHub, server: Server) -> None:
    release = github.repository("octo/tools").release("v1")
    for number in range(20):
        release.asset(f"tool{number}", SCRIPT)
    server.fail("web", faults.Status(502), times=None)
    server.fail("api", faults.Status(502), times=None, match="/assets/")
    write_assets(lifecycle, *({"repo": "octo/tools", "file": f"tool{number}"} for number in range(20)))

    run = lifecycle.build({"BP_GITHUB_ASSETS_TIMEOUT": "60"})

    assert run.status == 1
    assert "20 assets failed" in run.err
    assert run.err.count("502") == 1
    assert run.out.count("502") <= 12, run.out
