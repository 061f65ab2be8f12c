"""What the application has in its hands: the build variables in its project.toml, and the directories that it can fill.

Nothing of it decides where a secret of the platform goes, or which certificates are trusted.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

KERNEL = ("/proc", "/sys", "/dev")
"""Where the application's directory and variables can be had under other names: /proc/self/cwd, /proc/self/environ."""


class ApplicationFiles:
    """The application's directory, and what a lifecycle makes of it."""

    def __init__(self, app_dir: str | None, platform_dir: str | None = None, layers_dir: str | None = None) -> None:
        """Take the directories of the lifecycle; `layers_dir` is the one that all buildpacks have theirs in."""
        self._app_dir, self._platform_dir, self._layers_dir = app_dir, platform_dir, layers_dir
        self._variables: set[tuple[str, str]] | None = None
        self._unreadable = False

    def sets(self, name: str, value: str) -> bool:
        """Return whether project.toml gives the build variable this value.

        Platforms put project.toml's variables where they put the user's, and tell nobody which is which.
        """
        if self._variables is None:
            self._variables = set(self._read())
        return (name, value.strip()) in self._variables

    def may_set(self, name: str, value: str) -> bool:
        """Return whether it gives the variable this value, or can't be read here: the platform may read it."""
        return self.sets(name, value) or self._unreadable

    def brings(self, path: str) -> bool:
        """Return whether the application itself may have put there what is at a path, links followed."""
        variables = os.path.join(self._platform_dir, "env") if self._platform_dir else None
        return _is_below(path, (self._app_dir, variables, *KERNEL))

    def may_fill(self, path: str) -> bool:
        """Return whether it may have, or a buildpack that installs what the application asks for."""
        return self.brings(path) or _is_below(path, (self._layers_dir,))

    def is_given(self, path: str) -> bool:
        """Return whether it was put there for the build: the application, layers, build variables, bindings."""
        return self.may_fill(path) or _is_below(path, (self._platform_dir,))

    def _read(self) -> Iterator[tuple[str, str]]:
        if self._app_dir is None:
            return
        from github_assets.config.files import PROJECT, decode, read_application_file
        from github_assets.config.parsing import parse_toml
        from github_assets.errors.config import FileUnreadable

        try:
            data = read_application_file(self._app_dir, PROJECT)
            document: object = parse_toml(decode(data, PROJECT), PROJECT) if data else None
        except FileUnreadable:
            self._unreadable = True
            return
        rest = [document]
        while rest:
            node = rest.pop()
            if isinstance(node, dict):
                yield from _variables(node)
                rest += node.values()
            elif isinstance(node, list):
                rest += node


def _variables(table: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the variables that a table may set, wherever it stands: platforms read several places, in any case."""
    for key, name in table.items():
        if key.lower() == "name" and isinstance(name, str):
            for other, value in table.items():
                if other.lower() == "value" and isinstance(value, str):
                    yield name, value.strip()


def real_path(path: str) -> str:
    """Return the path with its links followed, as far as that is allowed: /proc has some that may not be read."""
    try:
        return os.path.realpath(path)
    except OSError:
        return os.path.abspath(path)


def _is_below(path: str, folders: tuple[str | None, ...]) -> bool:
    """Return whether a path is one of the directories or in it, as it is written or with its links followed."""
    places = (os.path.abspath(path), real_path(path))
    roots = [real_path(folder).rstrip("/") for folder in folders if folder]
    return any(f"{place}/".startswith(f"{root}/") for place in places for root in roots)
