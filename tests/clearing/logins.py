"""The ledger as its roles use it, and whose it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.ledger_roles import OWNER, READER, WRITER
from venue.servers.postgres import PostgresServer

Connection = psycopg.Connection[tuple[object, ...]]
SETTING_OF = {
    OWNER: "database_owner_url", WRITER: "database_url", READER: "database_reader_url",
}  # fmt: skip

PRIVILEGES = """
    SELECT relname, coalesce(relacl::text, ''), NULL FROM pg_class
      WHERE relnamespace = 'clearing'::regnamespace AND relkind IN ('r', 'S')
    UNION ALL SELECT attrelid::regclass::text, attacl::text, attname::text FROM pg_attribute
      WHERE attacl IS NOT NULL AND attrelid::regclass::text LIKE 'clearing.%'
    UNION ALL SELECT nspname, nspacl::text, NULL FROM pg_namespace WHERE nspname = 'clearing'
    UNION ALL SELECT datname, datacl::text, NULL FROM pg_database
    UNION ALL SELECT defaclrole::regrole::text, defaclacl::text, NULL FROM pg_default_acl
    ORDER BY 1, 2, 3
"""


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


def privileges(server: PostgresServer) -> list[tuple[str, list[str], str | None]]:
    """Of what, what is granted, and of which column."""
    with psycopg.connect(server.url) as connection:
        rows = connection.execute(PRIVILEGES.encode()).fetchall()
    return [(name, sorted(granted.strip("{}").split(",")), part) for name, granted, part in rows]


def rights(server: PostgresServer) -> list[object]:
    """Privileges, owners, and what roles are."""
    roles = "SELECT rolname, rolsuper, rolconnlimit, rolconfig FROM pg_roles ORDER BY 1"
    with psycopg.connect(server.url) as connection:
        found = connection.execute(roles).fetchall()
    return [privileges(server), owners(server.url), found]
