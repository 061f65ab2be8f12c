"""A layer's software bill of materials, in the three formats that the Buildpack spec names.

They do not depend on when or where the build ran: the same assets give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from github_assets import __version__
from github_assets.buildpack.metadata import LayerAsset

_TOOL = "github-assets-cnb"
_CREATED = "1980-01-01T00:00:01Z"
"""SPDX requires a time. This is the one that the lifecycle gives all files."""


def sboms(assets: Sequence[LayerAsset]) -> dict[str, str]:
    """Return the documents by file extension, as in `<layer>.sbom.<extension>`."""
    documents = {"cdx.json": _cyclonedx(assets), "spdx.json": _spdx(assets), "syft.json": _syft(assets)}
    return {ending: json.dumps(document, indent=1, sort_keys=True) + "\n" for ending, document in documents.items()}


def purl(asset: LayerAsset) -> str:
    """Return the release's package URL (purl-spec, type `github`: owner and name in lower case)."""
    _, owner, name = (
        asset.repository.rsplit("/", 2) if "://" in asset.repository else ("", *asset.repository.split("/"))
    )
    return f"pkg:github/{quote(owner.lower())}/{quote(name.lower())}@{quote(asset.tag, safe='')}"


def _reference(asset: LayerAsset) -> str:
    return hashlib.sha256("\0".join((asset.repository, asset.tag, asset.asset, asset.target)).encode()).hexdigest()[:16]


def _cyclonedx(assets: Sequence[LayerAsset]) -> dict[str, Any]:
    """CycloneDX 1.5 (cyclonedx.org/docs/1.5/json)."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"tools": {"components": [{"type": "application", "name": _TOOL, "version": __version__}]}},
        "components": [
            {
                "type": "application",
                "bom-ref": _reference(asset),
                "name": asset.target,
                "version": asset.tag,
                "purl": purl(asset),
                "hashes": [{"alg": "SHA-256", "content": asset.sha256}],
                "properties": [
                    {"name": f"{_TOOL}:asset", "value": asset.asset},
                    {"name": f"{_TOOL}:verification", "value": asset.level},
                ],
            }
            for asset in assets
        ],
    }


def _spdx(assets: Sequence[LayerAsset]) -> dict[str, Any]:
    """SPDX 2.3 (spdx.github.io/spdx-spec/v2.3)."""
    identity = hashlib.sha256(repr([tuple(asset) for asset in assets]).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "dataLicense": "CC0-1.0",
        "name": "github-assets",
        "documentNamespace": f"https://github.com/cage1016/{_TOOL}/sbom/{identity}",
        "creationInfo": {"created": _CREATED, "creators": [f"Tool: {_TOOL}-{__version__}"]},
        "packages": [
            {
                "SPDXID": f"SPDXRef-{_reference(asset)}",
                "name": asset.target,
                "versionInfo": asset.tag,
                "packageFileName": asset.asset,
                "downloadLocation": "NOASSERTION",
                "filesAnalyzed": False,
                "licenseConcluded": "NOASSERTION",
                "licenseDeclared": "NOASSERTION",
                "copyrightText": "NOASSERTION",
                "comment": f"Verification: {asset.level}",
                "checksums": [{"algorithm": "SHA256", "checksumValue": asset.sha256}],
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "purl",
                        "referenceLocator": purl(asset),
                    }
                ],
            }
            for asset in assets
        ],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": f"SPDXRef-{_reference(asset)}",
            }
            for asset in assets
        ],
    }


def _syft(assets: Sequence[LayerAsset]) -> dict[str, Any]:
    """Syft's own JSON, schema 16 (github.com/anchore/syft, schema/json)."""
    return {
        "artifacts": [
            {
                "id": _reference(asset),
                "name": asset.target,
                "version": asset.tag,
                "type": "github-release-asset",
                "foundBy": _TOOL,
                "locations": [{"path": path, "accessPath": path} for path in asset.paths],
                "licenses": [],
                "language": "",
                "cpes": [],
                "purl": purl(asset),
            }
            for asset in assets
        ],
        "artifactRelationships": [],
        "source": {
            "id": "github-assets",
            "name": "github-assets",
            "version": "",
            "type": "directory",
            "metadata": {"path": "."},
        },
        "distro": {},
        "descriptor": {"name": _TOOL, "version": __version__},
        "schema": {
            "version": "16.0.0",
            "url": "https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.0.0.json",
        },
    }
