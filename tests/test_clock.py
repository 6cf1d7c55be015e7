"""Clock never goes back; its texts are FIX's and ISO's."""

import time

from venue.clock import Clock, iso, trading_day, utc_timestamp

NOON_NS = 1_769_860_800_000_000_000


def test_time_goes_on_with_the_system_clock() -> None:
    before = time.time_ns()
    clock = Clock()
    first, second = clock.now_ns(), clock.now_ns()
    assert before <= first <= second <= time.time_ns()


class Machine:
    """A machine whose system clock can be set."""

    def __init__(self) -> None:
        self.wall_ns = NOON_NS
        self.monotonic_ns = 777
        self.clock = Clock(0, lambda: self.wall_ns, lambda: self.monotonic_ns)

    def run(self, nanoseconds: int) -> int:
        """Let so much time pass; the time from noon that the clock shows then."""
        self.wall_ns += nanoseconds
        self.monotonic_ns += nanoseconds
        return self.clock.now_ns() - NOON_NS


def test_time_goes_on_at_half_speed_until_a_clock_set_back_has_caught_up() -> None:
    machine = Machine()
    assert machine.run(100) == 100
    machine.wall_ns -= 3_600
    assert machine.run(0) == 100, "never back"
    assert machine.run(1_000) == 600
    assert machine.run(2_000) == 1_600
    assert machine.run(1_000) == 2_100
    assert machine.run(3_200) == 3_700 == machine.wall_ns - NOON_NS
    assert machine.run(1_000) == 4_700, "and again at full speed"


def test_time_goes_on_however_often_it_is_asked_for() -> None:
    machine = Machine()
    machine.run(0)
    machine.wall_ns -= 1_000_000
    assert [machine.run(2) for _ in range(4)] == [0, 1, 2, 3]


def test_clock_that_is_set_back_twice_never_goes_back() -> None:
    machine = Machine()
    shown = []
    for jump in (0, -500, 100, -900, 2_000, -(10**12)):
        machine.wall_ns += jump
        shown += [machine.run(10), machine.run(10)]
    assert shown == sorted(shown)
    assert shown[-1] > shown[-2]


def test_time_jumps_ahead_with_the_system_clock() -> None:
    machine = Machine()
    machine.wall_ns += 86_400
    assert machine.run(1) == 86_401


def test_time_is_never_before_the_floor() -> None:
    floor = time.time_ns() + 10**15
    clock = Clock(floor)
    assert clock.now_ns() == floor
    assert clock.now_ns() >= floor


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
