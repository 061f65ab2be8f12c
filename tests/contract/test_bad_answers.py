"""Every wrong response of GitHub, or of anything in between: a row has the fault and the message."""

# ruff: noqa: E501 - a row of a table is a line

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from testing.githubd import GitHub, Release, Repository, Server, faults
from testing.githubd.faults import Fault
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE, TOKEN
from tests.integration.scripted_server import ScriptedServer, whole

pytestmark = pytest.mark.usefixtures("release")

SHORT_TIMEOUT = {"BP_GITHUB_ASSETS_TIMEOUT": "1.5"}
"""Enough for some attempts of the five."""
STALE = '[metadata]\nformat = "2"\nos = "linux"\narch = "amd64"\n[[metadata.assets]]\n' + "".join(
    f'{key} = "{value}"\n'
    for key, value in {
        "repository": ASKED["REPO"],
        "tag": "v0.4.44",
        "asset": ASKED["FILE"],
        "id": "1",
        "size": "1",
        "digest": "",
        "target": ASKED["TARGET"],
        "sha256": "00",
        "verified_by": "size only",
        "level": "unverified",
    }.items()
)
NETWORK = "Check the build's network (pack build --network), HTTPS_PROXY and NO_PROXY."
SERVERS_FAULT = "This is a problem on the server. Check https://www.githubstatus.com, and build again later."
NO_API = "Check the proxy and, if set, GITHUB_API_URL."
REDIRECTS = "Check the repository's URL, GITHUB_API_URL and the proxy."
OUT_OF_TIME = "Build again, or raise BP_GITHUB_ASSETS_TIMEOUT (seconds for all requests together)."
STORAGE = "The API and the token are fine. Check the proxy and the clock, or build again later."
PROXY_CHANGES = "Build again. If it keeps happening, a proxy may be altering the file."
SET_TOKEN = "set TOKEN to a token that can read the repository (fine-grained: Contents, read-only), or provide one in a binding of type github"
SIZE = len(PROBE)


class Row(NamedTuple):
    name: str
    role: Any
    fault: Fault
    headline: str
    """How the first line begins; the number of attempts may follow."""
    advice: str
    token: bool = False
    once: bool = False
    """Whether it must not be tried again."""


ROWS = [
    # the API
    Row("API unreachable", "api", faults.Refused(), "Connection to api failed: Connection refused.", NETWORK),
    Row("API resets", "api", faults.Reset(), "Connection to api failed: ", NETWORK),
    Row("API hangs up", "api", faults.Truncate(), "Connection to api failed: connection closed without a response.", NETWORK),
    Row("API stops in the middle", "api", faults.Truncate(100), "Connection to api failed: connection closed mid-response.", NETWORK),
    Row("API stalls", "api", faults.Stall(), "Timed out after 1.5 s waiting for api.", OUT_OF_TIME, once=True),
    Row("API drips", "api", faults.SlowDrip(100), "Timed out after 1.5 s waiting for api.", OUT_OF_TIME, once=True),
    Row("500 for ever", "api", faults.Status(500), "api returned status 500.", SERVERS_FAULT),
    Row("503 for an hour", "api", faults.Status(503, retry_after=3600), "api returned status 503.", SERVERS_FAULT, once=True),
    Row("408 for ever", "api", faults.Status(408), "api returned status 408.", SERVERS_FAULT),
    Row("400", "api", faults.Status(400), "api returned status 400.", NO_API, once=True),
    Row("410", "api", faults.Status(410), "api returned status 410.", NO_API, once=True),
    Row("401 without token", "api", faults.Status(401), "api requires a token (401).", f"Please {SET_TOKEN}.", once=True),
    Row("401 with token", "api", faults.Status(401), "api rejected the credentials (401).", "TOKEN is wrong, expired or revoked. Replace it.", token=True, once=True),
    Row("403 single sign-on", "api", faults.SamlRequired(), "api denied access (403): Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.", "Authorize TOKEN for the organization's single sign-on at https://github.com/settings/tokens.", token=True, once=True),
    Row("403 IP address", "api", faults.IpNotAllowed(), "api denied access (403): Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.", "The organization allows only certain IP addresses. Build from one of them.", token=True, once=True),
    Row("403 permission", "api", faults.Forbidden(), "api denied access (403): Resource not accessible by personal access token", f"Check the permissions of the token, if there is one, or {SET_TOKEN}.", token=True, once=True),
    Row("403 limit, anonymous", "api", faults.RateLimited(3600), "Rate limit of api exceeded until TIME UTC.", f"Build again later. For a higher limit, {SET_TOKEN}.", once=True),
    Row("403 limit, with token", "api", faults.RateLimited(3600), "Rate limit of api exceeded until TIME UTC.", "Build again later.", token=True, once=True),
    Row("429 limit", "api", faults.RateLimited(3600, status=429), "Rate limit of api exceeded until TIME UTC.", f"Build again later. For a higher limit, {SET_TOKEN}.", once=True),
    Row("secondary limit", "api", faults.SecondaryLimit(retry_after=600), "Rate limit of api exceeded until TIME UTC.", f"Build again later. For a higher limit, {SET_TOKEN}.", once=True),
    Row("secondary limit, no hint", "api", faults.SecondaryLimit(retry_after=None), "Rate limit of api exceeded until TIME UTC.", f"Build again later. For a higher limit, {SET_TOKEN}.", once=True),
    Row("API a login page", "api", faults.HtmlPage(), "api returned something other than GitHub API JSON.", NO_API),
    Row("API half a JSON", "api", faults.InvalidJson(), "api returned something other than GitHub API JSON.", NO_API),
    Row("API another JSON", "api", faults.WrongJson(), "api returned something other than GitHub API JSON.", NO_API),
    Row("API null", "api", faults.WrongJson(None), "api returned something other than GitHub API JSON.", NO_API),
    Row("API garbled", "api", faults.GarbledGzip(), "api returned something other than GitHub API JSON.", NO_API),
    Row("API's headers endless", "api", faults.GiantHeaders(), "Connection to api failed: not a valid HTTP response.", NETWORK),
    Row("API in a circle", "api", faults.Redirect(to="api"), "api redirected more than 5 times.", REDIRECTS, once=True),
    Row("API to plain http", "api", faults.Redirect(to="plain"), "api redirected to http:, which is not encrypted.", REDIRECTS, token=True, once=True),
    Row("API to a file", "api", faults.Redirect(to="file:///etc/passwd"), "api redirected to file:, which is not encrypted.", REDIRECTS, once=True),
    Row("API to no port", "api", faults.Redirect(to="https://127.0.0.1:99999/"), "api redirected to an invalid URL.", REDIRECTS, once=True),
    # web and store
    Row("store unreachable", "store", faults.Refused(), "Connection to store failed: Connection refused.", NETWORK),
    Row("store resets", "store", faults.Reset(5000), "Connection to store failed: ", NETWORK),
    Row("store truncates", "store", faults.Truncate(5000), "Connection to store failed: connection closed mid-response.", NETWORK),
    Row("store sends too much", "store", faults.TooLong(100), f"store sent {SIZE + 100} bytes of {ASKED['FILE']}, expected {SIZE}.", PROXY_CHANGES),
    Row("store flips a bit", "store", faults.WrongDigest(), f"Digest mismatch for {ASKED['FILE']} from store (GitHub's digest). (after 2 attempts)", "  expected:   sha256:"),
    Row("store a login page", "store", faults.HtmlPage(), f"store sent a web page instead of {ASKED['FILE']}.", f"It may be a login page. Check the proxy; if the repository is private, {SET_TOKEN}."),
    Row("store 500 for ever", "store", faults.Status(500), "store returned status 500.", SERVERS_FAULT),
    Row("store 403", "store", faults.Status(403), f"GitHub's storage at store refused {ASKED['FILE']} (403).", STORAGE),
    Row("store 404", "store", faults.Status(404), f"GitHub's storage at store refused {ASKED['FILE']} (404).", STORAGE),
    Row("store garbled", "store", faults.GarbledGzip(), f"store sent 1028 bytes of {ASKED['FILE']}, expected {SIZE}.", PROXY_CHANGES),
    Row("store stalls", "store", faults.Stall(5000), "Timed out after 1.5 s waiting for store.", OUT_OF_TIME, once=True),
    Row("store drips", "store", faults.SlowDrip(100), "Timed out after 1.5 s waiting for store.", OUT_OF_TIME, once=True),
    Row("web in a circle", "web", faults.Redirect(to="web"), "web redirected more than 5 times.", REDIRECTS, once=True),
    Row("web to plain http", "web", faults.Redirect(to="plain"), "web redirected to http:, which is not encrypted.", REDIRECTS, once=True),
]  # fmt: skip


def asked(row: Row) -> dict[str, str | bytes]:
    return {**ASKED, **SHORT_TIMEOUT, **({"TOKEN": TOKEN} if row.token else {})}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_first_build_is_refused(lifecycle: Lifecycle, server: Server, plain: Callable[[str], str], row: Row) -> None:
    server.fail(row.role, row.fault)

    run = lifecycle.build(asked(row))

    what, advice = refused(run, lifecycle)
    assert re.sub(r"\d\d:\d\d:\d\d", "TIME", plain(what)).startswith(row.headline)
    assert advice.startswith(row.advice)
    tried_again = "Retrying in" in run.out
    assert tried_again is not row.once


ON_REBUILD = ["API unreachable", "401 with token", "store truncates", "store flips a bit", "store sends too much", "web to plain http"]  # fmt: skip


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in ON_REBUILD], ids=ON_REBUILD)
def test_a_failed_rebuild_keeps_the_restored_metadata(lifecycle: Lifecycle, server: Server, row: Row) -> None:
    (lifecycle.layers / "github-assets.toml").write_text(STALE)
    (lifecycle.layers / "github-assets.sbom.cdx.json").write_text("{}")
    restored = lifecycle.files()
    server.fail(row.role, row.fault)

    refused(lifecycle.build(asked(row)), lifecycle, before=restored)


# what passes


def test_transient_faults_are_logged_and_survived(
    lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]
) -> None:
    server.fail("api", faults.Status(502), times=1)
    server.fail("api", faults.HtmlPage(), times=1)
    server.fail("store", faults.Truncate(5000), times=1)
    server.fail("store", faults.WrongDigest(), times=1)

    run = lifecycle.build(ASKED)

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    retries = [line.strip() for line in plain(run.out).splitlines() if "Retrying" in line]
    assert [re.sub(r" in \d s", "", line) for line in retries] == [
        "api returned status 502. Retrying (attempt 1 of 5 failed).",
        "api returned something other than GitHub API JSON. Retrying (attempt 2 of 5 failed).",
        "Connection to store failed: connection closed mid-response. Retrying (attempt 1 of 5 failed).",
        f"Digest mismatch for {ASKED['FILE']} from store (GitHub's digest). Retrying (attempt 1 of 2 failed).",
    ]


def test_a_giant_response_is_rejected(lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]) -> None:
    server.fail("api", faults.GiantJson(512 << 20), times=1)

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert plain(what) == "api returned more JSON than GitHub's API ever does."
    assert advice == NO_API
    assert len(server.requests("api")) == 1


WITHOUT_SIZE = {"id": 1, "name": "x", "state": "uploaded", "digest": None}
URLS = [
    "https://[x",
    "https://",
    "https:///x",
    "https://h:99999/x",
    "https://h:port/x",
    "https://h\\@i/x",
    "file:///etc/x",
]


@pytest.mark.parametrize(
    "asset",
    [
        f'"size": 1{"0" * 400}',
        f'"size": 1{"0" * 5000}',
        f'"size": {"[" * 5000}',
        *(f'"size": 3, "browser_download_url": {json.dumps(url)}' for url in URLS),
    ],
    ids=lambda asset: asset[-60:],
)
@pytest.mark.parametrize("settings", [{}, {"BP_DEPENDENCY_MIRROR": "https://127.0.0.1:9"}], ids=["", "mirror"])
def test_a_release_that_no_github_has(lifecycle: Lifecycle, asset: str, settings: dict[str, str]) -> None:
    release = f'{{"tag_name": "v1", "draft": false, "prerelease": false, "assets": [{json.dumps(WITHOUT_SIZE)[:-1]}, {asset}}}]}}'
    with closing(ScriptedServer(whole(200, {}, release.encode()))) as api:
        lifecycle.process["GITHUB_API_URL"] = f"http://{api.at}"

        what, _ = refused(lifecycle.build({"REPO": "a/b", "FILE": "x", **settings, **SHORT_TIMEOUT}), lifecycle)

    assert "Internal error" not in what


def test_a_stall_ends_after_15_seconds(lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]) -> None:
    server.fail("store", faults.Stall(5000), times=1)

    run = lifecycle.build({**ASKED, "BP_GITHUB_ASSETS_TIMEOUT": "50"})

    assert (run.status, run.err) == (0, "")
    assert "Connection to store failed: no data for 15 s. Retrying" in plain(run.out)
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


def test_every_attempt_gets_a_signed_url_of_its_own(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("store", faults.Status(503), times=1)

    assert lifecycle.build(ASKED).status == 0
    assert [request.status for request in server.requests("web")] == [302, 302]


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(faults.RateLimited(reset_in=1), id="primary"),
        pytest.param(faults.RateLimited(reset_in=1, status=429), id="primary, 429"),
        pytest.param(faults.SecondaryLimit(retry_after=1), id="secondary"),
        pytest.param(faults.Status(503, retry_after=1), id="busy"),
    ],
)
def test_a_short_retry_after_is_honored(
    lifecycle: Lifecycle, server: Server, plain: Callable[[str], str], limit: Fault
) -> None:
    server.fail("api", limit, times=1)

    run = lifecycle.build(ASKED)

    assert run.status == 0
    [retries] = [line for line in plain(run.out).splitlines() if "Retrying" in line]
    assert re.search(r"^  (api returned status 503|Rate limit of api exceeded until .*)\. Retrying in [12] s", retries)
    first, second = server.requests("api")
    assert second.at - first.at >= 1


def test_the_reset_time_of_the_rate_limit_is_reported(lifecycle: Lifecycle, server: Server) -> None:
    reset = int(time.time()) + 1800
    server.fail("api", faults.RateLimited(reset_in=1800))

    what, _ = refused(lifecycle.build(ASKED), lifecycle)
    reset_time = re.search(r"until (\d\d:\d\d:\d\d) UTC", what)
    assert reset_time
    assert reset_time[1] in [time.strftime("%H:%M:%S", time.gmtime(reset + late)) for late in range(30)]
    assert len(server.requests()) == 1


# what GitHub rightly does not have


def test_unknown_repository(lifecycle: Lifecycle, plain: Callable[[str], str]) -> None:
    what, advice = refused(lifecycle.build({**ASKED, "REPO": "grpc-ecosystem/grpc-probe"}), lifecycle)

    assert plain(what) == "Repository grpc-ecosystem/grpc-probe not found on api (404)."
    assert advice == f"Check the name. If the repository is private, {SET_TOKEN}."


def test_unknown_repository_with_a_token(lifecycle: Lifecycle) -> None:
    _, advice = refused(lifecycle.build({**ASKED, "REPO": "a/b", "TOKEN": TOKEN}), lifecycle)

    assert advice == "Check the name. If the repository is private, make sure that the token can read it."


def test_unknown_tag_shows_the_nearest_first(lifecycle: Lifecycle, repository: Repository) -> None:
    for number in range(12):
        repository.release(f"v1.{number}.0").asset("tool", PROBE)

    what, advice = refused(lifecycle.build({**ASKED, "VERSION": "v1.7.1"}), lifecycle)

    assert what == 'grpc-ecosystem/grpc-health-probe has no release "v1.7.1".'
    lines = advice.splitlines()
    assert "  VERSION=v1.7.0" in lines[1:4]
    assert lines[-1] == "  … and 3 more"
    assert len(lines) == 12


def test_unknown_asset_shows_the_nearest_first(lifecycle: Lifecycle, release: Release) -> None:
    release.asset("unfinished-linux-amd64", b"", state="starter")

    what, advice = refused(lifecycle.build({**ASKED, "FILE": "grpc-health-probe-linux-amd64"}), lifecycle)

    assert what == 'grpc-ecosystem/grpc-health-probe v0.4.45 has no asset "grpc-health-probe-linux-amd64".'
    assert advice.splitlines() == [
        "Assets of this release:",
        "  FILE=grpc_health_probe-linux-amd64",
        "  FILE=grpc_health_probe-linux-arm64",
        "  FILE=checksums.txt",
    ]


def test_no_latest_release(lifecycle: Lifecycle, github: GitHub) -> None:
    github.repository("octo/young").release("v0.1.0-rc1", prerelease=True)

    what, advice = refused(lifecycle.build({**ASKED, "REPO": "octo/young"}), lifecycle)

    assert what == "octo/young has no latest release."
    assert advice.splitlines() == [
        "Drafts and pre-releases do not count as latest. Choose one explicitly:",
        "  VERSION=v0.1.0-rc1",
    ]


def test_no_releases(lifecycle: Lifecycle, github: GitHub) -> None:
    github.repository("octo/new")

    what, advice = refused(lifecycle.build({**ASKED, "REPO": "octo/new"}), lifecycle)

    assert what == "octo/new has no latest release."
    assert advice


def test_the_tag_of_a_draft_is_unknown(lifecycle: Lifecycle, repository: Repository) -> None:
    repository.release("v1.0.0", draft=True).asset(ASKED["FILE"], PROBE)

    what, _ = refused(lifecycle.build({**ASKED, "VERSION": "v1.0.0"}), lifecycle)

    assert what == 'grpc-ecosystem/grpc-health-probe has no release "v1.0.0".'


def test_an_asset_that_is_not_fully_uploaded(lifecycle: Lifecycle, release: Release, server: Server) -> None:
    release.assets[0].state = "starter"

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert what == (
        f'{ASKED["FILE"]} of grpc-ecosystem/grpc-health-probe v0.4.45 is not fully uploaded (state "starter").'
    )
    assert advice == "Build again later, or set VERSION to an earlier release."
    assert server.requests("web") == []


# what is on the way


def test_an_untrusted_certificate(lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]) -> None:
    del lifecycle.process["SSL_CERT_FILE"]

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert re.fullmatch("The certificate of api is not trusted: .*", plain(what))
    assert "SSL_CERT_FILE" in advice
    assert server.requests() == []


def test_a_proxy_that_does_not_answer(lifecycle: Lifecycle, plain: Callable[[str], str]) -> None:
    lifecycle.process["HTTPS_PROXY"] = "http://me:pr0xyPassw0rd@127.0.0.9:9"

    what, advice = refused(lifecycle.build({**ASKED, **SHORT_TIMEOUT}), lifecycle, "pr0xyPassw0rd")

    assert plain(what).startswith("Connection to api through the proxy 127.0.0.9:9 failed: Connection refused.")
    assert advice.startswith("Check HTTPS_PROXY")


def test_a_secret_echoed_by_a_server_is_not_printed(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("api", faults.Redirect(to=f"https://{TOKEN}.example.com/"))

    refused(lifecycle.build({**ASKED, **SHORT_TIMEOUT, "TOKEN": TOKEN}), lifecycle, TOKEN.lower())
