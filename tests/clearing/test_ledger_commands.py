"""`venue ledger` on a real database: what it prints, and how it refuses."""

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from tests.said_to_run import say_it_runs
from venue.clearing.repository import LedgerRepository
from venue.cli.records.ledger import app

from .trades import book, delivered, deposited, traded


@pytest.fixture
def data_dir(tmp_path: Path, database_url: str) -> Path:
    """The data directory of a venue that seems to run: this process."""
    say_it_runs(
        tmp_path, nats="nats://127.0.0.1:1", database=database_url, started_ns=time.time_ns()
    )
    return tmp_path


def venue_ledger(*arguments: str, data_dir: Path) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])


def book_some(engine: Engine) -> None:
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered([deposited(1), traded(2, buyer_account="A1")]))


def test_trial_balance_as_json(engine: Engine, data_dir: Path) -> None:
    book_some(engine)
    result = venue_ledger("trial-balance", "--json", "--verify", data_dir=data_dir)
    assert (result.exit_code, result.stderr) == (0, "")
    balance = json.loads(result.stdout)
    assert (balance["trades"], balance["position"]) == (1, 2)
    assert {asset: totals["sum"] for asset, totals in balance["assets"].items()} == {
        "ACME": 0,
        "USD": 0,
    }


def test_trial_balance_as_a_table(engine: Engine, data_dir: Path) -> None:
    book_some(engine)
    result = venue_ledger("trial-balance", data_dir=data_dir)
    assert result.exit_code == 0
    assert "after event 2: 1 trades" in result.stdout
    assert "ACME" in result.stdout


def test_a_ledger_that_does_not_balance_is_exit_status_1(engine: Engine, data_dir: Path) -> None:
    book_some(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE clearing.balances SET balance = balance + 1"))
    result = venue_ledger("trial-balance", "--json", data_dir=data_dir)
    assert result.exit_code == 1
    assert result.stderr == "the ledger does not balance in ACME, USD\n"
    told = json.loads(result.stdout)
    assert (told["ok"], told["assets"]["ACME"]["sum"]) == (False, "2")


def test_balances_of_a_member(engine: Engine, data_dir: Path) -> None:
    book_some(engine)
    result = venue_ledger("balances", "ALPHA", "--json", data_dir=data_dir)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "ok": True,
        "member": "ALPHA",
        "event_seq": 2,
        "balances": [
            {"account": account, "asset": asset, "amount": amount, "receivable": "0",
             "payable": "0", "unsettled": []}
            for account, asset, amount in (
                ("A1", "ACME", "10"), ("A1", "USD", "-25"), ("default", "USD", "1000"),
            )
        ],
    }  # fmt: skip
    assert "1000" in venue_ledger("balances", "ALPHA", data_dir=data_dir).stdout


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_an_unknown_member_is_refused(
    engine: Engine, data_dir: Path, as_json: tuple[str, ...]
) -> None:
    book_some(engine)
    result = venue_ledger("balances", "NOBODY", *as_json, data_dir=data_dir)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "the ledger has no member NOBODY; it has: ALPHA, BRAVO\n"


def test_before_clearing_has_begun_the_trial_balance_is_empty(data_dir: Path) -> None:
    result = venue_ledger("trial-balance", "--json", data_dir=data_dir)
    assert json.loads(result.stdout) == {
        "ok": True,
        "assets": {},
        "trades": 0,
        "busted": 0,
        "position": 0,
    }
    assert result.exit_code == 0
    refused = venue_ledger("balances", "ALPHA", data_dir=data_dir)
    assert refused.exit_code == 1
    assert refused.stderr == "there is no ledger in this database yet: clearing has not started\n"


def test_without_a_running_venue_it_is_refused(tmp_path: Path) -> None:
    result = venue_ledger("trial-balance", data_dir=tmp_path)
    assert result.exit_code == 1
    assert result.stderr == f"no venue is running in {tmp_path}\n"
