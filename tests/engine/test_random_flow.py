"""Thousands of random commands: what must always hold, and the same bytes when done again."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode

from .builders import Venue, buy, cancel, enter, replace, trading
from .event_check import EventCheck
from .invariants import check_state
from .random_flow import RandomFlow

COMMANDS = 2_500


def play(venue: Venue, seed: int, count: int) -> list[bytes]:
    """Bytes of all events of a flow; follow-ups are applied at once, as the sequencer does."""
    encoded: list[bytes] = []
    for command in RandomFlow(seed, count):
        encoded += (encode(event) for event in do_all_of(venue, command))
    return encoded


def do_all_of(venue: Venue, command: c.AnyCommand) -> list[e.AnyEvent]:
    """Events of a command and of what it left to do."""
    return [*venue.do(command), *_follow_ups(venue)]


def _follow_ups(venue: Venue) -> list[e.AnyEvent]:
    events: list[e.AnyEvent] = []
    while follow_ups := venue.engine.take_follow_ups():
        for command in follow_ups:
            events.extend(venue.do(command))
    return events


@pytest.mark.parametrize("seed", [1, 2])
def test_invariants_hold_after_every_command_of_a_random_flow(seed: int) -> None:
    venue = trading()
    check = EventCheck(venue.engine.state.next_event_seq)
    for number, command in enumerate(RandomFlow(seed, COMMANDS)):
        check.take(do_all_of(venue, command))
        if number % 8 == 0:
            check_state(venue.engine)
    check_state(venue.engine)
    assert len(set(check.matches)) == len(check.matches) > 300
    expected = {"OrderAccepted": 500, "OrderCanceled": 100, "OrderReplaced": 20}
    expected |= {"CancelRejected": 100, "OrderRejected": 20, "CommandRefused": 1}
    expected |= {"OrderExpired": 50, "MassCancelReported": 5}
    expected |= {"OrderRestated 1": 30, "OrderRestated 5": 3, "OrderRestated 99": 30}
    expected |= {"TradeBusted": 3, "TradeCorrected": 2, "DayEnded": 3, "DayStarted": 3}
    assert {name: check.seen[name] >= least for name, least in expected.items()} == dict.fromkeys(
        expected, True
    ), check.seen


def test_same_commands_give_the_same_bytes() -> None:
    first = play(trading(), 7, COMMANDS)
    assert play(trading(), 7, COMMANDS) == first
    assert len(first) > COMMANDS
    assert play(trading(), 8, 50) != first[:50]


def test_books_are_equal_after_the_same_commands() -> None:
    venues = trading(), trading()
    shapes = []
    for venue in venues:
        play(venue, 9, 500)
        shapes.append(
            {
                symbol: [
                    (level.price_ticks, level.lots, level.count)
                    for side in (market.book.bids, market.book.asks)
                    for level in side.levels()
                ]
                for symbol, market in venue.engine.state.markets.items()
            }
        )
    assert shapes[0] == shapes[1] and any(shapes[0].values())


_ids = st.integers(min_value=0, max_value=14).map(lambda number: f"C{number}")
_sessions = st.sampled_from(["ALPHA", "ALPHA2", "BRAVO"])
_qty = st.sampled_from(["1", "2", "5", "9"])
_prices = st.sampled_from(["99.98", "99.99", "100", "100.01"])
_sides = st.sampled_from(["1", "2"])
_plain: dict[str, str | None] = {}
_specials = st.sampled_from(
    [
        _plain, _plain, {"exec_inst": "G"}, {"exec_inst": "6"}, {"max_floor": "1"},
        {"max_floor": "2", "exec_inst": "6"}, {"ord_type": "4", "stop_px": "99.99"},
        {"ord_type": "3", "price": None, "stop_px": "100"}, {"time_in_force": "4"},
        {"ord_type": "P", "price": None, "exec_inst": "P"}, {"ord_type": "K", "price": None},
        {"self_match_id": "desk"}, {"self_match_id": "desk", "self_match_mode": "D"},
        {"self_match_id": "desk", "self_match_mode": "O", "max_floor": "1"},
    ]
)  # fmt: skip
commands = st.lists(
    st.one_of(
        st.builds(
            lambda cl, side, qty, price, session, tif, special: msgspec.structs.replace(
                enter(cl, side, qty, price, session=session, tif=tif), **special
            ),
            _ids, _sides, _qty, _prices, _sessions, st.sampled_from("003"), _specials,
        ),
        st.builds(
            lambda cl, orig, side, session: cancel(cl, orig, side, session=session),
            _ids, _ids, _sides, _sessions,
        ),
        st.builds(
            lambda cl, orig, qty, price, side, session: replace(
                cl, orig, qty, price, side, session=session
            ),
            _ids, _ids, _qty, _prices, _sides, _sessions,
        ),
        _sessions.map(c.LogOut),
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(commands)
def test_exposure_and_counts_equal_a_recount_after_any_commands(
    script: list[c.AnyCommand],
) -> None:
    venue = trading()
    venue.limit("2000", max_open_orders=4)
    check = EventCheck(venue.engine.state.next_event_seq)
    for command in script:
        check.take(do_all_of(venue, command))
        check_state(venue.engine)


def test_nothing_counts_once_every_order_has_ended() -> None:
    venue = trading()
    play(venue, 3, 600)
    for session in ("ALPHA", "ALPHA2", "BRAVO", "CHARLIE"):
        venue.do_all(c.LogOn(session, cancel_on_disconnect=True), c.LogOut(session))
        _follow_ups(venue)
        # what is good till later outlives its session
        left = venue.engine.state.sessions[session].open_orders.values()
        assert {order.terms.time_in_force for order in left} <= {"1", "6"}
        do_all_of(venue, c.MassCancel(session, "the last", "7"))
    assert all(m.exposure == m.open_orders == 0 for m in venue.engine.state.members.values())
    check_state(venue.engine)


def test_time_may_stand_still_but_not_go_back() -> None:
    venue = trading()
    venue.engine.apply(buy("A1", "1", "99"), venue.now_ns)
    with pytest.raises(AssertionError, match="time goes back"):
        venue.engine.apply(buy("A2", "1", "99"), venue.now_ns - 1)
