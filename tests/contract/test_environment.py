"""The contract of the environment: where values are read from, and which are valid."""

from __future__ import annotations

import tomllib

import pytest

from testing.githubd import GitHub, Repository, Server
from tests.contract.lifecycle import SOURCE, Lifecycle
from tests.contract.samples import ASKED, PROBE

pytestmark = pytest.mark.usefixtures("release")


def latest_tag(lifecycle: Lifecycle) -> str:
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    return str(asset["tag"])


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"REPO": ""}, id="an empty REPO"),
        pytest.param({"REPO": " \n"}, id="a blank REPO"),
        pytest.param({"FILE": "x", "VERSION": "1", "TOKEN": "t"}, id="FILE, VERSION and TOKEN of other tools"),
        pytest.param({"TARGET": "y", "VERSION": "1", "TOKEN": "t"}, id="TARGET, VERSION and TOKEN of other tools"),
        pytest.param({"BP_GITHUB_ASSET_REPO": "", "FILE": "x", "TARGET": "y"}, id="said not to be for us"),
        pytest.param({"BP_GITHUB_ASSETS_TIMEOUT": "60", "GITHUB_TOKEN": "t"}, id="an operator's settings"),
        pytest.param({"BP_GITHUB_ASSET_TAG": ""}, id="an unknown name without a value"),
    ],
)
def test_detect_fails_with_one_line_if_nothing_is_configured(lifecycle: Lifecycle, settings: dict[str, str]) -> None:
    run = lifecycle.detect(settings)

    assert (run.status, run.err) == (100, "")
    [line] = run.out.splitlines()
    assert "REPO" in line
    assert lifecycle.plan.read_text() == ""


def test_empty_settings_count_as_not_configured(lifecycle: Lifecycle) -> None:
    run = lifecycle.detect({"REPOS": "a/b", "FILE": "x"})

    assert run.status == 100
    [line] = run.out.splitlines()
    assert line.endswith("FILE is set, but not REPO. REPOS is set: did you mean REPO?")


@pytest.mark.parametrize("name", ["FILE", "TARGET", "VERSION", "TOKEN"])
def test_prefixed_names_without_a_repository_are_an_error(lifecycle: Lifecycle, name: str) -> None:
    settings = {f"BP_GITHUB_ASSET_{name}": "x"}

    assert lifecycle.detect(settings).status == 0
    run = lifecycle.build(settings)
    assert run.status == 1
    assert run.err.startswith(f"ERROR: BP_GITHUB_ASSET_REPO is required because BP_GITHUB_ASSET_{name} is set.\n")


@pytest.mark.parametrize("settings", [ASKED, {"REPO": "no repository"}, {"BP_GITHUB_ASSET_TAG": "x"}])
def test_the_buildpack_can_be_switched_off(lifecycle: Lifecycle, settings: dict[str, str]) -> None:
    run = lifecycle.detect({**settings, "BP_GITHUB_ASSETS_ENABLED": "False"})

    assert (run.status, run.log) == (100, "Switched off: BP_GITHUB_ASSETS_ENABLED is false.\n")
    assert lifecycle.plan.read_text() == ""
    assert lifecycle.detect({**settings, "BP_GITHUB_ASSETS_ENABLED": "true"}).status == 0


def test_near_misses_of_the_short_names_cause_a_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process["TARGETS"] = "x"

    run = lifecycle.build({"REPO": ASKED["REPO"], "VERSIONS": "v0.3.2", "REPOS": "x"})

    assert run.status == 0
    warnings = [line.strip() for line in run.out.splitlines() if "Did you mean" in line]
    assert warnings == [
        "Warning: TARGETS is set, but not read. Did you mean TARGET?",
        "Warning: VERSIONS is set, but not read. Did you mean VERSION?",
    ]


def test_prefixed_names_take_precedence(lifecycle: Lifecycle) -> None:
    ours = {f"BP_GITHUB_ASSET_{name}": value for name, value in ASKED.items()}
    theirs = {"REPO": "other/tool", "FILE": "x", "TARGET": "y", "VERSION": "v9"}

    assert lifecycle.build({**theirs, **ours, "BP_GITHUB_ASSET_VERSION": "v0.4.45"}).status == 0
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


def test_the_platform_file_takes_precedence_over_the_process(lifecycle: Lifecycle) -> None:
    lifecycle.process.update(ASKED, TARGET="from-the-process")

    assert lifecycle.build({"TARGET": "from-the-file"}).status == 0
    assert [path.name for path in (lifecycle.layer / "bin").iterdir()] == ["from-the-file"]


@pytest.mark.parametrize("in_process", [False, True], ids=["clear-env", "merged"])
def test_build_variables_are_read_from_the_platform_alone_or_not(lifecycle: Lifecycle, in_process: bool) -> None:
    """A lifecycle merges them into the process only if buildpack.toml does not say `clear-env`."""
    if in_process:
        lifecycle.process.update(ASKED)

    assert lifecycle.detect(ASKED).status == 0
    assert lifecycle.build().status == 0
    assert [path.name for path in (lifecycle.layer / "bin").iterdir()] == [ASKED["TARGET"]]


def test_a_lifecycle_keeps_build_variables_out_of_the_process() -> None:
    assert tomllib.loads((SOURCE / "buildpack.toml").read_text("utf-8"))["buildpack"]["clear-env"] is True


def test_the_process_alone_suffices(lifecycle: Lifecycle) -> None:
    lifecycle.process.update(ASKED)
    (lifecycle.platform / "env").rmdir()

    assert lifecycle.detect().status == 0
    assert lifecycle.build().status == 0


def test_the_prefixed_name_in_the_process_takes_precedence_over_a_file(lifecycle: Lifecycle) -> None:
    lifecycle.process["BP_GITHUB_ASSET_TARGET"] = "ours"

    assert lifecycle.build(ASKED).status == 0
    assert [path.name for path in (lifecycle.layer / "bin").iterdir()] == ["ours"]


def test_white_space_around_values_is_not_part_of_them(lifecycle: Lifecycle) -> None:
    assert lifecycle.build({name: f" {value}\r\n" for name, value in ASKED.items()}).status == 0
    assert (lifecycle.layer / "bin/grpc_health_probe").exists()


@pytest.mark.parametrize("value", ["", None])
def test_the_target_platform_is_optional(lifecycle: Lifecycle, value: str | None) -> None:
    for name in ("CNB_TARGET_OS", "CNB_TARGET_ARCH"):
        del lifecycle.process[name]
        if value is not None:
            lifecycle.process[name] = value

    assert lifecycle.build(ASKED).status == 0
    metadata = lifecycle.toml("github-assets.toml")["metadata"]
    assert metadata["os"] == "linux"
    assert metadata["arch"] in ("amd64", "arm64")


@pytest.mark.parametrize(
    "repo",
    [
        "https://github.com/grpc-ecosystem/grpc-health-probe",
        "https://github.com/grpc-ecosystem/grpc-health-probe/",
        "https://github.com/grpc-ecosystem/grpc-health-probe.git",
        "https://www.github.com/grpc-ecosystem/grpc-health-probe",
        "HTTPS://GitHub.com/grpc-ecosystem/grpc-health-probe",
        "github.com/grpc-ecosystem/grpc-health-probe",
        "GRPC-Ecosystem/grpc-health-probe",
    ],
)
def test_spellings_of_a_repository(lifecycle: Lifecycle, repo: str) -> None:
    assert lifecycle.build({**ASKED, "REPO": repo}).status == 0


def test_a_repository_of_another_github_by_its_url(lifecycle: Lifecycle, server: Server) -> None:
    """`https://host/owner/name` is on a GitHub Enterprise Server, whose API is below /api/v3."""
    del lifecycle.process["GITHUB_API_URL"]
    run = lifecycle.build({**ASKED, "REPO": f"{server.other_url}/grpc-ecosystem/grpc-health-probe"})

    assert (run.status, run.err) == (0, "")
    assert [request.path for request in server.requests("other")] == [
        "/api/v3/repos/grpc-ecosystem/grpc-health-probe/releases/latest"
    ]
    assert server.requests("api") == []


def test_the_server_that_short_names_refer_to(lifecycle: Lifecycle, server: Server) -> None:
    del lifecycle.process["GITHUB_API_URL"]
    lifecycle.process["GITHUB_SERVER_URL"] = server.other_url

    assert lifecycle.build(ASKED).status == 0
    assert server.requests("api") == []


# versions


def test_latest_is_never_a_draft_nor_a_pre_release(lifecycle: Lifecycle, repository: Repository) -> None:
    for tag, fields in {"v0.5.0-rc1": {"prerelease": True}, "v0.5.0": {"draft": True}}.items():
        repository.release(tag, **fields).asset(ASKED["FILE"], b"not this")

    lifecycle.build(ASKED)

    assert latest_tag(lifecycle) == "v0.4.45"


def test_latest_is_the_one_marked_by_github(lifecycle: Lifecycle, repository: Repository) -> None:
    repository.release("v0.3.9", make_latest="false").asset(ASKED["FILE"], b"a fix for the old")

    lifecycle.build({**ASKED, "VERSION": "latest"})

    assert latest_tag(lifecycle) == "v0.4.45"


def test_a_pre_release_by_its_tag(lifecycle: Lifecycle, repository: Repository) -> None:
    repository.release("v0.5.0-rc1", prerelease=True).asset(ASKED["FILE"], b"#!/bin/sh\n# candidate\n")

    lifecycle.build({**ASKED, "VERSION": "v0.5.0-rc1"})

    assert latest_tag(lifecycle) == "v0.5.0-rc1"


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.3", "v1.2.3"), ("v1.2.3", "1.2.3"), ("1.2.4", "v1.2.4"), ("1.2.4", "1.2.4")],
)
def test_the_v_of_a_version_is_optional(lifecycle: Lifecycle, repository: Repository, tag: str, version: str) -> None:
    repository.release(tag).asset(ASKED["FILE"], PROBE)
    repository.release("v9.9.9").asset(ASKED["FILE"], PROBE)

    lifecycle.build({**ASKED, "VERSION": version})

    assert latest_tag(lifecycle) == tag


@pytest.mark.parametrize(
    ("tag", "on_the_wire"),
    [
        ("grpcurl/v1.0", "grpcurl%2Fv1.0"),
        ("@scope/pkg@1.0", "%40scope%2Fpkg%401.0"),
        ("v1.0+build.5", "v1.0%2Bbuild.5"),
        ("v1.0#5%25", "v1.0%235%2525"),
        ("v1.0-ü", "v1.0-%C3%BC"),
    ],
)
def test_odd_tags_are_percent_encoded(
    lifecycle: Lifecycle, repository: Repository, server: Server, tag: str, on_the_wire: str
) -> None:
    repository.release(tag).asset(ASKED["FILE"], PROBE)

    run = lifecycle.build({**ASKED, "VERSION": tag})

    assert (run.status, run.err) == (0, "")
    assert server.requests("api")[0].path.endswith(f"/releases/tags/{on_the_wire}")
    assert latest_tag(lifecycle) == tag


# GitHub's ways


@pytest.mark.parametrize("version", ["latest", "v0.4.45"])
def test_a_renamed_repository_is_followed(
    lifecycle: Lifecycle, repository: Repository, server: Server, version: str
) -> None:
    repository.rename("grpc/health-probe")

    run = lifecycle.build({**ASKED, "VERSION": version})

    assert (run.status, run.err) == (0, "")
    assert 301 in [request.status for request in server.requests("api")]


def test_an_api_that_serves_assets_itself(lifecycle: Lifecycle, server: Server, github: GitHub) -> None:
    github.direct = True

    assert lifecycle.build(ASKED).status == 0
    assert server.requests("store") == []


def test_every_request_has_a_user_agent(lifecycle: Lifecycle, server: Server) -> None:
    lifecycle.build(ASKED)

    assert {request.headers["user-agent"].partition("/")[0] for request in server.requests()} == {"github-assets-cnb"}
    assert {request.headers["x-github-api-version"] for request in server.requests("api")} == {"2022-11-28"}


def test_a_certificate_binding_is_trusted(lifecycle: Lifecycle, server: Server) -> None:
    del lifecycle.process["SSL_CERT_FILE"]
    binding = lifecycle.platform / "bindings/company"
    binding.mkdir(parents=True)
    (binding / "type").write_text("ca-certificates\n")
    with open(server.ca_path) as authority:
        (binding / "proxy.pem").write_text(authority.read())

    assert lifecycle.build(ASKED).status == 0


def test_other_programs_certificate_variables_are_not_followed(lifecycle: Lifecycle) -> None:
    lifecycle.process.update(REQUESTS_CA_BUNDLE="/nowhere/ca.pem", CURL_CA_BUNDLE="/nowhere/ca.pem")

    assert lifecycle.build(ASKED).status == 0
