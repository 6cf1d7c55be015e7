"""The ledger in PostgreSQL: booked once, balanced, guarded by the database itself."""

from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from venue.bus.halts import PositionMoved
from venue.bus.position_file import Position
from venue.clearing.ledger import Ledger
from venue.clearing.migrations import VERSION_TABLE, migrate
from venue.clearing.postings import EventNotPostable, entries_of
from venue.clearing.repository import LedgerRepository
from venue.clearing.schema import SCHEMA, metadata
from venue.clearing.statements import (
    booked_position,
    member_balances,
    members,
    trial_balance,
    unreconciled,
)
from venue.domain.events import AnyEvent

from .trades import (
    book,
    busy_day,
    delivered,
    deposited,
    position_of,
    traded,
    trades_in,
)


def opened(engine: Engine) -> LedgerRepository:
    repository = LedgerRepository(engine)
    assert repository.open() == Position(0)
    return repository


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM clearing.{table}")).scalar_one())


def in_memory(events: list[AnyEvent]) -> Ledger:
    ledger = Ledger()
    for event in events:
        for entry in entries_of(event):
            ledger.post(entry)
    return ledger


def booked(engine: Engine) -> dict[tuple[str, ...], Decimal]:
    query = (
        "SELECT kind, owner, sub_account, asset, balance "
        "FROM clearing.balances JOIN clearing.accounts USING (account_id)"
    )
    with engine.connect() as connection:
        return {tuple(row[:4]): row[4] for row in connection.execute(text(query))}


def test_migration_makes_the_schema_as_described_and_runs_twice(engine: Engine) -> None:
    for _ in range(2):
        with engine.begin() as connection:
            migrate(connection)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table": VERSION_TABLE,
                "version_table_schema": SCHEMA,
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_books_the_same_balances_as_the_ledger_in_memory(engine: Engine) -> None:
    events = busy_day(1_000)
    repository = opened(engine)
    for start in range(0, 1_000, 300):
        book(repository, delivered(events[start : start + 300]))
    assert booked(engine) == dict(in_memory(events).balances())
    assert unreconciled(engine) == []
    assert count(engine, "trades") == trades_in(events)
    assert repository.open().event_seq == 1_000


def test_a_repeated_batch_books_nothing(engine: Engine) -> None:
    events = delivered(busy_day(50))
    repository = opened(engine)
    book(repository, events)
    before = booked(engine)
    book(repository, events)
    book(repository, events[20:50])
    assert booked(engine) == before
    assert count(engine, "entries") == 50


def test_books_only_what_is_new_of_an_overlapping_batch(engine: Engine) -> None:
    events = busy_day(60)
    repository = opened(engine)
    book(repository, delivered(events[:40]))
    book(repository, delivered(events[20:]))
    assert booked(engine) == dict(in_memory(events).balances())


def test_refuses_a_gap_and_says_where_it_is(engine: Engine) -> None:
    events = delivered(busy_day(30))
    repository = opened(engine)
    book(repository, events[:10])
    with pytest.raises(PositionMoved) as moved:
        book(repository, events[15:])
    assert moved.value.position.event_seq == 10
    assert count(engine, "entries") == 10


def test_an_event_that_cannot_be_posted_leaves_nothing_of_its_batch(engine: Engine) -> None:
    repository = opened(engine)
    batch = delivered([deposited(1), deposited(2, member="NEW"), deposited(3, amount="-1")])
    with pytest.raises(EventNotPostable):
        book(repository, batch)
    assert count(engine, "entries") == count(engine, "accounts") == 0
    book(repository, batch[:2])
    assert members(engine) == ["ALPHA", "NEW"]


def test_a_match_that_was_booked_is_not_booked_again_under_another_event(engine: Engine) -> None:
    repository = opened(engine)
    book(repository, delivered([traded(1, match_id="M1")]))
    with pytest.raises(EventNotPostable):
        book(repository, delivered([traded(2, match_id="M1")]))
    assert repository.open().event_seq == 1


def test_keeps_amounts_of_any_size_exact(engine: Engine) -> None:
    repository = opened(engine)
    huge, tiny = "999999999999999999999999999999", "0.00000001"
    book(repository, delivered([deposited(1, amount=huge), deposited(2, amount=tiny)]))
    (held,) = member_balances(engine, "ALPHA")
    assert held.amount == Decimal(f"{huge}.00000001")


def test_the_database_refuses_an_entry_that_does_not_balance(engine: Engine) -> None:
    book(opened(engine), delivered([deposited(1)]))
    lopsided = (
        "INSERT INTO clearing.postings SELECT 2, line, account_id, amount + line, balance_after, "
        "balance_after + amount + line, 2, value_date, wallet_number + 1 FROM clearing.postings"
    )
    unknown = (
        "INSERT INTO clearing.postings VALUES (2, 0, 98, 1, 0, 1, 1, '2026-01-05', NULL), "
        "(2, 1, 99, -1, 0, -1, 1, '2026-01-05', NULL)"
    )
    for statement in (lopsided, unknown):
        with pytest.raises(IntegrityError, match="does not balance"), engine.begin() as connection:
            connection.execute(text(statement))
    assert count(engine, "postings") == 2


@pytest.mark.parametrize("table", ["entries", "postings", "trades"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET event_seq = 9", "TRUNCATE {}"])
def test_the_database_refuses_to_change_what_is_booked(
    engine: Engine, table: str, change: str
) -> None:
    book(opened(engine), delivered([traded(1)]))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change.format(f"clearing.{table}")))
    assert count(engine, table) > 0


LINES = (
    "INSERT INTO clearing.postings SELECT {}, 10 + line, account_id, p.amount, b.balance, "
    "b.balance + p.amount, b.version + 1, value_date, CASE WHEN wallet_number IS NOT NULL THEN "
    "(SELECT max(wallet_number) + 1 FROM clearing.postings JOIN clearing.accounts USING "
    "(account_id) WHERE owner = 'ALPHA') END FROM clearing.postings p JOIN clearing.balances b "
    "USING (account_id) WHERE p.event_seq = 1"
)
"""Lines that follow those of their accounts, as if the deposit were booked once more."""
LATE = {
    "lines of a booked entry": LINES.format(1),
    "lines without an entry": LINES.format(9),
    "an entry of an event that was passed": (
        "INSERT INTO clearing.entries VALUES (2, 1, 'FundsDeposited', 'late', 1, 0)"
    ),
    "another owner of an account": "UPDATE clearing.accounts SET owner = 'DELTA'",
    "an account less": "DELETE FROM clearing.accounts",
    "a position that goes back": "UPDATE clearing.position SET event_seq = 1",
    "a position of another journal": "UPDATE clearing.position SET event_seq = 9, journal = 'x'",
    "a position less": "DELETE FROM clearing.position",
    "an amount too fine": "UPDATE clearing.balances SET balance = balance + 0.000000001",
    "an amount that is none": "UPDATE clearing.balances SET balance = 'NaN'",
    "an amount without end": "UPDATE clearing.balances SET balance = 'Infinity'",
}


@pytest.mark.parametrize("kind", LATE)
def test_the_database_refuses_what_clearing_never_does(engine: Engine, kind: str) -> None:
    book(opened(engine), delivered([deposited(1), traded(2), deposited(3)]))
    before = [count(engine, table) for table in ("entries", "postings", "accounts")]
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(LATE[kind]))
    assert [count(engine, table) for table in ("entries", "postings", "accounts")] == before
    assert booked_position(engine).event_seq == 3


def test_the_database_refuses_an_amount_that_is_finer_than_money(engine: Engine) -> None:
    repository = opened(engine)
    with pytest.raises(EventNotPostable, match="postings_scale"):
        book(repository, delivered([deposited(1, amount="0.000000001")]))


def test_trial_balance_has_the_shape_of_the_contract(engine: Engine) -> None:
    repository = opened(engine)
    assert trial_balance(engine) == {"assets": {}, "trades": 0, "busted": 0, "position": 0}
    book(repository, delivered([deposited(1), traded(2, buyer_fee="0.50")]))
    assert trial_balance(engine) == {
        "assets": {
            "ACME": {"sum": 0, "credits": "10", "debits": "10", "accounts": 2},
            "USD": {"sum": 0, "credits": "1000", "debits": "1000", "accounts": 4},
        },
        "trades": 1,
        "busted": 0,
        "position": 2,
    }


def test_a_planted_error_shows_in_the_statements(engine: Engine) -> None:
    book(opened(engine), delivered([deposited(1)]))
    plant = (
        "UPDATE clearing.balances SET balance = balance + 0.01 WHERE account_id IN "
        "(SELECT account_id FROM clearing.accounts WHERE owner = 'ALPHA')"
    )
    with engine.begin() as connection:
        connection.execute(text(plant))
    assert trial_balance(engine)["assets"]["USD"]["sum"] == "0.01"
    (found,) = unreconciled(engine)
    assert (found.balance, found.posted) == (Decimal("1000.01"), Decimal(1000))


def test_ledger_that_another_journal_was_booked_into_is_not_added_to(engine: Engine) -> None:
    """Two venues on one database, both at its beginning: the first event decides whose it is."""
    ours, theirs = opened(engine), opened(engine)
    events = delivered(busy_day(30))
    ours.apply(events[:10], position_of(events[9], "ours"))
    with pytest.raises(PositionMoved) as moved:
        theirs.apply(events[:10], position_of(events[9], "theirs"))
    assert moved.value.position == position_of(events[9], "ours")
    for batch in (events[:12], events[10:12]):
        with pytest.raises(PositionMoved):
            theirs.apply(batch, position_of(batch[-1], "theirs"))
    ours.apply(events[10:], position_of(events[-1], "ours"))
    assert ours.open() == booked_position(engine) == position_of(events[-1], "ours")
    assert count(engine, "entries") == 30


def test_position_of_no_ledger_is_the_beginning(engine: Engine) -> None:
    assert booked_position(engine) == Position(0)
    opened(engine)
    assert booked_position(engine) == Position(0)
