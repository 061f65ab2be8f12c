"""Several things at once, and the errors of all of them together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from github_assets.errors import GithubAssetsError, SeveralFailed

MOST_THREADS = 32
"""More threads than connections, as some unpack or write while others wait for a connection."""
_GRACE = 1.0
"""Seconds that threads get to leave when the wait for them is cut short."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def collect_errors(action: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Return the results, one after the other; all are tried, then the errors are raised, SeveralFailed for several."""
    results = []
    errors: dict[int, GithubAssetsError] = {}
    for item in items:
        try:
            results.append(action(item))
        except GithubAssetsError as error:
            if error.final:
                raise
            errors[id(error)] = error
    if len(errors) > 1:
        raise SeveralFailed(errors=list(errors.values()))
    for only in errors.values():
        raise only
    return results


def run_in_parallel(
    action: Callable[[_Item], _Result], items: Sequence[_Item], stop: Callable[[], None] = lambda: None
) -> list[_Result]:
    """Return the results in the items' order; all are tried, then the errors are raised, SeveralFailed for several.

    `stop` is called when the wait is cut short, and should make the threads leave.
    """
    return collect_errors(raise_error, try_in_parallel(action, items, stop))


def try_in_parallel(
    action: Callable[[_Item], _Result], items: Sequence[_Item], stop: Callable[[], None] = lambda: None
) -> list[_Result | GithubAssetsError]:
    """Return the results in the items' order, or the errors in place of them. Raises what is no GithubAssetsError.

    The threads are not waited for when the process ends (those of `concurrent.futures` are), so that a signal's
    exception ends it at once; `stop` is called then, and should make them leave.
    """
    numbers = iter(range(len(items)))
    outcomes: list[_Result | GithubAssetsError | None] = [None] * len(items)
    failures: list[BaseException] = []

    def work() -> None:
        for number in numbers:  # a range's iterator gives every number once, whichever thread asks
            try:
                outcomes[number] = action(items[number])
            except GithubAssetsError as error:
                outcomes[number] = error
                if error.final:
                    failures.append(error)
            except BaseException as error:  # raised where the results are asked for
                failures.append(error)

    if len(items) < 2:
        work()
    else:
        _run_threads(work, min(len(items), MOST_THREADS), stop)
    for failure in failures:
        raise failure
    return outcomes  # type: ignore[return-value]  # every number was worked on


def raise_error(outcome: _Result | GithubAssetsError) -> _Result:
    """Return an outcome that is a result. Raises one that is an error."""
    if isinstance(outcome, GithubAssetsError):
        raise outcome
    return outcome


def _run_threads(work: Callable[[], None], count: int, stop: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        stop()
        for thread in threads:
            if thread.ident:
                thread.join(_GRACE / len(threads))
        raise
