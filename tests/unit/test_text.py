from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.text import COMPARED, human_size, nearest_first


@given(wanted=st.text(max_size=20), names=st.lists(st.text(max_size=20), max_size=10))
def test_nearest_first_has_the_same_names(wanted: str, names: list[str]) -> None:
    assert sorted(nearest_first(wanted, names)) == sorted(names)


@given(wanted=st.text(min_size=1, max_size=20), names=st.lists(st.text(max_size=20), max_size=10))
def test_the_wanted_itself_is_nearest(wanted: str, names: list[str]) -> None:
    assert nearest_first(wanted, [*names, wanted])[0].lower() == wanted.lower()


def test_case_and_typos() -> None:
    assert nearest_first("v1.2.4", ["v0.1", "v2.4.1", "V1.2.3"])[0] == "V1.2.3"


def test_equally_similar_names_keep_their_order() -> None:
    assert nearest_first("v1", ["v3", "v2", "xx", "v4"]) == ["v3", "v2", "v4", "xx"]


def test_only_a_few_names_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(SequenceMatcher, "ratio", lambda self: compared.append(len(self.a)) or 0.0)

    nearest_first("ab" * 5000, ["ba" * number for number in range(1000)])

    assert len(compared) == COMPARED
    assert max(compared) <= COMPARED


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_499, "999.5 kB"),
        (999_500, "1.0 MB"),
        (12_406_946, "12.4 MB"),
        (999_999_999, "1.0 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_human_size(size: int, shown: str) -> None:
    assert human_size(size) == shown
