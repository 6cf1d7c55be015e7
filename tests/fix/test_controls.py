"""The operator's controls as members see them over FIX: every report says why."""

from pathlib import Path

import pytest

from tests.fix.limited_venue import Operator, Trader, limited_venue, refusal_of, status_of
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REJECTED,
    SELL,
    TRADE,
    facts,
    next_report,
    operate,
    send_together,
)
from tests.fix_client import LogonRefused
from tests.second_account import UID, call_as_second, needs_second_account
from venue.admin.client import call


def enter_many(trader: Trader, count: int) -> list[str]:
    """Enter orders that rest; their ClOrdIDs."""
    orders = [trader.order(BUY, "1", "95") for _ in range(count)]
    send_together(trader.client, *(("D", fields) for _, fields in orders))
    for name, _ in orders:
        trader.is_told(name, NEW)
    return [name for name, _ in orders]


# Kill switch and suspension


def test_killed_member_is_told_of_every_order_and_may_log_on_and_read(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    names = enter_many(trader, 600)
    theirs = other.enters(BUY, "1", "95")
    member = {"scope": "member", "name": trader.name}
    operator.does("Kill", **member, reason="runaway")
    killed = f"KILL_SWITCH entry is stopped for member {trader.name}"
    refused = trader.send(BUY, "1", "95")
    told = {}
    for _ in range(601):
        report = next_report(trader.client)
        told[report[11]] = facts(report, 150, 39, 378, 103, 58)
    assert told.pop(refused) == [REJECTED, "8", None, "0", killed]
    canceled = [CANCELED, "4", "8", None, "KILL_SWITCH runaway"]
    assert told == dict.fromkeys(names, canceled)
    assert refusal_of(operator, "Kill", **member) == f"member {trader.name} is killed already"
    trader.client.logout()
    trader.client.logon()
    assert status_of(trader, names[-1]) == "4"
    trader.is_refused("0", killed, BUY, "1", "95")
    operator.does("Revive", **member)
    assert refusal_of(operator, "Revive", **member) == f"member {trader.name} is not killed"
    trader.enters(BUY, "1", "95")
    other.cancels(theirs)


def test_kill_of_all_cancels_for_every_member(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    orders = [(each, each.enters(BUY, "1", "95")) for each in (trader, other, trader)]
    operator.does("Kill", scope="all", reason="a\x01b\nc")
    for each, name in orders:
        each.is_canceled(name, "8", "KILL_SWITCH a b c")
    for each in (trader, other):
        each.is_refused("0", "KILL_SWITCH entry is stopped for all", BUY, "1", "95")
    operator.does("Revive", scope="all")
    trader.enters(BUY, "1", "95")


@needs_second_account
def test_held_kill_stops_nobody_until_another_operator_approves_it(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "1", "95")
    operate(operator.data_dir, "SetFourEyes", commands=["Kill"])
    try:
        (held,) = operator.does("Kill", scope="member", name=trader.name, reason="runaway")
        trader.cancels(trader.enters(BUY, "1", "95"))
        action = {"action_id": held["action_id"]}
        assert "other than who asked" in refusal_of(operator, "Approve", **action)
        bob = {"add_operator": "bob", "role": "operator", "uid": UID}
        assert call(operator.data_dir, bob)["ok"]
        approval = {"command": {"type": "Approve", **action}}
        assert call_as_second(operator.data_dir, approval)["ok"]
        trader.is_canceled(order, "8", "KILL_SWITCH runaway")
        killed = f"KILL_SWITCH entry is stopped for member {trader.name}"
        trader.is_refused("0", killed, BUY, "1", "95")
    finally:
        operate(operator.data_dir, "SetFourEyes", commands=[])
    operator.does("Revive", scope="member", name=trader.name)


def test_good_till_and_waiting_orders_are_killed_too(trader: Trader, operator: Operator) -> None:
    names = [
        trader.enters(BUY, "1", "95", "ACME", (59, "1")),
        trader.enters(BUY, "1", "95", "ACME", (59, "2")),
        trader.enters(BUY, "1", None, "ACME", (40, "3"), (99, "109")),
        trader.enters(BUY, "1", "95", "ACME", (18, "G")),
    ]
    operator.does("Kill", scope="session", name=trader.name)
    for name in names:
        trader.is_canceled(name, "8", "KILL_SWITCH")
    operator.does("Revive", scope="session", name=trader.name)


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("SuspendMember", {}, "MEMBER_SUSPENDED"),
        ("SetKyc", {"state": "rejected"}, "KYC_NOT_APPROVED"),
    ],
)
def test_member_that_may_not_trade_any_more_is_told_of_every_order(
    trader: Trader, operator: Operator, command: str, fields: dict[str, str], code: str
) -> None:
    names = enter_many(trader, 300)
    operator.does(command, member=trader.name, **fields)
    for name in names:
        report = trader.is_told(name, CANCELED)
        assert facts(report, 378, 58) == ["8", code]
    report = trader.client.expect_report(trader.send(BUY, "1", "95"), REJECTED)
    assert report[103] == "0" and report[58].startswith(f"{code} ")


def test_trader_that_is_not_approved_any_more_loses_its_orders_and_no_others(
    trader: Trader, operator: Operator
) -> None:
    parties = {name: [(453, "1"), (448, name), (447, "D"), (452, "12")] for name in ("T1", "T2")}
    for name in parties:
        operator.does("SetKyc", member=trader.name, trader=name, state="approved")
    lost = trader.enters(BUY, "1", "95", "ACME", *parties["T1"])
    kept = trader.enters(BUY, "1", "95", "ACME", *parties["T2"])
    operator.does("SetKyc", member=trader.name, trader="T1", state="suspended")
    trader.is_canceled(lost, "8", "TRADER_NOT_APPROVED 448=T1 is suspended")
    trader.cancels(kept)


def test_member_that_gets_on_the_sanctions_list_is_stopped_and_stays_so(
    trader: Trader, operator: Operator
) -> None:
    operator.member(trader.name, legal_name="Ärger & Söhne Ltd.")
    order = trader.enters(BUY, "1", "95")
    operator.does("SetSanctions", names=["LTD söhne ärger"])
    trader.is_canceled(order, "8", "KYC_NOT_APPROVED")
    text = f"KYC_NOT_APPROVED KYC of {trader.name} is suspended"
    trader.is_refused("0", text, BUY, "1", "95")
    approve = {"member": trader.name, "state": "approved"}
    assert "is on the sanctions list" in refusal_of(operator, "SetKyc", **approve)
    operator.does("SetSanctions", names=[])
    trader.is_refused("0", text, BUY, "1", "95")
    operator.does("SetKyc", **approve)
    trader.enters(BUY, "1", "95")


# Halt, instruments, single orders


def test_halted_instrument_takes_cancels_only_and_drops_orders_that_want_it(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    stays = trader.enters(BUY, "10", "100", symbol)
    reinstated = trader.enters(BUY, "10", "99", symbol, (18, "J"))
    dropped = trader.enters(BUY, "10", "98", symbol, (18, "K"))
    stop = trader.enters(BUY, "10", None, symbol, (40, "3"), (99, "105"), (18, "K"))
    elsewhere = trader.enters(BUY, "10", "98", "ACME", (18, "K"))
    operator.does("HaltInstrument", symbol=symbol, reason="news pending")
    for name in (dropped, stop):
        trader.is_canceled(name, "6", "INSTRUMENT_HALTED trading halted")
    halted = "INSTRUMENT_HALTED trading in it is halted"
    trader.is_refused("2", halted, BUY, "10", "100", symbol)
    other.is_refused("2", halted, SELL, "10", None, symbol)
    trader.is_refused_to_replace(halted, stays, "11", "100")
    trader.cancels(reinstated)
    assert status_of(trader, elsewhere) == "0"
    assert "halted already" in refusal_of(operator, "HaltInstrument", symbol=symbol)
    operator.does("ResumeInstrument", symbol=symbol)
    assert "is not halted" in refusal_of(operator, "ResumeInstrument", symbol=symbol)
    other.is_told(other.enters(SELL, "10", "100", symbol), TRADE)
    trader.is_told(stays, TRADE)


def test_disabled_instrument_has_no_orders_until_it_is_added_again(
    trader: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    order = trader.enters(BUY, "10", "100", symbol)
    kept = trader.enters(BUY, "10", "100")
    operator.does("DisableInstrument", symbol=symbol)
    trader.is_canceled(order, "8", "INSTRUMENT_DISABLED it is out of trading")
    text = f"INSTRUMENT_DISABLED 55={symbol} is out of trading"
    trader.is_refused("1", text, BUY, "10", "100", symbol)
    assert "disabled already" in refusal_of(operator, "DisableInstrument", symbol=symbol)
    operator.instrument(symbol=symbol)
    trader.enters(BUY, "10", "100", symbol)
    trader.cancels(kept)


def test_order_canceled_by_the_operator_says_so(trader: Trader, operator: Operator) -> None:
    name = trader.send(BUY, "10", "100")
    order_id = trader.is_told(name, NEW)[37]
    operator.does("CancelByOperator", order_id=order_id)
    trader.is_canceled(name, "8", "CANCELED_BY_OPERATOR")
    refusal = refusal_of(operator, "CancelByOperator", order_id=order_id)
    assert refusal == f"order {order_id} is no longer open"


# A crash


def test_controls_limits_and_reservations_outlast_a_crash(tmp_path: Path) -> None:
    names = killed, disabled, limited, prefunded = "M001", "M002", "M003", "M004"
    with limited_venue(tmp_path, names) as running:
        operator = Operator(running.data_dir)

        def log_on(name: str, prefix: str = "") -> Trader:
            client = running.client(name)
            client.logon(extra=[(9001, "N")])
            return Trader(client, prefix)

        operator.does("Kill", scope="member", name=killed)
        operator.does("DisableSession", session=disabled)
        operator.does("HaltInstrument", symbol="GLOBEX")
        operator.limits(limited, max_position="10")
        operator.member(prefunded, funding="prefunded")
        operator.does("Deposit", member=prefunded, asset="USD", amount="1000")
        for name in (limited, prefunded):
            log_on(name).enters(BUY, "6", "100")
        running.kill()
        running.start()
        with pytest.raises(LogonRefused):
            log_on(disabled)
        text = f"KILL_SWITCH entry is stopped for member {killed}"
        log_on(killed).is_refused("0", text, BUY, "1", "100")
        again = log_on(limited, "again-")
        text = f"POSITION_LIMIT {limited} could hold 11 ACME, past 10"
        again.is_refused("3", text, BUY, "5", "100")
        again.enters(BUY, "4", "100")
        halted = "INSTRUMENT_HALTED trading in it is halted"
        again.is_refused("2", halted, BUY, "1", "100", "GLOBEX")
        text = "INSUFFICIENT_FUNDS 500 USD are needed, 400 of 1000 are free"
        again = log_on(prefunded, "again-")
        again.is_refused("3", text, BUY, "5", "100")
        again.enters(BUY, "4", "100")
