"""Replaces typing, whose import takes longer than most of this product's modules together.

Its NamedTuple compiles the annotation of every field, in order to check it; this one leaves that to mypy.
"""

from _typing import TypeVar
from collections import namedtuple
from collections.abc import Callable

__all__ = ["Any", "BinaryIO", "Callable", "NamedTuple", "NoReturn", "Protocol", "Self", "Tuple", "TypeVar", "cast"]
__all__ += ["IO", "TYPE_CHECKING", "TextIO"]
TYPE_CHECKING = False
Any = BinaryIO = NoReturn = Protocol = Self = TextIO = object
Tuple = tuple


class IO:
    """A type to cast to, with or without a parameter."""

    def __class_getitem__(cls, _parameter):
        return cls


def cast(_type, value):
    """Return the value."""
    return value


class _NamedTupleType(type):
    """Makes a class with NamedTuple as its base one of `collections.namedtuple`, with all its other members."""

    def __new__(mcs, name, bases, members):
        if not bases:
            return type.__new__(mcs, name, bases, members)
        fields = members.pop("__annotations__", {})
        defaults = [members.pop(field) for field in fields if field in members]
        made = namedtuple(name, fields, defaults=defaults, module=members["__module__"])
        for member, value in members.items():
            if member not in ("__module__", "__qualname__", "__firstlineno__", "__static_attributes__"):
                setattr(made, member, value)
        return made


class NamedTuple(metaclass=_NamedTupleType):
    """What classes name as their base."""
