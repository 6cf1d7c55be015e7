"""Clock never goes back; its texts are FIX's and ISO's."""

import time
from collections.abc import Iterator

import pytest

from venue.clock import Clock, iso, trading_day, utc_timestamp

NOON_NS = 1_769_860_800_000_000_000


def test_time_goes_on_with_the_system_clock() -> None:
    before = time.time_ns()
    clock = Clock()
    first, second = clock.now_ns(), clock.now_ns()
    assert before <= first <= second <= time.time_ns()


def test_time_stands_still_while_the_system_clock_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings: Iterator[int] = iter([500, 400, 501])
    monkeypatch.setattr(time, "time_ns", lambda: next(readings))
    clock = Clock()
    assert [clock.now_ns() for _ in range(3)] == [500, 500, 501]


def test_time_is_never_before_the_floor() -> None:
    floor = time.time_ns() + 10**15
    assert Clock(floor).now_ns() == floor


def test_fix_timestamp_has_truncated_milliseconds() -> None:
    assert utc_timestamp(NOON_NS) == "20260131-12:00:00.000"
    assert utc_timestamp(NOON_NS + 7_999_999) == "20260131-12:00:00.007"
    assert utc_timestamp(NOON_NS + 999_999_999) == "20260131-12:00:00.999"
    assert utc_timestamp(NOON_NS + 1_000_000_000) == "20260131-12:00:01.000"
    assert utc_timestamp(NOON_NS - 1) == "20260131-11:59:59.999"


def test_iso_text_has_microseconds() -> None:
    assert iso(NOON_NS + 1_234_567) == "2026-01-31T12:00:00.001234Z"


def test_trading_day_is_the_utc_date() -> None:
    assert trading_day(NOON_NS) == "2026-01-31"
    assert trading_day(NOON_NS + 12 * 3600 * 10**9 - 1) == "2026-01-31"
    assert trading_day(NOON_NS + 12 * 3600 * 10**9) == "2026-02-01"
