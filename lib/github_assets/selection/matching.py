"""Users' regular expressions, within a limit: `re` takes exponential time for some, and no thread can interrupt it."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import warnings
from collections.abc import Sequence

from github_assets.errors.selection import ExpressionTooSlow

CPU_SECONDS = 1.0
"""For all texts together; expressions that are not made to last take some thousandths."""
_one_at_a_time = threading.Lock()


def search_all(expression: re.Pattern[str], texts: Sequence[str], key: str) -> list[str | None]:
    """Return what matches in each text: the first group, all of it where there are no groups, None for no match.

    A child process does it, which the kernel ends after CPU_SECONDS. Raises ExpressionTooSlow, which names `key`.
    """
    # One at a time, as another child would inherit the end of the pipe that is written to, and keep it open.
    with _one_at_a_time:
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of locks of other threads: the child takes none
            child = os.fork()
        if child == 0:
            _search_and_exit(expression, texts, writing)
        os.close(writing)
        try:
            with open(reading, "rb") as pipe:
                result = pipe.read()
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if not result:
        raise ExpressionTooSlow(key=key, expression=f"/{expression.pattern}/")
    found: list[str | None] = json.loads(result)
    return found


def _search_and_exit(expression: re.Pattern[str], texts: Sequence[str], writing: int) -> None:
    try:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        matches = map(expression.search, texts)
        group = min(expression.groups, 1)
        result = json.dumps([(match[group] or "") if match else None for match in matches])
        with open(writing, "wb") as pipe:
            pipe.write(result.encode())
    finally:
        os._exit(0)
