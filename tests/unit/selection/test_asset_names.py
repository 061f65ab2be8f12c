from __future__ import annotations

import json
import os

import pytest

from github_assets.selection import vocabulary
from github_assets.selection.asset_names import Role, parse_name, spellings
from github_assets.selection.vocabulary import BARE_32, BARE_64, BARE_ARM, BARE_X86, Kind


@pytest.mark.parametrize(
    ("name", "os_", "arch", "libc"),
    [
        ("tool_1.2.3_Linux_x86_64.tar.gz", ["linux"], ["amd64"], []),
        ("tool-x86-64-linuxstatic.tar.gz", ["linux"], ["amd64"], ["static"]),
        ("tool-v1.2.3-aarch64-unknown-linux-musl.tgz", ["linux"], ["arm64"], ["musl"]),
        ("tool-linux64", ["linux"], [BARE_64], []),
        ("tool.lin64", ["linux"], [BARE_64], []),
        ("tool_Linux-64bit.tar.gz", ["linux"], [BARE_64], []),
        ("tool-linux-arm64v8", ["linux"], ["arm64"], []),
        ("tool_linux_arm_7", ["linux"], ["arm"], []),
        ("tool-linux-armhf", ["linux"], ["arm"], []),
        ("tool-linux-arm", ["linux"], [BARE_ARM], []),
        ("tool-linux-x86", ["linux"], [BARE_X86], []),
        ("tool-linux-x86_32.zip", ["linux"], ["386"], []),
        ("protoc-22.2-linux-ppcle_64.zip", ["linux"], ["ppc64le"], []),
        ("tool-linux-s390_64.zip", ["linux"], ["s390x"], []),
        ("tool-manylinux_2_28_x86_64.tar.gz", ["linux"], ["amd64"], ["gnu"]),
        ("tool-musllinux_1_2_aarch64.tar.gz", ["linux"], ["arm64"], ["alpine"]),
        ("tool-x86_64bit", [], ["amd64"], []),
        ("tool-arm_64bits", [], ["arm64"], []),
        ("tool-aarch64bit", [], ["arm64"], []),
        ("tool-i386bit", [], ["386"], []),
        ("tool-linux32bit", ["linux"], [BARE_32], []),
        ("tool-arm-unknown-linux-gnueabihf.tar.gz", ["linux"], [BARE_ARM, "arm"], ["gnu"]),
        ("tool-mac-os_universal.zip", ["darwin"], ["any"], []),
        ("tool-x86_64-w64-mingw32.zip", ["windows"], ["amd64"], []),
        ("tool.exe.zip", ["windows"], [], []),
        ("Tool.AppImage", ["linux"], [], []),
        ("tool-1.64.0-darwin.zip", ["darwin"], [], []),
        ("tool_0.1.386.0_darwin.zip", ["darwin"], [], []),
        ("arm2text", [], [], []),
        ("windrose-x64", [], ["amd64"], []),
        ("archiver-1.2", [], [], []),
    ],
)
def test_platform_words(name: str, os_: list[str], arch: list[str], libc: list[str]) -> None:
    words = parse_name(name).words
    said = {
        role: list(dict.fromkeys(word.value for word in words if word.role is role))
        for role in (Role.OS, Role.ARCH, Role.LIBC)
    }
    assert said == {Role.OS: os_, Role.ARCH: arch, Role.LIBC: libc}


@pytest.mark.parametrize(
    ("name", "kind", "format_"),
    [
        ("tool-linux-amd64", Kind.NATIVE, ""),
        ("direnv.linux-amd64", Kind.NATIVE, ""),
        ("tool-v0.30.1", Kind.NATIVE, ""),
        ("tool-1.2.3rc1", Kind.NATIVE, ""),
        ("tool.TAR.GZ", Kind.NATIVE, "tar.gz"),
        ("tool.tbz", Kind.NATIVE, "tar.bz2"),
        ("tool.gz", Kind.NATIVE, "gz"),
        ("tool-linux.glorp", Kind.OTHER, "glorp"),
        ("tool.phar", Kind.PORTABLE, "phar"),
        ("tool-x86_64.AppImage", Kind.APPIMAGE, "appimage"),
        ("tool.tar.gz.sha256", Kind.OTHER, "sha256"),
        ("tool.tar.gz.sbom.json", Kind.OTHER, "json"),
        ("tool.json.gz", Kind.OTHER, "gz"),
        ("tool-linux-amd64.b3", Kind.OTHER, "b3"),
        ("tool_checksums.txt", Kind.OTHER, "txt"),
        ("tool_1_amd64.deb", Kind.PACKAGE, "deb"),
        ("tool-1-x86_64.pkg.tar.zst", Kind.PACKAGE, "tar.zst"),
        ("tool.artifactbundle.zip", Kind.PACKAGE, "zip"),
        ("tool-1.0.bottle.tar.gz", Kind.PACKAGE, "tar.gz"),
        ("source.tar.gz", Kind.SOURCE, "tar.gz"),
        ("tool-1.0-src.zip", Kind.SOURCE, "zip"),
        ("tool-installer.sh", Kind.INSTALLER, "sh"),
        ("install.sh", Kind.INSTALLER, "sh"),
        ("tool-x86_64-linux-install_only.tar.gz", Kind.NATIVE, "tar.gz"),
        ("tool-x86_64-unknown-linux-gnu-update", Kind.INSTALLER, ""),
        ("completions-0.20.tar.gz", Kind.SUPPLEMENT, "tar.gz"),
        ("tool.1.gz", Kind.SUPPLEMENT, "gz"),
        ("SHA2-256SUMS", Kind.NATIVE, ""),
    ],
)
def test_kind_and_format(name: str, kind: Kind, format_: str) -> None:
    parsed = parse_name(name)
    assert (parsed.kind, parsed.format) == (kind, format_)


def test_words_of_the_tools_name_do_not_classify() -> None:
    assert parse_name("license-detector-linux").kind is Kind.SUPPLEMENT
    assert parse_name("license-detector-linux", tool=frozenset(("license", "detector"))).kind is Kind.NATIVE


def test_the_tags_version_is_no_architecture() -> None:
    assert Role.ARCH in {word.role for word in parse_name("tool-linux-64-1.tar.gz").words}
    assert Role.ARCH not in {word.role for word in parse_name("tool-linux-64-1.tar.gz", tag="v64.1").words}
    assert Role.ARCH not in {word.role for word in parse_name("tool-linux-64-1.tar.gz", tag="k8s-cli/v64.1").words}


def test_every_spelling_is_read_as_what_it_spells() -> None:
    for arch in ("amd64", "arm64", "ppc64le", "s390x", "riscv64", "386"):
        for spelling in spellings(Role.ARCH, arch):
            values = [word.value for word in parse_name(f"tool-linux-{spelling}").words if word.role is Role.ARCH]
            assert values in ([arch], [BARE_64], [BARE_32]), spelling


def test_no_rule_names_a_project() -> None:
    tables = (
        vocabulary.EXTENSIONS,
        vocabulary.KINDS_OF_WORDS,
        vocabulary.SYSTEMS,
        vocabulary.ARCHITECTURES,
        vocabulary.LIBCS,
        vocabulary.NEUTRAL,
        vocabulary.DEMOTED,
    )
    projects = set[str]()
    for name in ("asset_selection_cases.json", "release_facts.json"):
        with open(os.path.join(os.path.dirname(__file__), "data", name), encoding="utf-8") as file:
            facts = json.load(file)
        for release in facts.get("cases", []) + facts.get("releases", []):
            repository = release.get("repo") or release.get("repository") or ""
            projects.update(repository.lower().split()[0].split("/") if repository else ())
    generic = {"app", "bin", "cli", "sigstore"}  # words of many names; the last is a file's extension
    assert projects.intersection(*[set().union(*tables)]) - generic == set()
