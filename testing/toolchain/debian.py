"""Programs of Debian packages that are used without being installed."""

import shutil
from pathlib import Path

from testing.toolchain.store import apt_update, keep, run

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""Where packages that are installed have their programs; a user's PATH may lack half of it."""


def unpacked(package: str) -> Path:
    """Return the directory below which a Debian package's files are; what it depends on is not there.

    Raises ToolchainError where that is impossible: no apt, no package.
    """

    def make(into: Path) -> None:
        apt_update()
        # apt gives its downloads to a user of its own, who cannot write below a home of root.
        command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package]
        run(command, cwd=into, advice="are Debian's package mirrors reachable?")
        (archive,) = into.glob("*.deb")
        run(["dpkg-deb", "-x", archive, into / "root"], advice="install dpkg")
        archive.unlink()

    return keep(f"debian-{package}", [package], make) / "root"


def program(name: str, package: str) -> Path:
    """Return a program: the installed one, or that of the Debian package."""
    if found := shutil.which(name, path=PATH):
        return Path(found)
    return next(file for file in unpacked(package).rglob(name) if file.parent.name in ("bin", "sbin"))
