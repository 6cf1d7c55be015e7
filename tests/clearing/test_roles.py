"""The ledger's roles on the real server: what owner, writer and reader may and may not do."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, UndefinedColumn
from sqlalchemy import Engine, text

from tests.servers.conditions import command_line
from venue.clearing.database import ledger_engine
from venue.clearing.migrations import VERSION_TABLE
from venue.clearing.schema import metadata
from venue.clearing.statements import trial_balance, unreconciled
from venue.ledger_roles import MIGRATION_LOCK, OWNER, READER, ROLES, WRITER
from venue.servers import left_over
from venue.servers.postgres import PostgresServer

from .logins import SETTING_OF, Connection, ledger, logged_on, owners
from .trades import book, busted, busy_day, corrected, delivered, deposited, traded, trades_in

COLUMNS = {table.name: [*table.columns.keys()] for table in metadata.tables.values()}
COLUMNS[VERSION_TABLE] = ["version_num"]
CURRENT = {f"current_{name}" for name in ("quantity", "price", "amount", "buyer_fee", "seller_fee")}
READS = {
    "entries", "postings", "accounts", "balances", "wallets", "trades", "obligations", "cycles",
    "relays", "position", VERSION_TABLE,
}  # fmt: skip
INSERTS = {
    **{table: {*COLUMNS[table]} for table in ("entries", "postings", "obligations", "cycles")},
    **{table: {*COLUMNS[table]} for table in ("fails", "position_changes", "payments", "relays")},
    "accounts": {"kind", "owner", "sub_account", "asset"},
    "trades": {*COLUMNS["trades"]} - {"status", "changed_seq"},
}
UPDATES = {
    "relays": {"event_seq", "line"},
    "obligations": {"quantity", "amount", "cycles", "changed_seq"},
    "cycles": {"settled", "partly", "failed", "ended_ns"},
    "trades": {"status", "changed_seq", *CURRENT},
    "position": {"event_seq", "journal", "digest"},
}
"""What the writer does: tables it reads, and the columns that it adds or changes."""

OF_A_TABLE = {
    "delete": "DELETE FROM clearing.{}",
    "truncate": "TRUNCATE clearing.{} CASCADE",
    "drop": "DROP TABLE clearing.{} CASCADE",
    "alter": "ALTER TABLE clearing.{} ADD COLUMN more int",
    "drop a guard": "ALTER TABLE clearing.{} DROP CONSTRAINT IF EXISTS balances_scale",
    "switch guards off": "ALTER TABLE clearing.{} DISABLE TRIGGER USER",
    "add a rule": "CREATE RULE no AS ON INSERT TO clearing.{} DO INSTEAD NOTHING",
    "add an index": "CREATE INDEX ON clearing.{} ((1))",
    "take over": "ALTER TABLE clearing.{} OWNER TO CURRENT_USER",
}
OF_THE_SCHEMA = {
    "create in the schema": "CREATE TABLE clearing.mine (x int)",
    "replace a guard": (
        "CREATE OR REPLACE FUNCTION clearing.refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'"
    ),
    "drop a guard's function": "DROP FUNCTION clearing.refuse_change CASCADE",
    "drop the schema": "DROP SCHEMA clearing CASCADE",
    "create a schema": "CREATE SCHEMA mine",
}
NOBODYS = {
    "session_replication_role": "SET session_replication_role = replica",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "passwords of logins": "SELECT passwd FROM pg_shadow",
    "create in public": "CREATE TABLE public.mine (x int)",
    "temporary tables": "CREATE TEMPORARY TABLE mine (x int)",
    "large objects": "SELECT lo_create(0)",
    "large objects of old": "SELECT lo_creat(0)",
    "large objects of bytes": "SELECT lo_from_bytea(0, 'x')",
    "files": "SELECT pg_read_file('postgresql.conf')",
    "programs": "COPY (SELECT 1) TO PROGRAM 'true'",
    "a role": "CREATE ROLE mine SUPERUSER",
    "be a superuser": "ALTER ROLE CURRENT_USER SUPERUSER",
    "be the superuser": "SET ROLE venue",
    "log on as the superuser": "SET SESSION AUTHORIZATION venue",
    "a database": "CREATE DATABASE mine",
    "the server's settings": "ALTER SYSTEM SET fsync = off",
    "the server's configuration": "SELECT pg_reload_conf()",
}
"""What none of the roles may."""


@pytest.fixture
def booked(role_urls: dict[str, str]) -> Iterator[dict[str, str]]:
    """A ledger that clearing has made and booked in, as its roles; their URLs."""
    with ledger(role_urls) as repository:
        book(repository, delivered([deposited(1), traded(2)]))
    yield role_urls


def may(connection: Connection, statement: str) -> bool:
    """Whether the role has the right; guards, or what is missing, may refuse it all the same."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except InsufficientPrivilege:
        return False
    except (psycopg.errors.SyntaxError, psycopg.errors.UndefinedTable, UndefinedColumn):
        raise  # of a statement that asks for what is not there nothing is learnt
    except psycopg.Error:
        return True
    return True


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", COLUMNS)
def test_role_may_do_to_each_table_what_it_needs_and_no_more(
    booked: dict[str, str], table: str, role: str
) -> None:
    columns = {*COLUMNS[table]}
    with logged_on(booked, role) as connection:
        reads = may(connection, f"SELECT * FROM clearing.{table}")
        inserts = {
            column
            for column in columns
            if may(connection, f"INSERT INTO clearing.{table} ({column}) VALUES (DEFAULT)")
        }
        updates = {
            column
            for column in columns
            if may(connection, f"UPDATE clearing.{table} SET {column} = DEFAULT")
        }
        others = {act for act, words in OF_A_TABLE.items() if may(connection, words.format(table))}
    if role == OWNER:
        assert (reads, inserts, updates, others) == (True, columns, columns, {*OF_A_TABLE})
    elif role == WRITER:
        assert reads == (table in READS)
        assert inserts == INSERTS.get(table, set())
        assert updates == UPDATES.get(table, set())
        assert others == set()
    else:
        assert (reads, inserts, updates, others) == (True, set(), set(), set())


@pytest.mark.parametrize("role", ROLES)
def test_only_the_owner_changes_the_schema_and_nobody_is_above_it(
    booked: dict[str, str], role: str
) -> None:
    others = {f"be {other}": f"SET ROLE {other}" for other in ROLES if other != role}
    with logged_on(booked, role) as connection:
        of_the_schema = {act for act, words in OF_THE_SCHEMA.items() if may(connection, words)}
    assert of_the_schema == ({*OF_THE_SCHEMA} if role == OWNER else set())
    with psycopg.connect(booked[SETTING_OF[role]], autocommit=True) as connection:
        for words in (NOBODYS | others).values():
            with pytest.raises(InsufficientPrivilege):
                connection.execute(words.encode())


@pytest.mark.parametrize("role", ROLES)
def test_other_databases_are_nobodys(booked: dict[str, str], role: str) -> None:
    for database in ("postgres", "template1"):
        url = booked[SETTING_OF[role]].removesuffix("/venue") + f"/{database}"
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(url)


def test_every_object_of_the_ledger_is_the_owners(
    booked: dict[str, str], postgres_server: PostgresServer
) -> None:
    assert owners(postgres_server.url) == {OWNER}


def test_clearing_does_all_it_does_as_the_writer(role_urls: dict[str, str]) -> None:
    events = busy_day(400)
    changed = [traded(401), traded(402)]
    events += [*changed, busted(403, changed[0])]
    events += [corrected(404, changed[1], price="2", quantity="10", amount="20")]
    with ledger(role_urls) as repository:
        for start in range(0, len(events), 150):
            book(repository, delivered(events[start : start + 150]))
    reader = ledger_engine(role_urls["database_reader_url"])
    try:
        balance = trial_balance(reader)
        assert (balance["position"], balance["busted"]) == (404, 1)
        assert balance["trades"] == trades_in(events)
        assert {totals["sum"] for totals in balance["assets"].values()} == {0}
        assert unreconciled(reader) == []
    finally:
        reader.dispose()


@pytest.mark.parametrize("role", [WRITER, READER])
def test_numbers_of_accounts_are_read_for_a_dump_and_not_used_up(
    booked: dict[str, str], role: str
) -> None:
    with logged_on(booked, role) as connection:
        sequence = "clearing.accounts_account_id_seq"
        assert may(connection, f"SELECT last_value FROM {sequence}") == (role == READER)
        assert not may(connection, f"SELECT nextval('{sequence}')")
        assert not may(connection, f"SELECT setval('{sequence}', 1)")


def test_nobody_stays_logged_on_as_the_owner(
    role_urls: dict[str, str], postgres_server: PostgresServer
) -> None:
    with ledger(role_urls) as repository:
        book(repository, delivered([deposited(1)]))
        with psycopg.connect(postgres_server.url) as connection:
            query = "SELECT DISTINCT usename FROM pg_stat_activity WHERE usename LIKE 'venue_%'"
            assert connection.execute(query).fetchall() == [(WRITER,)]


def test_readers_leave_connections_for_clearing(booked: dict[str, str]) -> None:
    held: list[Connection] = []
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            for _ in range(64):
                held.append(psycopg.connect(booked["database_reader_url"]))
        with ledger(booked) as repository:
            book(repository, delivered([deposited(1), traded(2), deposited(3)]))
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    "lock",
    [
        "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock",
        "pg_advisory_lock_shared",
    ],
)
def test_reader_takes_no_lock_for_which_a_migration_would_wait(
    booked: dict[str, str], lock: str
) -> None:
    with logged_on(booked, READER) as connection:
        assert not may(connection, f"SELECT {lock}({MIGRATION_LOCK})")
        assert not may(connection, "LOCK TABLE clearing.position IN ROW EXCLUSIVE MODE")


def test_query_of_a_reader_does_not_fill_the_disk(booked: dict[str, str]) -> None:
    with logged_on(booked, READER) as connection:
        assert connection.execute("SHOW temp_file_limit").fetchone() == ("1GB",)
        assert not may(connection, "SET temp_file_limit = -1")


def test_table_that_a_later_version_makes_is_the_readers_to_see(
    booked: dict[str, str],
) -> None:
    with logged_on(booked, OWNER) as connection:
        connection.execute("CREATE TABLE clearing.later (x int)")
        rights = "SELECT has_table_privilege(%s, 'clearing.later', %s)"
        found = {
            (role, right): connection.execute(rights, (role, right)).fetchone()
            for role in (READER, WRITER)
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
    assert {key for key, row in found.items() if row == (True,)} == {(READER, "SELECT")}


def test_role_of_somebody_else_does_not_come_in(
    booked: dict[str, str], postgres_server: PostgresServer, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE stranger LOGIN PASSWORD 'x'"))
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(
                host=postgres_server.host, port=postgres_server.port, dbname="venue",
                user="stranger", password="x",
            )  # fmt: skip
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP ROLE stranger"))


def test_passwords_are_in_their_files_and_nowhere_else(
    booked: dict[str, str], postgres_server: PostgresServer
) -> None:
    place = postgres_server.data_dir
    passwords = {}
    for role in ("owner", "writer", "reader"):
        file = place / f"postgres-{role}.password"
        assert file.stat().st_mode & 0o777 == 0o600
        passwords[role] = file.read_text().strip()
    passwords["superuser"] = (place / "postgres.password").read_text().strip()
    assert len(set(passwords.values())) == 4
    logged = (place / "logs" / "postgres.log").read_text()
    assert not any(password in logged for password in passwords.values())
    running = [command_line(pid) for pid in postgres_pids(place)]
    assert running
    assert not any(password in line for line in running for password in passwords.values())
    with psycopg.connect(postgres_server.url) as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
    assert len(kept) == 4
    assert all(str(each[0]).startswith("SCRAM-SHA-256$") for each in kept)


def postgres_pids(place: Path) -> list[int]:
    return left_over.find(place / "postgres", "postgres")
