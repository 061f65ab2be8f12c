"""Replaces toml's decoder: tomllib reads. The encoder tells some values by the decoder's classes."""


class InlineTableDict:
    """The type of no value."""


class CommentValue:
    """The type of no value."""
