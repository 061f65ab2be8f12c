"""Whether responses conform to GitHub's OpenAPI description."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from testing.githubd import Attestation, GitHub, Server, faults, openapi

NAMES: list[openapi.Name] = ["api.github.com", "ghes-3.19"]
DIGEST = f"sha256:{'a' * 64}"
HOME = "/repos/{owner}/{repo}"
PATHS = [
    ("/rate_limit", "/rate_limit"),
    (HOME, "/repos/octo/tool"),
    (f"{HOME}/releases", "/repos/octo/tool/releases"),
    (f"{HOME}/releases/latest", "/repos/octo/tool/releases/latest"),
    (f"{HOME}/releases/tags/{{tag}}", "/repos/octo/tool/releases/tags/a%2Fb"),
    (f"{HOME}/releases/{{release_id}}", "/repos/octo/tool/releases/111111111"),
    (f"{HOME}/releases/{{release_id}}/assets", "/repos/octo/tool/releases/111111111/assets"),
    (f"{HOME}/releases/assets/{{asset_id}}", "/repos/octo/tool/releases/assets/222222222"),
]


@pytest.fixture(autouse=True)
def repository(github: GitHub) -> None:
    repository = github.repository("octo/tool", writers={"writer"})
    repository.attestations[DIGEST] = [Attestation({"mediaType": "x"})]
    release = repository.release("a/b", id=111111111, immutable=True)
    release.asset("tool", b"bytes", id=222222222, label=None)
    release.asset("late", b"", state="open", content_type="application/zip")
    repository.release("v2", prerelease=True, name=None, body=None)
    repository.release("v3", draft=True)


def fetch(server: Server, client: requests.Session, path: str, **headers: str) -> requests.Response:
    return client.get(server.api_url + path, headers={"Authorization": "Bearer writer", **headers})


@pytest.mark.parametrize(("template", "path"), PATHS)
@pytest.mark.parametrize("name", NAMES)
def test_answers(server: Server, client: requests.Session, name: openapi.Name, template: str, path: str) -> None:
    response = fetch(server, client, path)
    assert response.status_code == 200
    assert openapi.errors(name, template, response.json()) == []


def test_attestations(server: Server, client: requests.Session, github: GitHub) -> None:
    template, path = f"{HOME}/attestations/{{subject_digest}}", f"/repos/octo/tool/attestations/{DIGEST}"
    newer = fetch(server, client, path, **{"X-GitHub-Api-Version": "2026-03-10"})
    assert openapi.errors("api.github.com", template, newer.json()) == []
    github.inline_bundles = True
    assert openapi.errors("api.github.com", template, fetch(server, client, path).json()) == []


@pytest.mark.parametrize("status", [301, 403, 404])
def test_refusals(server: Server, client: requests.Session, github: GitHub, status: int) -> None:
    path = "/repos/octo/none" if status == 404 else "/repos/octo/tool"
    if status == 301:
        repository = github.find("octo/tool")
        assert repository is not None
        repository.rename("octo/moved")
    if status == 403:
        server.fail("api", faults.SamlRequired())
    response = client.get(server.api_url + path, allow_redirects=False)
    assert response.status_code == status
    assert openapi.errors("api.github.com", HOME, response.json(), status) == []


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"tag_name": 7}, ["$.tag_name: 7 is not of type 'string'"]),
        ({"body": None, "published_at": None}, []),
        ({"draft": None}, ["$.draft: None is not of type 'boolean'"]),
        ({"tagname": "v1"}, ["$.tagname: not in the description"]),
        (
            {"author": {"nick": 1}},
            ["$.author: 'login' is a required property", "$.author.nick: not in the description"],
        ),
        ({"assets": [{"size": "1"}]}, ["$.assets[0].size: '1' is not of type 'integer'"]),
    ],
)
def test_the_check_finds_errors(
    server: Server, client: requests.Session, change: dict[str, Any], errors: list[str]
) -> None:
    release = {**fetch(server, client, "/repos/octo/tool/releases/latest").json(), **change}
    found = openapi.errors("api.github.com", f"{HOME}/releases/latest", release)
    assert set(errors) <= set(found)
    assert bool(errors) == bool(found)
