"""TOML and YAML as tables, and every way in which a text is neither as one error that tells the line."""

from __future__ import annotations

from typing import Any

from github_assets.errors.config import FileUnreadable, MergeConflict

_TOO_DEEP = "it is nested too deeply"
_MOST_DOTS = 1000
"""In a line of TOML: the time that tomllib takes for a dotted key grows with the square of its length."""
_MOST_NODES = 40_000
"""Of a YAML document, aliases and merge keys (`<<`) followed: each takes a kilobyte."""
_MERGE = "tag:yaml.org,2002:merge"
_EXCERPT = 60
"""Characters of a line that are shown before and after the fault."""
_SENSITIVE = ("key", "passw", "secret", "token", "value")
"""Words in a line that may hold a secret; in project.toml, the values of variables are in lines with `value`."""
_LONGEST_WORD = 20
"""Characters; what is longer may be a token, whatever the line says."""


def parse(text: str, file: str) -> dict[str, Any]:
    """Return the table that the text of the file is, TOML or YAML by the file's name.

    Raises FileUnreadable, MergeConflict.
    """
    return parse_yaml(text, file) if file.endswith((".yaml", ".yml")) else parse_toml(text, file)


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Return the table that a TOML text is. Raises FileUnreadable, MergeConflict."""
    import tomllib

    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MOST_DOTS:
            raise FileUnreadable(file=file, reason=f"line {number} has more than {_MOST_DOTS} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _check_merged(text, file)
        raise FileUnreadable(file=file, reason=str(error), excerpt=_toml_excerpt(str(error), text)) from None
    except ValueError:
        raise FileUnreadable(file=file, reason="a number has too many digits") from None
    except RecursionError:
        raise FileUnreadable(file=file, reason=_TOO_DEEP) from None


def parse_yaml(text: str, file: str) -> dict[str, Any]:
    """Return the mapping that a YAML text is, {} for an empty one. Raises FileUnreadable, MergeConflict."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Refuses what SafeLoader lets through: a key that is given twice, and values that its constructors fail on."""

        nodes = 0

        def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
            event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
            self.count(1, event.start_mark)
            return super().compose_node(parent, index)

        def count(self, nodes: int, mark: Any) -> None:
            self.nodes += nodes
            if self.nodes > _MOST_NODES:
                raise yaml.MarkedYAMLError(problem="too many keys and values", problem_mark=mark)

        def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except (ValueError, LookupError, AttributeError, ArithmeticError):
                reason = f"not a valid {node.tag.rpartition(':')[2]}"
                raise yaml.MarkedYAMLError(problem=reason, problem_mark=node.start_mark) from None

        def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
            node = super().compose_mapping_node(anchor)
            seen = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem="duplicate key", problem_mark=key.start_mark)
                seen.add(key.value)
            return node

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            for key, value in node.value:
                if key.tag == _MERGE:
                    for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                        if isinstance(merged, yaml.MappingNode):
                            self.flatten_mapping(merged)
                            self.count(len(merged.value), node.start_mark)
            super().flatten_mapping(node)

    try:
        document = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        _check_merged(text, file)
        mark = error.problem_mark or error.context_mark
        place = f" (at line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        excerpt = _excerpt(text, mark.line + 1, mark.column + 1) if mark else None
        raise FileUnreadable(file=file, reason=f"{error.problem or error.context}{place}", excerpt=excerpt) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileUnreadable(file=file, reason=f"{error.reason} (at line {line})") from None
    except RecursionError:
        raise FileUnreadable(file=file, reason=_TOO_DEEP) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise FileUnreadable(file=file, reason="the top level is not a table of keys")
    return document


def _check_merged(text: str, file: str) -> None:
    """Raise MergeConflict where git has left its marks (git-merge, "How conflicts are presented")."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("<<<<<<< "):
            raise MergeConflict(file=file, line=number)


def _toml_excerpt(reason: str, text: str) -> tuple[int, str, int] | None:
    """Return the excerpt for the place that tomllib appends to its messages, `(at line 2, column 6)`."""
    numbers = reason.rpartition("(at line ")[2].removesuffix(")").split(", column ")
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        return None
    before = "\n".join(text.split("\n")[: int(numbers[0]) - 1])
    if any(before.count(quotes) % 2 for quotes in ('"""', "'''")):  # in a string that may be a secret
        return None
    return _excerpt(text, int(numbers[0]), int(numbers[1]))


def _excerpt(text: str, number: int, column: int) -> tuple[int, str, int] | None:
    """Return what `FileUnreadable.excerpt` describes: a part of the line, without what may be a secret."""
    lines = text.split("\n")
    if number > len(lines):
        return None
    line, start = _without_secrets(lines[number - 1].rstrip("\r").expandtabs(1)), max(column - 1 - _EXCERPT, 0)
    return number, line[start : column - 1 + _EXCERPT], column - start


def _without_secrets(line: str) -> str:
    """Return the line with `*` for every character of what may be a secret, so that columns stay what they are."""
    import re

    line = re.sub(rf"[\w./+=-]{{{_LONGEST_WORD},}}", lambda word: "*" * len(word[0]), line)
    word = re.search("|".join(_SENSITIVE), line, re.IGNORECASE)
    if word is None:
        return line
    return line[: word.end()] + re.sub(r"[^\s\"'\[\]{},=:#]", "*", line[word.end() :])
