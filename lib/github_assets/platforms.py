"""The platform an image is built for."""

from __future__ import annotations

from github_assets.values import Value

_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Platform(Value):
    """Operating system and architecture in Go's spelling (`linux`, `amd64`), as CNB_TARGET_OS and _ARCH have it."""

    os: str
    arch: str
    libc: str | None = None
    """`musl` or `gnu` where the user names the run image's C library; None: whatever starts anywhere."""

    @property
    def name(self) -> str:
        """The platform as `os/arch`."""
        return f"{self.os}/{self.arch}"

    def __str__(self) -> str:
        return self.name + (f" ({self.libc})" if self.libc else "")


def valid_platform_name(name: object) -> bool:
    """Return whether the value is text of the form `os/arch`."""
    words = name.split("/") if isinstance(name, str) else []
    return len(words) == 2 and all(word and _WORD.issuperset(word) for word in words)


def parse_platform(name: str, libc: str | None = None) -> Platform:
    """Return the platform that a valid `os/arch` names."""
    os, _, arch = name.partition("/")
    return Platform(os, arch, libc)
