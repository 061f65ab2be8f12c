"""How much of an archive is read and written before it is refused."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.errors.install import ArchiveTooLarge

MAX_ENTRIES = 100_000
"""Entries of an archive, whether they are kept or not: some three times those of the largest tool chains."""
MAX_NAMES = 16 << 20
"""Characters of all names and link targets together, which are held in memory."""
MAX_BYTES = 8 << 30
"""Bytes that an archive unpacks to: four times the largest asset that GitHub takes."""
MAX_RATIO = 200
"""Bytes that come out for one that goes in, once more than `RATIO_FLOOR` came out; programs reach 3 to 10."""
RATIO_FLOOR = 64 << 20
"""Bytes below which no ratio is looked at: a small file of zeros is no bomb."""
MAX_HEADERS = 1 << 20
"""Bytes of headers for one tar entry: names, pax records, the map of a sparse file."""
MAX_DIRECTORY = 16 << 20
"""Bytes of a zip's central directory, which is read as a whole: room for `MAX_ENTRIES` entries."""
MAX_MEMORY = 160 << 20
"""Bytes that a decoder may ask for: `xz -9` needs 65 MiB, `zstd --ultra -22` 128 MiB."""
MAX_LINK_STEPS = 5_000_000
"""Names that are looked up to find out where all links of a tree lead; honest trees take some five a link."""


class Limits(NamedTuple):
    """Where unpacking stops: the module's constants, smaller in tests."""

    entries: int = MAX_ENTRIES
    names: int = MAX_NAMES
    size: int = MAX_BYTES
    ratio: int = MAX_RATIO
    floor: int = RATIO_FLOOR


class Quota:
    """What is left of the limits for one archive."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries = self._names = self._unpacked = 0
        self.packed = 0
        """Bytes that were read of the archive, which the readers count."""

    def count_entry(self, name: str, target: str) -> None:
        """Count an entry with its link's target. Raises ArchiveTooLarge."""
        self._entries += 1
        self._names += len(name) + len(target)
        if self._entries > self._limits.entries:
            raise ArchiveTooLarge(what="entries", limit=self._limits.entries)
        if self._names > self._limits.names:
            raise ArchiveTooLarge(what="names", limit=self._limits.names)

    def count_unpacked(self, size: int) -> None:
        """Count unpacked bytes. Raises ArchiveTooLarge."""
        self._unpacked += size
        if self._unpacked > self._limits.size:
            raise ArchiveTooLarge(what="bytes", limit=self._limits.size)
        if self._unpacked > max(self._limits.floor, self._limits.ratio * self.packed):
            raise ArchiveTooLarge(what="ratio", limit=self._limits.ratio)
