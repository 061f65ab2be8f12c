"""Where links lead, compared with the file system where possible."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors.install import ArchiveTooLarge
from github_assets.install import links as links_module
from github_assets.install.links import HardLinks, Links, leading_out, links_of


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("links") / "root"


def of(links: dict[str, str]) -> Links:
    found = Links()
    found.update(links)
    return found


PART = st.sampled_from(["a", "b", "c", ".", ".."])
TARGET = st.lists(PART, min_size=1, max_size=5).map("/".join)


@given(links=st.dictionaries(st.sampled_from(["a", "b", "c", "d/a", "d/b"]), TARGET, max_size=5))
def test_links_resolve_as_on_the_file_system(links: dict[str, str], root) -> None:
    """What is said to stay inside does so for the kernel too."""
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root / "d")
    for name, target in links.items():
        os.symlink(target, root / name)
    top = os.path.realpath(root)
    assert links_of(str(root)) == links
    for name in links:
        resolved = of(links).resolve(name)
        really = os.path.realpath(root / name)
        if resolved is not None:
            assert really == top or really.startswith(top + "/"), (name, links)
            assert really == os.path.join(top, resolved).rstrip("/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lib/x", "usr/lib/x"),
        ("lib", "lib"),
        ("usr/lib/x", "usr/lib/x"),
        ("out/x", None),
        ("root/x", "x"),
        ("tool", "tool"),
    ],
)
def test_resolve_folder(name: str, expected: str | None) -> None:
    links = of({"lib": "usr/lib", "out": "../..", "root": ".", "tool": "lib/tool"})
    assert links.resolve_folder(name) == expected


def test_a_link_that_leads_out_by_way_of_another_is_found() -> None:
    links = of({"a/up": "../..", "ok": "a"})
    assert leading_out(links) == "a/up"
    assert leading_out(of({"a/b/up": "../..", "escape": "a/b/up/../x"})) == "escape"
    assert leading_out(of({"a/b/up": "../..", "stays": "a/b/up/x"})) is None


def test_many_links_with_many_steps_are_too_many(monkeypatch) -> None:
    monkeypatch.setattr(links_module, "MAX_LINK_STEPS", 10_000)
    chain = {f"l{number}": f"{'x/../' * 50}l{number + 1}" for number in range(30)}
    links = of({**chain, **{f"to{number}": "l0" for number in range(1000)}})
    with pytest.raises(ArchiveTooLarge):
        leading_out(links)


@given(links=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefx"), max_size=6))
def test_chains_of_hard_links_end_where_there_is_no_further_one(links: dict[str, str]) -> None:
    hard_links = HardLinks()
    hard_links.update(links)
    for name in "abcdefx":
        original = hard_links.original(name)
        expected, seen = name, set()
        while expected in links and expected not in seen:
            seen.add(expected)
            expected = links[expected]
        if expected not in links:
            assert original == expected
        else:
            assert original in links  # in a circle there is no end


def test_a_path_longer_than_any_name_leads_nowhere() -> None:
    links = Links()
    links["link"] = "a/" * 20_000

    assert links.resolve("link") is None
