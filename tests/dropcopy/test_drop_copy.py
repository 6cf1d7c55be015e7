"""A member is told each of its executions once, as FIX reports it, and nothing of anyone else."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.fix_message import Message
from tests.marketdata.events import busted, corrected, order, traded
from tests.marketdata.random_venue import SESSIONS
from venue.domain.events import AnyEvent, OrderRejected
from venue.domain.order_state import OrderState
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import ExecType, Side
from venue.dropcopy.drop_copy import DropCopy, drop_copies
from venue.fix.encode import ReportEncoder

from .copies import MEMBERS, busy_events, expected

REPORTED = {
    "order_id": 37, "exec_id": 17, "exec_type": 150, "ord_status": 39, "cl_ord_id": 11,
    "orig_cl_ord_id": 41, "symbol": 55, "side": 54, "ord_type": 40, "time_in_force": 59,
    "order_qty": 38, "price": 44, "stop_px": 99, "leaves_qty": 151, "cum_qty": 14, "avg_px": 6,
    "account": 1, "last_px": 31, "last_qty": 32, "match_id": 527, "exec_ref_id": 19,
    "last_liquidity_ind": 851, "exec_restatement_reason": 378,
    "text": 58,
}  # fmt: skip


def as_reported(copy: DropCopy) -> dict[str, Any]:
    told = {name: getattr(copy, name) for name in REPORTED}
    return told | {"text": f"{copy.reason} {copy.text}"} if copy.reason else told


def reports(event: AnyEvent) -> dict[tuple[str, str], dict[str, Any]]:
    """ExecutionReports of an event by member and ExecID; two sessions' copies of one are one."""
    found = {}
    for told in ReportEncoder().reports(event):
        message = Message(told.text.encode())
        if message.msg_type == "8":
            fields = {name: message.get(tag) or None for name, tag in REPORTED.items()}
            fields["order_id"] = None if fields["order_id"] == "NONE" else fields["order_id"]
            found[SESSIONS[told.session], message[17]] = fields
    return found


def test_there_is_a_drop_copy_for_each_execution_report_and_no_other() -> None:
    kinds: Counter[str] = Counter()
    for event in busy_events(seed=3, commands=4_000):
        copies = drop_copies(event)
        by_id = {(copy.member, copy.exec_id): as_reported(copy) for copy in copies}
        assert len(by_id) == len(copies)
        assert by_id == reports(event), event
        for copy in copies:
            assert SESSIONS[copy.session] == copy.member
            assert (copy.event_seq, copy.timestamp_ns) == (event.event_seq, event.timestamp_ns)
        kinds.update(copy.exec_type.name for copy in copies)
    assert {kind for kind in ExecType if kinds[kind.name] < 10} == {ExecType.ORDER_STATUS}


def test_numbers_are_gapless_for_each_member() -> None:
    for member in MEMBERS:
        copies = expected(busy_events(), member)
        assert len(copies) > 50
        assert [copy.member_seq for copy in copies] == list(range(1, len(copies) + 1))


def test_a_refused_order_is_told_with_its_reason() -> None:
    refused = OrderRejected(
        event_seq=9, timestamp_ns=1, symbol="A B", session="A1", member="ALPHA", cl_ord_id="1",
        side="1", ord_type="2", reason=RejectReason.UNKNOWN_SYMBOL, detail="55=A B",
    )  # fmt: skip
    (copy,) = drop_copies(refused)
    assert (copy.reason, copy.text, copy.symbol) == ("UNKNOWN_SYMBOL", "55=A B", "A B")
    assert drop_copies(replace(refused, member="")) == (), "a session of nobody has no drop copy"


def of_member(name: str, side: Side) -> OrderState:
    """An order in which every text that identifies anybody has the member's name in it."""
    state = order(f"{name}-ORDER", side, "100", "0")
    terms = replace(
        state.terms, member=name, session=f"{name}-SESSION", account=f"{name}-ACCOUNT",
        self_match_id=f"{name}-MATCH",
    )  # fmt: skip
    return replace(state, terms=terms, cl_ord_id=f"{name}-CLORDID")


@pytest.mark.parametrize("aggressor", [Side.BUY, Side.SELL, None])
def test_each_side_of_a_trade_learns_nothing_of_the_other(aggressor: Side | None) -> None:
    buy, sell = of_member("BUYER", Side.BUY), of_member("SELLER", Side.SELL)
    trade = traded(2, "100", "7", buy, sell, aggressor=aggressor, amount="700")
    correction = corrected(3, trade, "101", "6", "606", buy, sell)
    for event in (trade, correction, busted(4, trade, buy, sell)):
        bought, sold = drop_copies(event)
        assert (bought.member, sold.member) == ("BUYER", "SELLER")
        assert b"SELLER" not in msgspec.json.encode(bought)
        assert b"BUYER" not in msgspec.json.encode(sold)
        assert b"OPERATOR" not in msgspec.json.encode([bought, sold])
