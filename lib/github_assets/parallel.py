"""Threads: running actions in parallel, and raising all their errors together."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from github_assets.errors import GithubAssetsError, SeveralFailed

MOST_THREADS = 40
"""More threads than connections: some unpack or write while others wait for a connection."""
_GRACE = 1.0
"""Seconds that threads have to finish when waiting for them is interrupted."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class BackgroundThread(threading.Thread):
    """A daemon thread that leaves signals to the main thread.

    Only that one runs Python's handlers, and while it waits for a lock, nothing wakes it but a signal of its own.
    """

    def __init__(self, target: Callable[[], object]) -> None:
        super().__init__(target=target, daemon=True)

    def start(self) -> None:
        """Start it, once."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def collect_errors(action: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Run the action for each item, and return the results. Errors are raised at the end, SeveralFailed for several."""
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
    """Run the action for all items at once, and return the results in order.

    Errors are raised at the end, SeveralFailed for several. `stop` is called if waiting is interrupted, and should make
    the threads finish.
    """
    return collect_errors(raise_error, try_in_parallel(action, items, stop))


def try_in_parallel(
    action: Callable[[_Item], _Result], items: Sequence[_Item], stop: Callable[[], None] = lambda: None
) -> list[_Result | GithubAssetsError]:
    """Run the action for all items at once; return results or GithubAssetsErrors in order. Raises other errors.

    Unlike those of `concurrent.futures`, the threads do not keep the process alive, so that the exception of a signal
    ends it at once. `stop` is called then, and should make the threads finish.
    """
    numbers = iter(range(len(items)))
    outcomes: list[_Result | GithubAssetsError | None] = [None] * len(items)
    failures: list[BaseException] = []

    def work() -> None:
        for number in numbers:  # the iterator of a range yields every number exactly once across threads
            try:
                outcomes[number] = action(items[number])
            except GithubAssetsError as error:
                outcomes[number] = error
                if error.final:
                    failures.append(error)
            except BaseException as error:  # raised when the results are collected
                failures.append(error)

    if len(items) < 2:
        work()
    else:
        _run_threads(work, min(len(items), MOST_THREADS), stop)
    for failure in failures:
        raise failure
    return outcomes  # type: ignore[return-value]  # every item has an outcome now


def raise_error(outcome: _Result | GithubAssetsError) -> _Result:
    """Return the outcome, or raise it if it is an error."""
    if isinstance(outcome, GithubAssetsError):
        raise outcome
    return outcome


def _run_threads(work: Callable[[], None], count: int, stop: Callable[[], None]) -> None:
    threads = [BackgroundThread(work) for _ in range(count)]
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
