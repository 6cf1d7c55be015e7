"""The operator's controls of sessions, and what the end of a session does, as members see it."""

import pytest

from tests.fix.conftest import NewTrader
from tests.fix.limited_venue import Operator, Trader, refusal_of, status_of
from tests.fix.scenario import BUY, CANCELED, facts
from tests.fix_client import LogonRefused
from tests.fix_message import new_order

LOST = "CANCEL_ON_DISCONNECT the session ended"


def test_session_logged_out_by_the_operator_may_log_on_again(
    trader: Trader, operator: Operator
) -> None:
    order = trader.enters(BUY, "10", "100")
    operator.does("LogOutSession", session=trader.name)
    assert trader.client.expect("5")[58] == "SESSION_ENDED by the operator"
    trader.client.send("5")
    trader.client.expect_disconnect()
    assert "is not logged on" in refusal_of(operator, "LogOutSession", session=trader.name)
    trader.client.logon()
    report = trader.client.expect_report(order, CANCELED)
    assert facts(report, 97, 378, 58) == ["Y", "99", LOST]
    trader.enters(BUY, "10", "100")


def test_disabled_session_enters_nothing_more_and_is_not_let_in(
    trader: Trader, operator: Operator
) -> None:
    trader.enters(BUY, "10", "100")
    operator.does("DisableSession", session=trader.name)
    assert trader.client.expect("5")[58] == "SESSION_DISABLED by the operator"
    trader.client.send("D", new_order("late", BUY, "10", "100"))
    trader.client.send("5")
    trader.client.expect_disconnect()
    assert not trader.client.inbox, "nothing is taken behind the venue's Logout"
    for _ in range(2):
        with pytest.raises(LogonRefused, match="LOGON_REFUSED the logon is not accepted"):
            trader.client.logon()
    operator.does("EnableSession", session=trader.name)
    trader.client.logon()
    trader.enters(BUY, "10", "100")


@pytest.mark.parametrize("end", ["logout", "close", "kill", "silence"])
def test_end_of_a_session_cancels_its_day_orders_and_says_why(
    new_trader: NewTrader, operator: Operator, end: str
) -> None:
    silent = end == "silence"
    trader = new_trader(heartbeat=1 if silent else 30)
    day = trader.enters(BUY, "10", "100")
    iceberg = trader.enters(BUY, "10", "99", "ACME", (111, "2"))
    good_till = trader.enters(BUY, "10", "98", "ACME", (59, "1"))
    client = trader.client
    if silent:
        client.answer_test_requests = False
        client.expect_disconnect(10)
    else:
        getattr(client, end)()
    operator.awaits_end(trader.name)
    client.logon()
    for name in (day, iceberg):
        report = client.expect_report(name, CANCELED)
        assert facts(report, 97, 39, 151, 378, 58) == ["Y", "4", "0", "99", LOST]
    assert status_of(trader, good_till) == "0"
    trader.cancels(good_till)


def test_session_may_keep_its_orders_over_a_disconnect(
    new_trader: NewTrader, operator: Operator
) -> None:
    trader = new_trader((9001, "N"))
    name = trader.enters(BUY, "10", "100")
    trader.client.kill()
    operator.awaits_end(trader.name)
    trader.client.logon()
    assert status_of(trader, name) == "0"
