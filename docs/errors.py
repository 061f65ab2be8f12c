"""Writes docs/errors.md: a section for each entry of `messages.catalog`, with the message that it prints."""

from __future__ import annotations

import textwrap
from pathlib import Path

from github_assets.messages import message, unexpected
from github_assets.messages.catalog import ENTRIES, GROUPS, INTERNAL

PAGE = Path(__file__).with_suffix(".md")
WIDTH = 128
INTRODUCTION = """\
# Errors

<!-- Written by docs/errors.py. -->

Every error that ends a build or a command is one message: what is wrong, the facts, what to do or the line to paste in
the place where the asset is configured, and an id with the address of its section here. An id always keeps its meaning.
If several things are wrong, one message lists them all. Nothing is half-written afterwards.

![A version that does not exist](error.svg)
"""


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n")
        if INTERNAL[3] == group:
            parts.append(
                _section(
                    INTERNAL,
                    "This program has a bug.",
                    _internal(),
                    "Please report it, with the log, at https://github.com/cage1016/github-assets-cnb/issues.",
                )
            )
        parts += [
            _section(entry.id, entry.cause, message(entry.example), entry.remedy)
            for entry in ENTRIES
            if entry.id[3] == group
        ]
    return "\n".join(parts)


def _section(id_: str, cause: str, example: str, remedy: str) -> str:
    return f"### {id_}\n\n{_wrapped(cause)}\n\n```text\n{example}\n```\n\n{_wrapped(remedy)}\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _internal() -> str:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        return unexpected(error.with_traceback(None)).replace(" at unknown", " at github_assets.install.elf:42")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
