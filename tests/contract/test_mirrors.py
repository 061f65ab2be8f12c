"""Assets from elsewhere than GitHub, as in Paketo's buildpacks: mirrors, mappings, directories."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import Release, Server, faults
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, DIGEST, PROBE, TOKEN

pytestmark = pytest.mark.usefixtures("release")

PATH = "grpc-ecosystem/grpc-health-probe/releases/download/v0.4.45/grpc_health_probe-linux-amd64"
PASSWORD = "p@ss,wörd/1"
ESCAPED = "p%40ss%2Cw%C3%B6rd%2F1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mirror in a directory, with one file."""
    file = tmp_path / "mirror" / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(PROBE)
    return tmp_path / "mirror"


@pytest.fixture
def only_api(server: Server) -> Server:
    """A GitHub of which only the API can be reached."""
    server.fail("web", faults.Refused())
    server.fail("store", faults.Refused())
    server.fail("api", faults.Status(500), match="/assets/")
    return server


def bind(lifecycle: Lifecycle, kind: str, **entries: str) -> None:
    binding = lifecycle.platform / "bindings/mirrors"
    binding.mkdir(parents=True)
    for name, text in {"type": kind, **entries}.items():
        (binding / name).write_text(text)


def host(url: str) -> str:
    return urlsplit(url).netloc


def name_of(variable_host: str) -> str:
    return f"BP_DEPENDENCY_MIRROR_{variable_host.upper().replace('-', '__').replace('.', '_')}"


# over https: `other` answers like the web host, below whatever the path begins with


def test_a_mirror_has_the_asset_and_gets_no_token(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("web", faults.Refused())

    run = lifecycle.build({**ASKED, "TOKEN": TOKEN, "BP_DEPENDENCY_MIRROR": server.other_url})

    assert (run.status, run.err) == (0, "")
    [request] = server.requests("other")
    assert request.path == f"/{PATH}"
    assert "authorization" not in request.headers
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


def test_a_mirror_may_call_a_verified_asset_a_page(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("other", faults.CalledPage())

    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": server.other_url})

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


def test_a_mapping_may_call_a_verified_asset_a_page(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("other", faults.CalledPage("text/html; charset=utf-8"))
    bind(lifecycle, "dependency-mapping", **{DIGEST: f"{server.other_url}/{PATH}"})

    assert lifecycle.build(ASKED).status == 0


def test_mirror_credentials_are_only_sent_to_the_mirror_and_never_printed(lifecycle: Lifecycle, server: Server) -> None:
    url = server.other_url.replace("https://", f"https://me:{ESCAPED}@")

    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": url, "BP_LOG_LEVEL": "DEBUG"})

    assert (run.status, run.err) == (0, "")
    assert {r.role for r in server.requests() if "authorization" in r.headers} == {"other"}
    assert server.requests("other")[0].headers["authorization"] == "Basic bWU6cEBzcyx3w7ZyZC8x"
    for secret in (PASSWORD, ESCAPED, "bWU6cEBzcyx3w7ZyZC8x"):
        assert secret not in run.log


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_mirror_credentials_are_dropped_on_redirects(lifecycle: Lifecycle, server: Server, status: int) -> None:
    server.fail("other", faults.Redirect(status, f"{server.web_url}/{PATH}"))
    url = server.other_url.replace("https://", f"https://me:{ESCAPED}@")

    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": url})

    assert (run.status, run.err) == (0, "")
    assert server.requests("web")
    assert {r.role for r in server.requests() if "authorization" in r.headers} == {"other"}


def test_a_mirror_that_rejects_the_credentials(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("other", faults.Status(401))
    url = server.other_url.replace("https://", f"https://me:{ESCAPED}@")

    what, advice = refused(lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": url}), lifecycle, PASSWORD, ESCAPED)

    assert what == f"{host(server.other_url)} rejected the credentials (401)."
    assert advice == "BP_DEPENDENCY_MIRROR is wrong, expired or revoked. Replace it."


def test_an_asset_missing_on_a_mirror_is_not_downloaded_from_github(lifecycle: Lifecycle, server: Server) -> None:
    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": f"{server.other_url}/none/{{originalHost}}"})

    what, advice = refused(run, lifecycle)
    assert what == f"{server.other_url}/none/127.0.0.3/{PATH} does not exist or cannot be read."
    assert advice.startswith("BP_DEPENDENCY_MIRROR points there.")
    assert server.requests("web") == server.requests("store") == []


def test_a_mirror_with_other_bytes(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("store", faults.WrongDigest())

    what, _ = refused(
        lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": server.other_url, "BP_GITHUB_ASSETS_TIMEOUT": "1.5"}),
        lifecycle,
    )

    assert what.startswith("Digest mismatch for ")


# directories


def test_a_folder_without_links_to_other_folders(lifecycle: Lifecycle, only_api: Server, folder: Path) -> None:
    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": f"file://{folder}"})

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert f" from file://{folder}/{PATH} in " in run.out
    assert {request.role for request in only_api.requests()} == {"api"}


def test_a_folder_in_a_binding_for_a_host(lifecycle: Lifecycle, only_api: Server, folder: Path) -> None:
    folder.rename(folder.parent / "127.0.0.3")
    bind(
        lifecycle,
        "Dependency-Mirror",
        **{"127.0.0.3": f"file://{folder.parent}/{{originalHost}}\n", "default": "file:///nowhere"},
    )

    run = lifecycle.build(ASKED)

    assert (run.status, run.err) == (0, "")


@pytest.mark.parametrize("content", [b"", PROBE[:-1], PROBE + b"x", b"x" * len(PROBE)])
def test_a_file_in_a_folder_is_verified(lifecycle: Lifecycle, folder: Path, content: bytes) -> None:
    (folder / PATH).write_bytes(content)

    what, _ = refused(
        lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": f"file://{folder}", "BP_GITHUB_ASSETS_TIMEOUT": "1.5"}),
        lifecycle,
    )

    if len(content) == len(PROBE):
        assert what.startswith(f"Digest mismatch for {ASKED['FILE']} from file://{folder}/{PATH} ")
    else:
        assert what.startswith(f"file://{folder}/{PATH} sent ")


def test_a_folder_without_the_file(lifecycle: Lifecycle, folder: Path) -> None:
    (folder / PATH).unlink()

    what, _ = refused(lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": f"file://{folder}"}), lifecycle)

    assert what == f"file://{folder}/{PATH} does not exist or cannot be read."


def test_an_asset_larger_than_one_piece(lifecycle: Lifecycle, release: Release, only_api: Server, folder: Path) -> None:
    large = PROBE * 100
    release.assets[0].content = large
    release.assets[0].digest = f"sha256:{release.assets[0].sha256()}"
    (folder / PATH).write_bytes(large)

    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": f"file://{folder}"})

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == large


# mappings


@pytest.mark.parametrize("key", [DIGEST, f"sha256:{DIGEST}", f"sha256_{DIGEST}", DIGEST.upper()])
def test_a_mapping_takes_precedence(lifecycle: Lifecycle, only_api: Server, tmp_path: Path, key: str) -> None:
    (tmp_path / "any name").write_bytes(PROBE)
    bind(lifecycle, "dependency-mapping", **{key: f"file://{tmp_path}/any%20name\n"})

    run = lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": "file:///nowhere"})

    assert (run.status, run.err) == (0, "")
    assert {request.role for request in only_api.requests()} == {"api"}


def test_the_query_of_a_mapping_is_sent_but_not_printed(lifecycle: Lifecycle, server: Server) -> None:
    bind(lifecycle, "dependency-mapping", **{DIGEST: f"{server.other_url}/{PATH}?X-Amz-Signature=sig5ecret"})

    run = lifecycle.build({**ASKED, "BP_LOG_LEVEL": "DEBUG"})

    assert (run.status, run.err) == (0, "")
    assert server.requests("other")[0].query == "X-Amz-Signature=sig5ecret"
    assert "sig5ecret" not in run.log


# wrong settings


@pytest.mark.parametrize(
    "value",
    [
        "http://mirror.example.org",
        "ftp://mirror.example.org",
        "mirror.example.org",
        "https://me:s3cret@",
        "https://me:s3cret@mirror.example.org:0",
        "https://me:s3cret@mirror.example.org:port",
        "https://me:s3,cret@mirror.example.org",
        "https://me:s3cret@mirror.example.org/?x=1",
        "https://me:s3cret@mirror .example.org",
        "file://host/folder",
        ",skip-path=/x",
    ],
)
def test_an_invalid_mirror_is_an_error(lifecycle: Lifecycle, server: Server, value: str) -> None:
    what, advice = refused(lifecycle.build({**ASKED, "BP_DEPENDENCY_MIRROR": value}), lifecycle, "s3cret")

    assert what == "BP_DEPENDENCY_MIRROR is invalid: (not shown)."
    assert advice.startswith("Expected: an https:// or file:/// URL")
    assert server.requests("web") == []


def test_a_mirror_for_a_host_is_only_used_for_this_host(lifecycle: Lifecycle, server: Server) -> None:
    settings = {name_of(each): "file:///nowhere" for each in ("27.0.0.3", "127.0.0.30", "0.0.3", "github.com")}

    assert lifecycle.build({**ASKED, **settings}).status == 0
    assert len(server.requests("web")) == 1


def test_a_mirror_for_a_host_takes_precedence_over_the_default(lifecycle: Lifecycle, server: Server) -> None:
    run = lifecycle.build({**ASKED, name_of("127.0.0.3"): server.other_url, "BP_DEPENDENCY_MIRROR": "file:///nowhere"})

    assert run.status == 0, run.log
    assert len(server.requests("other")) == 1
