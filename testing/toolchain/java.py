"""Maven and a JDK: the installed ones, or Debian's."""

import os
import shutil
from pathlib import Path

from testing.toolchain import debian
from testing.toolchain.store import CACHE, apt_install, keep, run

_MODULES = "java.se,jdk.unsupported,jdk.zipfs"
_LIBRARIES = ("libstdc++6", "libgcc-s1", "zlib1g")


def maven(project: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run Maven in a project, with a repository of this checkout's own; return what it printed.

    Raises ToolchainError when it fails.
    """
    _jdk()
    if not shutil.which("mvn"):
        apt_install("maven")
    repository = f"-Dmaven.repo.local={CACHE / 'maven'}"
    options = ["--batch-mode", "--no-transfer-progress", "-Dstyle.color=never", repository]
    return run(["nice", "mvn", *options, *arguments], cwd=project, env=env, advice="is Maven Central reachable?")


def runtime() -> Path:
    """Return the directory of a Java runtime that the JDK's jlink makes, with the libraries that small images lack."""
    jlink = _jdk() / "bin" / "jlink"

    def make(into: Path) -> None:
        options = ["--strip-java-debug-attributes", "--no-man-pages", "--no-header-files", "--add-modules", _MODULES]
        run([jlink, *options, "--output", into / "jre"], advice="install a complete JDK")
        for package in _LIBRARIES:
            for library in debian.unpacked(package).rglob("lib*.so.*[0-9]"):
                shutil.copy(library, into / "jre" / "lib")

    return keep("java-runtime", [jlink.with_name("java"), _MODULES, *_LIBRARIES], make) / "jre"


def _jdk() -> Path:
    """Return the JDK's directory."""
    if not (shutil.which("jlink") and shutil.which("javac")):
        apt_install("openjdk-17-jdk-headless")
    return Path(os.path.realpath(shutil.which("jlink") or "/usr/bin/jlink")).parents[1]
