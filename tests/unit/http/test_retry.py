"""When requests are retried, and after which delay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors import GithubAssetsError
from github_assets.errors.http import NotFound, RateLimited, ServerFailed
from github_assets.http.retry import DEFAULT_RETRY_POLICY, Retries, RetryPolicy

FAILED = ServerFailed(host="h", status=502)


class Waits(list[float]):
    """Notes the waits instead of sleeping."""

    def __call__(self, error: GithubAssetsError, seconds: float, count: str) -> bool:
        self.append(seconds)
        return True


@given(failures=st.integers(1, 4), retry_after=st.floats(0, 1e6))
def test_a_delay_is_what_the_server_asks_for_or_doubles(failures: int, retry_after: float) -> None:
    wait = DEFAULT_RETRY_POLICY.wait(failures, retry_after)

    if retry_after > DEFAULT_RETRY_POLICY.max_wait:
        assert wait is None
    else:
        shortest = 0.25 * 2 ** (failures - 1)
        assert wait is not None
        assert max(retry_after, shortest) <= wait <= max(retry_after, shortest + 0.25)


def test_waits_do_not_grow_for_ever() -> None:
    policy = RetryPolicy(attempts=100, backoff=1, max_backoff=8)

    assert all(policy.wait(failures, 0) <= 9 for failures in range(1, 100))  # type: ignore[operator]
    assert policy.wait(100, 0) is None


def test_the_last_error_is_raised_with_the_number_of_attempts() -> None:
    waits = Waits()
    retries = Retries(RetryPolicy(attempts=3), waits)
    for _ in range(2):
        retries.next(FAILED)

    with pytest.raises(ServerFailed) as caught:
        retries.next(FAILED)
    assert (caught.value.attempts, FAILED.attempts, len(waits)) == (3, 1, 2)


def test_progress_begins_the_count_again_by_another_policy() -> None:
    waits = Waits()
    retries = Retries(RetryPolicy(attempts=2), waits)
    retries.next(FAILED)
    retries.reset(RetryPolicy(attempts=3))
    for _ in range(2):
        retries.next(FAILED)

    with pytest.raises(ServerFailed) as caught:
        retries.next(FAILED)
    assert caught.value.attempts == 3


def test_the_caller_may_know_better_whether_to_try_again() -> None:
    waits = Waits()
    retries = Retries(DEFAULT_RETRY_POLICY, waits)
    retries.next(NotFound(host="h", authenticated=False), retryable=True)

    with pytest.raises(ServerFailed):
        retries.next(FAILED, retryable=False)
    with pytest.raises(NotFound):
        retries.next(NotFound(host="h", authenticated=False))
    assert len(waits) == 1


def test_a_delay_past_the_deadline_raises() -> None:
    retries = Retries(DEFAULT_RETRY_POLICY, lambda error, seconds, count: False)

    with pytest.raises(RateLimited):
        retries.next(RateLimited(host="h", authenticated=True, wait=5))
