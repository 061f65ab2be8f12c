"""The buildpack's own SBOM: the interpreter, its libraries and the vendored packages, with their licences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.parser import HeaderParser
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from release import CHECKOUT, ID, NAME, URL, ReleaseError
from runtime import debian
from runtime.recipe import ARCHITECTURES, PYTHON, SUITE

#: The licences of what we take from packages whose copyright file is prose, by the package that has the file.
_PROSE = {
    "gcc-14-base": "GPL-3.0-or-later WITH GCC-exception-3.1",
    f"libpython{PYTHON}-minimal": "PSF-2.0",
}
#: SPDX's identifiers of licences that Debian calls otherwise (debian.org/doc/packaging-manuals/copyright-format/1.0).
_SPDX = {"Artistic": "Artistic-1.0-Perl", "Expat": "MIT"}


def sbom(version: str, time: datetime) -> str:
    """Return a CycloneDX 1.6 document for the packages of all architectures, as JSON: `time` is its time stamp.

    Raises ReleaseError where the licence of a package is unknown.
    """
    namespace, _, name = ID.partition("/")
    purl = PackageURL("github", namespace, name, f"v{version}")
    buildpack = _component(ComponentType.APPLICATION, NAME, version, purl, ["Apache-2.0"])
    runtime = CHECKOUT / "dist" / f"linux-{next(iter(ARCHITECTURES))}" / "runtime"
    components = [*_debian_packages(runtime), *_wheels(runtime)]
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{URL}/releases/tag/v{version}"),
        metadata=BomMetaData(component=buildpack, timestamp=time),
        components=components,
    )
    bom.register_dependency(buildpack, components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1)) + "\n"


def _debian_packages(runtime: Path) -> Iterator[Component]:
    for deb in debian.read_lock(str(runtime / "licenses" / "debian.lock.toml")).debs:
        qualifiers = {"arch": deb.architecture, "distro": SUITE}
        purl = PackageURL("deb", "debian", deb.package, deb.version, qualifiers)
        licences = _licences(runtime / "licenses", deb.package)
        component = _component(ComponentType.LIBRARY, deb.package, deb.version, purl, licences)
        component.hashes = [HashType(alg=HashAlgorithm.SHA_256, content=deb.sha256)]
        yield component


def _wheels(runtime: Path) -> Iterator[Component]:
    for metadata in sorted((runtime / "lib" / f"python{PYTHON}").glob("*.dist-info/METADATA")):
        headers = HeaderParser().parsestr(metadata.read_text("utf-8"))
        purl = PackageURL("pypi", None, headers["Name"], headers["Version"])
        licence = headers["License-Expression"] or headers["License"]
        if not licence:
            raise ReleaseError(f"The wheel of {purl.name} names no licence; look it up and amend release/sbom.py.")
        yield _component(ComponentType.LIBRARY, purl.name, headers["Version"], purl, [licence])


def _component(kind: ComponentType, name: str, version: str, purl: PackageURL, licences: Iterable[str]) -> Component:
    known: list[License] = [LicenseFactory().make_from_string(licence) for licence in licences]
    return Component(type=kind, name=name, version=version, purl=purl, bom_ref=purl.to_string(), licenses=known)


def _licences(folder: Path, package: str) -> list[str]:
    """Return the licences in a package's copyright file, by their SPDX identifiers where they have one."""
    text = (folder / package / "copyright").read_text("utf-8", "replace")
    if told := re.fullmatch(r"The text is that of (.+)/copyright\.\n", text):
        return _licences(folder, told[1])
    if not text.startswith("Format:"):
        if package not in _PROSE:
            raise ReleaseError(f"The licence of {package} is unknown; look it up and amend release/sbom.py.")
        return [_PROSE[package]]
    names = re.findall(r"^License:[ \t]*(\S[^\n]*?)\s*$", text, re.M)
    return sorted({_spdx(name) for several in names for name in re.split(" and | or ", several)} - {"none"})


def _spdx(name: str) -> str:
    if gnu := re.fullmatch(r"(A?GPL-\d|LGPL-\d)(\.\d)?(\+?)", name):
        return f"{gnu[1]}{gnu[2] or '.0'}-{'or-later' if gnu[3] else 'only'}"
    return _SPDX.get(name, name)
