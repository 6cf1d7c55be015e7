"""`venue margin` on a venue that has [margin]: status, a run that calls, one that releases."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.settings.settings import shipped


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    directory = tmp_path_factory.mktemp("margin")
    toml = shipped("venue.toml").read_text()
    (directory / "venue.toml").write_text(f'{toml}\n[margin]\ninitial_percent = "20"\n')
    (directory / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    with RunningTrading(directory / "data", config=directory / "venue.toml") as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


def row_of(desk: Desk, member: str) -> dict[str, str]:
    rows: list[dict[str, str]] = desk.json("margin", "status", member)["margin"]
    (row,) = [each for each in rows if not each["account"]]
    return row


def test_run_calls_who_lacks_margin_and_releases_who_has_brought_it(
    desk: Desk, trading: RunningTrading
) -> None:
    assert desk.done("margin", "run") == "nobody lacks margin, and no call is met that stands"
    assert row_of(desk, "ALPHA")["deficit"] == "0"
    for each in desk.json("risk", "show", "ALPHA")["risk"][0]["funds"]:
        if not each["account"] and Decimal(each["balance"]) > 0:
            asset, held = each["asset"], each["balance"]
            desk.done("withdraw", "ALPHA", asset, held, "--reference", f"all {asset}")
    assert row_of(desk, "ALPHA")["equity"] == "0"
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        enter(bravo, BUY, "100", "100")
        sold = enter(alpha, SELL, "100", "100")
        alpha.expect_report(sold[11], "F")
        row = row_of(desk, "ALPHA")
        assert Decimal(row["required"]) == 2000
        lacking = Decimal(row["deficit"])
        assert lacking == 2000 - Decimal(row["equity"]) > 0
        told = desk.json("margin", "run", "--dry-run")
        assert told["dry_run"] and [each["type"] for each in told["events"]] == [
            "MarginCalled", "RiskAlerted",
        ]  # fmt: skip
        assert row_of(desk, "ALPHA")["margin_call"] == ""
        said = desk.done("margin", "run", "--reason", "noon")
        assert said == f"ALPHA is called for {row['deficit']} USD of margin"
        assert row_of(desk, "ALPHA")["margin_call"] == f"{row['deficit']} USD"
        assert desk.rows("member", "list")["ALPHA"]["margin_due_ns"] > 0
        again = desk.done("margin", "run")
        assert again == "nobody lacks margin, and no call is met that stands"
        assert any("MARGIN_CALL" in each["text"] for each in desk.json("alerts")["last"])
        alpha.send("D", new_order("still open", BUY, "1", "99"))
        assert alpha.expect_report("still open", "0")
        desk.done("deposit", "ALPHA", "USD", row["deficit"], "--reference", "margin")
        assert desk.done("margin", "run") == "margin call of ALPHA is released"
        assert row_of(desk, "ALPHA")["margin_call"] == ""
        table = desk.done("margin", "status")
        assert "equity" in table and "BRAVO" in table


def test_margin_of_nobody_is_refused(desk: Desk) -> None:
    assert desk.refused("margin", "status", "NOPE") == "member NOPE is unknown"
    assert desk.refused("margin", "release", "ALPHA") == "member ALPHA has no margin call"
