"""Replaces decimal: toml names the class to write such numbers, of which nothing here makes any.

The module's own brings a library of a third of a megabyte.
"""


class Decimal:
    """The type of no value."""
