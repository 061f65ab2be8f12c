"""Words for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_COMPARED = 255
"""Characters, the length of the longest file names."""


def printable(text: str) -> str:
    """Return the text with U+FFFD for every character that a terminal might obey or nobody would see."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def nearest_first(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the names, those that look most like the wanted one first, equals in their own order.

    Of a long text the first characters count: to compare takes time with the square of the length.
    """
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=wanted[:_COMPARED].lower(), autojunk=False)

    def likeness(name: str) -> float:
        matcher.set_seq1(name[:_COMPARED].lower())
        return -matcher.ratio()

    return sorted(names, key=likeness)


def human_size(size: int) -> str:
    """Return a number of bytes in decimal units, as GitHub's pages show it: `12.4 MB`."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
