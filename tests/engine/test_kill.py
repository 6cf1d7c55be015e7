"""Kill switch and revive: a member, a session, all; in slices, with the reason in every report."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.trading.slices import SLICE

from .builders import Venue, buy, cancel, enter, replace, sell
from .outcomes import code, ended, kinds, refusal, why

WHO = ("olga", "runaway")
TEXT = "KILL_SWITCH runaway"


def open_orders(venue: Venue) -> list[str]:
    return [key for key, order in venue.engine.state.orders.items() if order.is_open]


def with_orders(venue: Venue) -> Venue:
    """1 and 2 of ALPHA by its two sessions, 3 of BRAVO."""
    venue.do_all(buy("A1", "1", "99"), buy("X1", "1", "98", session="ALPHA2"))
    venue.do(sell("B1", "1", "105"))
    return venue


SCOPES = [
    ("member", "ALPHA", ["1", "2"]),
    ("session", "ALPHA", ["1"]),
    ("all", "", ["1", "2", "3"]),
]


@pytest.mark.parametrize(("scope", "name", "doomed"), SCOPES)
def test_kill_blocks_entry_and_cancels_what_is_open(
    venue: Venue, scope: str, name: str, doomed: list[str]
) -> None:
    blocked, *cancels = with_orders(venue).do(c.Kill(scope, name, *WHO))
    assert blocked == e.EntryBlocked(
        venue.first_event_seq, venue.now_ns, scope, name, "KILL_SWITCH", "", *WHO
    )
    assert ended(cancels) == [(order_id, "8", TEXT) for order_id in doomed]
    assert len(cancels) == len(doomed)
    assert open_orders(venue) == [key for key in "123" if key not in doomed]
    assert venue.engine.take_follow_ups() == []
    words = {"member": "member ALPHA", "session": "session ALPHA", "all": "all"}[scope]
    assert why(venue.do(buy("A2", "1", "99"))) == f"KILL_SWITCH entry is stopped for {words}"


@pytest.mark.parametrize(("scope", "name", "doomed"), SCOPES)
def test_kill_spares_who_is_not_meant(
    venue: Venue, scope: str, name: str, doomed: list[str]
) -> None:
    venue.do(c.Kill(scope, name, *WHO))
    stopped = {
        session: code(venue.do(buy("N1", "1", "99", session=session))) == "KILL_SWITCH"
        for session in ("ALPHA", "ALPHA2", "BRAVO", "CHARLIE")
    }
    expected = {"member": 2, "session": 1, "all": 4}[scope]
    assert list(stopped.values()) == [True] * expected + [False] * (4 - expected)


@pytest.mark.parametrize(("scope", "name", "doomed"), SCOPES)
def test_revive_lets_entry_go_on_and_brings_nothing_back(
    venue: Venue, scope: str, name: str, doomed: list[str]
) -> None:
    with_orders(venue).do(c.Kill(scope, name, *WHO))
    assert venue.do(c.Revive(scope, name, *WHO)) == venue.stamped(
        e.EntryRestored(0, 0, scope, name, "KILL_SWITCH", *WHO)
    )
    assert "1" not in open_orders(venue)
    assert code(venue.do(buy("A2", "1", "99"))) is None


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.Kill("member", "DELTA"), "member DELTA is unknown"),
        (c.Kill("session", "DELTA"), "session DELTA is unknown"),
        (c.Kill("all", "ALPHA"), "all ALPHA is unknown"),
        (c.Kill("desk", "ALPHA"), "desk is none of all, member, session"),
        (c.Revive("member", "DELTA", "olga"), "member DELTA is unknown"),
        (c.Revive("member", "ALPHA", "olga"), "member ALPHA is not killed"),
        (c.Revive("session", "ALPHA", "olga"), "session ALPHA is not killed"),
        (c.Revive("all", "", "olga"), "all is not killed"),
    ],
)
def test_impossible_kill_or_revive_is_refused(
    venue: Venue, command: c.Kill | c.Revive, detail: str
) -> None:
    assert refusal(venue.do(command)) == detail
    assert code(venue.do(buy("A1", "1", "99"))) is None


@pytest.mark.parametrize(("scope", "name", "doomed"), SCOPES)
def test_second_kill_and_a_revive_by_nobody_are_refused(
    venue: Venue, scope: str, name: str, doomed: list[str]
) -> None:
    venue.do(c.Kill(scope, name, *WHO))
    words = f"{scope} {name}".rstrip()
    assert refusal(venue.do(c.Kill(scope, name, *WHO))) == f"{words} is killed already"
    assert refusal(venue.do(c.Revive(scope, name))) == "who revives must be named"
    assert code(venue.do(buy("A1", "1", "99"))) == "KILL_SWITCH"


def test_kills_of_different_scopes_are_lifted_one_by_one(venue: Venue) -> None:
    for scope, name, _ in SCOPES:
        venue.do(c.Kill(scope, name, *WHO))
    for number, (scope, name, _) in enumerate(SCOPES):
        assert code(venue.do(buy(f"A{number}", "1", "99"))) == "KILL_SWITCH"
        venue.do(c.Revive(scope, name, *WHO))
    assert code(venue.do(buy("A9", "1", "99"))) is None


def test_killed_session_may_cancel_but_not_replace(venue: Venue) -> None:
    venue.do_all(c.Kill("session", "ALPHA2", *WHO), buy("A1", "1", "99"))
    assert (
        code(venue.do(replace("X1", "A1", "1", "98", session="ALPHA2", order_id="1")))
        == "KILL_SWITCH"
    )
    assert code(venue.do(cancel("X2", "A1", session="ALPHA2", order_id="1"))) is None


def test_kill_reaches_what_waits_outside_the_book(venue: Venue) -> None:
    venue.do_all(
        msgspec.structs.replace(enter("A1", "1", "5", None, ord_type="3"), stop_px="105"),
        msgspec.structs.replace(buy("A2", "5", "99"), exec_inst="G"),
        enter("A3", "1", "5", "99", tif="2"),
        buy("B1", "5", "98", session="BRAVO"),
        msgspec.structs.replace(enter("A4", "1", "5", None, ord_type="P"), exec_inst="R"),
    )
    _, *cancels = venue.do(c.Kill("member", "ALPHA", *WHO))
    assert [order_id for order_id, _, _ in ended(cancels)] == ["1", "2", "3", "5"]
    assert open_orders(venue) == ["4"]


def many(venue: Venue, count: int) -> None:
    for number in range(count):
        venue.do(buy(f"A{number}", "1", "99"))


@pytest.mark.parametrize("count", [SLICE, SLICE + 1, 2 * SLICE + 1])
def test_many_orders_are_canceled_in_slices_that_follow(venue: Venue, count: int) -> None:
    many(venue, count)
    events = venue.do(c.Kill("member", "ALPHA", *WHO))
    assert len(ended(events)) == SLICE and kinds(events)[0] == "EntryBlocked"
    slices = [events]
    while follow_ups := venue.engine.take_follow_ups():
        (command,) = follow_ups
        done = SLICE * len(slices)
        assert command == c.CancelBlocked("member", "ALPHA", TEXT, count + 1, "ALPHA", done)
        slices.append(venue.do(command))
    told = [each for events in slices for each in ended(events)]
    assert told == [(str(number + 1), "8", TEXT) for number in range(count)]
    assert [len(ended(events)) for events in slices] == [
        min(SLICE, count - start) for start in range(0, count, SLICE)
    ]
    assert not open_orders(venue)


def test_slices_spare_what_is_entered_after_a_revive(venue: Venue) -> None:
    many(venue, SLICE + 2)
    venue.do_all(c.Kill("all", "", *WHO), c.Revive("all", "", *WHO), buy("N1", "1", "99"))
    (command,) = venue.engine.take_follow_ups()
    assert len(ended(venue.do(command))) == 2
    assert open_orders(venue) == [str(SLICE + 3)]
    assert venue.engine.take_follow_ups() == []


def test_next_order_is_refused_while_slices_are_still_to_come(venue: Venue) -> None:
    many(venue, SLICE + 2)
    venue.do(c.Kill("session", "ALPHA", *WHO))
    assert len(open_orders(venue)) == 2
    assert code(venue.do(buy("N1", "1", "99"))) == "KILL_SWITCH"


def test_kill_outlives_the_day(venue: Venue) -> None:
    venue.do_all(c.Kill("member", "ALPHA", *WHO), c.EndDay(), c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A1", "1", "99"))) == "KILL_SWITCH"
