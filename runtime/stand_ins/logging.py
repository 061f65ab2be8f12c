"""Stands in for logging, to which requests and urllib3 write what nobody reads: only this product's own log prints."""

DEBUG = 10


class Handler:
    """What writes nothing."""


class Logger:
    """What a library writes to."""

    def addHandler(self, handler: Handler) -> None:  # noqa: N802
        """Do nothing."""

    def debug(self, message: object, *arguments: object, **options: object) -> None:
        """Do nothing."""

    info = warning = error = debug


NullHandler = Handler
_LOGGER = Logger()


def getLogger(name: str) -> Logger:  # noqa: N802
    """Return the one logger."""
    return _LOGGER
