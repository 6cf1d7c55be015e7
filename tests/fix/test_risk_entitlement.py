"""Who may trade what: every block and restriction, taken before and after, refused in between."""

import time
from typing import Any

import pytest

from tests.fix.conftest import NewTrader
from tests.fix.limited_venue import SHORT, TWIN, Operator, Trader
from tests.fix.scenario import (
    BUY,
    NEW,
    REJECTED,
    RESTATED,
    SELL,
    end_day,
    facts,
    next_report,
    start_day,
)
from tests.fix_message import Field, new_order, replace
from tests.servers.conditions import wait_for

BLOCKS: list[tuple[str, dict[str, Any], str, dict[str, Any], str]] = [
    (
        "Kill", {"scope": "member", "name": "{name}"}, "Revive",
        {"scope": "member", "name": "{name}"}, "KILL_SWITCH entry is stopped for member {name}",
    ),
    (
        "Kill", {"scope": "session", "name": "{name}"}, "Revive",
        {"scope": "session", "name": "{name}"}, "KILL_SWITCH entry is stopped for session {name}",
    ),
    (
        "Kill", {"scope": "all"}, "Revive", {"scope": "all"},
        "KILL_SWITCH entry is stopped for all",
    ),
    (
        "SuspendMember", {"member": "{name}"}, "ResumeMember", {"member": "{name}"},
        "MEMBER_SUSPENDED {name} is suspended",
    ),
    (
        "SetKyc", {"member": "{name}", "state": "pending"}, "SetKyc",
        {"member": "{name}", "state": "approved"}, "KYC_NOT_APPROVED KYC of {name} is pending",
    ),
]  # fmt: skip
"""Command and what lifts it, and the Text of an order in between."""


def named(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value.format(name=name) for key, value in fields.items()}


@pytest.mark.parametrize(("command", "of", "lift", "of_lift", "text"), BLOCKS)
def test_blocked_member_enters_nothing_until_the_block_is_lifted(
    trader: Trader, operator: Operator, command: str, of: dict[str, Any],
    lift: str, of_lift: dict[str, Any], text: str,
) -> None:  # fmt: skip
    trader.cancels(trader.enters(BUY, "10", "100"))
    operator.does(command, **named(of, trader.name))
    try:
        trader.is_refused("0", text.format(name=trader.name), BUY, "10", "100")
    finally:
        operator.does(lift, **named(of_lift, trader.name))
    trader.enters(BUY, "10", "100")


def test_margin_call_stops_entry_once_it_is_overdue(trader: Trader, operator: Operator) -> None:
    call = {"member": trader.name, "amount": "500", "currency": "USD"}
    operator.does("CallMargin", **call, due_ns=time.time_ns() + 10**12)
    order = trader.enters(BUY, "10", "100")
    operator.does("ReleaseMargin", member=trader.name)
    due_ns = time.time_ns() + 10**9
    operator.does("CallMargin", **call, due_ns=due_ns)
    wait_for(lambda: time.time_ns() > due_ns)
    text = f"MARGIN_CALL_OVERDUE {trader.name} has not brought 500 USD of margin"
    trader.is_refused("0", text, BUY, "10", "100")
    trader.cancels(order)
    operator.does("ReleaseMargin", member=trader.name)
    trader.enters(BUY, "10", "100")


def test_blocks_answer_in_their_declared_order(trader: Trader, operator: Operator) -> None:
    name = trader.name
    texts = []
    for command, of, lift, of_lift, text in reversed(BLOCKS):
        operator.does(command, **named(of, name))
        texts.append((lift, named(of_lift, name), text.format(name=name)))
        if of != {"scope": "all"}:
            trader.is_refused("0", max_precedence(texts), BUY, "10", "100")
    for lift, of_lift, _ in reversed(texts):
        trader.is_refused("0", max_precedence(texts), BUY, "10", "100")
        texts.pop()
        operator.does(lift, **of_lift)
    trader.enters(BUY, "10", "100")


def max_precedence(texts: list[tuple[str, dict[str, Any], str]]) -> str:
    """What comes first: all, member, session, suspended, KYC."""
    order = ("for all", "for member", "for session", "is suspended", "KYC of")
    return min((text for *_, text in texts), key=lambda t: [w in t for w in order].index(True))


def test_killed_session_leaves_the_members_other_session_alone(
    new_trader: NewTrader, operator: Operator
) -> None:
    killed, free = new_trader(session=TWIN), new_trader(session=f"{TWIN}-2")
    mine = killed.enters(BUY, "10", "100")
    theirs = free.send(BUY, "20", "100")
    by_id = [(37, free.is_told(theirs, NEW)[37])]
    operator.does("Kill", scope="session", name=TWIN, reason="algorithm astray")
    killed.is_canceled(mine, "8", "KILL_SWITCH algorithm astray")
    killed.client.send("G", replace("by-id", theirs, BUY, "30", "100", extra=by_id))
    assert facts(next_report(killed.client), 35, 11, 39, 102, 58) == [
        "9", "by-id", "0", "99", "KILL_SWITCH entry is stopped for session TWIN",
    ]  # fmt: skip
    free.replaces(theirs, "30", "100")
    operator.does("Revive", scope="session", name=TWIN)
    killed.enters(BUY, "10", "100")


def party(trader: str) -> list[Field]:
    return [(453, "1"), (448, trader), (447, "D"), (452, "12")]


def test_order_names_an_approved_trader_once_the_member_has_traders(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "10", "100")
    operator.does("SetKyc", member=trader.name, trader="T1", state="approved")
    nobody = f"TRADER_NOT_APPROVED an order of {trader.name} names its trader"
    trader.is_refused_to_replace(f"{nobody} (448 with 452=11 or 12)", order, "11", "100")
    trader.enters(BUY, "10", "100", "ACME", *party("T1"))
    unknown = "TRADER_NOT_APPROVED 448=T2 is unknown"
    trader.is_refused("0", unknown, BUY, "10", "100", "ACME", *party("T2"))
    trader.is_refused("0", f"{nobody} (448 with 452=11 or 12)", BUY, "10", "100")
    operator.does("SetKyc", member=trader.name, trader="T2", state="rejected")
    rejected = "TRADER_NOT_APPROVED 448=T2 is rejected"
    trader.is_refused("0", rejected, BUY, "10", "100", "ACME", *party("T2"))
    trader.enters(BUY, "10", "100", "ACME", *party("T1"))


def test_order_names_an_account_of_the_member_where_it_has_a_list(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "10", "100", "ACME", (1, "A2"))
    operator.member(trader.name, accounts=["A1", "A2"])
    order = trader.replaces(order, "11", "100")
    operator.member(trader.name, accounts=["A1"])
    trader.enters(BUY, "10", "100", "ACME", (1, "A1"))
    text = f"ACCOUNT_NOT_ENTITLED 1=A2 is not of {trader.name}"
    trader.is_refused("0", text, BUY, "10", "100", "ACME", (1, "A2"))
    trader.is_refused_to_replace(text, order, "12", "100")
    trader.cancels(order)


def test_restricted_instrument_is_refused_wholly_or_on_one_side(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "10", "100", "GLOBEX")
    operator.limits(trader.name, restricted="GLOBEX ACME:sell")
    whole, side = (
        f"INSTRUMENT_RESTRICTED {what} is restricted" for what in ("GLOBEX", "ACME:sell")
    )
    trader.is_refused("0", whole, BUY, "10", "100", "GLOBEX")
    trader.is_refused_to_replace(whole, order, "11", "100")
    trader.cancels(order)
    trader.is_refused("0", side, SELL, "10", "100")
    trader.is_refused("0", side, SHORT, "10", "100")
    trader.enters(BUY, "10", "100")
    operator.limits(trader.name, restricted=None)
    trader.enters(SELL, "10", "101")


def test_restriction_of_one_account_leaves_the_others(trader: Trader, operator: Operator) -> None:
    operator.limits(trader.name, account="A1", restricted="ACME:buy")
    text = "INSTRUMENT_RESTRICTED ACME:buy is restricted"
    trader.is_refused("0", text, BUY, "10", "100", "ACME", (1, "A1"))
    trader.enters(BUY, "10", "100", "ACME", (1, "A2"))
    trader.enters(BUY, "10", "100")


def test_unknown_instrument_is_refused(trader: Trader) -> None:
    trader.is_refused("1", "UNKNOWN_SYMBOL 55=NOPE is not traded here", BUY, "1", "100", "NOPE")
    trader.enters(BUY, "1", "100", "GLOBEX")


def test_closed_venue_takes_no_orders_and_no_replacements(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "10", "100", "ACME", (59, "1"))
    end_day(operator.data_dir)
    text = "MARKET_CLOSED the phase is CLOSED"
    trader.is_refused("2", text, BUY, "10", "100")
    trader.is_refused_to_replace(text, order, "11", "100")
    start_day(operator.data_dir)
    assert facts(trader.is_told(order, RESTATED), 378) == ["1"]
    order = trader.replaces(order, "11", "100")
    trader.cancels(order)


def test_cl_ord_id_is_used_once_a_day(trader: Trader) -> None:
    name = trader.enters(BUY, "10", "100")
    trader.client.send("D", new_order(name, BUY, "10", "100"))
    text = f"DUPLICATE_CL_ORD_ID 11={name} was used before today"
    assert facts(trader.is_told(name, REJECTED), 103, 58) == ["6", text]
    trader.client.send("G", replace(name, name, BUY, "11", "100"))
    assert facts(next_report(trader.client), 35, 11, 39, 102, 58) == ["9", name, "0", "6", text]
    trader.cancels(name)
