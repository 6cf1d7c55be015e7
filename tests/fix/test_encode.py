"""Events to reports without a session between: which events are told, and how sides are told."""

from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest
import quickfix

from tests.clearing.trades import traded
from tests.domain.samples import bare, full
from venue.domain import events as e
from venue.domain.answers import OrderStatus, OrderUnknown
from venue.domain.types import Side
from venue.fix.encode import ReportEncoder, business_reject
from venue.fix.fields import field_list

TOLD: dict[type[msgspec.Struct], int] = {
    e.OrderAccepted: 1, e.OrderRejected: 1, e.OrderCanceled: 2, e.OrderExpired: 1,
    e.OrderRestated: 1, e.OrderReplaced: 2, e.CancelRejected: 1, e.MassCancelReported: 1,
    e.TradeExecuted: 2, e.TradeBusted: 2, e.TradeCorrected: 2,
}  # fmt: skip
"""Events that sessions are told of, and how many are told (another session asked, both sides)."""


def reports(event: e.AnyEvent) -> list[dict[str, str]]:
    """Fields of each message that an event causes."""
    return [dict(field_list(message.text)) for message in ReportEncoder().reports(event)]


@pytest.mark.parametrize("kind", get_args(e.AnyEvent))
def test_only_what_concerns_orders_is_told(kind: type[e.Event]) -> None:
    assert len(reports(full(kind))) == TOLD.get(kind, 0)


@pytest.mark.parametrize("kind", [kind for kind in TOLD if kind is not e.CancelRejected])
def test_every_report_of_an_order_says_its_side(kind: type[e.Event]) -> None:
    assert all(report["54"] for report in reports(full(kind)))


def short_sale(aggressor: Side | None) -> e.TradeExecuted:
    """A trade whose seller sells short."""
    trade = msgspec.structs.replace(traded(7), aggressor=aggressor)
    terms = msgspec.structs.replace(trade.sell.order.terms, side=Side.SELL_SHORT)
    order = msgspec.structs.replace(trade.sell.order, terms=terms)
    return msgspec.structs.replace(trade, sell=msgspec.structs.replace(trade.sell, order=order))


@pytest.mark.parametrize(
    ("aggressor", "told"),
    [
        (Side.SELL_SHORT, [("5", "72", "2"), ("1", "71", "1")]),
        (Side.BUY, [("1", "71", "2"), ("5", "72", "1")]),
        (None, [("1", "71", "1"), ("5", "72", "1")]),
    ],
)
def test_short_seller_is_told_as_the_seller_and_the_aggressor_first(
    aggressor: Side | None, told: list[tuple[str, str, str]]
) -> None:
    seen = [(r["54"], r["17"], r["851"]) for r in reports(short_sale(aggressor))]
    assert seen == told


def test_busted_short_sale_keeps_its_side_and_names_its_execution() -> None:
    trade = short_sale(Side.SELL_SHORT)
    names = [field.name for field in msgspec.structs.fields(e.TradeBusted)]
    values = {name: getattr(trade, name) for name in names if hasattr(trade, name)}
    bust = e.TradeBusted(**(values | {"exec_ref_seq": 7, "operator": "ann", "reason": ""}))
    seen = [(r["54"], r["19"], r["58"]) for r in reports(bust)]
    assert seen == [("1", "71", "TRADE_BUSTED"), ("5", "72", "TRADE_BUSTED")]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("fat finger", "TRADE_BUSTED fat finger"),
        ("", "TRADE_BUSTED"),
        ("  two\x0139=2\n lines\t", "TRADE_BUSTED two 39=2 lines"),
    ],
)
def test_operators_words_stay_inside_their_field(words: str, text: str) -> None:
    bust = msgspec.structs.replace(full(e.TradeBusted), reason=words)
    for message in ReportEncoder().reports(bust):
        fields = field_list(message.text)
        assert ("58", text) in fields and len([tag for tag, _ in fields if tag == "39"]) == 1


def sorted_by_quickfix(text: str) -> str:
    """The text with its fields in the order in which QuickFIX sends them."""
    dictionary = quickfix.DataDictionary("spec/FIX44.xml")
    message = quickfix.Message(f"8=FIX.4.4\x019=0\x01{text}10=000\x01", dictionary, False)
    sent = message.toString()
    return sent[sent.index("\x0135=") + 1 : sent.rindex("10=")]


def texts() -> Iterator[str]:
    """A text of every kind, with all optional fields and with none."""
    encoder = ReportEncoder(frozenset({full(OrderStatus).session}))
    for make in (full, bare):
        for kind in TOLD:
            event = make(kind)
            if kind is e.OrderRestated:  # an order is either triggered now or waiting
                order = msgspec.structs.replace(event.order, waiting=False)
                event = msgspec.structs.replace(event, order=order)
            yield from (message.text for message in encoder.reports(event))
        yield from (encoder.answer(make(kind)).text for kind in (OrderStatus, OrderUnknown))
    yield business_reject(7, "AB", "3", "why", "A1")


def test_fields_stand_in_the_order_in_which_quickfix_sends_them() -> None:
    for text in texts():
        assert text == sorted_by_quickfix(text)


@pytest.mark.parametrize("kind", [e.TradeExecuted, e.TradeBusted, e.TradeCorrected])
def test_settlement_date_is_said_of_what_settles_later_only(kind: type[e.Event]) -> None:
    later = msgspec.structs.replace(full(kind), settlement_date="2026-12-02")
    assert [(report["63"], report["64"]) for report in reports(later)] == [("0", "20261202")] * 2
    (tags, *_) = (list(report) for report in reports(later))
    assert tags.index("60") + 1 == tags.index("63") == tags.index("64") - 1
    at_once = msgspec.structs.replace(later, settlement_date=None)
    assert not any({"63", "64"} & report.keys() for report in reports(at_once))
