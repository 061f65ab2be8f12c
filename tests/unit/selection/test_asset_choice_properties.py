"""What must not affect the choice."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors import GithubAssetsError
from github_assets.errors.selection import AssetAmbiguous, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose, decide
from tests.properties import examples

from .cases import Case, collected_cases, further_cases

CASES = [case for case in collected_cases() + further_cases() if case.pattern is None]
SIDECARS = (".sha256", ".sha512sum", ".asc", ".sig", ".pem", ".sbom.json", ".intoto.jsonl", ".minisig", ".b3", ".txt")
SYSTEMS = {
    "linux": ("linux", "Linux", "unknown-linux-gnu", "unknown-linux-musl", "ubuntu"),
    "darwin": ("darwin", "macOS", "apple-darwin", "osx", "mac"),
    "windows": ("windows", "win", "pc-windows-msvc"),
    "freebsd": ("freebsd",),
}
ARCHITECTURES = {
    "amd64": ("amd64", "x86_64", "x64", "64bit"),
    "arm64": ("arm64", "aarch64"),
    "arm": ("armv7", "armhf", "arm32"),
    "386": ("386", "i686", "i386"),
    "s390x": ("s390x",),
    "ppc64le": ("ppc64le", "powerpc64le"),
    "riscv64": ("riscv64", "riscv64gc"),
}
EXTENSION = re.compile(r"(\.(tar\.\w+|t[bgx]z2?|zip|gz|xz|bz2|zst|exe|AppImage|appimage|[a-z]{2,}\d*(sum)?s?))+$")

cases = st.sampled_from(CASES)


class Built(NamedTuple):
    """A name that was put together, and for what."""

    words: tuple[str, ...]
    os: str
    arch: str
    extension: str

    def name(self, order: tuple[int, ...] = (0, 1, 2, 3), separator: str = "-") -> str:
        return separator.join(self.words[place] for place in order if self.words[place]) + self.extension


@st.composite
def releases(draw: st.DrawFn) -> list[Built]:
    """Return the assets of one tool, one for each of some platforms, perhaps with variants."""
    version = draw(st.sampled_from(("", "1.2.3", "v2.0")))
    platforms = draw(
        st.lists(
            st.tuples(st.sampled_from(list(SYSTEMS)), st.sampled_from(list(ARCHITECTURES))), min_size=1, unique=True
        )
    )
    built = list[Built]()
    for os, arch in platforms:
        words = ("tool", version, draw(st.sampled_from(SYSTEMS[os])), draw(st.sampled_from(ARCHITECTURES[arch])))
        extensions = st.sets(st.sampled_from((".tar.gz", ".zip", ".tar.xz", "")), min_size=1)
        built.extend(Built(words, os, arch, extension) for extension in sorted(draw(extensions)))
    return built


def chosen(names: list[str], platform: Platform) -> int | None:
    """Return the place of the choice, None for a refusal."""
    try:
        return names.index(choose(names, platform))
    except (AssetAmbiguous, NoAssetForPlatform):
        return None


@settings(max_examples=examples(40))
@given(cases, st.randoms(use_true_random=False))
def test_the_order_of_the_names_does_not_matter(case: Case, random: Random) -> None:
    names = list(case.names)
    random.shuffle(names)
    assert case.chosen(names) == case.usual()


@settings(max_examples=examples(40))
@given(cases, st.sampled_from((str.upper, str.lower, str.title)))
def test_case_does_not_matter(case: Case, change: Callable[[str], str]) -> None:
    _assert_same_choice(case, [change(name) for name in case.names])


@settings(max_examples=examples(40))
@given(cases, st.sampled_from("-_."))
def test_separators_do_not_matter(case: Case, separator: str) -> None:
    def change(name: str) -> str:
        extension = EXTENSION.search(name)
        stem = name[: extension.start()] if extension else name
        return re.sub(r"[-_.]", separator, stem) + name[len(stem) :]

    _assert_same_choice(case, [change(name) for name in case.names])


def _assert_same_choice(case: Case, names: list[str]) -> None:
    if len(set(names)) == len(case.names):
        before, after = case.usual(), case.chosen(names)
        assert (names.index(after) if after else None) == (case.names.index(before) if before else None)


@settings(max_examples=examples(40))
@given(cases, st.data())
def test_a_sidecar_does_not_matter(case: Case, data: st.DataObject) -> None:
    of_assets = [name + sidecar for name in case.names for sidecar in SIDECARS]
    of_release = ["checksums.txt", "SHA256SUMS.txt", "tool_1.0_checksums.txt", "latest.yml", "dist-manifest.json"]
    sidecars = data.draw(st.lists(st.sampled_from(of_assets + of_release), min_size=1, max_size=8))
    assert case.chosen([*case.names, *sidecars]) == case.usual()


@settings(max_examples=examples(40))
@given(releases(), st.permutations(range(4)), st.sampled_from(("amd64", "arm64")), st.sampled_from("-_"))
def test_the_order_of_the_words_does_not_matter(built: list[Built], order: list[int], arch: str, by: str) -> None:
    platform = Platform("linux", arch)
    before = chosen([it.name() for it in built], platform)
    assert chosen([it.name(tuple(order), by) for it in built], platform) == before


@settings(max_examples=examples(40))
@given(releases(), st.sampled_from(list(ARCHITECTURES)), st.sampled_from((None, "musl", "gnu")))
def test_the_platform_is_right_and_found_where_it_is(built: list[Built], arch: str, libc: str | None) -> None:
    place = chosen([it.name() for it in built], Platform("linux", arch, libc))
    there = [it for it in built if (it.os, it.arch) == ("linux", arch)]
    if place is None:
        glibc_alone = all("gnu" in it.name() for it in there)
        assert not there or (libc == "musl" and glibc_alone)
    else:
        assert built[place] in there


@settings(max_examples=examples(40))
@given(st.lists(st.text(min_size=1, max_size=40), max_size=8), st.sampled_from(("amd64", "arm64")))
def test_any_names_give_one_of_them_or_a_refusal(names: list[str], arch: str) -> None:
    place = chosen(names, Platform("linux", arch))
    assert place is None or 0 <= place < len(names)


@settings(max_examples=examples(100))
@given(cases, st.sampled_from(["amd64", "arm64", "riscv64"]), st.sampled_from([None, "musl", "gnu"]))
def test_every_name_has_a_reason(case: Case, arch: str, libc: str | None) -> None:
    platform = Platform("linux", arch, libc)

    decision = decide(case.names, platform, AssetQuery(case.repository, case.tag))

    assert decision.reasons.keys() == set(case.names)
    if isinstance(decision.outcome, GithubAssetsError):
        with pytest.raises(type(decision.outcome)):
            choose(case.names, platform, AssetQuery(case.repository, case.tag))
    else:
        assert decision.outcome == choose(case.names, platform, AssetQuery(case.repository, case.tag))
