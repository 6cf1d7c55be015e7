"""What `venue ledger` shows: rows of --json, tables, and the moment that --at names.

Pure views of what clearing reads; prints nothing.
"""

from datetime import UTC, datetime

import msgspec
from rich.table import Table
from sqlalchemy import Engine

from venue.clearing.balances import (
    Holding,
    Holdings,
    NotBookedYet,
    as_of,
    ledger_snapshot,
    seq_at_time,
)
from venue.clearing.portfolio.report import Reserved
from venue.clearing.statements import TrialBalance, exact_text
from venue.cli.options import refuse, wrong_use
from venue.cli.records.moment import NotAMoment, parse_moment
from venue.domain.decimal_text import format_money


class DueRow(msgspec.Struct, frozen=True):
    """What is owed to an account on a day; below zero: by it."""

    due: str
    amount: str


class BalanceRow(msgspec.Struct, frozen=True):
    """amount: settled. receivable, payable: sums of the due dates above and below zero. reserved:
    by open orders; null where it is not known."""

    account: str
    asset: str
    amount: str
    receivable: str
    payable: str
    unsettled: list[DueRow]
    reserved: str | None = None


class MemberBalances(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has behind the event event_seq, by account and asset."""

    ok: bool
    member: str
    event_seq: int
    balances: list[BalanceRow]


def moment(engine: Engine, text: str) -> int | None:
    """The event behind which the ledger is looked at; None: the last one. Ends the program."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        at = int(text)
    else:
        try:
            timestamp_ns = parse_moment(text, datetime.now(UTC).date().isoformat())
        except NotAMoment as error:
            wrong_use(f"{error}; so is the number of an event")
        with ledger_snapshot(engine) as connection:
            at = seq_at_time(connection, timestamp_ns)
    with ledger_snapshot(engine) as connection:
        try:
            return as_of(connection, at)
        except NotBookedYet as error:
            refuse(str(error))


def trial_balance_table(balance: TrialBalance) -> Table:
    """Totals by asset; a sum that is not zero stands out."""
    table = Table(
        title=f"Trial balance after event {balance['position']}: {balance['trades']} trades"
    )
    table.add_column("asset")
    for heading in ("accounts", "credits", "debits", "sum"):
        table.add_column(heading, justify="right")
    for asset, totals in balance["assets"].items():
        shown = "0" if totals["sum"] == 0 else f"[bold red]{totals['sum']}[/]"
        table.add_row(asset, str(totals["accounts"]), totals["credits"], totals["debits"], shown)
    return table


def balance_row(holding: Holding, reserved: Reserved | None) -> BalanceRow:
    """A row of --json."""
    its = None if reserved is None else reserved.get((holding.account, holding.asset), 0)
    return BalanceRow(
        account=holding.account,
        asset=holding.asset,
        amount=exact_text(holding.settled),
        receivable=exact_text(holding.receivable),
        payable=exact_text(holding.payable),
        unsettled=[
            DueRow(due=each.due, amount=exact_text(each.amount)) for each in holding.unsettled
        ],
        reserved=None if its is None else format_money(its),
    )


def balances_table(member: str, held: Holdings, reserved: Reserved | None) -> Table:
    """What a member has, and when it settles."""
    table = Table(title=f"Balances of {member} after event {held.event_seq}")
    table.add_column("account")
    table.add_column("asset")
    for heading in ("settled", "receivable", "payable", "reserved"):
        table.add_column(heading, justify="right")
    table.add_column("due")
    for each in (balance_row(held_row, reserved) for held_row in held.rows):
        due = ", ".join(f"{of.due} {of.amount}" for of in each.unsettled)
        numbers = (each.amount, each.receivable, each.payable, each.reserved or "-")
        table.add_row(each.account, each.asset, *numbers, due)
    return table
