"""Errors as types with data, one module per package. `messages` turns them into text."""

from __future__ import annotations

from github_assets.values import dataclass_transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from github_assets.locations import Location


MOST_ERRORS = 100
"""That are told together."""


@dataclass_transform(kw_only_default=True)
class GithubAssetsError(Exception):
    """Base class of all errors. The annotations are the keyword arguments.

    Not a dataclass, because importing `dataclasses` takes longer than everything else in detect.
    """

    transient = False
    """Whether the same request may succeed if it is retried."""
    wait = 0.0
    """Seconds that the server asks to wait before the next attempt."""
    attempts = 1
    """How many attempts were made before this was raised."""
    final = False
    """Whether it ends the run at once, whatever else is in progress."""
    source: Location | None = None
    """Where the asset that it is about is configured, if it is about one."""
    asset_key: str | None = None
    """The key of that asset that has the value which it is about, if it is about one."""
    release: str | None = None
    """The release that it is about, as repository and tag, if it is about one."""

    def __init__(self, **data: object) -> None:
        super().__init__()
        self.__dict__.update(data)

    def replace(self, **data: object) -> Self:
        """Return a copy with some data changed."""
        return type(self)(**{**vars(self), **data})

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class ErrorSource:
    """Sets the source, and the release, of errors that leave the block to those of an asset."""

    def __init__(self, source: Location, release: str | None = None) -> None:
        self._source, self._release = source, release

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, GithubAssetsError):
            error.source = error.source or self._source
            error.release = error.release or self._release


class ErrorCollector:
    """Errors of several `with` blocks, each once, which are raised together once all were tried, or there are many."""

    def __init__(self) -> None:
        self.errors: list[GithubAssetsError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, GithubAssetsError) or error.final:
            return False
        for each in error.errors if isinstance(error, SeveralFailed) else [error]:
            if str(each) not in map(str, self.errors):
                self.errors.append(each)
        if len(self.errors) >= MOST_ERRORS:
            raise SeveralFailed(errors=self.errors[:MOST_ERRORS]) from None
        return True

    def raise_collected(self) -> None:
        """Raise the only error, or SeveralFailed for several."""
        if len(self.errors) > 1:
            raise SeveralFailed(errors=self.errors)
        for only in self.errors:
            raise only


class SeveralFailed(GithubAssetsError):
    """Several assets failed."""

    errors: Sequence[GithubAssetsError]


class CannotWrite(GithubAssetsError):
    """A file cannot be written: the disk is full, read-only or not accessible."""

    path: str
    reason: str


class OutputUnavailable(GithubAssetsError):
    """Standard output or standard error cannot be written to; `closed` if whoever read it has ended."""

    final = True
    reason: str
    closed: bool


class Interrupted(GithubAssetsError):
    """The process received a signal."""

    final = True
    signal: int
