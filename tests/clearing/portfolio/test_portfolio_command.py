"""`venue portfolio` on a real ledger: what it prints, how it refuses, what is reserved."""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from tests.said_to_run import say_it_runs
from venue.clearing.repository import LedgerRepository
from venue.cli.main import app
from venue.cli.records import reservations
from venue.cli.records.reservations import Reservations
from venue.domain.decimal_text import MONEY_SCALE
from venue.domain.events import AnyEvent

from ..trades import book, delivered, deposited, traded

EVENTS: list[AnyEvent] = [
    deposited(1),
    traded(2, quantity="10", price="10", amount="100", buyer_account="A1", buyer_fee="0.5"),
    traded(3, quantity="10", price="12", amount="120", buyer_account="A1"),
    traded(4, buyer="BRAVO", seller="ALPHA", quantity="15", price="12", amount="180",
           seller_account="A1"),
]  # fmt: skip


@pytest.fixture
def data_dir(tmp_path: Path, database_url: str, engine: Engine) -> Path:
    """The data directory of a venue that seems to run, with EVENTS in its ledger."""
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered(EVENTS))
    say_it_runs(
        tmp_path, nats="nats://127.0.0.1:1", database=database_url, started_ns=time.time_ns()
    )
    return tmp_path


def run(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--data-dir", str(data_dir), *arguments])


def told(data_dir: Path, *arguments: str) -> dict[str, Any]:
    result = run(data_dir, "portfolio", "ALPHA", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_positions_and_balances_as_json(data_dir: Path) -> None:
    found = told(data_dir)
    assert (found["ok"], found["method"], found["event_seq"]) == (True, "fifo", 4)
    (position,) = found["positions"]
    assert position == {
        "account": "A1", "symbol": "ACME", "asset": "ACME", "currency": "USD", "quantity": "5",
        "average_cost": "12", "open_cost": "60", "mark": "12", "market_value": "60",
        "unrealised_pnl": "0", "realised_pnl": "20", "fees": "0.5", "unpriced": False,
        "mark_event_seq": 4, "mark_match_id": "M4",
    }  # fmt: skip
    assert [(row["account"], row["asset"], row["settled"]) for row in found["balances"]] == [
        ("A1", "ACME", "5"), ("A1", "USD", "-40.5"), ("default", "USD", "1000"),
    ]  # fmt: skip
    assert {row["reserved"] for row in found["balances"]} == {None}


def test_method_moment_and_account_are_chosen(data_dir: Path) -> None:
    assert told(data_dir, "--method", "average")["positions"][0]["realised_pnl"] == "15"
    earlier = told(data_dir, "--at", "3")
    assert (earlier["event_seq"], earlier["positions"][0]["quantity"]) == (3, "20")
    assert told(data_dir, "--account", "default")["positions"] == []
    by_time = told(data_dir, "--at", "2023-11-14T22:13:20.000000002Z")
    assert by_time["event_seq"] == 2


def test_table_and_csv(data_dir: Path) -> None:
    result = run(data_dir, "portfolio", "ALPHA")
    assert result.exit_code == 0
    assert "cost by fifo" in result.stdout and "Balances" in result.stdout
    assert "what open orders reserve is left out: trading does not say it" in result.stderr
    printed = run(data_dir, "portfolio", "ALPHA", "--csv")
    (row,) = csv.DictReader(io.StringIO(printed.stdout))
    assert (row["symbol"], row["quantity"], row["realised_pnl"]) == ("ACME", "5", "20")
    assert run(data_dir, "portfolio", "ALPHA", "--csv", "--json").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (["NOBODY"], 1, "the ledger has no member NOBODY; it has: ALPHA, BRAVO"),
        (["ALPHA", "--account", "B9"], 1, "nothing was booked for account B9 of ALPHA; it has: "
                                          "A1, default"),
        (["ALPHA", "--at", "99"], 1, "event 99 is not booked yet"),
        (["ALPHA", "--at", "soon"], 2, "'soon' is no time"),
        (["ALPHA", "--at", "0"], 1, "the ledger has no member ALPHA by then"),
        (["ALPHA", "--method", "lifo"], 2, "'lifo' is none of fifo, average"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_in_words(
    data_dir: Path, arguments: list[str], status: int, why: str
) -> None:
    result = run(data_dir, "portfolio", *arguments)
    assert result.exit_code == status, result.output
    assert why in result.stderr


def test_reservations_are_of_the_same_event_as_the_balances(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trading says event 3, whatever is booked by then."""
    reserved = Reservations(3, {("A1", "USD"): 7 * MONEY_SCALE})
    monkeypatch.setattr(reservations, "reservations_of", lambda place, member: reserved)
    found = told(data_dir)
    assert (found["event_seq"], found["positions"][0]["quantity"]) == (3, "20")
    (row,) = [
        each for each in found["balances"] if each["account"] == "A1" and each["asset"] == "USD"
    ]
    assert (row["settled"], row["reserved"], row["free"]) == ("-220.5", "7", "-227.5")
    shown = run(data_dir, "ledger", "balances", "ALPHA", "--json")
    (row,) = [
        each
        for each in json.loads(shown.stdout)["balances"]
        if each["account"] == "A1" and each["asset"] == "USD"
    ]
    assert (row["amount"], row["reserved"]) == ("-220.5", "7")


def test_ledger_that_is_behind_trading_is_read_without_reservations(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reservations, "reservations_of", lambda *_: Reservations(9, {}))
    monkeypatch.setattr(reservations, "WAIT_SECONDS", 0.0)
    result = run(data_dir, "portfolio", "ALPHA")
    assert result.exit_code == 0
    assert "event 9 is not booked yet" in result.stderr
    assert told(data_dir)["event_seq"] == 4


def test_no_ledger_is_said(tmp_path: Path, database_url: str) -> None:
    say_it_runs(tmp_path, database=database_url, started_ns=time.time_ns())
    result = run(tmp_path, "portfolio", "ALPHA")
    assert result.exit_code == 1
    assert "clearing has not started" in result.stderr
    assert isinstance(app, typer.Typer)
