"""`venue invoice`: a member's fee invoice for a month. Parses, calls, prints."""

from typing import Annotated

import typer

from venue.clearing.documents.invoice import Invoice, invoice_of
from venue.clearing.documents.invoice_forms import invoice_csv, invoice_pdf
from venue.clearing.documents.statement import NoSuchMember
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse
from venue.cli.records.documents import (
    FormOption,
    OutputOption,
    business_days,
    ensure_booked,
    form_of,
    give,
    period_of,
)
from venue.cli.records.ledger_access import ledger_of
from venue.clock import Clock


def invoice(
    context: typer.Context,
    member: Annotated[str, typer.Argument(help="Member, such as ALPHA.")],
    month: Annotated[
        str,
        typer.Option("--month", metavar="YYYY-MM", help="Else that of the last day that ended."),
    ] = "",
    form: FormOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """A member's fee invoice for a month, by instrument: fills, what was traded, fees, and what
    busts and corrections gave back or took.

    Fees are charged to the account when a trade is made, so it says what was paid. A month is its
    business days (see `venue statement --help`). A bust or correction is on the invoice of the
    month in which it was made.

    Examples:

        venue invoice ALPHA --month 2026-11

        venue invoice ALPHA --month 2026-11 --format pdf --output alpha-2026-11.pdf
    """
    wanted = form_of(form, as_json, output)
    place = data_dir_of(context, data_dir)
    days = business_days(place)
    now_ns = Clock().now_ns()
    period = period_of(days.month, month or days.last_ended(now_ns)[: len("2026-11")])
    with ledger_of(place) as engine:
        ensure_booked(engine, place)
        try:
            made = invoice_of(engine, member, period, now_ns)
        except NoSuchMember as error:
            refuse(str(error))
    give(made, wanted, output, table=_print_table, csv=invoice_csv, pdf=invoice_pdf)


def _print_table(made: Invoice) -> None:
    from rich.table import Table

    is_final = "" if made.is_final else "; the month is not over"
    table = Table(
        "symbol",
        "currency",
        title=f"Invoice {made.number}, as of event {made.as_of_event_seq:,}{is_final}",
    )
    for name in ("fills", "traded", "fees", "adjustments", "total"):
        table.add_column(name, justify="right")
    for line in made.lines:
        numbers = (line.amount, line.fees, line.adjustments, line.total)
        table.add_row(line.symbol, line.currency, f"{line.fills:,}", *numbers)
    console().print(table)
    for currency, total in made.totals.items():
        typer.echo(f"in all {total} {currency}")
    if not made.totals:
        typer.echo("no fees")
