"""Requests as FIX text: what goes on the wire for each intent."""

from venue.domain.types import Side, TimeInForce
from venue.sim.intents import Cancel, Enter, Replace, encode

TIME = "20260131-09:30:00.000"


def test_limit_order() -> None:
    intent = Enter("ACME", Side.BUY, "10", "99.5", TimeInForce.IMMEDIATE_OR_CANCEL)
    assert encode(intent, "c1", TIME, "ALPHA-1").split("\x01") == [
        *("35=D", "11=c1", "55=ACME", "54=1", f"60={TIME}"),
        *("38=10", "40=2", "59=3", "44=99.5", "1=ALPHA-1", ""),
    ]


def test_market_order_has_no_price() -> None:
    text = encode(Enter("ACME", Side.SELL, "10", None), "c1", TIME)
    assert "\x0140=1\x01" in text
    assert "\x0144=" not in text and "\x011=" not in text


def test_cancel_and_replace_name_the_order() -> None:
    assert encode(Cancel("ACME", Side.BUY, "c1"), "c2", TIME).split("\x01") == [
        *("35=F", "11=c2", "41=c1", "55=ACME", "54=1", f"60={TIME}", "")
    ]
    assert encode(Replace("ACME", Side.BUY, "c1", "20", "99.6"), "c2", TIME).split("\x01") == [
        *("35=G", "11=c2", "41=c1", "55=ACME", "54=1", f"60={TIME}"),
        *("38=20", "40=2", "44=99.6", ""),
    ]
