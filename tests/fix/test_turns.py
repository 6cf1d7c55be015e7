"""How much is read of a connection in one round, by who else has sent something."""

from typing import Any, cast

import pytest

from venue.fix import turns
from venue.fix.connection import Connection
from venue.fix.link import READ_BYTES
from venue.fix.turns import BESIDE_QUIET_BYTES, DEAR_SECONDS, LEAST_BYTES, SECONDS_A_REPORT, Turns


class Clock:
    """Stands for the time module."""

    def __init__(self) -> None:
        self.now = 100.0
        self.spent = 1.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.spent


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


def connection(session: str) -> Connection:
    one = Connection(cast(Any, None), 0.0)
    one.session = session
    return one


def test_much_is_read_of_one_that_trades_alone(clock: Clock) -> None:
    shares, alpha = Turns(), connection("ALPHA")
    for _ in range(20):
        assert shares.bytes_of(alpha) == READ_BYTES
        clock.now += 0.1


def test_little_is_read_while_others_trade_and_a_second_later_much_again(clock: Clock) -> None:
    shares, alpha, bravo = Turns(), connection("ALPHA"), connection("BRAVO")
    assert shares.bytes_of(alpha) == READ_BYTES
    assert shares.bytes_of(bravo) == BESIDE_QUIET_BYTES
    clock.now += 0.9
    assert shares.bytes_of(alpha) == BESIDE_QUIET_BYTES
    clock.now += 1.5
    assert shares.bytes_of(alpha) == READ_BYTES


def test_who_is_not_logged_on_is_nobody_s_neighbour(clock: Clock) -> None:
    shares, alpha = Turns(), connection("ALPHA")
    for _ in range(5):
        shares.bytes_of(connection(""))
        assert shares.bytes_of(alpha) == READ_BYTES


def test_a_flood_gets_more_among_those_who_send_as_much(clock: Clock) -> None:
    shares, alpha, bravo = Turns(), connection("ALPHA"), connection("BRAVO")

    def flood(*connections: Connection) -> int:
        for each in connections:
            shares.took(each, shares.bytes_of(each))
        clock.now += 0.3
        return shares.bytes_of(alpha)

    assert [flood(alpha, bravo) for _ in range(2)] == [READ_BYTES] * 2
    quiet = connection("CHARLIE")
    shares.took(quiet, min(170, shares.bytes_of(quiet)))
    assert flood(alpha, bravo) == BESIDE_QUIET_BYTES
    clock.now += 0.8
    assert [flood(alpha, bravo) for _ in range(2)] == [READ_BYTES] * 2


def test_rounds_that_take_long_get_less_until_they_do_not(clock: Clock) -> None:
    """What one message costs is its sender's to choose: as few of them as there can be share it."""
    shares, alpha, bravo = Turns(), connection("ALPHA"), connection("BRAVO")
    for _ in range(10):
        shares.begin_round({})
        shares.bytes_of(bravo)
        clock.spent += 20 * DEAR_SECONDS
    assert shares.bytes_of(alpha) == LEAST_BYTES
    for _ in range(10):
        shares.begin_round({})
        clock.now += 0.06
    assert shares.bytes_of(alpha) == BESIDE_QUIET_BYTES


def test_time_that_the_disk_takes_is_nobody_s_doing(clock: Clock) -> None:
    shares, alpha = Turns(), connection("ALPHA")
    for _ in range(10):
        shares.begin_round({})
        clock.now += 0.1
    assert shares.bytes_of(alpha) == READ_BYTES


def test_round_that_is_long_because_much_was_read_is_no_dear_one(clock: Clock) -> None:
    shares, alpha = Turns(), connection("ALPHA")
    for _ in range(10):
        shares.begin_round({})
        for _ in range(10):
            shares.bytes_of(connection("BRAVO"))
        clock.spent += 2 * DEAR_SECONDS
    assert shares.bytes_of(alpha) == BESIDE_QUIET_BYTES


def test_who_has_caused_much_leaves_others_their_turn(clock: Clock) -> None:
    shares, alpha, bravo = Turns(), connection("ALPHA"), connection("BRAVO")
    shares.begin_round(dear := {"ALPHA": 200})
    assert dear == {} and shares.may_be_read(alpha), "nobody else is there"
    for each in (alpha, bravo):
        shares.bytes_of(each)
    shares.begin_round({"ALPHA": 200})
    assert not shares.may_be_read(alpha) and shares.may_be_read(bravo)
    clock.now += 200 * SECONDS_A_REPORT
    assert shares.may_be_read(alpha)


def test_who_has_caused_much_is_read_a_message_at_a_time_while_others_trade(clock: Clock) -> None:
    shares, alpha, bravo = Turns(), connection("ALPHA"), connection("BRAVO")
    shares.bytes_of(alpha)
    shares.begin_round({"ALPHA": 200})
    assert shares.bytes_of(alpha) == READ_BYTES, "nobody else is there"
    shares.bytes_of(bravo)
    assert shares.bytes_of(alpha) == LEAST_BYTES
    assert shares.bytes_of(bravo) == BESIDE_QUIET_BYTES
    clock.now += 1
    shares.bytes_of(bravo)
    assert shares.bytes_of(alpha) == BESIDE_QUIET_BYTES
