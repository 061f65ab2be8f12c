"""No token and no signed query is ever printed, whichever error or lower layer contains it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors import GithubAssetsError, SeveralFailed
from github_assets.errors.config import SettingInvalid
from github_assets.errors.http import AccessForbidden, NotFound, RedirectRefused, ServerFailed, ServerUnreachable
from github_assets.errors.selection import AssetNotFound
from github_assets.errors.transfer import NotOnMirror, PageInsteadOfAsset
from github_assets.log import Log
from github_assets.messages import headline, message, unexpected
from github_assets.secrets import Secret

TOKEN = "github_pat_11ABCDEFG0_neverPrinted"
SIGNED = "https://store.example.com/a/b?sp=r&sig=9%2BsecretSignature%3D&se=2026"
CARRIERS: dict[str, Callable[[str], GithubAssetsError]] = {
    "reason": lambda text: ServerUnreachable(host="h", reason=text),
    "host": lambda text: ServerFailed(host=text, status=500),
    "the server's words": lambda text: AccessForbidden(host="h", reason="other", message=text),
    "a name": lambda text: PageInsteadOfAsset(name=text, host="h"),
    "an address": lambda text: NotOnMirror(url=text, setting="BP_DEPENDENCY_MIRROR"),
    "a value": lambda text: SettingInvalid(where="REPO", value=text, expected="x"),
    "a list": lambda text: AssetNotFound(repository="o/r", tag="v1", name="x", available=[text]),
    "several": lambda text: SeveralFailed(
        errors=[NotFound(host=text, authenticated=True), RedirectRefused(host="h", reason=text)]
    ),
}
METHODS = ["title", "step", "detail", "debug", "warning", "error"]
WRAPPINGS = ["{}", "'{}'", "({})", "x={}", "Bearer {}", "\n{}\n", "a {}, b", "https://me:{}@h/", "h/{}/x", "{}{}"]


def printed(method: str, text: str) -> str:
    out = io.StringIO()
    log = Log(out, out)
    log.debugging = True
    log.add_secrets([Secret(TOKEN)])
    getattr(log, method)(text)
    return out.getvalue()


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("secret", [TOKEN, SIGNED])
@pytest.mark.parametrize("show", [message, headline])
def test_an_error_that_carries_it(carrier: str, secret: str, show: Callable[[GithubAssetsError], str]) -> None:
    text = printed("error", show(CARRIERS[carrier](secret)))

    assert TOKEN not in text
    assert "secretSignature" not in text


@given(
    secret=st.sampled_from([TOKEN, SIGNED]),
    wrappings=st.lists(st.sampled_from(WRAPPINGS), min_size=1, max_size=3),
    method=st.sampled_from(METHODS),
)
def test_any_line_that_carries_it(secret: str, wrappings: list[str], method: str) -> None:
    text = printed(method, " ".join(wrapping.replace("{}", secret) for wrapping in wrappings))

    assert TOKEN not in text
    assert "secretSignature" not in text


@pytest.mark.parametrize("secret", [TOKEN, SIGNED])
def test_an_unexpected_exception(secret: str) -> None:
    try:
        try:
            raise OSError(secret)
        except OSError as inner:
            raise RuntimeError(f"failed at {secret}") from inner
    except RuntimeError as error:
        text = printed("error", unexpected(error))

    assert "RuntimeError" in text
    assert TOKEN not in text
    assert "secretSignature" not in text
