"""The ledger's roles where there were none: older data directories, a PostgreSQL of one's own."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from typer.testing import CliRunner

from venue.clearing import migrations
from venue.clearing.database import ledger_engine
from venue.clearing.migrations import NotMigrated
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import TrialBalance, member_balances, trial_balance
from venue.cli.records.ledger import app
from venue.ledger_roles import OWNER, READER, ROLES, WRITER
from venue.servers import ServerError, postgres
from venue.servers.postgres import PostgresServer

from .logins import SETTING_OF, ledger, owners, privileges, rights
from .trades import book, delivered, deposited

MIGRATIONS = Path(migrations.__file__).parent
VERSIONS = sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
BOOKED = """
    INSERT INTO clearing.position (consumer, event_seq) VALUES ('clearing', 0);
    INSERT INTO clearing.accounts (kind, owner, sub_account, asset) VALUES
      ('external', 'OUTSIDE', 'funding', 'USD'), ('member', 'ALPHA', 'default', 'USD');
    INSERT INTO clearing.entries VALUES (1, 1, 'FundsDeposited', 'ops: for the test');
    INSERT INTO clearing.postings VALUES (1, 0, 1, -1000), (1, 1, 2, 1000);
    INSERT INTO clearing.balances VALUES (1, -1000), (2, 1000);
    UPDATE clearing.position SET event_seq = 1;
"""
BOOKED_NOW = """
    INSERT INTO clearing.position (consumer, event_seq) VALUES ('clearing', 0);
    INSERT INTO clearing.accounts (kind, owner, sub_account, asset) VALUES
      ('external', 'OUTSIDE', 'funding', 'USD'), ('member', 'ALPHA', 'default', 'USD');
    INSERT INTO clearing.entries VALUES (1, 1, 'FundsDeposited', 'ops: for the test', 0, 0);
    INSERT INTO clearing.postings VALUES
      (1, 0, 1, -1000, 0, -1000, 1, '1970-01-01', NULL),
      (1, 1, 2, 1000, 0, 1000, 1, '1970-01-01', 1);
    UPDATE clearing.position SET event_seq = 1;
"""
"""From version 0005 on: lines say balances, and balances follow from lines."""


def bare(data_dir: Path) -> PostgresServer:
    """PostgreSQL with its superuser alone, as all versions before the roles had it."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    server = PostgresServer(data_dir)
    server.prepare()
    server.launch()
    server.wait_ready()
    return server


def make_ledger(url: str, version: str) -> None:
    """A ledger of that version, with one deposit, made and booked by one login."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = ledger_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA clearing"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.exec_driver_sql(BOOKED if version < "0005" else BOOKED_NOW)
    engine.dispose()


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory whose PostgreSQL has no roles yet."""
    place = tmp_path_factory.mktemp("older")
    bare(place).stop()
    yield place


def forget_roles(server: PostgresServer) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS clearing CASCADE")
        for role in ROLES:
            found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
            if found.rowcount:
                connection.execute(f"DROP OWNED BY {role} CASCADE".encode())
                connection.execute(f"DROP ROLE {role}".encode())


def booked_until(url: str) -> object:
    """The position, whatever the schema's version."""
    with psycopg.connect(url) as connection:
        ((event_seq,),) = connection.execute("SELECT event_seq FROM clearing.position").fetchall()
    return event_seq


def seen(url: str) -> tuple[TrialBalance, list[Decimal]]:
    """The trial balance, and what ALPHA has."""
    engine = ledger_engine(url)
    try:
        return trial_balance(engine), [each.amount for each in member_balances(engine, "ALPHA")]
    finally:
        engine.dispose()


@pytest.mark.parametrize("version", VERSIONS)
def test_ledger_that_the_superuser_has_made_is_handed_over_at_the_next_start(
    older: Path, version: str
) -> None:
    server = bare(older)
    forget_roles(server)
    make_ledger(server.url, version)
    server.stop()
    found = []
    for event_seq in (2, 3):
        server = postgres.start(older)
        try:
            assert owners(server.url) == {OWNER}
            assert booked_until(server.urls["database_reader_url"]) == event_seq - 1
            with ledger(server.urls) as repository:
                book(repository, delivered([deposited(n) for n in range(1, event_seq + 1)]))
            assert booked_until(server.urls["database_reader_url"]) == event_seq
            balance, held = seen(server.urls["database_reader_url"])
            assert balance["assets"]["USD"]["sum"] == 0
            assert held == [Decimal(1000 * event_seq)]
            assert owners(server.url) == {OWNER}
            found.append(privileges(server))
        finally:
            server.stop()
    assert found[0] == found[1], "another start changes nothing"


BY_HAND = (
    f"GRANT DELETE, TRUNCATE ON clearing.entries TO {WRITER}",
    f"GRANT UPDATE (owner) ON clearing.accounts TO {READER}",
    "GRANT USAGE ON SCHEMA clearing TO PUBLIC",
    "GRANT INSERT ON clearing.trades TO PUBLIC",
    "GRANT CONNECT ON DATABASE venue TO PUBLIC",
    f"GRANT CREATE, TEMPORARY ON DATABASE venue TO {WRITER}",
    f"GRANT USAGE ON SEQUENCE clearing.accounts_account_id_seq TO {WRITER}",
    f"ALTER ROLE {WRITER} SUPERUSER",
    f"ALTER ROLE {READER} CONNECTION LIMIT -1",
    "ALTER TABLE clearing.trades OWNER TO venue",
)
"""What somebody might give away."""


def test_rights_that_were_given_by_hand_are_taken_back_at_the_next_start(older: Path) -> None:
    server = postgres.start(older)
    try:
        with ledger(server.urls):
            before = rights(server)
        with psycopg.connect(server.url) as connection:
            for statement in BY_HAND:
                connection.execute(statement.encode())
        assert rights(server) != before
        server.stop()
        server = postgres.start(older)
        assert rights(server) == before
    finally:
        server.stop()


def test_lost_passwords_of_roles_are_made_again_and_those_of_before_are_void(older: Path) -> None:
    server = postgres.start(older)
    old = server.urls
    server.stop()
    for role in ("owner", "writer", "reader"):
        (older / f"postgres-{role}.password").unlink()
    server = postgres.start(older)
    try:
        assert server.urls.keys() == old.keys()
        for setting, url in server.urls.items():
            psycopg.connect(url).close()
            stale = old[setting].rpartition("@")[0] + f"@{server.host}:{server.port}/venue"
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(stale)
    finally:
        server.stop()


def test_roles_that_cannot_be_made_stop_the_start_with_one_line(older: Path) -> None:
    server = bare(older)
    password = older / "postgres.password"
    kept = password.read_text()
    password.write_text("another\n")
    try:
        with pytest.raises(ServerError) as refused:
            server.settle()
        assert str(refused.value).startswith("the roles of the ledger cannot be made: ")
        assert "\n" not in str(refused.value) and "another" not in str(refused.value)
    finally:
        password.write_text(kept)
        server.stop()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = bare(tmp_path_factory.mktemp("own"))
    yield server
    server.stop()


@pytest.fixture
def own(own_server: PostgresServer) -> PostgresServer:
    """A PostgreSQL of one's own, without roles and ledger."""
    forget_roles(own_server)
    return own_server


def run_printed_sql(server: PostgresServer) -> dict[str, str]:
    """What an operator does: the SQL of `venue ledger roles`, and passwords. URLs by setting."""
    printed = CliRunner().invoke(app, ["roles"])
    assert printed.exit_code == 0
    told = json.loads(CliRunner().invoke(app, ["roles", "--json"]).stdout)
    assert told == {"ok": True, "sql": printed.stdout}
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(printed.stdout.encode())
        for role in ROLES:
            connection.execute(f"ALTER ROLE {role} PASSWORD 'secret'".encode())
    place = f"{server.host}:{server.port}/venue"
    return {setting: f"postgresql://{role}:secret@{place}" for role, setting in SETTING_OF.items()}


@pytest.mark.parametrize("version", [None, VERSIONS[0], VERSIONS[-1]])
def test_printed_sql_makes_the_roles_in_a_postgresql_of_ones_own(
    own: PostgresServer, version: str | None
) -> None:
    if version is not None:
        make_ledger(own.url, version)
    for event_seq in (2, 3):
        urls = run_printed_sql(own)
        with ledger(urls) as repository:
            book(repository, delivered([deposited(n) for n in range(1, event_seq + 1)]))
        assert owners(own.url) == {OWNER}
        assert booked_until(urls["database_reader_url"]) == event_seq


def test_writer_books_alone_where_the_schema_is_this_versions(own: PostgresServer) -> None:
    urls = run_printed_sql(own)
    writer = ledger_engine(urls["database_url"])
    try:
        with pytest.raises(NotMigrated) as refused:
            LedgerRepository(writer).open()
        assert str(refused.value) == (
            f"the ledger has schema version none, this venue needs {VERSIONS[-1]}, and {WRITER} "
            "may not migrate it: set database_owner_url"
        )
        with ledger(urls):
            pass
        repository = LedgerRepository(writer)
        repository.open()
        book(repository, delivered([deposited(1)]))
    finally:
        writer.dispose()


def test_single_login_owns_the_schema_as_before(own: PostgresServer) -> None:
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE single LOGIN PASSWORD 'secret'")
        connection.execute("GRANT CREATE ON DATABASE venue TO single")
    url = f"postgresql://single:secret@{own.host}:{own.port}/venue"
    single = ledger_engine(url)
    try:
        repository = LedgerRepository(single)
        repository.open()
        book(repository, delivered([deposited(1)]))
        assert booked_until(url) == 1
        assert owners(own.url) == {"single"}
        run_printed_sql(own)
        assert owners(own.url) == {OWNER}
    finally:
        single.dispose()
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute("DROP OWNED BY single CASCADE")
            connection.execute("DROP ROLE single")


def test_ledger_that_may_not_be_read_is_not_called_missing(
    own: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    urls = run_printed_sql(own)
    with ledger(urls):
        pass
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute(f"REVOKE USAGE ON SCHEMA clearing FROM {READER}".encode())
    monkeypatch.setenv("VENUE_DATABASE_URL", urls["database_url"])
    monkeypatch.setenv("VENUE_DATABASE_READER_URL", urls["database_reader_url"])
    result = CliRunner().invoke(app, ["balances", "ALPHA", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "permission denied for schema clearing" in result.stderr
