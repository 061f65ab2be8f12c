"""Stands in for decimal, with whose library toml would write such a number: nothing here makes one."""


class Decimal:
    """What no value is."""
