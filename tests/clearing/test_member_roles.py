"""A member's login: it sees what is its own, nothing of others, and writes nothing."""

import json
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from typer.testing import CliRunner

from venue.cli.records.ledger import app
from venue.domain.events import AnyEvent
from venue.ledger_roles import MEMBERS, OWN_VIEWS, ROLES, member_script
from venue.servers.postgres import PostgresServer

from .logins import Connection, ledger, logged_on, owners
from .settlements import begun, ended, failed
from .test_roles import NOBODYS, OF_A_TABLE, OF_THE_SCHEMA, may
from .trades import book, delivered, deposited, traded

TABLES = (
    "entries", "accounts", "postings", "balances", "wallets", "trades", "obligations", "cycles",
    "fails", "position", "schema_version",
)  # fmt: skip
DAY: list[AnyEvent] = [
    deposited(1), deposited(2, "BRAVO", amount="7"), traded(3, buyer_account="A1"),
    traded(4, buyer="CHARLIE", seller="BRAVO", settlement_date="2023-11-16"),
    traded(5, buyer="BRAVO", seller="ALPHA", settlement_date="2023-11-16", seller_fee="0.05"),
    begun(6, obligations=2), failed(7, "ALPHA", "-10", "25", penalty="-1", short_of="ACME"),
    failed(8, "CHARLIE", "10", "-25"), ended(9, failed=2),
]  # fmt: skip


def script_of(member: str) -> str:
    """What an operator is told to run."""
    printed = CliRunner().invoke(app, ["roles", "--member", member])
    assert (printed.exit_code, printed.stderr) == (0, "")
    told = json.loads(CliRunner().invoke(app, ["roles", "--member", member, "--json"]).stdout)
    assert told == {"ok": True, "sql": printed.stdout}
    return printed.stdout


@pytest.fixture
def urls(postgres_server: PostgresServer, role_urls: dict[str, str]) -> Iterator[dict[str, str]]:
    """URLs of the logins of ALPHA and of NOBODY, who has no account; the day is booked."""
    with ledger(role_urls) as repository:
        book(repository, delivered(DAY))
    place = f"{postgres_server.host}:{postgres_server.port}/venue"
    members = ("ALPHA", "NOBODY")
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        for member in members:
            for _ in range(2):  # it may be run again
                connection.execute(script_of(member).encode())
            connection.execute(f"ALTER ROLE \"venue_member_{member}\" PASSWORD 'x'".encode())
        yield {each: f"postgresql://venue_member_{each}:x@{place}" for each in members}
        for member in members:
            connection.execute(f'DROP ROLE "venue_member_{member}"'.encode())


@pytest.fixture
def alpha(urls: dict[str, str]) -> Iterator[Connection]:
    with psycopg.connect(urls["ALPHA"], autocommit=True) as connection:
        yield connection


def seen(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query.encode()).fetchall()


def test_member_sees_all_that_is_its_own(alpha: Connection) -> None:
    accounts = seen(
        alpha, "SELECT kind, sub_account, asset FROM clearing.own_accounts ORDER BY 1, 2, 3"
    )
    assert accounts == [
        ("member", "A1", "ACME"), ("member", "A1", "USD"), ("member", "default", "USD"),
        ("unsettled", "default", "ACME"), ("unsettled", "default", "USD"),
    ]  # fmt: skip
    balances = seen(
        alpha,
        "SELECT sub_account, asset, balance::text FROM clearing.own_balances "
        "WHERE kind = 'member' AND balance <> 0 ORDER BY 1, 2",
    )
    assert balances == [("A1", "ACME", "10"), ("A1", "USD", "-25"), ("default", "USD", "998.95")]
    numbers = seen(alpha, "SELECT wallet_number FROM clearing.own_postings ORDER BY 1")
    assert numbers == [(number,) for number in range(1, len(numbers) + 1)]
    owed = seen(
        alpha,
        "SELECT symbol, due::text, quantity::int, amount::int, cycles "
        "FROM clearing.own_obligations",
    )
    assert owed == [("ACME", "2023-11-16", -10, 25, 1)]
    assert seen(alpha, "SELECT cause, penalty::int FROM clearing.own_fails") == [("SHORT", -1)]
    trades = seen(
        alpha, "SELECT match_id, side, account, fee::text FROM clearing.own_trades ORDER BY 1"
    )
    assert trades == [("M3", "buy", "A1", "0"), ("M5", "sell", None, "0.05")]


def test_nothing_of_another_member_is_in_any_column(alpha: Connection) -> None:
    for view in OWN_VIEWS:
        for row in seen(alpha, f"SELECT * FROM clearing.{view}"):
            assert not {"BRAVO", "CHARLIE", "B4", "S3"} & {*row}, view


def test_function_of_its_own_sees_no_row_of_others(alpha: Connection) -> None:
    """A cheap condition that fails for a row of another member is not tried on it."""
    query = "SELECT count(*) FROM clearing.own_trades WHERE 1 / (event_seq - 4) < 9"
    assert seen(alpha, query) == [(2,)]


def test_login_without_an_account_sees_nothing(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["NOBODY"]) as connection:
        for view in OWN_VIEWS:
            assert seen(connection, f"SELECT * FROM clearing.{view}") == []


@pytest.mark.parametrize("role", ROLES)
def test_own_views_are_empty_for_who_is_no_member(
    urls: dict[str, str], role_urls: dict[str, str], role: str
) -> None:
    with logged_on(role_urls, role) as connection:
        for view in OWN_VIEWS:
            try:
                assert seen(connection, f"SELECT * FROM clearing.{view}") == []
            except InsufficientPrivilege:
                connection.rollback()
                assert role == "venue_writer"


def test_member_reads_no_table_and_writes_nothing(alpha: Connection) -> None:
    alpha.execute("SET default_transaction_read_only = off")
    statements = [f"SELECT * FROM clearing.{table}" for table in TABLES]
    statements += [words.format(table) for table in TABLES for words in OF_A_TABLE.values()]
    assert [words for words in (*statements, *OF_THE_SCHEMA.values()) if may(alpha, words)] == []
    others = [f"SET ROLE {role}" for role in (*ROLES, '"venue_member_NOBODY"')]
    for words in (*NOBODYS.values(), *others):
        with pytest.raises(InsufficientPrivilege):
            alpha.execute(words.encode())
    for view in OWN_VIEWS:
        rights = "SELECT has_table_privilege(%s, %s)"
        writes = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
        found = alpha.execute(rights, (f"clearing.{view}", writes)).fetchone()
        assert found == (False,)


def test_group_of_members_is_nobodys_member(alpha: Connection) -> None:
    alpha.execute(f"SET ROLE {MEMBERS}".encode())
    for view in OWN_VIEWS:
        assert seen(alpha, f"SELECT * FROM clearing.{view}") == []


def test_ledger_that_is_filled_again_is_seen_as_before(
    alpha: Connection, role_urls: dict[str, str], postgres_server: PostgresServer
) -> None:
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA clearing CASCADE")
    with ledger(role_urls) as repository:
        book(repository, delivered(DAY))
    assert len(seen(alpha, "SELECT * FROM clearing.own_trades")) == 2
    assert owners(postgres_server.url) == {"venue_owner"}


@pytest.mark.parametrize("name", ["", 'A"B', "A'B", "A" * 60])
def test_name_that_is_no_members_makes_no_login(name: str) -> None:
    with pytest.raises(ValueError, match="is no member's name"):
        member_script(name)
    if name:
        refused = CliRunner().invoke(app, ["roles", "--member", name])
        assert (refused.exit_code, refused.stdout) == (2, "")
