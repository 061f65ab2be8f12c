"""The platform an image is built for."""

from __future__ import annotations

from github_assets.values import Value


class Platform(Value):
    """Operating system and architecture in Go's spelling (`linux`, `amd64`), as CNB_TARGET_OS and _ARCH have it."""

    os: str
    arch: str
    libc: str | None = None
    """`musl` or `gnu` where the user names the run image's C library; None: whatever starts anywhere."""

    def __str__(self) -> str:
        return f"{self.os}/{self.arch}" + (f" ({self.libc})" if self.libc else "")
