from __future__ import annotations

import pytest

from github_assets.http.credential import Credential
from github_assets.secrets import Secret

TOKEN = "ghp_s3cret"


@pytest.mark.parametrize("show", [repr, str, format, ascii, lambda secret: f"{[secret]} {Credential(secret, '')}"])
def test_showing_a_secret_does_not_show_it(show: object) -> None:
    assert TOKEN not in show(Secret(TOKEN))  # type: ignore[operator]


def test_only_reveal_reveals() -> None:
    assert Secret(TOKEN).reveal() == TOKEN
    with pytest.raises(TypeError):
        vars(Secret(TOKEN))


def test_equal_by_text() -> None:
    assert {Secret(TOKEN), Secret(TOKEN)} == {Secret(TOKEN)}
    assert Secret(TOKEN) != Secret("other")
    assert Secret(TOKEN) != TOKEN
