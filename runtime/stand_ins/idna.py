"""Stands in for idna: the hosts of this product's URLs are ASCII, and whoever needs another writes its A-label."""


class IDNAError(UnicodeError):
    """A host that is no name."""


def encode(text: str, **options: object) -> bytes:
    """Return an ASCII name as it is. Raises IDNAError."""
    try:
        return text.encode("ascii")
    except UnicodeError as error:
        raise IDNAError(str(error)) from None
