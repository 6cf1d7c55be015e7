"""`venue statement`: a member's statement of account for a day. Parses, calls, prints."""

from typing import TYPE_CHECKING, Annotated

import typer

from venue.clearing.documents.statement import (
    AccountStatement,
    NoSuchMember,
    Statement,
    statement_of,
)
from venue.clearing.documents.statement_forms import change_of, statement_csv, statement_pdf
from venue.clearing.documents.words import title
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
from venue.cli.text.times import in_zone
from venue.clock import Clock
from venue.domain.types import Side
from venue.printable import shown

if TYPE_CHECKING:
    from rich.table import Table


def statement(
    context: typer.Context,
    member: Annotated[str, typer.Argument(help="Member, such as ALPHA.")],
    day: Annotated[
        str, typer.Option("--date", metavar="D", help="Business day; else the last that ended.")
    ] = "",
    form: FormOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """A member's statement of account for a business day: of each account and asset what it had,
    each movement, what it has then, settled and unsettled; its trades of the day with their fees.

    A business day is bounded by when something was booked: from midnight to midnight in the time
    zone of [calendar], or in UTC without one. Where the calendar trades through the night the day
    begins with its hours, on the evening before. The statement says up to which event it is; once
    the day is over and booked it stays the same.

    Examples:

        venue statement ALPHA --date 2026-11-27

        venue statement ALPHA --date 2026-11-27 --format pdf --output alpha.pdf
    """
    wanted = form_of(form, as_json, output)
    place = data_dir_of(context, data_dir)
    days = business_days(place)
    now_ns = Clock().now_ns()
    period = period_of(days.day, day or days.last_ended(now_ns))
    with ledger_of(place) as engine:
        ensure_booked(engine, place)
        try:
            made = statement_of(engine, member, period, now_ns)
        except NoSuchMember as error:
            refuse(str(error))
    give(made, wanted, output, table=_print_tables, csv=statement_csv, pdf=statement_pdf)


def _print_tables(made: Statement) -> None:
    from rich.table import Table

    is_final = "" if made.is_final else "; the day is not over"
    typer.echo(
        f"{made.member}, business day {made.date} from {made.begins} to {made.ends}, as of event "
        f"{made.as_of_event_seq:,}{is_final}"
    )
    summary = Table("account", "asset", "purpose", title="Accounts")
    for name in ("opening", "change", "closing"):
        summary.add_column(name, justify="right")
    for each in made.accounts:
        whose = (each.account, each.asset, each.purpose)
        summary.add_row(*map(shown, whose), each.opening, change_of(each), each.closing)
    console().print(summary)
    for account in made.accounts:
        if account.movements:
            console().print(_movements(account))
    console().print(_trades(made))
    for currency, fee in made.fees.items():
        typer.echo(f"fees of the day: {fee} {currency}")


def _movements(account: AccountStatement) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("time", "entry", "text", "reference", "value date",
                  title=f"{account.account} {account.asset}, {account.purpose}")  # fmt: skip
    table.add_column("amount", justify="right")
    table.add_column("balance", justify="right")
    for each in account.movements:
        told = (in_zone(each.time), title(each.type), each.text, each.reference, each.value_date)
        table.add_row(*(Text(shown(cell)) for cell in told), each.amount, each.balance)
    return table


def _trades(made: Statement) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("time", "match", "account", "side", "symbol", title="Trades")
    for name in ("quantity", "price", "amount", "fee"):
        table.add_column(name, justify="right")
    for each in made.trades:
        side = Side(each.side).name.lower()
        told = (in_zone(each.time), each.match_id, each.account, side, each.symbol)
        amount = f"{each.amount} {each.currency}"
        numbers = (each.last_qty, each.last_px, amount, each.fee)
        table.add_row(*(Text(shown(cell)) for cell in told), *numbers)
    return table
