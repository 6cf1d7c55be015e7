"""The ledger as its roles use it, and whose it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.ledger_roles import OWNER, READER, WRITER

Connection = psycopg.Connection[tuple[object, ...]]
SETTING_OF = {
    OWNER: "database_owner_url", WRITER: "database_url", READER: "database_reader_url",
}  # fmt: skip


@contextmanager
def ledger(urls: dict[str, str]) -> Iterator[LedgerRepository]:
    """Opened as clearing opens it."""
    writer, owner = ledger_engine(urls["database_url"]), ledger_engine(urls["database_owner_url"])
    try:
        repository = LedgerRepository(writer, owner)
        repository.open()
        yield repository
    finally:
        writer.dispose()
        owner.dispose()


@contextmanager
def logged_on(urls: dict[str, str], role: str) -> Iterator[Connection]:
    connection = psycopg.connect(urls[SETTING_OF[role]])
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


def owners(superuser_url: str) -> set[str]:
    """Owners of the schema, and of all that is in it."""
    query = """
        SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'clearing'
        UNION SELECT relowner::regrole::text FROM pg_class
          WHERE relnamespace = 'clearing'::regnamespace
        UNION SELECT proowner::regrole::text FROM pg_proc
          WHERE pronamespace = 'clearing'::regnamespace
        UNION SELECT typowner::regrole::text FROM pg_type
          WHERE typnamespace = 'clearing'::regnamespace
    """
    with psycopg.connect(superuser_url) as connection:
        return {row[0] for row in connection.execute(query)}
