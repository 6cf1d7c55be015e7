"""Halts and disabled instruments: no entry, no matching, cancels work; what a resume brings."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.commands import EnterOrder
from venue.engine.trading.slices import SLICE

from .builders import ACME, Venue, buy, cancel, enter, replace, sell
from .outcomes import code, ended, kinds, refusal, why

WHO = ("olga", "news")


def inst(order: EnterOrder, code: str) -> EnterOrder:
    return msgspec.structs.replace(order, exec_inst=code)


def halted(venue: Venue) -> list[e.AnyEvent]:
    return venue.do(c.HaltInstrument("ACME", *WHO))


def resumed(venue: Venue) -> list[e.AnyEvent]:
    return venue.do(c.ResumeInstrument("ACME", *WHO))


def test_halt_cancels_the_orders_that_ask_for_it_and_no_others(venue: Venue) -> None:
    venue.do_all(
        inst(buy("A1", "1", "99"), "K"),
        inst(buy("A2", "1", "99"), "J"),
        buy("A3", "1", "99"),
        inst(sell("B1", "1", "105"), "K"),
        inst(enter("B2", "2", "10", "105", session="BRAVO", symbol="GLOBEX"), "K"),
    )
    first, *cancels = halted(venue)
    assert first == e.InstrumentHalted(venue.first_event_seq, venue.now_ns, "ACME", *WHO)
    text = "INSTRUMENT_HALTED trading halted"
    assert ended(cancels) == [("1", "6", text), ("4", "6", text)]
    assert [key for key, order in venue.engine.state.orders.items() if order.is_open] == list("235")


def test_in_a_halt_entry_and_replaces_are_refused_and_cancels_work(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    halted(venue)
    assert why(venue.do(buy("A2", "1", "99"))) == "INSTRUMENT_HALTED trading in it is halted"
    assert code(venue.do(replace("A3", "A1", "1", "98"))) == "INSTRUMENT_HALTED"
    assert kinds(venue.do(cancel("A4", "A1"))) == ["OrderCanceled"]
    assert code(venue.do(enter("A5", "1", "10", "99", symbol="GLOBEX"))) is None


def test_resume_lets_entry_go_on_and_reports_nothing_of_what_stayed(venue: Venue) -> None:
    venue.do(buy("A1", "5", "99"))
    halted(venue)
    assert resumed(venue) == venue.stamped(e.InstrumentResumed(0, 0, "ACME", *WHO))
    assert kinds(venue.do(sell("B1", "5", "99"))) == ["OrderAccepted", "TradeExecuted"]


def test_pegs_stay_where_they_are_until_the_resume(venue: Venue) -> None:
    venue.do_all(buy("B1", "1", "99", session="BRAVO"), buy("B2", "1", "98", session="BRAVO"))
    venue.do(inst(enter("A1", "1", "1", None, ord_type="P"), "R"))
    halted(venue)
    assert kinds(venue.do(cancel("B3", "B1", session="BRAVO"))) == ["OrderCanceled"]
    assert venue.engine.state.orders["3"].price_ticks == 9_900
    events = resumed(venue)
    assert kinds(events) == ["InstrumentResumed", "OrderRestated"]
    assert venue.engine.state.orders["3"].price_ticks == 9_800


def test_quantity_that_a_bust_gives_back_in_a_halt_trades_at_the_resume(venue: Venue) -> None:
    venue.do_all(sell("B1", "10", "100"), buy("C1", "4", "100", session="CHARLIE"))
    venue.do(inst(buy("A1", "10", "100"), "G"))
    halted(venue)
    assert kinds(venue.do(c.BustTrade("M1"))) == ["TradeBusted"]
    assert kinds(resumed(venue)) == ["InstrumentResumed", "TradeExecuted"]


def test_stop_is_not_triggered_in_a_halt(venue: Venue) -> None:
    """Nothing trades, so nothing triggers; what traded before has triggered what it reached."""
    stop = enter("A1", "1", "1", None, ord_type="3")
    venue.do(msgspec.structs.replace(stop, stop_px="101"))
    halted(venue)
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    assert kinds(resumed(venue)) == ["InstrumentResumed"]


def test_orders_expire_in_a_halt(venue: Venue) -> None:
    order = buy("A1", "1", "99", tif="6")
    venue.do(msgspec.structs.replace(order, expire_ns=venue.now_ns + 10))
    halted(venue)
    venue.now_ns += 10
    assert kinds(venue.do(c.AdvanceTime())) == ["OrderExpired"]


def test_halt_lasts_over_the_day_until_it_is_resumed(venue: Venue) -> None:
    halted(venue)
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A1", "1", "99"))) == "INSTRUMENT_HALTED"


def test_halt_of_many_orders_goes_in_slices_and_spares_the_rest(venue: Venue) -> None:
    for number in range(SLICE + 40):
        venue.do(inst(buy(f"A{number}", "1", "99"), "K"))
        venue.do(buy(f"N{number}", "1", "99"))
    events = halted(venue)
    assert len(ended(events)) == SLICE
    (command,) = venue.engine.take_follow_ups()
    assert len(ended(venue.do(command))) == 40
    left = [order for order in venue.engine.state.orders.values() if order.is_open]
    assert len(left) == SLICE + 40 and all(o.cl_ord_id[0] == "N" for o in left)


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.HaltInstrument("NOPE"), "NOPE is not traded here"),
        (c.ResumeInstrument("NOPE"), "NOPE is not traded here"),
        (c.ResumeInstrument("ACME"), "ACME is not halted"),
        (c.DisableInstrument("NOPE"), "NOPE is not traded here"),
        (c.HaltInstrument("GLOBEX"), "GLOBEX is halted already"),
        (c.DisableInstrument("BTC-USD"), "BTC-USD is disabled already"),
    ],
)
def test_impossible_command_is_refused(venue: Venue, command: c.AnyCommand, detail: str) -> None:
    venue.do_all(c.HaltInstrument("GLOBEX"), c.DisableInstrument("BTC-USD"))
    assert refusal(venue.do(command)) == detail


def test_disabled_instrument_loses_its_orders_and_takes_none(venue: Venue) -> None:
    stop = msgspec.structs.replace(enter("A3", "1", "1", None, ord_type="3"), stop_px="105")
    venue.do_all(buy("A1", "1", "99"), sell("B1", "1", "105"), stop)
    venue.do_all(inst(buy("A4", "9", "99"), "G"), enter("A5", "1", "10", "99", symbol="GLOBEX"))
    first, *cancels = venue.do(c.DisableInstrument("ACME", *WHO))
    assert first == e.InstrumentDisabled(venue.first_event_seq, venue.now_ns, "ACME", *WHO)
    text = "INSTRUMENT_DISABLED it is out of trading"
    assert ended(cancels) == [(key, "8", text) for key in "1234"]
    assert why(venue.do(buy("A6", "1", "99"))) == "INSTRUMENT_DISABLED 55=ACME is out of trading"
    assert code(venue.do(enter("A7", "1", "10", "99", symbol="GLOBEX"))) is None


def test_disabled_instrument_comes_back_with_its_definition(venue: Venue) -> None:
    venue.do_all(c.DisableInstrument("ACME", *WHO), c.AddInstrument(ACME))
    assert code(venue.do(buy("A1", "1", "99"))) is None


def test_disabling_goes_in_slices(venue: Venue) -> None:
    for number in range(SLICE + 4):
        venue.do(buy(f"A{number}", "1", "99"))
    assert len(ended(venue.do(c.DisableInstrument("ACME", *WHO)))) == SLICE
    assert refusal(venue.do(c.AddInstrument(ACME))) == (
        "ACME has open orders; its definition cannot change now"
    )
    (command,) = venue.engine.take_follow_ups()
    assert len(ended(venue.do(command))) == 4
