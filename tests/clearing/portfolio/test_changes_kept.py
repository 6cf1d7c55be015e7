"""The table of position changes: verified against the journal, taken over from older ledgers."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.dropcopy.events import write_journal
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import read_holdings
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent

from ..test_ledger_commands import data_dir as data_dir
from ..test_ledger_verify import book_from, breaks, change
from ..test_migration import turn_back
from ..trades import busted, corrected, deposited, traded, withdrawn
from .history import in_memory, told

FIRST, SECOND = traded(2), traded(3, buyer_account="A1")
CORRECTED = corrected(5, FIRST, price="2", quantity="9", amount="18", fee="1")
EVENTS: list[AnyEvent] = [
    deposited(1, asset="ACME"), FIRST, SECOND, busted(4, SECOND), CORRECTED,
    withdrawn(6, asset="ACME", amount="3"),
]  # fmt: skip


@pytest.fixture
def booked(engine: Engine, data_dir: Path) -> Engine:
    write_journal(data_dir / "journal", EVENTS, per_batch=1)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, EVENTS)
    return engine


PLANTED = {
    "another quantity": ("UPDATE {} SET quantity = 4 WHERE event_seq = 6", (6, 0), "quantity"),
    "another account": (
        "UPDATE {} SET account = 'A2' WHERE event_seq = 4 AND line = 1", (4, 1), "account",
    ),
    "a row less": ("DELETE FROM {} WHERE event_seq = 5 AND line = 0", (5, 0), "row"),
    "a row more": (
        "INSERT INTO {} SELECT event_seq, 9, kind, member, account, asset, quantity, symbol, "
        "currency, amount, fee, of_id FROM {} WHERE event_seq = 1", None, "row",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_difference_is_named(booked: Engine, data_dir: Path, kind: str) -> None:
    assert breaks(data_dir) == []
    statement, place, what = PLANTED[kind]
    table = "clearing.position_changes"
    change(booked, statement.format(table, table))
    name = "position change of event 1" if place is None else "position change {} line {}"
    assert breaks(data_dir) == [(name.format(*place or ()), what)]


def test_older_ledger_has_its_changes_taken_over(
    booked: Engine, engine: Engine, data_dir: Path
) -> None:
    turn_back(engine)
    repository = LedgerRepository(engine)
    at = repository.open()
    assert breaks(data_dir) == []
    for member in ("ALPHA", "BRAVO"):
        holdings = read_holdings(engine, member, Method.FIFO)
        assert told(holdings.portfolio) == told(in_memory(EVENTS, member, Method.FIFO))
    assert at.event_seq == 6
