"""The SBOMs, against the official schemas and validators."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from testing.githubd import GitHub, Server
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, DIGEST, PROBE

PURL = "pkg:github/grpc-ecosystem/grpc-health-probe@v0.4.45"


def sbom(lifecycle: Lifecycle, ending: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((lifecycle.layers / f"github-assets.sbom.{ending}").read_text("utf-8"))
    return document


@pytest.fixture
def built(lifecycle: Lifecycle, release: object) -> Lifecycle:
    assert lifecycle.build(ASKED).status == 0
    return lifecycle


def test_cyclonedx(built: Lifecycle) -> None:
    text = (built.layers / "github-assets.sbom.cdx.json").read_text("utf-8")

    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    [component] = sbom(built, "cdx.json")["components"]
    assert (component["name"], component["version"], component["purl"]) == ("grpc_health_probe", "v0.4.45", PURL)
    assert component["hashes"] == [{"alg": "SHA-256", "content": DIGEST}]


def test_spdx(built: Lifecycle) -> None:
    document = parse_file(str(built.layers / "github-assets.sbom.spdx.json"))

    assert validate_full_spdx_document(document, "SPDX-2.3") == []
    [package] = document.packages
    assert (package.name, package.version, package.file_name) == ("grpc_health_probe", "v0.4.45", ASKED["FILE"])
    assert [(sum_.algorithm.name, sum_.value) for sum_ in package.checksums] == [("SHA256", DIGEST)]
    assert [reference.locator for reference in package.external_references] == [PURL]


def test_syft(built: Lifecycle) -> None:
    document = sbom(built, "syft.json")

    assert document["schema"]["version"].startswith("16.")
    [artifact] = document["artifacts"]
    assert (artifact["name"], artifact["version"], artifact["purl"]) == ("grpc_health_probe", "v0.4.45", PURL)
    assert artifact["locations"][0]["path"] == "bin/grpc_health_probe"


@pytest.mark.parametrize("tag", ["v1.0", "grpcurl/v1.0", "@scope/pkg@1.0", "v1.0+build.5", "v1.0#5%25", "v1.0-ü"])
def test_the_purl_identifies_the_release(lifecycle: Lifecycle, github: GitHub, tag: str) -> None:
    github.repository("Octo-Org/Some.Tool_1").release(tag).asset(ASKED["FILE"], PROBE)

    lifecycle.build({**ASKED, "REPO": "Octo-Org/Some.Tool_1", "VERSION": tag})

    [component] = sbom(lifecycle, "cdx.json")["components"]
    purl = PackageURL.from_string(component["purl"])
    assert (purl.type, purl.namespace, purl.name, purl.version) == ("github", "octo-org", "some.tool_1", tag)


def test_the_purl_of_another_github(lifecycle: Lifecycle, server: Server, release: object) -> None:
    del lifecycle.process["GITHUB_API_URL"]
    lifecycle.build({**ASKED, "REPO": f"{server.other_url}/{ASKED['REPO']}"})

    [component] = sbom(lifecycle, "cdx.json")["components"]
    assert component["purl"].startswith(PURL)
