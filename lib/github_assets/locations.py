"""Where an asset is configured: what messages call its settings, and how a setting is written there."""

from __future__ import annotations

from github_assets.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_KEYS_OF_SPECS = ("repo", "version", "file", "target")
_LONGEST_FILE = 255
"""Bytes that the predecessor's tables may have for an asset's name."""
QUOTES = ("'", '"', "`", *"\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u2039")
"""A variable's value that begins with one of them is refused: it was meant for a shell."""


class Location(Value):
    """A table of a TOML file; what has another syntax is a subclass. It is told by its name."""

    name: str
    """What messages call it: `[[assets]] number 2 in github-assets.toml`."""
    asset: tuple[tuple[str, str | bool], ...] = ()
    """The asset's keys as far as they are set there; of a table `repo`, `version`, `file` and `target` alone."""

    def __str__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def setting(self, *keys: str) -> str:
        """Return what messages call the values of keys."""
        return f"{enumerated(keys)} of {self.name}"

    def place(self, key: str) -> str:
        """Return where the value of a key stands."""
        return self.setting(key)

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste; what would be a glob in it is escaped."""
        return f"{key} = {file_value(literal(key, value))}"

    def _in_file(self, key: str, value: str | bool) -> str:
        """Return the line for github-assets.toml, where the location's own syntax has none."""
        keys: dict[str, str | bool] = {**dict(self.asset), key: literal(key, value)}
        table = ", ".join(f"{name} = {file_value(text)}" for name, text in keys.items())
        return f"assets = [{{ {table} }}]  # in github-assets.toml, instead of {self.name}"


class YamlTable(Location):
    """A mapping of a YAML file."""

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste."""
        return f"{key}: {file_value(literal(key, value))}"


class LegacyTable(Location):
    """A table of the predecessor; `names` holds what it calls keys that have another name now, or the same."""

    name: str
    asset: tuple[tuple[str, str | bool], ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the line that gives a key the value, ready to paste."""
        name, text = dict(self.names).get(key), literal(key, value)
        if name is None or (key == "file" and ("/" in str(text) or len(str(text).encode()) > _LONGEST_FILE)):
            return self._in_file(key, value)
        return f"{name} = {file_value(text)}"


class Variables(Location):
    """REPO and its companions; `variables` holds the name of the one for each key."""

    name: str
    asset: tuple[tuple[str, str | bool], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    def setting(self, *keys: str) -> str:
        """Return what messages call the values of keys: the variables, where there are some."""
        variables = dict(self.variables)
        return enumerated([variables.get(key) or super(Variables, self).setting(key) for key in keys])

    def place(self, key: str) -> str:
        """Return where the value of a key stands."""
        return f"{self.setting(key)} in the environment"

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the variable and its value, ready to paste into an env file."""
        variable, text = dict(self.variables).get(key), literal(key, value)
        if isinstance(text, bool):
            text = str(text).lower()
        if variable is None or text.startswith(QUOTES) or not text.isprintable():
            return self._in_file(key, value)
        return f"{variable}={text}"


class ShortSpec(Location):
    """One of the short specs, `owner/repo[@version][:file][>target]`."""

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the whole spec with the value in it, ready to paste."""
        if isinstance(value, bool) or key not in _KEYS_OF_SPECS:
            return self._in_file(key, value)
        keys = {**dict(self.asset), key: literal(key, value)}
        version, file, target = (str(keys.get(name, "")) for name in ("version", "file", "target"))
        ends_at = ((version, ",:>"), (file, "," if file.startswith("/") else ",>"), (target, ",>"))
        quoted = any(text.startswith(QUOTES) for text in (version, file, target))
        if quoted or not value.isprintable() or any(_is_cut(text, marks) for text, marks in ends_at):
            return self._in_file(key, value)
        parts = ((mark, text) for mark, text in (("@", version), (":", file), (">", target)) if text)
        return "".join([str(keys["repo"]), *(mark + text for mark, text in parts)])


def _is_cut(text: str, marks: str) -> bool:
    return any(character in marks or character.isspace() for character in text)


def literal(key: str, value: str | bool) -> str | bool:
    """Return what means just this name, where a glob or a template may stand.

    What no setting may hold, and a slash that would begin a regular expression, is written as a wildcard.
    """
    if key not in ("file", "path") or isinstance(value, bool):
        return value
    text = "".join(_literal(character) for character in value)
    if text.startswith(("/", " ")):
        text = f"[{text[0]}]{text[1:]}"
    return f"{text[:-1]}[ ]" if text.endswith(" ") else text


def _literal(character: str) -> str:
    if character in "*?[{":
        return f"[{character}]"
    return character if character.isprintable() and character not in "\\\N{REPLACEMENT CHARACTER}" else "?"


def enumerated(words: Sequence[str]) -> str:
    """Return the words as a sentence has them: `a, b and c`."""
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])


def file_value(value: str | int) -> str:
    """Return a value as TOML and YAML write it: JSON is both. What the log would not show is escaped."""
    import json

    shown = json.dumps(value, ensure_ascii=False)
    return "".join(it if it.isprintable() else f"\\U{ord(it):08x}" for it in shown)
