"""Fee invoices: sums by instrument and month are what the ledger's revenue took."""

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from tests.clearing.trades import book, busted, corrected, delivered, traded
from venue.clearing.documents.business_days import BusinessDays
from venue.clearing.documents.invoice import Invoice, invoice_of
from venue.clearing.documents.invoice_forms import invoice_csv, invoice_pdf
from venue.clearing.documents.statement import NoSuchMember
from venue.clearing.repository import LedgerRepository
from venue.domain.events import AnyEvent

from .week import WEDNESDAY, at, booked_week, ns


def invoice(engine: Engine, member: str, month: str) -> Invoice:
    return invoice_of(engine, member, BusinessDays().month(month), ns(f"{WEDNESDAY}T12:00"))


def test_invoice_of_a_month_has_its_trades_and_the_next_one_what_became_of_them(
    engine: Engine,
) -> None:
    booked_week(engine)
    november, december = (invoice(engine, "BRAVO", month) for month in ("2026-11", "2026-12"))
    (line,) = november.lines
    assert (line.symbol, line.fills, line.amount, line.fees, line.adjustments, line.total) == (
        "ACME", 2, "37", "0.35", "0", "0.35",
    )  # fmt: skip
    assert november.totals == {"USD": "0.35"}
    (line,) = december.lines
    assert (line.fills, line.fees, line.adjustments, line.total) == (0, "0", "-0.15", "-0.15")
    assert (november.is_final, december.is_final) == (True, False)
    assert (november.number, november.as_of_event_seq) == ("2026-11-BRAVO", 4)


def test_invoices_of_all_members_are_the_revenue_of_the_ledger(engine: Engine) -> None:
    booked_week(engine)
    invoices = [
        invoice(engine, member, month)
        for member in ("ALPHA", "BRAVO", "CHARLIE")
        for month in ("2026-11", "2026-12")
    ]
    charged = sum(Decimal(each.totals.get("USD", "0")) for each in invoices)
    with engine.connect() as connection:
        revenue = connection.execute(
            text(
                "SELECT balance FROM clearing.balances JOIN clearing.accounts USING (account_id) "
                "WHERE kind = 'revenue' AND asset = 'USD'"
            )
        ).scalar_one()
    assert charged == revenue == Decimal("0.4")


def test_trade_that_was_corrected_before_its_bust_gives_back_all(engine: Engine) -> None:
    trade = traded(1, buyer_fee="0.5", seller_fee="0.5")
    change = corrected(2, trade, price="3", quantity="10", amount="30", fee="0.7")
    repository = LedgerRepository(engine)
    repository.open()
    days = ("2026-11-30T10:00", "2026-12-01T10:00", "2026-12-01T11:00")
    events: list[AnyEvent] = [trade, change, busted(3, change)]
    book(repository, delivered([at(day, each) for day, each in zip(days, events, strict=True)]))
    assert invoice(engine, "ALPHA", "2026-11").totals == {"USD": "0.5"}
    (line,) = invoice(engine, "ALPHA", "2026-12").lines
    assert (line.adjustments, line.fills) == ("-0.5", 0)  # 0.2 more, then all 0.7 back


def test_each_correction_is_in_its_own_month(engine: Engine) -> None:
    trade = traded(1, buyer_fee="0.5", seller_fee="0.25")
    first = corrected(2, trade, price="3", quantity="10", amount="30", fee="0.7")
    second = corrected(3, first, price="4", quantity="10", amount="40", fee="0.9")
    repository = LedgerRepository(engine)
    repository.open()
    days = ("2026-11-29T10:00", "2026-11-30T10:00", "2026-12-01T10:00")
    events: list[AnyEvent] = [trade, first, second]
    book(repository, delivered([at(day, each) for day, each in zip(days, events, strict=True)]))
    assert invoice(engine, "ALPHA", "2026-11").totals == {"USD": "0.7"}
    assert invoice(engine, "ALPHA", "2026-12").totals == {"USD": "0.2"}


def test_invoice_without_fees_is_empty_and_of_nobody_refused(engine: Engine) -> None:
    booked_week(engine)
    made = invoice(engine, "ALPHA", "2026-10")
    assert (made.lines, made.totals, made.as_of_event_seq) == ([], {}, 0)
    assert invoice_pdf(made).startswith(b"%PDF-")
    with pytest.raises(NoSuchMember):
        invoice(engine, "ECHO", "2026-10")


def test_csv_has_a_line_for_each_instrument(engine: Engine) -> None:
    booked_week(engine)
    made = invoice(engine, "BRAVO", "2026-11")
    (row,) = csv.DictReader(io.StringIO(invoice_csv(made)))
    assert (row["number"], row["symbol"], row["total"]) == ("2026-11-BRAVO", "ACME", "0.35")
    assert invoice_pdf(made) == invoice_pdf(invoice(engine, "BRAVO", "2026-11"))
