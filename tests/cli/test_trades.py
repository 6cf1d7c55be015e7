"""`venue trade list`: trades of the journal, as busts and corrections have left them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.fix_client import FixClient
from tests.running import RunningTrading


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("trades")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture(scope="module")
def traded(trading: RunningTrading, desk: Desk) -> list[str]:
    """Three trades: as it was, busted, corrected; their match ids."""
    for alpha, bravo, charlie in logged_on(trading, "ALPHA", "BRAVO", "CHARLIE"):
        matches = [
            trade(alpha, bravo, "ACME"),
            trade(alpha, charlie, "ACME"),
            trade(bravo, charlie, "GLOBEX"),
        ]
    bust = desk.done("trade", "bust", matches[1], "--reason", "error")
    assert bust == f"trade {matches[1]} is busted: 5 @ 99  ALPHA buys from CHARLIE"
    correction = ("trade", "correct", matches[2], "--price", "98", "--quantity", "4")
    corrected = desk.done(*correction)
    assert corrected == (f"trade {matches[2]} is at 98: 4 @ 98 was 5 @ 99  BRAVO buys from CHARLIE")
    again = f"trade {matches[2]} is 4 @ 98 already: nothing is changed"
    assert desk.refused(*correction) == again
    assert desk.refused("trade", "correct", matches[2], "--price", "98.00") == again
    return matches


def trade(buyer: FixClient, seller: FixClient, symbol: str) -> str:
    enter(buyer, BUY, "5", "99", symbol)
    sold = enter(seller, SELL, "5", "99", symbol)
    return seller.expect_report(sold[11], "F")[527]


def listed(desk: Desk, *more: str) -> dict[str, dict[str, Any]]:
    return {row["match_id"]: row for row in desk.json("trade", "list", *more)["trades"]}


def test_trades_are_as_busts_and_corrections_have_left_them(desk: Desk, traded: list[str]) -> None:
    rows = listed(desk)
    assert list(rows) == traded
    assert [row["state"] for row in rows.values()] == ["executed", "busted", "corrected"]
    first, _, corrected = rows.values()
    assert (first["last_px"], first["last_qty"], first["amount"]) == ("99", "5", "495")
    assert (first["aggressor"], first["aggressor_name"]) == ("2", "SELL")
    assert (first["buy_member"], first["sell_member"]) == ("ALPHA", "BRAVO")
    assert (corrected["last_px"], corrected["last_qty"], corrected["amount"]) == ("98", "4", "392")
    assert traded[0] in desk.run("trade", "list").stdout


def test_member_symbol_and_time_choose(desk: Desk, traded: list[str]) -> None:
    one, two, three = traded
    assert [*listed(desk, "--member", "ALPHA")] == [one, two]
    assert [*listed(desk, "--member", "CHARLIE", "--symbol", "ACME")] == [two]
    at = listed(desk)[two]["time"]
    assert [*listed(desk, "--from", at)] == [two, three]
    assert [*listed(desk, "--to", at)] == [one, two]
    assert listed(desk, "--from", "2999-01-01T00:00") == {}
    assert desk.done("trade", "list", "--symbol", "INITECH") == "there is no such trade"
    assert desk.run("trade", "list", "--from", "soon").exit_code == 2


def test_csv_has_the_fields_of_the_json(desk: Desk, traded: list[str]) -> None:
    lines = list(csv.DictReader(io.StringIO(desk.done("trade", "list", "--csv"))))
    assert [line["match_id"] for line in lines] == traded
    for line, row in zip(lines, listed(desk).values(), strict=True):
        assert line.keys() == {key for key in row if not key.endswith("_name")}
    assert desk.run("trade", "list", "--csv", "--json").exit_code == 2


def test_without_a_bound_only_the_last_trading_day_is_listed(
    trading: RunningTrading, desk: Desk, traded: list[str]
) -> None:
    day = desk.json("day", "status")["trading_day"]
    desk.done("day", "end")
    desk.done("day", "start", "--date", "2999-01-01", "--yes")
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        new = trade(alpha, bravo, "ACME")
    assert [*listed(desk)] == [new]
    assert [*listed(desk, "--from", f"{day}T00:00:00Z")] == [*traded, new]


def test_no_journal_is_one_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("none")
    assert Desk(place).refused("trade", "list") == f"no journal in {place}"
