"""A statement of account as CSV and as PDF.

Pure. What a statement says is made elsewhere.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from venue.clearing.documents.paper import Column, Paper, clock_time, for_eyes
from venue.clearing.documents.statement import AccountStatement, Statement, StatementTrade
from venue.clearing.documents.words import title
from venue.clearing.postings import EXACT
from venue.clearing.statements import exact_text
from venue.csv_text import csv_text
from venue.domain.types import Side

CSV_COLUMNS = (
    "section", "account", "asset", "purpose", "event_seq", "line", "time", "type", "text",
    "reference", "value_date", "amount", "balance", "match_id", "trading_day", "order_id", "side",
    "symbol", "last_qty", "last_px", "currency", "fee",
)  # fmt: skip
"""section: opening, movement, closing or trade. What a section has not is empty."""
_OPENING, _MOVEMENT, _CLOSING, _TRADE = "opening", "movement", "closing", "trade"
_MOVEMENTS = (
    Column("Time (UTC)", 30), Column("Entry", 26), Column("Details", 58), Column("Value date", 18),
    Column("Amount", 28, True), Column("Balance", 28, True),
)  # fmt: skip
_SUMMARY = (
    Column("Account", 40), Column("Asset", 24), Column("State", 24),
    Column("Opening", 34, True), Column("Change", 34, True), Column("Closing", 34, True),
)  # fmt: skip
_TRADES = (
    Column("Time (UTC)", 30), Column("Match", 24), Column("Side", 12), Column("Symbol", 24),
    Column("Quantity", 28, True), Column("Price", 24, True), Column("Amount", 28, True),
    Column("Fee", 18, True),
)  # fmt: skip
PDF_LINES_MAX = 2_000
"""Lines of an account, and trades, that are printed: 40 pages, some 6 s. Totals are of all."""
_PURPOSE = {"settled": "settled", "unsettled": "to be settled"}


def statement_csv(statement: Statement) -> str:
    """One table: of each account its opening, movements and closing, then the trades."""
    rows = [*_account_rows(statement), *_trade_rows(statement)]
    return csv_text(CSV_COLUMNS, ([row.get(name) for name in CSV_COLUMNS] for row in rows))


def statement_pdf(statement: Statement) -> bytes:
    """The statement on paper."""
    of_ns = int(datetime.fromisoformat(statement.ends).timestamp()) * 1_000_000_000
    foot = f"As of event {statement.as_of_event_seq:,} of the venue's journal"
    paper = Paper(f"Statement of account  {statement.member}  {statement.date}", foot, of_ns)
    paper.heading("Statement of account")
    paper.facts(
        [
            ("Member", statement.member),
            ("Business day", statement.date),
            ("From / to", f"{_utc(statement.begins)} / {_utc(statement.ends)}"),
            ("Days begin in", statement.time_zone),
            ("As of event", f"{statement.as_of_event_seq:,}"),
            ("Status", "final" if statement.is_final else "preliminary: the day is not over"),
        ]
    )
    _print_summary(paper, statement)
    for account in statement.accounts:
        if account.movements:
            _print_account(paper, account)
    _print_trades(paper, statement)
    return paper.whole()


def _print_summary(paper: Paper, statement: Statement) -> None:
    paper.section("Summary")
    if not statement.accounts:
        paper.paragraph("Nothing was held, and nothing was booked.")
        return
    rows = [
        [
            each.account, each.asset, _PURPOSE[each.purpose], for_eyes(each.opening),
            for_eyes(change_of(each)), for_eyes(each.closing),
        ]
        for each in statement.accounts
    ]  # fmt: skip
    paper.table_of(_SUMMARY, rows)


def _print_account(paper: Paper, account: AccountStatement) -> None:
    shown = account.movements[:PDF_LINES_MAX]
    paper.section(f"{account.account}  {account.asset}, {_PURPOSE[account.purpose]}")
    rows = [["", "Opening balance", "", "", "", for_eyes(account.opening)]]
    rows += [
        [
            clock_time(each.time), title(each.type), _details(each.text, each.reference,
            each.event_seq), each.value_date, for_eyes(each.amount), for_eyes(each.balance),
        ]
        for each in shown
    ]  # fmt: skip
    rows.append(["", "Closing balance", "", "", "", for_eyes(account.closing)])
    paper.table_of(_MOVEMENTS, rows, strong=(0, len(rows) - 1))
    _say_left_out(paper, len(account.movements), "movements")


def _print_trades(paper: Paper, statement: Statement) -> None:
    paper.section("Trades")
    if not statement.trades:
        paper.paragraph("None.")
    else:
        shown = statement.trades[:PDF_LINES_MAX]
        paper.table_of(_TRADES, [_trade_cells(each) for each in shown])
        _say_left_out(paper, len(statement.trades), "trades")
    if statement.fees:
        paid = ", ".join(f"{for_eyes(fee)} {name}" for name, fee in statement.fees.items())
        paper.paragraph(f"Fees of the day, busts and corrections included: {paid}.")


def _say_left_out(paper: Paper, count: int, what: str) -> None:
    if count > PDF_LINES_MAX:
        paper.paragraph(
            f"The first {PDF_LINES_MAX:,} of {count:,} {what} are printed; CSV and JSON have all."
        )


def _trade_cells(trade: StatementTrade) -> list[str]:
    return [
        clock_time(trade.time),
        trade.match_id,
        Side(trade.side).name.lower(),
        trade.symbol,
        for_eyes(trade.last_qty),
        for_eyes(trade.last_px),
        f"{for_eyes(trade.amount)} {trade.currency}",
        for_eyes(trade.fee),
    ]


def change_of(account: AccountStatement) -> str:
    """Closing less opening."""
    return exact_text(EXACT.subtract(Decimal(account.closing), Decimal(account.opening)))


def _details(text: str, reference: str, event_seq: int) -> str:
    said = [text, f"reference {reference}" if reference else "", f"[event {event_seq}]"]
    return " ".join(filter(None, said))


def _utc(iso_text: str) -> str:
    return f"{clock_time(iso_text)} UTC"


def _account_rows(statement: Statement) -> Iterator[dict[str, object]]:
    for account in statement.accounts:
        whose = {"account": account.account, "asset": account.asset, "purpose": account.purpose}
        yield {"section": _OPENING, **whose, "balance": account.opening}
        for each in account.movements:
            yield {"section": _MOVEMENT, **whose, **_fields(each)}
        yield {"section": _CLOSING, **whose, "balance": account.closing}


def _trade_rows(statement: Statement) -> Iterator[dict[str, object]]:
    for trade in statement.trades:
        yield {"section": _TRADE, **_fields(trade)}


def _fields(row: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}
