"""Text for people to read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

COMPARED = 60


def printable(text: str) -> str:
    """Return the text with U+FFFD instead of every character that is invisible or that a terminal might interpret."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def nearest_first(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the names sorted by similarity to the wanted one, most similar first.

    Exact for the first COMPARED names and characters only, because the comparison takes cubic time.
    """
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=wanted[:COMPARED].lower(), autojunk=False)
    numbered = list(enumerate(names))

    def roughly(item: tuple[int, str]) -> float:
        matcher.set_seq1(item[1][:COMPARED].lower())
        return -matcher.quick_ratio()

    def exactly(item: tuple[int, str]) -> tuple[float, int]:
        matcher.set_seq1(item[1][:COMPARED].lower())
        return -matcher.ratio(), item[0]

    likely = sorted(numbered, key=roughly)
    return [name for _, name in (*sorted(likely[:COMPARED], key=exactly), *likely[COMPARED:])]


def counted(count: int, noun: str) -> str:
    """Return a number and the noun in singular or plural, such as `2 assets`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def human_size(size: int) -> str:
    """Return a number of bytes in decimal units, such as `12.4 MB`."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
