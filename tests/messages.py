"""Error messages taken apart."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.errors import GithubAssetsError
from github_assets.messages import message
from github_assets.messages.catalog import PAGE

_FACTS = ("  release:    ", "  set in:     ")


class Message(NamedTuple):
    """An error's message: `headline` is its first line, `facts` say which asset it is about, `advice` has the rest."""

    headline: str
    facts: list[str]
    advice: str
    id: str


def parts(text: str) -> Message:
    """Return the parts of a printed message of one error, after asserting that it ends with id and address."""
    *lines, reference = text.removesuffix("\n").split("\n")
    id_, _, address = reference.strip().partition(": ")
    assert address == f"{PAGE}#{id_.lower()}"
    assert lines[0].startswith("ERROR: ")
    headline, *others = [line for line in lines if not line.startswith(_FACTS)]
    facts = [line.strip() for line in lines if line.startswith(_FACTS)]
    return Message(headline.removeprefix("ERROR: "), facts, "\n".join(others), id_)


def parts_of(error: GithubAssetsError) -> Message:
    """Return the parts of an error's message."""
    return parts(message(error))
