"""Publishes the image index; writes dist/release/: notes.md, registry-request.toml, and the files in assets/.

A release is made from the commit tagged `v<version>`, of pinned packages, by the pinned pack.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from release import CHECKOUT, IMAGE, NAME, URL, ReleaseError, assets, checks, index, notes
from release.sbom import sbom
from release.wheel import build_wheel
from runtime import PackagingError, package
from runtime.recipe import ARCHITECTURES
from testing.toolchain import golang
from testing.toolchain.store import ToolchainError


def main() -> int:
    """Return the exit status: 0, or 1 after one message that says what went wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m release", description=__doc__)
    parser.add_argument("--image", default=IMAGE, help="where to publish the index (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "dist" / "release", help="default: dist/release")
    parser.add_argument("--dry-run", action="store_true", help="any commit, any pack, the packages that can be had")
    options = parser.parse_args()
    try:
        digest = make(options.image, options.output, dry_run=options.dry_run)
    except (ReleaseError, PackagingError, ToolchainError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if outputs := os.environ.get("GITHUB_OUTPUT"):  # where a step of a workflow tells the next ones
        with open(outputs, "a", encoding="utf-8") as file:
            file.write(f"digest={digest}\n")
    return 0


def make(image: str, output: Path, *, dry_run: bool) -> str:
    """Write the release's files and publish its image index; return the index's digest, `sha256:<hex>`.

    Raises ReleaseError, PackagingError and ToolchainError.
    """
    version = checks.version()
    changes = checks.changes(version, dry_run=dry_run)
    commit = checks.commit(version, dry_run=dry_run)
    pack = golang.pack() if dry_run else golang.release_pack()
    package.make([*ARCHITECTURES], cnb=True, release=not dry_run)

    shutil.rmtree(output, ignore_errors=True)
    folder = output / "assets"
    folder.mkdir(parents=True)
    assets.copy_packages(folder, version)
    build_wheel(folder)
    (folder / f"{NAME}-{version}.cdx.json").write_text(sbom(version, commit.time), "utf-8")
    assets.write_checksums(folder)

    labels = {"org.opencontainers.image.source": URL, "org.opencontainers.image.revision": commit.id}
    digest = index.publish(f"{image}:{version}", pack, labels)
    (output / "notes.md").write_text(notes.release_notes(changes, version, image, digest), "utf-8")
    (output / "registry-request.toml").write_text(notes.registry_request(version, f"{image}@{digest}"), "utf-8")
    print(f"published {image}:{version}\n          {image}@{digest}")
    for path in sorted(output.glob("**/*.*")):
        print(f"wrote {os.path.relpath(path)}")
    return digest


if __name__ == "__main__":
    sys.exit(main())
