"""`venue ledger verify` of obligations, cycles and fails: what is changed of them is named."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.dropcopy.events import write_journal
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent
from venue.journal.beginning import begin_at
from venue.journal.segment import list_segments

from .random_days import RandomDays
from .settlements import begun, ended, failed, settled
from .test_ledger_commands import data_dir as data_dir
from .test_ledger_commands import venue_ledger
from .test_ledger_verify import book_from, breaks, change
from .trades import traded


def settlement_day() -> list[AnyEvent]:
    return [
        traded(1, settlement_date="2023-11-16"), begun(2, obligations=2),
        settled(3, "ALPHA", "4", "-10", "6", "-15"),
        failed(4, "ALPHA", "6", "-15", short_of="USD", penalty="-0.01"),
        failed(5, "BRAVO", "-10", "25"), ended(6, partly=1, failed=1), begun(7, cycle=2),
    ]  # fmt: skip


ALPHAS = "obligation of ALPHA default ACME due 2023-11-16"
SETTLEMENT_CHANGES = {
    "obligation changed": (
        ["UPDATE clearing.obligations SET quantity = 7, cycles = 0 WHERE member = 'ALPHA'"],
        [(ALPHAS, "quantity"), (ALPHAS, "cycles")],
    ),
    "obligation removed": (
        ["DELETE FROM clearing.obligations WHERE member = 'ALPHA'"], [(ALPHAS, "row")],
    ),
    "obligation given to another": (
        ["UPDATE clearing.obligations SET member = 'CHARLIE' WHERE member = 'ALPHA'"],
        [("obligation of CHARLIE default ACME due 2023-11-16", "row"), (ALPHAS, "row")],
    ),
    "cycle changed": (
        ["UPDATE clearing.cycles SET failed = 0 WHERE cycle = 1"], [("cycle 1", "failed")],
    ),
    "cycle ended in the table alone": (
        ["UPDATE clearing.cycles SET ended_ns = 1 WHERE cycle = 2"], [("cycle 2", "ended_ns")],
    ),
    "cycle removed": (["DELETE FROM clearing.cycles WHERE cycle = 2"], [("cycle 2", "row")]),
    "fail changed": (
        ["UPDATE clearing.fails SET penalty = 0 WHERE event_seq = 4"],
        [("fail of event 4", "penalty")],
    ),
    "fail removed": (
        ["DELETE FROM clearing.fails WHERE event_seq = 5"], [("fail of event 5", "row")],
    ),
    "fail invented": (
        ["CREATE TEMPORARY TABLE t AS SELECT * FROM clearing.fails WHERE event_seq = 5",
         "UPDATE t SET event_seq = 3", "INSERT INTO clearing.fails SELECT * FROM t",
         "DROP TABLE t"],
        [("fail of event 3", "row")],
    ),
}  # fmt: skip


@pytest.fixture
def with_cycle(engine: Engine, data_dir: Path) -> Engine:
    """A day with a cycle that is booked from a journal."""
    write_journal(data_dir / "journal", settlement_day(), per_batch=1)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, settlement_day())
    return engine


def test_day_with_a_cycle_is_whole_as_it_was_booked(with_cycle: Engine, data_dir: Path) -> None:
    assert breaks(data_dir) == []
    line = venue_ledger("verify", data_dir=data_dir)
    assert "1 trades, 2 obligations, 2 cycles, 2 fails" in line.stdout


@pytest.mark.parametrize("kind", SETTLEMENT_CHANGES)
def test_what_was_changed_of_settlement_is_named(
    with_cycle: Engine, data_dir: Path, kind: str
) -> None:
    statements, expected = SETTLEMENT_CHANGES[kind]
    change(with_cycle, *statements)
    assert breaks(data_dir) == expected


def test_random_days_are_whole(engine: Engine, data_dir: Path) -> None:
    days = RandomDays(8, 120).events
    write_journal(data_dir / "journal", days, per_batch=7)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, days)
    assert breaks(data_dir) == []


def test_obligations_of_before_the_journal_count_from_what_is_said_of_them(
    engine: Engine, data_dir: Path
) -> None:
    """Retention took the trades: a cycle says what is left, and from there on it is compared."""
    owed = [traded(seq, settlement_date="2023-11-16") for seq in range(1, 301)]
    net = str(10 * 300), str(-25 * 300)
    days: list[AnyEvent] = [*owed, begun(301), failed(302, "ALPHA", *net), ended(303)]
    write_journal(data_dir / "journal", days, per_batch=20, segment_bytes=1 << 17)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, days)
    gone, kept, *_ = list_segments(data_dir / "journal")
    begin_at(data_dir / "journal", kept.number)
    gone.path.unlink()
    assert breaks(data_dir) == []
    change(engine, "UPDATE clearing.obligations SET quantity = quantity + 1")
    assert breaks(data_dir) == [(ALPHAS, "quantity")]
