"""`venue session show`: where a session comes from, what it has not read, and who was refused."""

from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter
from tests.fix_client import FixClient, LogonRefused
from tests.running import RunningTrading


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("session")) as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


def refused(client: FixClient, password: str = "demo") -> None:
    with pytest.raises(LogonRefused):
        client.logon(password=password)


def test_session_that_is_on_has_its_connection_and_its_numbers(
    trading: RunningTrading, desk: Desk
) -> None:
    alpha = trading.client("ALPHA")
    alpha.logon()
    enter(alpha, BUY, "5", "99")
    told = desk.json("session", "show", "ALPHA")
    row = told["session"]
    assert (row["next_in"], row["open_orders"], told["refused_logons"]) == (3, 1, [])
    assert row["connection"]["address"].startswith("127.0.0.1")
    lines = desk.done("session", "show", "ALPHA").splitlines()
    assert lines[0] == "ALPHA of ALPHA"
    assert lines[1].startswith("logged on since 20") and "without TLS" in lines[1]
    alpha.logout()
    assert "logged off" in desk.done("session", "show", "ALPHA").splitlines()


def test_refused_logons_are_told_with_why(trading: RunningTrading, desk: Desk) -> None:
    refused(trading.client("BRAVO"), password="s3cret")
    bravo = trading.client("BRAVO")
    bravo.logon()
    refused(trading.client("BRAVO"))
    (first, second) = desk.json("session", "show", "BRAVO")["refused_logons"]
    assert first["why"] == "Password(554) is wrong"
    assert second["why"].startswith("ALREADY_LOGGED_ON")
    assert first["address"].startswith("127.0.0.1") and first["time"] <= second["time"]
    assert "logon refused" in desk.done("session", "show", "BRAVO")
    bravo.logout()


def test_what_came_while_it_was_away_is_unread(trading: RunningTrading, desk: Desk) -> None:
    charlie, delta = trading.client("CHARLIE"), trading.client("DELTA")
    charlie.logon(extra=((9001, "N"),))
    enter(charlie, BUY, "5", "98", "GLOBEX")
    charlie.logout()
    assert desk.json("session", "show", "CHARLIE")["unread"] == 0
    delta.logon()
    sold = enter(delta, SELL, "5", "98", "GLOBEX")
    delta.expect_report(sold[11], "F")
    assert desk.json("session", "show", "CHARLIE")["unread"] == 1
    delta.logout()


def test_session_that_is_none_is_named_with_those_that_are(desk: Desk) -> None:
    assert "session NOPE is unknown; known are ALPHA" in desk.refused("session", "show", "NOPE")
