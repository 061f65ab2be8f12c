"""The command line of the packaging: `python3 -m runtime package` and `python3 -m runtime lock`."""

from __future__ import annotations

import argparse
import sys

from runtime import PackagingError, debian, package, wheels
from runtime.recipe import ARCHITECTURES


def main() -> int:
    """Return the exit code: 0, or 1 after one line that says what went wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lock", help="pin the newest signed Debian packages and the newest wheels")
    packager = commands.add_parser("package", help="write dist/linux-<arch>/ and the .cnb files")
    packager.add_argument("--arch", action="append", choices=[*ARCHITECTURES], help="only this one (may be repeated)")
    packager.add_argument("--no-cnb", action="store_true", help="only the folders, no .cnb files")
    packager.add_argument("--release", action="store_true", help="of the pinned files and nothing else")
    options = parser.parse_args()
    try:
        if options.command == "lock":
            lock()
        else:
            package.make(options.arch or [*ARCHITECTURES], cnb=not options.no_cnb, release=options.release)
    except PackagingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def lock() -> None:
    """Raise the pins, and print each package whose version that changes. Raises PackagingError."""
    old = _versions()
    debian.renew_lock()
    wheels.renew_lock()
    new = _versions()
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            print(f"{name}: {old.get(name, 'none')} -> {new.get(name, 'none')}")


def _versions() -> dict[str, str]:
    return {deb.package: deb.version for deb in debian.read_lock().debs} | wheels.read_lock()


if __name__ == "__main__":
    sys.exit(main())
