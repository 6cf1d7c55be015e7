"""A member's statement from a real ledger: opening, movements, closing, trades, fees of a day."""

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from tests.clearing.trades import book, delivered, deposited
from venue.clearing.documents.business_days import BusinessDays
from venue.clearing.documents.reading import one_moment, range_of
from venue.clearing.documents.statement import NoSuchMember, Statement, statement_of
from venue.clearing.documents.statement_forms import statement_csv, statement_pdf
from venue.clearing.repository import LedgerRepository

from .week import MONDAY, TUESDAY, WEDNESDAY, at, booked_week, ns


def statement(engine: Engine, member: str, day: str) -> Statement:
    """As it would be made on Wednesday noon."""
    period = BusinessDays().day(day)
    now_ns = ns(f"{WEDNESDAY}T12:00")
    return statement_of(engine, member, period, now_ns)


def told(made: Statement) -> dict[str, tuple[str, list[str], str]]:
    return {
        f"{each.account} {each.asset} {each.purpose}": (
            each.opening,
            [line.amount for line in each.movements],
            each.closing,
        )
        for each in made.accounts
    }


def test_days_follow_each_other_without_a_gap(engine: Engine) -> None:
    booked_week(engine)
    monday, tuesday = (statement(engine, "ALPHA", day) for day in (MONDAY, TUESDAY))
    assert told(monday) == {
        "default ACME settled": ("0", ["10"], "10"),
        "default USD settled": ("0", ["1000", "-25", "-0.5"], "974.5"),
    }
    assert told(tuesday) == {
        "default ACME settled": ("10", ["-10"], "0"),
        "default USD settled": ("974.5", ["25", "0.5", "-100"], "900"),
    }
    assert (monday.as_of_event_seq, tuesday.as_of_event_seq) == (4, 7)
    wednesday = statement(engine, "ALPHA", WEDNESDAY)
    assert told(wednesday) == {"default USD settled": ("900", [], "900")}
    assert [each.is_final for each in (monday, tuesday, wednesday)] == [True, True, False]


def test_movements_say_what_they_are(engine: Engine) -> None:
    booked_week(engine)
    (cash,) = (each for each in statement(engine, "ALPHA", MONDAY).accounts if each.asset == "USD")
    assert [(line.event_seq, line.type, line.text, line.reference) for line in cash.movements] == [
        (1, "FundsDeposited", "", "WIRE"),
        (3, "TradeExecuted", "10 ACME at 2.5 USD, M3", ""),
        (3, "TradeExecuted", "10 ACME at 2.5 USD, M3", ""),
    ]
    assert [line.balance for line in cash.movements] == ["1000", "975", "974.5"]


def test_trades_are_the_member_s_side_as_executed_and_fees_what_was_paid(engine: Engine) -> None:
    booked_week(engine)
    bravo = statement(engine, "BRAVO", MONDAY)
    assert [(each.match_id, each.side, each.last_qty, each.fee) for each in bravo.trades] == [
        ("M3", "2", "10", "0.25"),
        ("M4", "2", "4", "0.1"),
    ]
    assert bravo.fees == {"USD": "0.35"}
    assert statement(engine, "BRAVO", TUESDAY).fees == {"USD": "-0.15"}  # -0.25 and 0.1 more
    assert statement(engine, "CHARLIE", TUESDAY).fees == {"USD": "0.1"}
    assert statement(engine, "CHARLIE", MONDAY).trades[0].account == "A1"


def test_member_that_trades_with_itself_has_both_sides(engine: Engine) -> None:
    from tests.clearing.trades import traded

    repository = LedgerRepository(engine)
    repository.open()
    own = traded(1, seller="ALPHA", seller_account="A1", buyer_fee="0.5", seller_fee="0.25")
    book(repository, delivered([at(f"{MONDAY}T10:00", own)]))
    made = statement(engine, "ALPHA", MONDAY)
    assert [(each.side, each.account) for each in made.trades] == [("1", "default"), ("2", "A1")]
    assert made.fees == {"USD": "0.75"}


def test_statement_of_a_day_stays_the_same_whatever_is_booked_later(engine: Engine) -> None:
    booked_week(engine)
    before = statement(engine, "ALPHA", TUESDAY)
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered([at(f"{WEDNESDAY}T00:00", deposited(8))]))
    assert statement(engine, "ALPHA", TUESDAY) == before


def test_unknown_member_is_named_with_those_that_there_are(engine: Engine) -> None:
    booked_week(engine)
    with pytest.raises(NoSuchMember, match="no member ECHO; it has: ALPHA, BRAVO, CHARLIE"):
        statement(engine, "ECHO", MONDAY)


def test_csv_and_pdf_have_all_of_it(engine: Engine) -> None:
    booked_week(engine)
    made = statement(engine, "ALPHA", MONDAY)
    rows = list(csv.DictReader(io.StringIO(statement_csv(made))))
    sections = [row["section"] for row in rows]
    assert sections.count("opening") == sections.count("closing") == 2
    assert sections.count("movement") == 4 and sections.count("trade") == 1
    moved = sum(Decimal(row["amount"]) for row in rows if row["asset"] == "USD" and row["line"])
    assert moved == Decimal("974.5")
    pdf = statement_pdf(made)
    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
    assert statement_pdf(statement(engine, "ALPHA", MONDAY)) == pdf


def test_times_lead_to_events_by_an_index_and_lines_are_found_by_theirs(engine: Engine) -> None:
    from venue.clearing.documents import reading

    booked_week(engine)
    queries = {
        name: value for name, value in vars(reading).items() if isinstance(value, type(text("")))
    }
    given = {
        "ns": 5, "kinds": ["member"], "owner": "ALPHA", "ids": [1, 2], "event_seq": 5, "after": 1,
        "last": 5, "member": "ALPHA", "begin_ns": 1, "end_ns": 5, "cycles": [1],
    }  # fmt: skip
    large = ("entries", "postings", "trades", "fails", "obligations", "position_changes")
    assert len(queries) == 10
    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for name, query in queries.items():
            values = {key: given[key] for key in query._bindparams}
            plan = connection.execute(text(f"EXPLAIN {query.text}"), values).scalars().all()
            scanned = [line for line in plan if "Seq Scan" in line]
            assert not any(f"on {table} " in line for line in scanned for table in large), (
                name, plan,
            )  # fmt: skip


def test_days_before_the_ledger_are_empty(engine: Engine) -> None:
    booked_week(engine)
    made = statement(engine, "ALPHA", "2026-11-29")
    assert (made.accounts, made.trades, made.as_of_event_seq) == ([], [], 0)
    with one_moment(engine) as connection:
        assert range_of(connection, BusinessDays().day("2026-11-29")) == (0, 0)
