"""When a request that failed is sent again, and when no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from github_assets.errors import GithubAssetsError


class RetryPolicy(NamedTuple):
    """How often something is tried, and the seconds in between."""

    attempts: int = 5
    backoff: float = 0.25
    """Before the second attempt; doubled for each one after it, and up to as much more so that clients spread."""
    max_backoff: float = 8
    max_wait: float = 120
    """If the server asks for a longer wait, there is no other attempt."""

    def wait(self, failures: int, retry_after: float) -> float | None:
        """Return the seconds until the next attempt after this many have failed, or None if there is none."""
        if failures >= self.attempts:
            return None
        import random  # takes longer than the rest of this package where nothing fails

        backoff = min(self.backoff * 2 ** (failures - 1), self.max_backoff)
        wait = max(retry_after, backoff + self.backoff * random.random())  # noqa: S311
        return wait if wait <= self.max_wait else None


DEFAULT_RETRY_POLICY = RetryPolicy()


class Retries:
    """The attempts at one thing, one after the other."""

    def __init__(self, policy: RetryPolicy, wait: Callable[[GithubAssetsError, float, str], bool]) -> None:
        """`wait` gets the error, seconds and the count in words, and returns False if it can't."""
        self._policy, self._wait = policy, wait
        self._failures = 0

    def reset(self, policy: RetryPolicy | None = None) -> None:
        """Count from the beginning, because there is progress, and go on by another policy if there is one."""
        self._failures = 0
        self._policy = policy or self._policy

    def next(self, error: GithubAssetsError, *, retryable: bool | None = None) -> None:
        """Wait for the next attempt. Raises the error, with the number of attempts, if there is none.

        `retryable` overrides what the error says of itself.
        """
        self._failures += 1
        if error.transient if retryable is None else retryable:
            seconds = self._policy.wait(self._failures, error.wait)
            count = f"attempt {self._failures} of {self._policy.attempts} failed"
            if seconds is not None and self._wait(error, seconds, count):
                return
        raise error.replace(attempts=self._failures)
