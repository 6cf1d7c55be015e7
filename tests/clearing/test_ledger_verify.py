"""`venue ledger verify`: whatever is changed in the database is named; untouched, it is whole."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.dropcopy.events import write_journal
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent
from venue.journal.beginning import begin_at
from venue.journal.identity import journal_identity
from venue.journal.segment import list_segments

from .test_ledger_commands import data_dir as data_dir
from .test_ledger_commands import venue_ledger
from .trades import busted, corrected, delivered, deposited, position_of, traded

OFF = "SET session_replication_role = replica"
"""What a superuser does to the guards."""


def day() -> list[AnyEvent]:
    first, second, third = traded(3), traded(4, buyer_account="A1"), traded(5)
    return [
        deposited(1), deposited(2, "BRAVO"), first, second, third,
        busted(6, second), corrected(7, third, price="2", quantity="10", amount="20"),
    ]  # fmt: skip


def book_from(data_dir: Path, repository: LedgerRepository, events: list[AnyEvent]) -> None:
    """Book the events as those of the journal in this data directory."""
    booked = delivered(events)
    repository.apply(booked, position_of(booked[-1], journal_identity(data_dir / "journal")))


@pytest.fixture
def booked(engine: Engine, data_dir: Path) -> Engine:
    """A day that is booked from a journal."""
    write_journal(data_dir / "journal", day(), per_batch=1)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, day())
    return engine


def breaks(data_dir: Path) -> Sequence[tuple[str, str]]:
    result = venue_ledger("verify", "--json", data_dir=data_dir)
    assert result.stdout, result.stderr
    told = json.loads(result.stdout)
    assert result.exit_code == (1 if told["breaks"] else 0), result.output
    assert told["ok"] == (not told["breaks"])
    return [(each["where"], each["what"]) for each in told["breaks"]]


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in (OFF, *statements):
            connection.execute(text(statement))


def account(owner: str, asset: str, sub_account: str = "default") -> str:
    return (
        "(SELECT account_id FROM clearing.accounts WHERE owner = "
        f"'{owner}' AND asset = '{asset}' AND sub_account = '{sub_account}')"
    )


def test_ledger_as_it_was_booked_is_whole(booked: Engine, data_dir: Path) -> None:
    assert breaks(data_dir) == []
    line = venue_ledger("verify", data_dir=data_dir)
    assert line.stdout == (
        "the ledger is what the journal says, up to event 7: checked 7 entries with their lines, "
        "3 trades, 0 obligations, 0 cycles, 0 fails, accounts and their owners, balances, "
        "position\n"
    )


CHANGES = {
    "amounts moved inside an entry": (
        ["UPDATE clearing.postings SET amount = amount * 2, balance_after = balance_after + amount "
         "WHERE event_seq = 3"],
        [(f"entry 3 line {line}", what) for line in range(4)
         for what in ("amount", "balance_after")],
    ),
    "money moved to another member": (
        [f"UPDATE clearing.postings SET account_id = {account('BRAVO', 'USD')} "
         f"WHERE event_seq = 1 AND account_id = {account('ALPHA', 'USD')}"],
        [("entry 1 line 1", "account")],
    ),
    "account re-owned": (
        ["UPDATE clearing.accounts SET owner = 'DELTA' WHERE owner = 'BRAVO' AND asset = 'ACME'"],
        [("account", "owner")],
    ),
    "trade's price changed": (
        ["UPDATE clearing.trades SET price = 1, current_price = 1 WHERE event_seq = 3"],
        [("trade M3", "price")],
    ),
    "correction changed": (
        ["UPDATE clearing.trades SET current_price = 1 WHERE event_seq = 5"],
        [("trade M5", "current_price")],
    ),
    "bust undone": (
        ["UPDATE clearing.trades SET status = 'executed', changed_seq = NULL WHERE event_seq = 4"],
        [("trade M4", "status")],
    ),
    "trade busted in the table alone": (
        ["UPDATE clearing.trades SET status = 'busted', changed_seq = 7 WHERE event_seq = 3"],
        [("trade M3", "status"), ("trade M3", "changed_seq")],
    ),
    "trade removed": (
        ["DELETE FROM clearing.trades WHERE event_seq = 3"], [("trade M3", "row")],
    ),
    "trade invented": (
        ["CREATE TEMPORARY TABLE t AS SELECT * FROM clearing.trades WHERE event_seq = 3",
         "UPDATE t SET event_seq = 2, match_id = 'M2'",
         "INSERT INTO clearing.trades SELECT * FROM t", "DROP TABLE t"],
        [("trade of event 2", "row")],
    ),
    "entry removed": (
        ["DELETE FROM clearing.entries WHERE event_seq = 2"], [("entry 2", "row")],
    ),
    "entry told otherwise": (
        ["UPDATE clearing.entries SET description = 'x', timestamp_ns = 1 WHERE event_seq = 2"],
        [("entry 2", "timestamp_ns"), ("entry 2", "description")],
    ),
    "lines added to a booked entry": (
        [f"INSERT INTO clearing.postings VALUES "
         f"(1, 2, {account('ALPHA', 'USD')}, 5, 0, 5, 9, '2026-01-05', 9), "
         f"(1, 3, {account('BRAVO', 'USD')}, -5, 0, -5, 9, '2026-01-05', 9)"],
        [("posting of entry 1", "row"), ("posting of entry 1", "row")],
    ),
    "line removed": (
        ["DELETE FROM clearing.postings WHERE event_seq = 1 AND line = 1"],
        [("entry 1 line 1", "row")],
    ),
    "balance changed": (
        [f"UPDATE clearing.balances SET balance = 0 WHERE account_id = {account('ALPHA', 'USD')}"],
        [("balance of member ALPHA default USD", "balance")],
    ),
    "balance removed": (
        [f"DELETE FROM clearing.balances WHERE account_id = {account('ALPHA', 'USD')}"],
        [("balance of member ALPHA default USD", "row")],
    ),
    "position moved on": (
        ["UPDATE clearing.position SET event_seq = 8"], [("position", "row")],
    ),
    "position of another journal": (
        ["UPDATE clearing.position SET digest = 'x'"], [("position", "row")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_what_was_changed_is_named(booked: Engine, data_dir: Path, kind: str) -> None:
    statements, expected = CHANGES[kind]
    change(booked, *statements)
    found = [(where.rstrip("0123456789").rstrip() if what == "owner" else where, what)
             for where, what in breaks(data_dir)]  # fmt: skip
    assert found == expected
    line = venue_ledger("verify", data_dir=data_dir)
    assert line.exit_code == 1 and len(line.stdout.splitlines()) == len(expected)
    assert line.stderr == f"the ledger is not what the journal says: {len(expected)} differences\n"


RUNNING_CHANGES = {
    "balances shifted along a chain": (
        [f"UPDATE clearing.postings SET balance_before = balance_before + 1, balance_after = "
         f"balance_after + 1 WHERE account_id = {account('ALPHA', 'USD')} AND event_seq = 3"],
        [("entry 3 line 0", "balance_before"), ("entry 3 line 0", "balance_after")],
    ),
    "versions exchanged": (
        [f"UPDATE clearing.postings SET version = 9 WHERE account_id = {account('ALPHA', 'USD')} "
         "AND event_seq = 3"],
        [("entry 3 line 0", "version")],
    ),
    "value date moved": (
        ["UPDATE clearing.postings SET value_date = '2020-01-01' WHERE event_seq = 1 AND line = 1"],
        [("entry 1 line 1", "value_date")],
    ),
    "member's number lost": (
        ["UPDATE clearing.postings SET wallet_number = NULL WHERE event_seq = 1 AND line = 1"],
        [("entry 1 line 1", "wallet_number")],
    ),
    "balance of another version": (
        [f"UPDATE clearing.balances SET version = 1, event_seq = 1 "
         f"WHERE account_id = {account('BRAVO', 'USD')}"],
        [("balance of member BRAVO default USD", "version"),
         ("balance of member BRAVO default USD", "event_seq")],
    ),
    "member's count changed": (
        ["UPDATE clearing.wallets SET wallet_number = 99 WHERE member = 'BRAVO'"],
        [("wallet of BRAVO", "wallet_number")],
    ),
    "member's count removed": (
        ["DELETE FROM clearing.wallets WHERE member = 'BRAVO'"], [("wallet of BRAVO", "row")],
    ),
    "trades counted otherwise": (
        ["UPDATE clearing.entries SET trades = 7, busted = 0 WHERE event_seq = 6"],
        [("entry 6", "trades"), ("entry 6", "busted")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", RUNNING_CHANGES)
def test_what_lines_say_beside_their_amount_is_verified(
    booked: Engine, data_dir: Path, kind: str
) -> None:
    statements, expected = RUNNING_CHANGES[kind]
    change(booked, *statements)
    assert breaks(data_dir) == expected


def test_what_retention_has_taken_counts_as_it_is_booked(engine: Engine, data_dir: Path) -> None:
    events: list[AnyEvent] = [deposited(seq) for seq in range(1, 2_001)]
    write_journal(data_dir / "journal", events, per_batch=20, segment_bytes=1 << 17)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, events)
    gone, kept, *_ = list_segments(data_dir / "journal")
    begin_at(data_dir / "journal", kept.number)
    gone.path.unlink()
    line = venue_ledger("verify", data_dir=data_dir)
    assert line.exit_code == 0
    assert line.stdout.endswith(f"note: the journal begins with event {kept.first_event_seq}\n")
