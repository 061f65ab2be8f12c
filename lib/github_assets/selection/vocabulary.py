"""The meanings of words and extensions in asset names.

The spellings are those of GoReleaser, cargo-dist, Rust and Zig triples, .NET runtime ids, Node, Python wheels and
Linux distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

Meaning = TypeVar("Meaning")


class Kind(Enum):
    """What an asset is."""

    NATIVE = "an executable, alone or in an archive"
    PORTABLE = "a program for an interpreter or a virtual machine"
    APPIMAGE = "an executable that mounts itself, which needs FUSE"
    INSTALLER = "an installer or updater"
    SOURCE = "source code"
    PACKAGE = "a package for a package manager"
    SUPPLEMENT = "documentation, completions, debug symbols or checksums"
    OTHER = "metadata, or a file with an unknown extension"


def _table(words_of: Mapping[Meaning, str]) -> dict[str, Meaning]:
    return {word: meaning for meaning, words in words_of.items() for word in words.split()}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ARCHIVE_FORMATS = ("tar.zst", "tar.xz", "tar.gz", "tar.bz2", "tar", "zip", "7z")
"""Preferred ones first."""
COMPRESSION_FORMATS = ("zst", "xz", "gz", "bz2")
"""Formats of single compressed files, preferred ones first."""
PROGRAMS = ("", "bin", "elf", "out", "run", "exe")
"""Extensions of executables, preferred ones first."""
SHORT = {"tzst": "tar.zst", "txz": "tar.xz", "tgz": "tar.gz", "tbz": "tar.bz2", "tbz2": "tar.bz2", "tar.bz": "tar.bz2"}
"""Other spellings of formats."""
SCRIPTS = ("sh", "bash", "py", "pl")
"""Extensions of scripts, which may be the tool or only help to build or install it."""

_NATIVE = (*ARCHIVE_FORMATS, *COMPRESSION_FORMATS, *PROGRAMS, *SHORT, "bz", "app")
EXTENSIONS = dict.fromkeys(_NATIVE, Kind.NATIVE) | _table(
    {
        Kind.PORTABLE: f"jar phar pyz {' '.join(SCRIPTS)}",
        Kind.APPIMAGE: "appimage",
        Kind.SOURCE: "dsc diff patch orig",
        Kind.PACKAGE: "aab apk appx appxbundle artifactbundle bottle cab conda crate crx deb dmg eopkg flatpak gem ipa"
        " ipk mpkg msi msix msixbundle nupkg oci pacman pkg rpm snap unitypackage vsix whl xcframework xpi",
        Kind.OTHER: "asc att attestation b3 bat blake3 blockmap bundle cdx cer cert checksum checksums cmd conf"
        " crt css csv dbg debug desktop dll dsym dylib gif gpg h htm html icns ico ini intoto jpg js json"
        " json5 jsonc jsonl key lib lock log lua lz lz4 lzma manifest map md md5 md5sum minisig mjs pdb pdf pem plist"
        " png prov provenance ps1 pub rar rb rst sbom sha sha1 sha1sum sha224 sha256 sha256sum sha256sums sha384"
        " sha512 sha512sum sha512sums sig sign signature sigstore slsa so spdx sql sum svg sym symbols toml torrent"
        " ts txt vex wasm wat webp xml yaml yml zsync",
    }
)
SYSTEMS_OF_EXTENSIONS = _table(
    {
        "windows": "exe msi msix msixbundle appx appxbundle bat cmd ps1 dll cab",
        "darwin": "app dmg mpkg dylib xcframework artifactbundle dsym",
        "linux": "appimage deb rpm snap flatpak",
        "ios": "ipa",
        "android": "aab",
        "wasm": "wasm wat",
    }
)
KINDS_OF_WORDS = _table(
    {
        Kind.PACKAGE: "bottle",
        Kind.INSTALLER: "install installer setup update updater uninstall uninstaller",
        Kind.SOURCE: "src source sources vendored",
        Kind.SUPPLEMENT: "completion completions man manpage manpages manual doc docs documentation javadoc changelog"
        " license licenses examples schema schemas symbols debuginfo debugsymbols dbgsym dsym dsyms pdb pdbs headers"
        " checksum checksums sha1 sha256 sha512 sha256sum sha256sums sha512sum sha512sums shasums md5 md5sums"
        " provenance attestation sbom",
    }
)

SYSTEMS = _table(
    {
        # `arch` is not Arch Linux here: it stands in the names of too many tools.
        "linux": "linux manylinux musllinux ubuntu debian fedora centos rhel el6 el7 el8 el9 el10 alpine archlinux"
        " opensuse suse sles amazonlinux amzn rocky rockylinux almalinux oraclelinux raspbian raspios nixos gentoo"
        " openwrt trusty xenial bionic focal jammy noble stretch buster bullseye bookworm trixie",
        "darwin": "darwin mac macos macosx osx apple catalina monterey ventura sonoma sequoia tahoe",
        "windows": "windows win winnt mingw mingw32 mingw64 msys msys2 cygwin msvc exe uwp w64 w32",
        "freebsd": "freebsd",
        "openbsd": "openbsd",
        "netbsd": "netbsd",
        "dragonfly": "dragonfly dragonflybsd",
        "solaris": "solaris sunos",
        "illumos": "illumos omnios smartos",
        "android": "android androideabi termux",
        "ios": "ios iphoneos tvos watchos visionos",
        "aix": "aix",
        "plan9": "plan9",
        "fuchsia": "fuchsia",
        "haiku": "haiku",
        "zos": "zos",
        "wasm": "wasm wasm32 wasm64 wasi wasip1 wasip2 emscripten",
        "other": "ohos openharmony qnx hurd uefi vxworks rtems espidf uclinux",
    }
)

ANY = "any"
"""The architecture of programs that run on all: `noarch`, `universal`."""
BARE_ARM, BARE_X86 = "arm?", "x86?"
"""The meanings of `arm` and `x86`; the other names of the release show which width they have."""
BARE_64, BARE_32 = "64?", "32?"
"""The meanings of `64` and `32`: x86, unless another word names an architecture (`arm64_64bit`)."""
WIDTHS = {"64": BARE_64, "32": BARE_32}
ARCHITECTURES = _table(
    {
        "amd64": "amd64 x64 x8664 em64t intel64 intel",
        "386": "386 i386 i486 i586 i686 ix86 ia32 x32 gnux32 amd32",
        BARE_X86: "x86",
        "arm64": "arm64 aarch64 armv8 armv8a armv8l arm64e silicon graviton",
        "arm": "arm32 armv4 armv5 armv5te armv5tel armv6 armv6l armv6hf armv6hl armv7 armv7a armv7l armv7hf armv7hl"
        " armv7hnl armv7neon armhf armhfp armel armeabi arm5 arm6 arm7 gnueabihf gnueabi musleabihf musleabi eabihf"
        " eabi",
        BARE_ARM: "arm",
        "armbe": "armeb armbe aarch64be arm64be ilp32",
        "ppc64le": "ppc64le ppc64el powerpc64le ppcle",
        "ppc64": "ppc64 powerpc64",
        "ppc": "ppc powerpc",
        "s390x": "s390x s390",
        "riscv64": "riscv64 riscv64gc rv64 rv64gc",
        "riscv32": "riscv32 riscv rv32",
        "mips64le": "mips64le mips64el mips64r6el",
        "mips64": "mips64 mips64r6",
        "mipsle": "mipsle mipsel mips32el mipsr6el",
        "mips": "mips mips32 mipsr6",
        "loong64": "loong64 loongarch64 loongarch loong",
        "sparc64": "sparc64 sparcv9 sparc",
        "ia64": "ia64 itanium",
        "m68k": "m68k",
        "hppa": "hppa parisc",
        "sh4": "sh4",
        "e2k": "e2k elbrus",
        ANY: "universal universal2 all any noarch multiarch fat",
    }
)
ARCHITECTURES_OF_PAIRS: dict[tuple[str, str], str] = {
    ("x86", "64"): "amd64",
    ("x86", "32"): "386",
    ("ia", "32"): "386",
    ("aarch", "64"): "arm64",
    ("arm", "64"): "arm64",
    ("arm", "v8"): "arm64",
    ("aarch64", "be"): "armbe",
    ("arm64", "be"): "armbe",
    ("ppcle", "64"): "ppc64le",
    ("ppc64", "le"): "ppc64le",
    ("ppc64", "el"): "ppc64le",
    ("ppc", "64"): "ppc64",
    ("s390", "64"): "s390x",
    ("s390", "x"): "s390x",
    ("riscv", "64"): "riscv64",
    ("risc", "v"): "riscv64",
    ("risc", "v64"): "riscv64",
    ("riscv", "32"): "riscv32",
    ("mips", "64"): "mips64",
    ("sparc", "64"): "sparc64",
    ("ia", "64"): "ia64",
    ("loong", "64"): "loong64",
    ("loongarch", "64"): "loong64",
    ("multi", "arch"): ANY,
    ("no", "arch"): ANY,
    ("64", "bit"): BARE_64,
    ("64", "bits"): BARE_64,
    ("32", "bit"): BARE_32,
    ("32", "bits"): BARE_32,
}
ARCHITECTURES_OF_PAIRS |= dict.fromkeys(
    (
        ("arm", which)
        for which in ("32", "5", "6", "7", "v5", "v6", "v6l", "v6hf", "v7", "v7a", "v7l", "v7hf", "hf", "el")
    ),
    "arm",
)

STATIC, MUSL, GNU = "static", "musl", "gnu"
ALPINE = "alpine"
"""musl, for programs that need its loader, which few images except Alpine's have."""
UCLIBC = "uclibc"
"""The C library of embedded systems, which no image has."""
LIBCS = _table(
    {
        GNU: "gnu glibc gnueabihf gnueabi manylinux",
        MUSL: "musl musleabi musleabihf",
        ALPINE: "alpine musllinux openwrt",
        UCLIBC: "uclibc uclibceabi uclibceabihf",
        STATIC: "static",
    }
)

VENDORS = _set("unknown pc")
"""The meaningless words of target triples."""
NEUTRAL = VENDORS | _set(
    "none bin binary binaries cli release released stable latest final official portable standalone prebuilt"
    " precompiled compiled native build dist executable stripped version nightly snapshot canary edge preview alpha"
    " beta rc dev"
)
"""Words that do not distinguish assets."""
DEMOTED = _set(
    "debug dbg unstripped profile asan msan tsan race coverage test tests cuda rocm sycl vulkan gpu"
    " api devel images lib libs sdk"
)
"""Words for variants that are only chosen if there is no other."""
