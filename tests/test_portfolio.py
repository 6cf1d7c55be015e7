"""A portfolio from the whole venue: orders over FIX in, `venue portfolio` and AN out."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.fix_client import FixClient
from tests.fix_message import Message, new_order
from tests.running_venue import RunningVenue
from venue.cli.contract import CONTRACT

BUY, SELL = "1", "2"
TODAY = "29990101"
CONFIGURATION = """
[portfolio]
method = "average"
[nats]
port = 0
[fix_dropcopy]
port = 0
[[instruments]]
symbol = "ACME"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "10"
price_collar_percent = "50"
fee_bps = "10"
"""
MEMBER = """
[[members]]
name = "{name}"
funding = "prefunded"
accounts = ["A1"]
[members.funds]
USD = "10000"
ACME = "100"
[[sessions]]
comp_id = "{name}"
member = "{name}"
password = "demo"
cancel_on_disconnect = false
[[sessions]]
comp_id = "{name}-DC"
kind = "dropcopy"
member = "{name}"
password = "demo"
"""
MEMBERS = ("ALPHA", "BRAVO")


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """ALPHA has bought 10 at 10 and 10 at 12 and sold 15 at 12; two of its orders are open."""
    directory = tmp_path_factory.mktemp("portfolio")
    members = "".join(MEMBER.format(name=name) for name in MEMBERS)
    (directory / "venue.toml").write_text(CONFIGURATION + members)
    names = (*MEMBERS, *(f"{name}-DC" for name in MEMBERS))
    sessions = "".join(f"[SESSION]\nTargetCompID={name}\n" for name in names)
    (directory / "sessions.cfg").write_text(f"[DEFAULT]\nSenderCompID=VENUE\n{sessions}")
    with RunningVenue(directory / "data", directory / "venue.toml") as running:
        trade(running)
        yield running


def trade(venue: RunningVenue) -> None:
    alpha, bravo = (venue.client(name) for name in MEMBERS)
    for client in (alpha, bravo):
        client.logon()
    for number, (side, quantity, price) in enumerate(
        ((BUY, "10", "10"), (BUY, "10", "12"), (SELL, "15", "12"))
    ):
        alpha.send("D", new_order(f"a{number}", side, quantity, price))
        alpha.expect_report(f"a{number}", "0")
        other = SELL if side == BUY else BUY
        bravo.send("D", new_order(f"b{number}", other, quantity, price))
        bravo.expect_report(f"b{number}", "F")
    for number, side, price in ((8, BUY, "9"), (9, SELL, "13")):
        alpha.send("D", new_order(f"a{number}", side, "20", price))
        alpha.expect_report(f"a{number}", "0")
    for client in (alpha, bravo):
        client.logout()


def ask(venue: RunningVenue, session: str, account: str, member: str) -> list[Message]:
    """The answer to a RequestForPositions."""
    client = FixClient(venue.address_of("fix-dropcopy"), session)
    client.logon()
    try:
        client.send(
            "AN",
            [
                (710, "P1"), (724, "0"), (453, "1"), (448, member), (447, "D"), (452, "1"),
                (1, account), (581, "1"), (715, TODAY), (60, "20260101-00:00:00"),
            ],
        )  # fmt: skip
        ack = client.expect("AO", timeout=30)
        return [ack, *(client.expect("AP") for _ in range(int(ack[727])))]
    finally:
        client.logout()
        client.close()


def only(rows: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    (row,) = [each for each in rows if wanted.items() <= each.items()]
    return row


def test_portfolio_is_of_one_moment_with_what_open_orders_reserve(venue: RunningVenue) -> None:
    found = venue.json("portfolio", "ALPHA")
    msgspec.convert(found, CONTRACT["portfolio"])
    status = json.loads(venue.command("status", "--json").stdout)
    assert found["method"] == "average"
    assert 0 < found["event_seq"] <= status["event_seq"]
    position = only(found["positions"], symbol="ACME")
    # 100 deposited at no cost, 20 bought for 220: 15 of 120 take 27.50 of it
    assert (position["quantity"], position["open_cost"], position["realised_pnl"]) == (
        "105", "192.5", "152.5",
    )  # fmt: skip
    assert (position["mark"], position["market_value"], position["fees"]) == ("12", "1260", "0.4")
    assert position["unpriced"]
    money = only(found["balances"], asset="USD")
    assert money["settled"] == "9959.6"
    assert Decimal(money["reserved"]) >= 180
    stock = only(found["balances"], asset="ACME")
    assert (stock["settled"], stock["reserved"], stock["free"]) == ("105", "20", "85")
    shown = only(venue.json("ledger", "balances", "ALPHA")["balances"], asset="USD")
    assert (shown["amount"], shown["reserved"]) == (money["settled"], money["reserved"])


def test_portfolio_by_another_method_and_as_it_was(venue: RunningVenue) -> None:
    fifo = venue.json("portfolio", "ALPHA", "--method", "fifo")["positions"][0]
    assert (fifo["open_cost"], fifo["realised_pnl"]) == ("220", "180"), (
        "what was deposited goes first"
    )
    first = venue.json("portfolio", "ALPHA", "--at", str(fifo["mark_event_seq"] - 1))
    (position,) = first["positions"]
    assert position["quantity"] == "120"
    assert {row["reserved"] for row in first["balances"]} == {None}


def test_positions_over_fix_are_those_of_the_command(venue: RunningVenue) -> None:
    ack, report = ask(venue, "ALPHA-DC", "default", "ALPHA")
    assert (ack[728], ack[729]) == ("0", "0")
    row = venue.json("portfolio", "ALPHA")["positions"][0]
    assert (report[55], report[15], report[1]) == ("ACME", "USD", "default")
    assert (report[703], report[704], report[705]) == ("TQ", row["quantity"], "0")
    assert report[730] == row["mark"]
    amounts = [value for tag, value in report.fields if tag == 708]
    assert amounts == [
        row["unrealised_pnl"], row["realised_pnl"], row["open_cost"], f"-{row['fees']}",
    ]  # fmt: skip


def test_no_session_sees_another_members_positions(venue: RunningVenue) -> None:
    (refused,) = ask(venue, "BRAVO-DC", "default", "ALPHA")
    assert (refused[728], refused[729]) == ("3", "2")
    (none,) = ask(venue, "BRAVO-DC", "A1", "BRAVO")
    assert (none[728], none[729]) == ("2", "0")
