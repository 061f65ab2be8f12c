"""Several things at once, and the errors of all of them together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from github_assets.errors import GithubAssetsError, SeveralFailed

MOST = 32
"""Threads; more of them than connections, as some unpack or write while others wait for a connection."""
_A_MOMENT = 1.0
"""Seconds that threads get to leave when the wait for them is cut short."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def collect_errors(action: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """Return the results; all are tried, then the errors are raised, SeveralFailed for several."""
    results, errors = [], []
    for item in items:
        try:
            results.append(action(item))
        except GithubAssetsError as error:
            if error.final:
                raise
            errors.append(error)
    if len(errors) > 1:
        raise SeveralFailed(errors=errors)
    if errors:
        raise errors[0]
    return results


def run_in_parallel(
    action: Callable[[_Item], _Result], items: Sequence[_Item], stop: Callable[[], None] = lambda: None
) -> list[_Result]:
    """Return the results in the items' order; all are tried, then the errors are raised, SeveralFailed for several.

    The threads are not waited for when the process ends (those of `concurrent.futures` are), so that a signal's
    exception ends it at once; `stop` is called then, and should make them leave.
    """
    if len(items) < 2:
        return collect_errors(action, items)
    numbers = iter(range(len(items)))
    results: dict[int, _Result] = {}
    errors: dict[int, BaseException] = {}

    def work() -> None:
        for number in numbers:  # a range's iterator gives every number once, whichever thread asks
            try:
                results[number] = action(items[number])
            except BaseException as error:  # raised where the results are asked for
                errors[number] = error

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(len(items), MOST))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        stop()
        for thread in threads:
            if thread.ident:
                thread.join(_A_MOMENT / len(threads))
        raise

    def result(number: int) -> _Result:
        if number in errors:
            raise errors[number]
        return results[number]

    return collect_errors(result, range(len(items)))
