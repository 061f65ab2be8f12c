"""Symbolic links of a tree: where they lead, as the kernel would have it, without asking it."""

from __future__ import annotations

import os

from github_assets.errors.install import ArchiveTooLarge
from github_assets.install.limits import MAX_LINK_STEPS
from github_assets.install.names import MAX_NAME

MAX_HOPS = 40
"""Links that Linux follows before it gives up."""


class Links(dict[str, str]):
    """Names of links, relative to the tree's root, and their targets."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def resolve(self, name: str) -> str | None:
        """Return what a name leads to in the end, by way of all links; None where it leaves the tree.

        The tree's root is `""`. What it leads to need not exist. None too after more than `MAX_HOPS` links, as in a
        loop, and for a path longer than any name can be. Raises ArchiveTooLarge where this takes too long for all
        names together.
        """
        done: list[str] = []
        left = name.split("/")[::-1]
        hops = length = 0
        while left:
            self._steps += 1
            if self._steps > MAX_LINK_STEPS:
                raise ArchiveTooLarge(what="links", limit=MAX_LINK_STEPS)
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    return None
                length -= len(done.pop()) + 1
                continue
            done.append(part)
            length += len(part) + 1
            if length > MAX_NAME:
                return None
            target = self.get("/".join(done))
            if target is None:
                continue
            hops += 1
            if target.startswith("/") or hops > MAX_HOPS:
                return None
            length -= len(done.pop()) + 1
            left.extend(target.split("/")[::-1])
        return "/".join(done)

    def resolve_folder(self, name: str) -> str | None:
        """Return where an entry of this name ends up, its directory resolved; None where that is out of the tree."""
        folder, slash, last = name.rpartition("/")
        if not self or not slash:
            return name
        resolved = self.resolve(folder)
        return resolved if resolved is None else f"{resolved}/{last}".lstrip("/")


def links_of(folder: str) -> Links:
    """Return the symbolic links below a directory."""
    links = Links()
    for at, folders, files in os.walk(folder):
        for path in (os.path.join(at, name) for name in (*folders, *files)):
            if os.path.islink(path):
                links[os.path.relpath(path, folder)] = os.readlink(path)
    return links


def leading_out(links: Links) -> str | None:
    """Return a link that leaves the tree, or leads to itself; None where none does."""
    return next((name for name in links if links.resolve(name) is None), None)


class HardLinks(dict[str, str]):
    """Names of hard links to what comes later in an archive, or never, and the names that they link to."""

    def original(self, name: str) -> str:
        """Return the name at the end of a chain of hard links; where the chain is a circle, one in it."""
        chain = [name]
        while len(chain) <= len(self) and (following := self.get(chain[-1])) not in (None, chain[-1]):
            chain.append(str(following))
        for link in chain[:-1]:
            self[link] = chain[-1]  # so that no chain is followed twice
        return chain[-1]
