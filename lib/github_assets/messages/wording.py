"""Shared by all messages: quoting, facts, lists, advice on tokens."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.locations import Location, enumerated

LISTED = 10
TOKEN_HINT = (
    "set TOKEN to a token that can read the repository (fine-grained: Contents, read-only), or provide one in a binding"  # noqa: S105
    " of type github"
)
_VARIABLES = {name.lower(): name for name in ("REPO", "VERSION", "FILE", "TARGET")}


def quoted(text: str) -> str:
    """Return the text in quotes, truncated if long, with unprintable characters replaced."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return f'"{shown[:200]}"'


def named(source: Location | None, *keys: str) -> str:
    """Return what the settings of an asset are called where it is configured, as variables if that is not known."""
    return source.setting(*keys) if source else enumerated([_VARIABLES.get(key, key) for key in keys])


def option(purpose: str, key: str, value: str | bool, source: Location | None) -> str:
    """Return the line to paste for a purpose."""
    return "\n".join([f"To {purpose}:", f"  {(source or Location('')).assignment(key, value)}"])


def fact(label: str, value: object) -> str:
    """Return a line below the headline; the values of all facts are aligned."""
    return f"  {label + ':':<12}{value}"


def listed(intro: str, names: Sequence[str], key: str, source: Location | None) -> str:
    """Return the first names, each as a setting to paste, or an empty string if there are none.

    Without a source, the names are listed alone.
    """
    if not names:
        return ""
    lines = [source.assignment(key, name) if source else name for name in names[:LISTED]]
    more = [f"  … and {len(names) - LISTED} more"] if len(names) > LISTED else []
    return "\n".join([f"{intro}:", *(f"  {line}" for line in lines), *more])
