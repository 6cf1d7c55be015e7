"""A ledger of version 0004, migrated with its data, is what clearing books today."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.dropcopy.events import write_journal
from venue.clearing import migrations
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent

from .rows import all_rows
from .test_ledger_commands import data_dir as data_dir
from .test_ledger_verify import book_from, breaks
from .test_trade_rows import busy_day_with_changes
from .trades import book, delivered, deposited, position_of, traded, withdrawn

OLD_COLUMNS = {
    "entries": "event_seq, timestamp_ns, kind, description",
    "accounts": "account_id, kind, owner, sub_account, asset",
    "postings": "event_seq, line, account_id, amount",
    "balances": "account_id, balance",
    "trades": (
        "event_seq, match_id, timestamp_ns, trading_day, symbol, quantity, price, asset, amount, "
        "currency, buyer, buyer_account, buyer_order_id, buyer_fee, seller, seller_account, "
        "seller_order_id, seller_fee, status, changed_seq, current_quantity, current_price, "
        "current_amount, current_buyer_fee, current_seller_fee"
    ),
    "position": "consumer, event_seq, journal, digest",
}
OFF = "SET LOCAL session_replication_role = replica"

NEXT_ACCOUNT = """
    SELECT setval(pg_get_serial_sequence('clearing.accounts', 'account_id'),
      (SELECT coalesce(max(account_id), 0) + 1 FROM clearing.accounts), false)
"""


def day() -> list[AnyEvent]:
    events = busy_day_with_changes(300)
    return [*events, deposited(301, account="A1"), traded(302), withdrawn(303, amount="0.00000001")]


def turn_back(engine: Engine) -> None:
    """Put what is booked into a schema of version 0004, as if it had been booked there."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        connection.execute(text("ALTER SCHEMA clearing RENAME TO booked_now"))
        connection.execute(text("CREATE SCHEMA clearing"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(text(OFF))
        for table, columns in OLD_COLUMNS.items():
            value = " OVERRIDING SYSTEM VALUE" if table == "accounts" else ""
            connection.execute(
                text(
                    f"INSERT INTO clearing.{table} ({columns}){value} "
                    f"SELECT {columns} FROM booked_now.{table}"
                )
            )
        connection.execute(text(NEXT_ACCOUNT))
        connection.execute(text("DROP SCHEMA booked_now CASCADE"))


@pytest.fixture
def migrated(engine: Engine, data_dir: Path) -> Engine:
    """A day that was booked by version 0004, opened by this one."""
    write_journal(data_dir / "journal", day(), per_batch=10)
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, day())
    turn_back(engine)
    LedgerRepository(engine).open()
    return engine


def test_every_row_is_as_if_it_had_been_booked_today(
    engine: Engine, migrated: Engine, data_dir: Path
) -> None:
    found = all_rows(migrated)
    assert breaks(data_dir) == []
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA clearing CASCADE"))
    repository = LedgerRepository(engine)
    repository.open()
    book_from(data_dir, repository, day())
    assert found == all_rows(engine)


def test_migrated_ledger_is_gone_on_from_and_guarded(migrated: Engine) -> None:
    repository = LedgerRepository(migrated)
    at = repository.open()
    later = delivered([traded(304, buyer_fee="0.05", settlement_date="2026-01-07")])
    repository.apply(later, position_of(later[0], at.journal))
    last = all_rows(migrated)["postings"][-1]
    assert last.event_seq == 304
    for change in ("UPDATE clearing.postings SET amount = 1", "DELETE FROM clearing.entries"):
        with pytest.raises(DBAPIError, match="append-only"), migrated.begin() as connection:
            connection.execute(text(change))


def test_empty_ledger_of_before_is_migrated(engine: Engine) -> None:
    LedgerRepository(engine).open()
    turn_back(engine)
    repository = LedgerRepository(engine)
    assert repository.open().event_seq == 0
    book(repository, delivered([deposited(1)]))
    assert [row.version for row in all_rows(engine)["balances"]] == [1, 1]
