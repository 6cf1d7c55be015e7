"""References of payments in the ledger: kept as they were booked, and held to the journal."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.dropcopy.events import write_journal
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent

from .test_ledger_commands import data_dir as data_dir
from .test_ledger_verify import book_from, breaks, change
from .trades import deposited, withdrawn


def day() -> list[AnyEvent]:
    return [
        replace(deposited(1), reference="IN-1"),
        deposited(2),
        replace(withdrawn(3, amount="5"), reference="OUT-1"),
    ]


@pytest.fixture
def booked(engine: Engine, data_dir: Path) -> Engine:
    """A day that is booked from a journal."""
    write_journal(data_dir / "journal", day(), per_batch=1)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, day())
    return engine


def test_references_are_kept_and_are_what_the_journal_says(booked: Engine, data_dir: Path) -> None:
    with booked.connect() as connection:
        rows = connection.execute(text("SELECT * FROM clearing.payments ORDER BY event_seq")).all()
    assert [tuple(row) for row in rows] == [(1, "IN-1"), (3, "OUT-1")]
    assert breaks(data_dir) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE clearing.payments SET reference = 'X' WHERE event_seq = 3",
         ("payment of event 3", "reference")),
        ("DELETE FROM clearing.payments WHERE event_seq = 3", ("payment of event 3", "row")),
        ("INSERT INTO clearing.payments VALUES (2, 'X')", ("payment of event 2", "row")),
    ],
)  # fmt: skip
def test_changed_reference_is_named(
    booked: Engine, data_dir: Path, statement: str, named: tuple[str, str]
) -> None:
    change(booked, statement)
    assert breaks(data_dir) == [named]


def test_what_an_older_version_has_booked_may_lack_its_reference(
    booked: Engine, data_dir: Path
) -> None:
    change(booked, "DELETE FROM clearing.payments WHERE event_seq = 1")
    assert breaks(data_dir) == []


def test_database_refuses_to_change_a_reference(booked: Engine) -> None:
    for statement in (
        "UPDATE clearing.payments SET reference = 'X'",
        "DELETE FROM clearing.payments",
    ):
        with pytest.raises(DBAPIError, match="append-only"), booked.begin() as connection:
            connection.execute(text(statement))
