"""The database itself refuses a line that does not follow, and what else clearing never does."""

from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from venue.clearing.postings import EventNotPostable
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent
from venue.ledger_roles import WRITER

from .logins import ledger, logged_on
from .rows import all_rows, rows
from .settlements import begun, ended, failed, settled
from .test_repository import opened
from .trades import book, busted, delivered, deposited, traded

ENTRY = "INSERT INTO clearing.entries VALUES (4, 9, 'FundsDeposited', 'x', 1, 0);"
LINES = "INSERT INTO clearing.postings VALUES "
OUT = "(4, 0, {out}, -5, -2000, -2005, 3, '2023-11-14', NULL)"
IN = "(4, 1, {own}, 5, 1975, 1980, 4, '2023-11-14', 5)"
"""What would be booked next: five more from outside to ALPHA."""


def account(kind: str, owner: str) -> str:
    return (
        f"(SELECT account_id FROM clearing.accounts WHERE kind = '{kind}' AND owner = '{owner}' "
        "AND asset = 'USD')"
    )


def statement(out: str, own: str) -> str:
    accounts = {"out": account("external", "OUTSIDE"), "own": account("member", "ALPHA")}
    return f"{ENTRY} {LINES} {out.format(**accounts)}, {own.format(**accounts)}"


def three_events(repository: LedgerRepository) -> None:
    book(repository, delivered([deposited(1), traded(2), deposited(3)]))


def test_line_that_follows_is_taken_and_the_database_keeps_balance_and_number(
    engine: Engine,
) -> None:
    three_events(opened(engine))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement(OUT, IN))
    found = all_rows(engine)
    alpha = next(
        row for row in found["balances"] if row[:4] == ("member", "ALPHA", "default", "USD")
    )
    assert alpha[4:] == (Decimal(1980), 4, 4)
    assert ("ALPHA", 5) in map(tuple, found["wallets"])


WRONG = {
    "a balance before that is none": (OUT, IN.replace("1975, 1980", "1974, 1979")),
    "a balance after that does not add up": (OUT, IN.replace("1980", "1981")),
    "a version twice": (OUT, IN.replace("1980, 4", "1980, 3")),
    "a version left out": (OUT, IN.replace("1980, 4", "1980, 5")),
    "a member's number twice": (OUT, IN.replace("14', 5", "14', 4")),
    "a member's number left out": (OUT, IN.replace("14', 5", "14', 6")),
    "a member's line without a number": (OUT, IN.replace("14', 5", "14', NULL")),
    "a number where there is no member": (OUT.replace("NULL", "1"), IN),
}


@pytest.mark.parametrize("kind", WRONG)
def test_line_that_does_not_follow_is_refused(engine: Engine, kind: str) -> None:
    three_events(opened(engine))
    before = all_rows(engine)
    refused = pytest.raises(DBAPIError, match=r"does not follow|adds_up|next number")
    with refused, engine.begin() as connection:
        connection.exec_driver_sql(statement(*WRONG[kind]))
    assert all_rows(engine) == before


def test_lines_of_one_account_in_one_entry_follow_each_other(engine: Engine) -> None:
    repository = opened(engine)
    book(repository, delivered([traded(1, buyer_fee="0.05", seller_fee="0.03")]))
    query = (
        "SELECT p.balance_before, p.balance_after, p.version FROM clearing.postings p "
        f"WHERE account_id = {account('member', 'ALPHA')} ORDER BY line"
    )
    assert [tuple(row) for row in rows(engine, query)] == [
        (0, -25, 1),
        (-25, Decimal("-25.05"), 2),
    ]


def test_writer_changes_no_balance_but_by_a_line(role_urls: dict[str, str]) -> None:
    with ledger(role_urls) as repository:
        three_events(repository)
    with logged_on(role_urls, WRITER) as connection:
        for change in (
            "UPDATE clearing.balances SET balance = balance",
            "INSERT INTO clearing.balances VALUES (99, 0, 1, 1)",
            "UPDATE clearing.wallets SET wallet_number = 1",
            "SELECT clearing.book_lines()",
        ):
            with pytest.raises(psycopg.Error), connection.transaction():
                connection.execute(change.encode())
        connection.execute(statement(OUT, IN).encode())
        row = connection.execute(
            "SELECT wallet_number FROM clearing.wallets WHERE member = 'ALPHA'"
        )
        assert row.fetchone() == (5,)


DAY: list[AnyEvent] = [
    traded(1, settlement_date="2023-11-16"), begun(2, obligations=2),
    failed(3, "ALPHA", "10", "-25", short_of="USD"), failed(4, "BRAVO", "-10", "25"),
    ended(5, failed=2),
]  # fmt: skip
NEVER = {
    "an obligation less": "DELETE FROM clearing.obligations",
    "all obligations less": "TRUNCATE clearing.obligations",
    "an obligation of before": "UPDATE clearing.obligations SET quantity = 9, changed_seq = 2",
    "an obligation by no event": "UPDATE clearing.obligations SET quantity = 9",
    "an obligation of another member": (
        "UPDATE clearing.obligations SET member = 'DELTA', changed_seq = 9"
    ),
    "an obligation finer than money": (
        "UPDATE clearing.obligations SET amount = 0.000000001, changed_seq = 9"
    ),
    "a cycle less": "DELETE FROM clearing.cycles",
    "a cycle ended twice": "UPDATE clearing.cycles SET failed = 0, ended_ns = 9",
    "a fail less": "DELETE FROM clearing.fails",
    "a fail changed": "UPDATE clearing.fails SET penalty = 1",
    "a balance less": "DELETE FROM clearing.balances",
    "a member's number less": "DELETE FROM clearing.wallets",
    "an account of no kind": (
        "INSERT INTO clearing.accounts (kind, owner, sub_account, asset) VALUES ('x', '', '', '')"
    ),
}


@pytest.mark.parametrize("kind", NEVER)
def test_the_database_refuses_what_clearing_never_does(engine: Engine, kind: str) -> None:
    book(opened(engine), delivered(DAY))
    before = all_rows(engine)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(NEVER[kind]))
    assert all_rows(engine) == before


def test_event_that_contradicts_what_is_owed_books_nothing(engine: Engine) -> None:
    repository = opened(engine)
    book(repository, delivered(DAY))
    before = all_rows(engine)
    for event in (
        settled(6, "ALPHA", "4", "-10", "5", "-15"),
        failed(6, "ALPHA", "9", "-25"),
        settled(6, "CHARLIE", "1", "1"),
    ):
        with pytest.raises(
            EventNotPostable, match=r"CHARLIE|ALPHA default ACME due 2023-11-16 is "
        ):
            book(repository, delivered([event]))
    for end in (ended(6), ended(6, cycle=2)):
        with pytest.raises(EventNotPostable, match="is not running"):
            book(repository, delivered([end]))
    assert all_rows(engine) == before
    book(repository, delivered([settled(6, "ALPHA", "4", "-10", "6", "-15")]))
    row = next(row for row in all_rows(engine)["obligations"] if row.member == "ALPHA")
    assert (row.quantity, row.amount, row.cycles, row.changed_seq) == (6, -15, 1, 6)


def test_counts_of_trades_stand_on_every_entry(engine: Engine) -> None:
    trade = traded(2)
    book(opened(engine), delivered([deposited(1), trade, busted(3, trade), deposited(4)]))
    counted = [(row.trades, row.busted) for row in all_rows(engine)["entries"]]
    assert counted == [(0, 0), (1, 0), (1, 1), (1, 1)]
