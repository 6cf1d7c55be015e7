"""The limits' windows: what is within them, what is left, and that they are forgotten."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from venue.gateway import windows
from venue.gateway.windows import Windows


class Clock:
    """Stands in the place of the module time."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def time(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(windows, "time", made)
    return made


@settings(deadline=None)
@given(
    calls=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 600)), max_size=60),
    amount=st.integers(1, 5),
)
def test_they_let_through_as_the_library_s_own_do(
    calls: list[tuple[str, int]], amount: int
) -> None:
    clock, item = Clock(), RateLimitItemPerSecond(amount)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "time", clock)
        patch.setattr("limits.storage.memory.time", clock)
        ours, theirs = Windows(), MemoryStorage()
        for who, later_ms in calls:
            clock.now += later_ms / 1_000
            ours_limiter, theirs_limiter = map(MovingWindowRateLimiter, (ours, theirs))
            assert ours_limiter.hit(item, who) == theirs_limiter.hit(item, who)
            assert ours_limiter.get_window_stats(item, who) == theirs_limiter.get_window_stats(
                item, who
            )


def test_windows_that_have_passed_are_forgotten(clock: Clock) -> None:
    limiter, item = MovingWindowRateLimiter(kept := Windows()), RateLimitItemPerSecond(1)
    for number in range(20 * windows.FIRST_LOOK):
        clock.now += 0.01
        assert limiter.hit(item, f"caller {number}")
    assert len(kept) <= 2 * windows.FIRST_LOOK


def test_a_window_is_cleared(clock: Clock) -> None:
    limiter, item = MovingWindowRateLimiter(Windows()), RateLimitItemPerSecond(1)
    assert limiter.hit(item, "a") and not limiter.hit(item, "a")
    limiter.clear(item, "a")
    assert limiter.hit(item, "a")
