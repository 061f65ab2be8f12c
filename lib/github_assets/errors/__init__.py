"""What can go wrong, as types that carry data, a module for each package; `messages` turns them into text."""

from __future__ import annotations

from github_assets.values import dataclass_transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from github_assets.locations import Location


@dataclass_transform(kw_only_default=True)
class GithubAssetsError(Exception):
    """Base of all errors; its annotations are its keyword arguments.

    A plain loop instead of `dataclasses`, whose import costs detect more than all of its own work.
    """

    transient = False
    """Whether the same request may succeed when it is sent again."""
    wait = 0.0
    """Seconds that the server asks to wait before the next attempt."""
    attempts = 1
    """How often it was tried before this was raised."""
    final = False
    """Whether it ends the run at once, whatever else is under way."""
    source: Location | None = None
    """Where the asset is configured that it is about, where it is about one."""

    def __init__(self, **data: object) -> None:
        super().__init__()
        self.__dict__.update(data)

    def replace(self, **data: object) -> Self:
        """Return the same error with other data."""
        return type(self)(**{**vars(self), **data})

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class ErrorSource:
    """Errors that leave the block are about the asset that is configured at the location."""

    def __init__(self, source: Location) -> None:
        self._source = source

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, GithubAssetsError):
            error.source = error.source or self._source


class SeveralFailed(GithubAssetsError):
    """More than one asset failed, each for a reason of its own."""

    errors: Sequence[GithubAssetsError]


class CannotWrite(GithubAssetsError):
    """The layers directory takes no more: full, read-only, not ours."""

    path: str
    reason: str


class Interrupted(GithubAssetsError):
    """The process was told to stop; `signal` is its number."""

    final = True
    signal: int
