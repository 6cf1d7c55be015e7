"""Trades of any day on request: AD, then AQ and AE, with bust and correction."""

from collections.abc import Callable

from venue.clock import utc_timestamp
from venue.domain.events import TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.order_state import OrderState
from venue.fixdc.copies import Copy

from .desk import KNOWN, Desk
from .venue_day import EVENTS, copies


def order_of(copy: Copy) -> OrderState:
    assert copy.order is not None
    return copy.order


def trade_of(copy: Copy) -> TradeExecuted | TradeBusted | TradeCorrected:
    assert isinstance(copy.event, TradeExecuted | TradeBusted | TradeCorrected)
    return copy.event


def as_told(copy: Copy) -> tuple[str, ...]:
    event, order = trade_of(copy), order_of(copy)
    kind = ("G", "2", "0")
    if not isinstance(event, TradeCorrected):
        kind = ("F", "0", "0") if isinstance(event, TradeExecuted) else ("H", "1", "6")
    terms = order.terms
    return (
        copy.exec_id, copy.exec_id, *kind, event.last_px, event.last_qty, event.symbol,
        event.match_id, event.match_id, utc_timestamp(event.timestamp_ns), terms.side.value,
        terms.order_id, order.cl_ord_id, "1", "N", "0",
    )  # fmt: skip


TOLD = (571, 17, 150, 487, 856, 31, 32, 55, 527, 880, 60, 54, 37, 11, 552, 570, 573)


def test_trades_are_told_with_bust_and_correction(desk: Desk) -> None:
    wanted = [copy for copy in copies(KNOWN) if copy.is_trade]
    accepted, *told, done = desk.ask("AD", (568, "R1"), (569, "0"))
    assert (accepted[750], accepted[749], accepted[55]) == ("0", "0", "[N/A]")
    assert (done.msg_type, done[750], done[748]) == ("AQ", "1", str(len(wanted)))
    for report, copy in zip(told, wanted, strict=True):
        assert tuple(report[tag] for tag in TOLD) == as_told(copy)
        assert report[568] == "R1"
    assert [report.get(912) for report in told] == [*[""] * (len(told) - 1), "Y"]
    changed = [report for report in told if report[150] in "GH"]
    assert {report[150] for report in changed} == {"G", "H"}
    known = {report[571]: report for report in told}
    for report in changed:
        assert known[report[572]][880] == report[880], "the report before it"
        assert known[report[572]][54] == report[54], "of the same side"
    assert all(report.get(572) == "" for report in told if report[150] == "F")


def test_trades_by_criteria(desk: Desk) -> None:
    wanted = [copy for copy in copies(KNOWN) if copy.is_trade]
    one = wanted[len(wanted) // 2]
    event, order = trade_of(one), order_of(one)
    order_id = order.terms.order_id

    def told(*criteria: tuple[int, str]) -> list[str]:
        answer = desk.ask("AD", (568, "R"), (569, "1"), *criteria)
        return [each[17] for each in answer if each.msg_type == "AE"]

    def ids(meets: Callable[[Copy], bool]) -> list[str]:
        return [copy.exec_id for copy in wanted if meets(copy)]

    assert told((571, one.exec_id)) == told((17, one.exec_id)) == [one.exec_id]
    by_match = told((880, event.match_id))
    assert by_match == ids(lambda copy: trade_of(copy).match_id == event.match_id)
    assert told((37, order_id)) == ids(lambda copy: order_of(copy).terms.order_id == order_id)
    assert told((55, "ACME")) == ids(lambda copy: order_of(copy).terms.symbol == "ACME")
    assert told((54, "1")) == ids(lambda copy: order_of(copy).terms.side == "1")
    by_id = told((11, order.cl_ord_id))
    assert by_id == ids(lambda copy: order_of(copy).cl_ord_id == order.cl_ord_id)
    first = trade_of(wanted[0])
    assert isinstance(first, TradeExecuted)
    assert wanted[0].exec_id in told((580, "1"), (75, first.trading_day.replace("-", "")))
    assert told((580, "2"), (75, "20200101"), (75, "29990101")) == ids(bool)
    assert told((580, "2"), (75, "20200101"), (75, "20200102")) == []
    time = utc_timestamp(event.timestamp_ns)
    assert one.exec_id in told((580, "2"), (60, time), (60, time))
    assert one.exec_id in told((580, "2"), (60, time[:17]), (60, time[:17])), "a whole second"
    assert told((580, "1"), (60, "29990101-00:00:00")) == []
    party = ((453, "1"), (448, "ALPHA"), (447, "D"), (452, "1"))
    assert told(*party) == ids(bool)
    assert told((453, "1"), (448, "BRAVO"), (447, "D"), (452, "1")) == []


def test_subscription_goes_on_until_it_is_ended(desk: Desk) -> None:
    before = [copy.exec_id for copy in copies(KNOWN) if copy.is_trade]
    after = [copy.exec_id for copy in copies(EVENTS[-100:]) if copy.is_trade]
    assert after
    accepted, *told = desk.ask("AD", (568, "R1"), (569, "0"), (263, "1"))
    assert (accepted[750], accepted[263]) == ("0", "1")
    assert [each[17] for each in told] == before
    (twice,) = desk.ask("AD", (568, "R1"), (569, "0"), (263, "1"))
    assert (twice[750], twice[749]) == ("2", "99")
    assert twice[58].startswith("DUPLICATE_REQUEST")
    desk.journal.write(len(EVENTS) - 50)
    first = [each[17] for each in desk.heard() if each.msg_type == "AE"]
    (ended,) = desk.ask("AD", (568, "R1"), (569, "0"), (263, "2"))
    assert (ended[750], ended[749]) == ("1", "0")
    desk.journal.write()
    assert [each for each in desk.heard() if each.msg_type == "AE"] == []
    assert first == after[: len(first)]
    (unknown,) = desk.ask("AD", (568, "R1"), (569, "0"), (263, "2"))
    assert (unknown[750], unknown[58].split()[0]) == ("2", "SUBSCRIPTION_UNKNOWN")


def test_trade_requests_that_are_not_offered_are_rejected_in_words(desk: Desk) -> None:
    (kind,) = desk.ask("AD", (568, "R1"), (569, "4"))
    assert (kind[750], kind[749]) == ("2", "8")
    (subscription,) = desk.ask("AD", (568, "R1"), (569, "0"), (263, "5"))
    assert (subscription[750], subscription[749]) == ("2", "99")
