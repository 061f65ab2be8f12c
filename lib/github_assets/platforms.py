"""The platform that an image is built for."""

from __future__ import annotations

from github_assets.values import Value

_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Platform(Value):
    """Operating system and architecture as Go spells them (`linux`, `amd64`), like CNB_TARGET_OS and _ARCH."""

    os: str
    arch: str
    libc: str | None = None
    """The run image's C library, `musl` or `gnu`; None: not configured, prefer what runs anywhere."""

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
