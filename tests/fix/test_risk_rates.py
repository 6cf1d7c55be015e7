"""How fast and how alike: message rates, logout after a flood, equal fills, orders for a trade."""

import os
import re

from tests.fix.limited_venue import Operator, Trader
from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REJECTED,
    SELL,
    TRADE,
    facts,
    next_report,
    send_together,
)
from tests.fix_client import Disconnected
from tests.fix_message import Message, cancel, replace
from venue.accounts import account_name

ENTRIES = "THROTTLED more than 2 orders and replaces a second"
REMOVALS = "THROTTLED more than 4 cancels a second"


def answers(trader: Trader, count: int) -> list[Message]:
    return [next_report(trader.client) for _ in range(count)]


def test_orders_over_the_rate_are_refused_until_a_second_has_refilled_it(
    trader: Trader, operator: Operator
) -> None:
    operator.session(trader.name, messages_per_second=2)
    orders = [trader.order(BUY, "10", "100") for _ in range(4)]
    send_together(trader.client, *(("D", fields) for _, fields in orders))
    reports = answers(trader, 4)
    assert [facts(report, 11, 150) for report in reports] == [
        [name, kind] for (name, _), kind in zip(orders, (NEW, NEW, REJECTED, REJECTED), strict=True)
    ]
    assert facts(reports[2], 103, 58) == ["99", ENTRIES]
    kind = REJECTED
    while kind == REJECTED:  # what is refused takes nothing from the rate
        trader.send(BUY, "10", "100")
        kind = next_report(trader.client)[150]
    assert kind == NEW


def test_replaces_count_as_orders_and_cancels_have_twice_the_rate(
    trader: Trader, operator: Operator
) -> None:
    names = [trader.enters(BUY, "10", "100") for _ in range(5)]
    operator.session(trader.name, messages_per_second=2)
    changes = [replace(f"g{n}", name, BUY, "11", "100") for n, name in enumerate(names[:3])]
    send_together(trader.client, *(("G", fields) for fields in changes))
    reports = answers(trader, 3)
    assert [report[35] for report in reports] == ["8", "8", "9"]
    assert facts(reports[2], 11, 39, 102, 58) == ["g2", "0", "99", ENTRIES]
    left = ["g0", "g1", *names[2:]]
    send_together(
        trader.client, *(("F", cancel(f"f{n}", name, BUY)) for n, name in enumerate(left))
    )
    reports = answers(trader, 5)
    assert [report[35] for report in reports] == ["8", "8", "8", "8", "9"]
    assert facts(reports[4], 11, 39, 102, 58) == ["f4", "0", "99", REMOVALS]


def test_mass_cancels_share_the_rate_of_cancels(trader: Trader, operator: Operator) -> None:
    operator.session(trader.name, messages_per_second=2)
    trader.enters(BUY, "10", "100")
    masses = [[(11, f"q{n}"), (530, "7"), (60, "20260101-00:00:00")] for n in range(5)]
    send_together(trader.client, *(("q", fields) for fields in masses))
    first, *reports = answers(trader, 6)
    assert facts(first, 150, 58) == [CANCELED, "MASS_CANCELED on request"]
    assert [facts(report, 531, 532, 533) for report in reports] == [
        ["7", None, "1"], *[["7", None, "0"]] * 3, ["0", "99", "0"],
    ]  # fmt: skip
    assert reports[4][58] == REMOVALS


def test_session_that_goes_on_far_over_its_rate_is_logged_out(
    trader: Trader, operator: Operator
) -> None:
    operator.session(trader.name, messages_per_second=1)
    client = trader.client
    try:
        while True:  # it is cut off even if it goes on and answers no Logout
            trader.send(BUY, "10", "100")
            client.receive_all(quiet=0.05)
    except Disconnected:
        client.close()
    logouts = [message for message in client.log if message.msg_type == "5"]
    assert [logout[58] for logout in logouts] == [
        "THROTTLED far over 1 messages a second for seconds"
    ]
    operator.session(trader.name, messages_per_second=1000)
    client.logon()
    told = client.receive_all()
    texts = {report.get(58) for report in told if report.get(150) == CANCELED}
    assert texts == {"CANCEL_ON_DISCONNECT the session ended"}
    trader.enters(BUY, "10", "100")


def test_too_many_fills_of_equal_orders_block_the_session_until_it_is_revived(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    operator.session(trader.name, repeated_executions=3)
    open_order = trader.enters(BUY, "1", "90", symbol)
    resting = other.enters(SELL, "100", "100", symbol)
    unequal = [trader.order(BUY, qty, "100", symbol) for qty in ("1", "2", "1", "2", "1", "2")]
    send_together(trader.client, *(("D", fields) for _, fields in unequal))
    for name, _ in unequal:
        assert [trader.is_told(name, kind)[11] for kind in (NEW, TRADE)]
    equal = [trader.order(BUY, "3", "100", symbol) for _ in range(5)]
    send_together(trader.client, *(("D", fields) for _, fields in equal))
    for name, _ in equal[:4]:
        assert [trader.is_told(name, kind)[11] for kind in (NEW, TRADE)]
    refused = trader.client.expect_report(equal[4][0], REJECTED)
    text = f"REPEATED_EXECUTIONS entry is stopped for session {trader.name}"
    assert facts(refused, 103, 58) == ["0", text]
    report = trader.is_told(open_order, CANCELED)
    assert report[378] == "8"
    assert re.fullmatch("REPEATED_EXECUTIONS 4 .*, 3 are the most", report[58]), report
    assert [other.is_told(resting, TRADE)[39] for _ in range(10)] == ["1"] * 10
    trader.client.logout()
    trader.client.logon()
    trader.is_refused("0", text, BUY, "1", "90", symbol)
    (restored,) = operator.does("Revive", scope="session", name=trader.name)
    assert restored["operator"] == account_name(os.geteuid())
    trader.enters(BUY, "1", "90", symbol)


def test_order_to_trade_ratio_alerts_and_stops_nobody(trader: Trader, operator: Operator) -> None:
    operator.limits(trader.name, order_to_trade_ratio="120")
    orders = [("D", trader.order(BUY, "1", "100", "ACME", (59, "3"))[1]) for _ in range(120)]
    send_together(trader.client, *orders)
    answers(trader, 240)
    assert operator.journaled("RiskAlerted", trader.name) == []
    trader.enters(BUY, "1", "100")
    (alert,) = operator.journaled("RiskAlerted", trader.name)
    assert (alert["code"], alert["detail"]) == (
        "ORDER_TO_TRADE_RATIO", "121 messages, 0 trades, 120 is the ratio",
    )  # fmt: skip
    trader.enters(BUY, "1", "100")
    assert len(operator.journaled("RiskAlerted", trader.name)) == 1


def test_trades_lower_the_order_to_trade_ratio(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    operator.limits(trader.name, order_to_trade_ratio="60")
    for _ in range(2):
        order = trader.enters(BUY, "1", "100", symbol)
        sold = other.enters(SELL, "1", "100", symbol)
        other.is_told(sold, TRADE)
        trader.is_told(order, TRADE)
    orders = [("D", trader.order(BUY, "1", "100", symbol, (59, "3"))[1]) for _ in range(118)]
    send_together(trader.client, *orders)
    answers(trader, 236)
    assert operator.journaled("RiskAlerted", trader.name) == []
    trader.enters(BUY, "1", "100", symbol)
    (alert,) = operator.journaled("RiskAlerted", trader.name)
    assert alert["detail"] == "121 messages, 2 trades, 60 is the ratio"
