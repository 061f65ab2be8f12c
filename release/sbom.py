"""The buildpack's own SBOM: the interpreter, its libraries and the vendored packages, with their licences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from release import CHECKOUT, ReleaseError
from runtime import debian
from runtime.recipe import ARCHITECTURES, PYTHON, SUITE

ID = "pkg:github/cage1016/github-assets-cnb"


def sbom(version: str) -> str:
    """Return CycloneDX 1.5 for the packages of all architectures, as JSON; the same for the same packages.

    Raises ReleaseError where a package has no licence.
    """
    runtimes = {name: CHECKOUT / "dist" / f"linux-{name}" / "runtime" for name in ARCHITECTURES}
    licences = next(iter(runtimes.values())) / "licenses"
    components = [*_debian(licences), *_wheels(next(iter(runtimes.values())))]
    main = {
        "type": "application",
        "bom-ref": f"{ID}@v{version}",
        "name": "github-assets-cnb",
        "version": version,
        "purl": f"{ID}@v{version}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": main},
        "components": components,
        "dependencies": [{"ref": main["bom-ref"], "dependsOn": [component["bom-ref"] for component in components]}],
    }
    return json.dumps(document, indent=1) + "\n"


def _debian(licences: Path) -> Iterator[dict[str, Any]]:
    for deb in debian.read_lock().debs:
        text = (licences / deb.package / "copyright").read_text("utf-8", "replace")
        if told := re.fullmatch(r"The text is that of (.+)\.\n", text):
            text = (licences / told[1]).read_text("utf-8", "replace")
        purl = f"pkg:deb/debian/{deb.package}@{quote(deb.version, safe='')}?arch={deb.architecture}&distro={SUITE}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": deb.package,
            "version": deb.version,
            "purl": purl,
            "hashes": [{"alg": "SHA-256", "content": deb.sha256}],
            "licenses": _named(deb.package, _licences_of(text)),
        }


def _licences_of(copyright_file: str) -> list[str]:
    """Return the short names in a machine-readable copyright file, or what common-licenses it points to.

    (debian.org/doc/packaging-manuals/copyright-format/1.0)
    """
    if copyright_file.startswith("Format:"):
        return sorted(set(re.findall(r"^License: *(\S[^\n]*?)\s*$", copyright_file, re.M)))
    pointed_to = set(re.findall(r"/usr/share/common-licenses/([\w.+-]*\w)", copyright_file))
    return sorted(pointed_to) or ["see the copyright file in licenses/"]


def _wheels(runtime: Path) -> Iterator[dict[str, Any]]:
    for metadata in sorted((runtime / "lib" / f"python{PYTHON}").glob("*.dist-info/METADATA")):
        headers = HeaderParser().parsestr(metadata.read_text("utf-8"))
        name, version = headers["Name"].lower().replace("_", "-"), headers["Version"]
        licence = headers["License-Expression"] or headers["License"]
        purl = f"pkg:pypi/{name}@{version}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "licenses": _named(name, [licence] if licence else []),
        }


def _named(package: str, names: list[str]) -> list[dict[str, Any]]:
    if not names:
        raise ReleaseError(f"{package} says nothing of its licence; look it up and amend release/sbom.py.")
    return [{"license": {"name": name}} for name in names]
