"""Where an asset is configured: what messages call its settings, and how a setting is written there."""

from __future__ import annotations

from github_assets.values import Value

_KEYS_OF_SPECS = ("repo", "version", "file", "target")
QUOTES = ("'", '"', "`", "\u2018", "\u201c")
"""A variable's value that begins with one of them is refused: it was meant for a shell."""


class Location(Value):
    """A table of a TOML file; what has another syntax is a subclass. It is told by its name."""

    name: str
    """What messages call it: `[[assets]] number 2 in github-assets.toml`."""
    asset: tuple[tuple[str, str], ...] = ()
    """The asset's keys `repo`, `version`, `file` and `target`, as far as they are set there."""

    def __str__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def setting(self, key: str) -> str:
        """Return what messages call the value of a key."""
        return f"{key} of {self.name}"

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste; what would be a glob in it is escaped."""
        return f"{key} = {_quoted(literal(key, value))}"

    def _in_file(self, key: str, value: str | bool) -> str:
        """Return the line for github-assets.toml, where the location's own syntax has none."""
        keys: dict[str, str | bool] = {**dict(self.asset), key: literal(key, value)}
        table = ", ".join(f"{name} = {_quoted(text)}" for name, text in keys.items())
        return f"assets = [{{ {table} }}]  # in github-assets.toml, instead of {self.name}"


class YamlTable(Location):
    """A mapping of a YAML file."""

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste."""
        return f"{key}: {_quoted(literal(key, value))}"


class LegacyTable(Location):
    """A table of the predecessor; `names` holds what it calls keys that have another name now, or the same."""

    name: str
    asset: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste."""
        name = dict(self.names).get(key)
        return f"{name} = {_quoted(literal(key, value))}" if name else self._in_file(key, value)


class Variables(Location):
    """REPO and its companions; `variables` holds the name of the one for each key."""

    name: str
    asset: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    def setting(self, key: str) -> str:
        """Return what messages call the value of a key: the variable, where there is one."""
        return dict(self.variables).get(key) or super().setting(key)

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the variable and its value, ready to paste into an env file."""
        variable, text = dict(self.variables).get(key), literal(key, value)
        if variable is None or isinstance(text, bool) or text.startswith(QUOTES) or not text.isprintable():
            return self._in_file(key, value)
        return f"{variable}={text}"


class ShortSpec(Location):
    """One of the short specs, `owner/repo[@version][:file][>target]`."""

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the whole spec with the value in it, ready to paste."""
        if isinstance(value, bool) or key not in _KEYS_OF_SPECS:
            return self._in_file(key, value)
        keys = {**dict(self.asset), key: str(literal(key, value))}
        version, file, target = (keys.get(name, "") for name in ("version", "file", "target"))
        ends_at = ((version, ",:>"), (file, "," if file.startswith("/") else ",>"), (target, ",>"))
        if not value.isprintable() or any(_is_cut(text, marks) for text, marks in ends_at):
            return self._in_file(key, value)
        parts = ((mark, text) for mark, text in (("@", version), (":", file), (">", target)) if text)
        return "".join([keys["repo"], *(mark + text for mark, text in parts)])


def _is_cut(text: str, marks: str) -> bool:
    return any(character in marks or character.isspace() for character in text)


def literal(key: str, value: str | bool) -> str | bool:
    """Return what means just this name, where a glob or a template may stand."""
    if key not in ("file", "path") or isinstance(value, bool):
        return value
    return "".join(f"[{character}]" if character in "*?[{" else character for character in value)


def _quoted(value: str | bool) -> str:
    """Return a value of TOML and of YAML: one of JSON is both. What the log would not show is escaped."""
    import json

    shown = json.dumps(value, ensure_ascii=False)
    return "".join(it if it.isprintable() else f"\\U{ord(it):08x}" for it in shown)
