"""Recorded flow under other limits: exact where they bind nobody, and right where they do."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.events import OrderAccepted, OrderRejected, OrderReplaced
from venue.engine.control.overrides import Override
from venue.journal.durable import forget_position
from venue.journal.record import Record, decode_batch
from venue.replay.what_if import WhatIf, what_if

from ..engine.builders import buy, cancel, enter, replace, sell
from ..engine.random_flow import RandomFlow
from ..journal.builders import frames
from .builders import Trading

NOBODY = (Override("ALPHA", "credit_limit", "99999999999"),)


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[Trading]:
    (tmp_path / "journal").mkdir()
    trading = Trading(tmp_path / "journal", max_batch=16)
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session, cancels=False)
    yield trading
    trading.writer.close()
    forget_position(trading.directory)


def play(trading: Trading, seed: int, count: int) -> None:
    for command in RandomFlow(seed, count):
        if getattr(command, "session", "ALPHA") in ("ALPHA", "BRAVO"):
            trading.put(command)
    trading.sequencer.drain()


def records(trading: Trading) -> list[Record]:
    batches = [decode_batch(frame.body) for frame in frames(trading.directory)]
    return [record for batch in batches for record in batch.records]


def otherwise(found: WhatIf) -> tuple[object, ...]:
    return found.refused, found.accepted, found.missed


@pytest.mark.parametrize("seed", range(6))
def test_limits_that_bind_nobody_change_nothing(trading: Trading, seed: int) -> None:
    play(trading, seed, 400)
    found = what_if(trading.directory, NOBODY, 1)
    assert otherwise(found) == ([], [], 0)
    assert found.trades == found.trades_recorded > 0
    half = what_if(trading.directory, NOBODY, found.to_seq // 2, found.to_seq - 5)
    assert otherwise(half) == ([], [], 0) and half.trades == half.trades_recorded


def test_flow_with_work_left_for_later_commands_is_followed(trading: Trading) -> None:
    for number in range(300):
        trading.receive(buy(f"a{number}", "1", "95"))
        trading.receive(sell(f"b{number}", "1", "105"))
    trading.sequencer.drain()
    trading.put(c.Kill("member", "ALPHA", "ann"))
    trading.receive(c.MassCancel("BRAVO", "all", "7"))
    for number in range(20):
        trading.receive(sell(f"c{number}", "1", "104"))
    trading.sequencer.drain()
    trading.put(c.Revive("member", "ALPHA", "ann"))
    trading.say(buy("after", "20", "104"))
    found = what_if(trading.directory, NOBODY, 1)
    assert otherwise(found) == ([], [], 0)
    assert found.trades == found.trades_recorded > 0


def test_lower_limit_refuses_just_what_is_over_it(trading: Trading) -> None:
    play(trading, 11, 400)
    found = what_if(trading.directory, [Override("", "max_quantity", "40")], 1)
    entries = [
        each for each in records(trading) if isinstance(each.command, c.EnterOrder | c.ReplaceOrder)
    ]
    over = {
        each.seq
        for each in entries
        if isinstance(each.command, c.EnterOrder)
        and any(isinstance(event, OrderAccepted) for event in each.events)
        and each.command.symbol != "BTC-USD"
        and int(each.command.order_qty or "0") > 40
    }
    of_orders = {each.seq for each in found.refused if each.request == "EnterOrder"}
    assert of_orders == over != set()
    assert {each.code for each in found.refused} == {"ORDER_QUANTITY_TOO_LARGE"}
    assert found.orders == len(entries)


def test_orders_keep_their_ids_so_that_later_requests_find_them(trading: Trading) -> None:
    trading.say(buy("big", "50", "100"), buy("small", "5", "100"))
    trading.put(c.CancelByOperator("2", "ann"))
    trading.sequencer.drain()
    trading.say(buy("third", "5", "100"), replace("third2", "third", "6", "100"))
    trading.say(cancel("x", "third2"))
    found = what_if(trading.directory, [Override("ACME", "max_quantity", "10")], 1)
    assert [each.cl_ord_id for each in found.refused] == ["big"]
    assert found.missed == 0


def test_wider_limit_accepts_what_was_refused_under_an_id_of_its_own(trading: Trading) -> None:
    trading.say(buy("high", "5", "115"), buy("next", "5", "100"), sell("s", "5", "100"))
    found = what_if(trading.directory, [Override("ACME", "price_collar_percent", "20")], 1)
    assert [(each.cl_ord_id, each.order_id) for each in found.accepted] == [("high", "")]
    assert (found.trades_recorded, found.trades) == (1, 1), "at 115 it would have been first"


def test_limit_changed_in_the_records_is_the_other_one_all_the_time(trading: Trading) -> None:
    trading.put(c.SetLimits("ALPHA", {"max_open_orders": "100"}))
    trading.say(buy("one", "5", "95"), buy("two", "5", "95"))
    found = what_if(trading.directory, [Override("ALPHA", "max_open_orders", "1")], 1)
    assert [(each.cl_ord_id, each.code) for each in found.refused] == [("two", "OPEN_ORDERS_LIMIT")]


def test_account_has_limits_of_its_own(trading: Trading) -> None:
    trading.say(*(enter(f"a{n}", "1", "5", "95", account="A1") for n in range(3)))
    trading.say(buy("none", "5", "95"))
    found = what_if(trading.directory, [Override("ALPHA/A1", "max_open_orders", "2")], 1)
    assert [each.cl_ord_id for each in found.refused] == ["a2"]


def test_nothing_is_written(trading: Trading) -> None:
    play(trading, 3, 50)
    before = {path: path.read_bytes() for path in trading.directory.iterdir()}
    what_if(trading.directory, [Override("", "max_open_orders", "1")], 1)
    assert {path: path.read_bytes() for path in trading.directory.iterdir()} == before


@pytest.mark.parametrize(
    ("override", "why"),
    [
        (Override("", "nonsense", "1"), "nonsense is no limit here; there are credit_limit, "),
        (Override("ALPHA/A1", "order_to_trade_ratio", "1"), "order_to_trade_ratio is no limit"),
        (Override("NOPE", "credit_limit", "1"), "member NOPE is unknown; there are ALPHA, BRAVO"),
        (Override("ALPHA", "credit_limit", "x"), "credit_limit = x is no number"),
        (Override("ACME", "max_value", None), "max_value cannot be none"),
        (Override("ACME", "max_quantity", "0"), "ACME: max_order_qty must be a positive"),
        (Override("", "repeated_executions", "-1"), "repeated_executions = -1 is no whole"),
    ],
)
def test_what_is_no_limit_is_said(trading: Trading, override: Override, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        what_if(trading.directory, [override], 1)


def test_replaced_order_is_compared_too(trading: Trading) -> None:
    trading.say(buy("a", "5", "95"), replace("b", "a", "500", "95"))
    (last,) = [each for each in records(trading)[-1].events if isinstance(each, OrderReplaced)]
    found = what_if(trading.directory, [Override("ACME", "max_quantity", "100")], 1)
    (decision,) = found.refused
    assert (decision.request, decision.order_id) == ("ReplaceOrder", last.order.terms.order_id)
    assert msgspec.to_builtins(decision)["detail"] == "38=500 is more than 100"
    assert not any(isinstance(e, OrderRejected) for r in records(trading) for e in r.events)
