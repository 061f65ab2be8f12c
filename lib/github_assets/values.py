"""Immutable value classes for the start path.

`typing.NamedTuple` and `dataclasses` would do, but importing `typing` alone takes longer than all else in detect.
For the same reason, modules that detect imports import types for annotations only for the type checker.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self
    from typing import dataclass_transform as dataclass_transform
else:

    def dataclass_transform(**_options: object):
        """Return a decorator that does nothing at run time."""
        return lambda kind: kind


@dataclass_transform(frozen_default=True)
class Value:
    """Base class of values: the annotations are the fields, and class attributes of the same name the defaults."""

    def __init__(self, *fields: Any, **named: Any) -> None:
        names = self.__annotations__
        given = dict(zip(names, fields, strict=False), **named)
        for name in names:
            # The default; without one, the AttributeError names the missing field.
            self.__dict__[name] = given.pop(name) if name in given else getattr(type(self), name)
        if given or len(fields) > len(names):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(names)} only")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def _replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})


class ParsedText(Value):
    """A text and its parsed meaning; compared, hashed and printed by the text only."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParsedText) and type(other) is type(self) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"
