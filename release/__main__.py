"""The command line of releases: `python3 -m release --image REGISTRY/NAME`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from release import CHECKOUT, ReleaseError, checks, files, index
from release.notes import changes, registry_request
from release.provenance import provenance
from release.sbom import sbom
from runtime import PackagingError, package
from runtime.recipe import ARCHITECTURES
from testing.toolchain import golang
from testing.toolchain.store import ToolchainError

IMAGE = "ghcr.io/cage1016/github-assets-cnb"


def main() -> int:
    """Return the exit status: 0, or 1 after one line that says what went wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m release", description=__doc__)
    parser.add_argument("--image", default=IMAGE, help="where the image index goes (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "dist" / "release", help="default: dist/release")
    parser.add_argument(
        "--dry-run", action="store_true", help="from any work tree, with packages that may not be the pinned ones"
    )
    options = parser.parse_args()
    try:
        make(options.image, options.output, dry_run=options.dry_run)
    except (ReleaseError, PackagingError, ToolchainError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def make(image: str, output: Path, *, dry_run: bool) -> None:
    """Write the release's files and publish its image index. Raises ReleaseError, PackagingError, ToolchainError."""
    version = checks.version()
    notes = changes((CHECKOUT / "CHANGELOG.md").read_text("utf-8"), version)
    commit = checks.commit(version, dry_run=dry_run)
    pack = golang.pack() if dry_run else golang.release_pack()
    package.make([*ARCHITECTURES], cnb=True, release=not dry_run)
    with files.fresh(output) as folder:
        packages = files.copy_packages(folder, version)
        digest = index.publish(f"{image}:{version}", pack)
        reference = f"{image}@{digest}"
        (folder / "sbom.cdx.json").write_text(sbom(version), "utf-8")
        (folder / "provenance.intoto.json").write_text(provenance(packages, reference, commit), "utf-8")
        (folder / "notes.md").write_text(f"{notes}\n", "utf-8")
        (folder / "registry-request.md").write_text(registry_request(version, reference), "utf-8")
        files.write_checksums(folder)
    print(f"published {image}:{version}\n          {reference}")
    for path in sorted(output.iterdir()):
        print(f"wrote {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    sys.exit(main())
