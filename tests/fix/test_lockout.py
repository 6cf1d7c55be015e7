"""Lock-out by (address, CompID): when it begins, how it grows, whom it leaves alone."""

import pytest

from venue.fix.lockout import (
    FAILURE_WINDOW_SECONDS,
    FORGOTTEN_SECONDS,
    LONGEST_LOCK_SECONDS,
    Lockout,
)

KEY = ("10.0.0.1", "ALPHA")


def fail(lockout: Lockout, times: int, now: float, key: tuple[str, str] = KEY) -> list[float]:
    """Seconds of lock that each of these wrong secrets began."""
    seconds = []
    for _ in range(times):
        assert lockout.refusal(key, now) is None
        lockout.begin(key)
        seconds.append(lockout.failed(key, now))
    return seconds


def test_fifth_failure_in_ten_minutes_locks_for_five() -> None:
    lockout = Lockout(5, 300.0)
    assert fail(lockout, 5, 100.0) == [0.0, 0.0, 0.0, 0.0, 300.0]
    assert lockout.refusal(KEY, 399.9) == "locked out for 0 s more"
    assert lockout.refusal(KEY, 400.0) is None


def test_failures_far_apart_do_not_lock() -> None:
    lockout = Lockout(5, 300.0)
    now = 0.0
    for _ in range(50):
        assert fail(lockout, 1, now) == [0.0]
        now += FAILURE_WINDOW_SECONDS / 4


def test_each_further_lock_takes_twice_as_long_up_to_the_cap() -> None:
    lockout, now, locks = Lockout(5, 300.0), 0.0, []
    for _ in range(70):
        locks.append(fail(lockout, 5, now)[-1])
        now += locks[-1]
    assert locks[:7] == [300.0, 600.0, 1200.0, 2400.0, 4800.0, 9600.0, LONGEST_LOCK_SECONDS]
    assert set(locks[6:]) == {LONGEST_LOCK_SECONDS}


def test_a_quiet_day_makes_the_next_lock_a_short_one() -> None:
    lockout = Lockout(5, 300.0)
    fail(lockout, 5, 0.0)
    fail(lockout, 5, 300.0)
    assert fail(lockout, 5, 901.0 + FORGOTTEN_SECONDS)[-1] == 300.0


def test_right_secret_clears_what_was_held_against_it() -> None:
    lockout = Lockout(5, 300.0)
    fail(lockout, 4, 0.0)
    lockout.begin(KEY)
    lockout.passed(KEY)
    assert fail(lockout, 4, 1.0) == [0.0] * 4


def test_nobody_else_is_locked_out() -> None:
    lockout = Lockout(5, 300.0)
    fail(lockout, 5, 0.0)
    assert lockout.refusal(("10.0.0.2", "ALPHA"), 1.0) is None
    assert lockout.refusal(("10.0.0.1", "BRAVO"), 1.0) is None


@pytest.mark.parametrize("failed", range(5))
def test_secrets_under_way_count_so_that_a_volley_gets_no_further(failed: int) -> None:
    lockout = Lockout(5, 300.0)
    fail(lockout, failed, 0.0)
    for _ in range(5 - failed):
        assert lockout.refusal(KEY, 0.0) is None
        lockout.begin(KEY)
    assert lockout.refusal(KEY, 0.0) == "too many of its logons are being looked at"
    lockout.given_up(KEY)
    assert lockout.refusal(KEY, 0.0) is None


def test_passing_while_others_are_under_way_keeps_those_counted() -> None:
    lockout = Lockout(2, 300.0)
    lockout.begin(KEY)
    lockout.begin(KEY)
    lockout.passed(KEY)
    lockout.begin(KEY)
    assert lockout.refusal(KEY, 0.0) == "too many of its logons are being looked at"


def test_forgiving_a_session_opens_it_from_everywhere() -> None:
    lockout = Lockout(1, 300.0)
    other = ("10.0.0.2", "ALPHA")
    bravo = ("10.0.0.1", "BRAVO")
    for key in (KEY, other, bravo):
        fail(lockout, 1, 0.0, key)
    lockout.forgive("ALPHA")
    assert [lockout.refusal(key, 1.0) is None for key in (KEY, other, bravo)] == [True, True, False]


def test_table_is_bounded_and_keeps_the_youngest() -> None:
    lockout = Lockout(1, 300.0, most=3)
    for number in range(10):
        fail(lockout, 1, 0.0, (f"10.0.0.{number}", "ALPHA"))
    locked = [lockout.refusal((f"10.0.0.{number}", "ALPHA"), 1.0) for number in range(10)]
    assert [why is not None for why in locked] == [False] * 7 + [True] * 3
