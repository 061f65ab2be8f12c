"""Which names may be used, and where."""

from __future__ import annotations

_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_REPOSITORY_CHARACTERS = _WORD_CHARACTERS | {"-", "."}
_PACKERS = (".gz", ".bz2", ".xz", ".zst")
_ARCHIVES = (".tar", *(f".tar{packer}" for packer in _PACKERS), ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".zip", ".7z")
LABEL = "io.github.cage1016.github-assets"
"""The image label that lists the installed assets, as JSON."""
LAYERS = "/layers/cage1016_github-assets-cnb"
"""Where a lifecycle mounts this buildpack's layers in an image."""
LONGEST_FILE_NAME = 255
"""Bytes, on every file system that images are built on."""


def valid_repository_name(name: str) -> bool:
    """Return whether GitHub could have an owner or a repository of this name."""
    return 0 < len(name) <= 100 and name not in (".", "..") and _REPOSITORY_CHARACTERS.issuperset(name)


def valid_host_name(name: str) -> bool:
    """Return whether the name may be that of a host: labels of ASCII, an IPv4 address, an IPv6 address in brackets."""
    if name.startswith("["):
        from socket import AF_INET6, inet_pton

        try:
            inet_pton(AF_INET6, name[1:].removesuffix("]"))
        except (OSError, ValueError):
            return False
        return name.endswith("]")
    labels = name.removesuffix(".").split(".")
    return all(0 < len(label) <= 63 and (_WORD_CHARACTERS | {"-"}).issuperset(label) for label in labels)


def valid_port(text: str) -> bool:
    """Return whether the text is the number of a TCP port."""
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) <= 65535


def loopback_name(name: str) -> bool:
    """Return whether the host's name can mean this machine only."""
    numbers = name.split(".")
    is_address = len(numbers) == 4 and all(number.isdigit() for number in numbers)
    return name in ("localhost", "[::1]") or (is_address and numbers[0] == "127")


def printable(text: str) -> bool:
    """Return whether the text is free of control characters, line separators, lone surrogates and changes of direction.

    Emoji are joined by characters that nobody sees; what shows a text in another order than it has is refused.
    """
    return text.isprintable() or not any(
        character < " "
        or "\x7f" <= character < "\xa0"
        or "\u2028" <= character <= "\u202e"
        or "\u2066" <= character <= "\u2069"
        or "\ud800" <= character <= "\udfff"
        for character in text
    )


def valid_file_name(name: str) -> bool:
    """Return whether the name is that of one file in one directory, on any file system."""
    return (
        name.strip() == name
        and name not in ("", ".", "..")
        and "/" not in name
        and "\\" not in name
        and name.isprintable()
        and len(name.encode()) <= LONGEST_FILE_NAME
    )


def valid_tag(name: str) -> bool:
    """Return whether git allows a tag of this name (git-check-ref-format)."""
    return (
        printable(name)
        and not any(character in " ~^:?*[\\" for character in name)
        and not any(part in name for part in ("..", "//", "@{"))
        and not name.startswith(("-", "/"))
        and not name.endswith(("/", "."))
        and not any(component.startswith(".") or component.endswith(".lock") for component in name.split("/"))
        and 0 < len(name.encode()) <= LONGEST_FILE_NAME
    )


def valid_layer_name(name: str) -> bool:
    """Return whether a layer may have this name: no dot, where the lifecycle cuts the names of its SBOM files.

    `build`, `launch` and `store` are names of files that the lifecycle reads (Buildpack spec, "Layer Types").
    """
    return (
        0 < len(name) <= 240
        and (_WORD_CHARACTERS | {"-"}).issuperset(name)
        and name not in ("build", "launch", "store")
    )


def valid_process_type(name: str) -> bool:
    """Return whether a process type may have this name (Buildpack spec, "launch.toml"); `web` is the application's."""
    return (
        0 < len(name) <= LONGEST_FILE_NAME
        and _REPOSITORY_CHARACTERS.issuperset(name)
        and name not in (".", "..", "web")
    )


def valid_variable_name(name: str) -> bool:
    """Return whether an environment variable may have this name (POSIX, "Environment Variable Definition")."""
    return 0 < len(name) <= LONGEST_FILE_NAME and _WORD_CHARACTERS.issuperset(name) and not name[0].isdigit()


def archive_name(name: str) -> bool:
    """Return whether the name is usual for an archive; only its content tells."""
    return name.lower().endswith(_ARCHIVES)


def packed_name(name: str) -> bool:
    """Return whether the name is usual for an archive, or for one compressed file; only its content tells."""
    return name.lower().endswith((*_ARCHIVES, *_PACKERS))
