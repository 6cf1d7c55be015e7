"""A fee invoice as CSV and as PDF.

Pure. What an invoice says is made elsewhere.
"""

from datetime import datetime

from venue.clearing.documents.invoice import Invoice, InvoiceLine
from venue.clearing.documents.paper import Column, Paper, clock_time, for_eyes
from venue.csv_text import csv_text

CSV_COLUMNS = ("number", "member", "month", *InvoiceLine.__struct_fields__)
_LINES = (
    Column("Instrument", 34), Column("Currency", 20), Column("Fills", 20, True),
    Column("Traded", 36, True), Column("Fees", 28, True), Column("Adjustments", 28, True),
    Column("Total", 28, True),
)  # fmt: skip


def invoice_csv(invoice: Invoice) -> str:
    """A line for each instrument."""
    whose = (invoice.number, invoice.member, invoice.month)
    return csv_text(
        CSV_COLUMNS,
        (
            (*whose, *(getattr(line, name) for name in line.__struct_fields__))
            for line in invoice.lines
        ),
    )


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice on paper."""
    of_ns = int(datetime.fromisoformat(invoice.ends).timestamp()) * 1_000_000_000
    foot = f"As of event {invoice.as_of_event_seq:,} of the venue's journal"
    paper = Paper(f"Fee invoice  {invoice.number}", foot, of_ns)
    paper.heading("Fee invoice")
    paper.facts(
        [
            ("Invoice", invoice.number),
            ("Member", invoice.member),
            ("Month", invoice.month),
            ("From / to", f"{clock_time(invoice.begins)} / {clock_time(invoice.ends)} UTC"),
            ("Days begin in", invoice.time_zone),
            ("As of event", f"{invoice.as_of_event_seq:,}"),
            ("Status", "final" if invoice.is_final else "preliminary: the month is not over"),
        ]
    )
    paper.section("Trading fees")
    rows = [_cells(line) for line in invoice.lines]
    if rows:
        rows += [
            ["Total", currency, "", "", "", "", for_eyes(total)]
            for currency, total in invoice.totals.items()
        ]
        paper.table_of(_LINES, rows, strong=range(len(invoice.lines), len(rows)))
    else:
        paper.paragraph("No fees.")
    paper.paragraph(
        "Fees are charged to the account when a trade is made. This invoice says what was charged; "
        "nothing is to be paid."
    )
    return paper.whole()


def _cells(line: InvoiceLine) -> list[str]:
    return [
        line.symbol,
        line.currency,
        f"{line.fills:,}",
        for_eyes(line.amount),
        for_eyes(line.fees),
        for_eyes(line.adjustments),
        for_eyes(line.total),
    ]
