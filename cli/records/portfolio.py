"""`venue portfolio`: what a member holds, what it has cost, what it has earned.

Parses, calls, prints; reads the ledger, and asks trading what open orders reserve.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from venue.clearing.portfolio.holdings import Holdings
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import (
    Moment,
    NoLedger,
    read_holdings,
)
from venue.clearing.portfolio.report import (
    AccountBalance,
    PositionRow,
    balance_rows,
    position_rows,
)
from venue.clearing.statements import members
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    choice_of,
    console,
    data_dir_of,
    refuse,
    wrong_use,
)
from venue.cli.records.ledger_access import NO_LEDGER, ledger_of
from venue.cli.records.ledger_views import moment
from venue.cli.records.reservations import AtOnce, with_reservations
from venue.cli.text.rows import CsvOption, print_csv
from venue.printable import shown
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings

_NUMBERS = ("quantity", "average_cost", "open_cost", "mark", "market_value", "unrealised_pnl",
            "realised_pnl", "fees", "settled", "unsettled", "reserved", "free",
            "income")  # fmt: skip
_POSITIONS = ("account", "symbol", *_NUMBERS[:8], "currency")
_BALANCES = ("account", "asset", *_NUMBERS[8:])


MethodOption = Annotated[
    Method | None,
    typer.Option(
        "--method",
        parser=choice_of(Method),
        metavar="fifo|average",
        help="Whose cost a sale takes; else portfolio.method of the configuration.",
    ),
]


def portfolio(
    context: typer.Context,
    member: Annotated[str, typer.Argument(help="Member, such as ALPHA.")],
    account: Annotated[
        str,
        typer.Option("--account", metavar="A", help="Only this; default: of no Account(1)."),
    ] = "",
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="SEQ|TIME", help="As of this event, or of this time (UTC); else now."
        ),
    ] = "",
    method: MethodOption = None,
    as_csv: CsvOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Show a member's positions: quantity, cost, P&L, fees; and balances with what is reserved.

    Marked at the last trade. Without --at it is of one moment with the reservations of open orders,
    which trading is asked for. --csv prints the positions.

    Examples:

        venue portfolio ALPHA

        venue portfolio ALPHA --account A1 --at 2026-01-30T16:30 --method average --json
    """
    if as_csv and json:
        wrong_use("give --csv or --json")
    place = data_dir_of(context, data_dir)
    chosen = method or _configured(place)
    found = _read(place, member, account, at, chosen)
    positions = position_rows(found.read, account)
    balances = balance_rows(found.read, found.reserved, account)
    event_seq = found.read.event_seq
    if as_csv:
        print_csv(PositionRow, positions)
    elif json:
        told = {"member": member, "method": chosen.value, "event_seq": event_seq}
        print_json({**told, "positions": positions, "balances": balances})
    else:
        _print(member, chosen, event_seq, positions, balances)
        if found.why_not:
            typer.echo(f"what open orders reserve is left out: {found.why_not}", err=True)


def _read(place: Path, member: str, account: str, at: str, method: Method) -> AtOnce[Holdings]:
    """What the member holds; ends the program where there is none, or no such account."""
    with ledger_of(place) as engine:
        try:
            found = with_reservations(
                place,
                member,
                moment(engine, at),
                lambda seq: read_holdings(engine, member, method, Moment(seq)),
            )
        except NoLedger:
            refuse(NO_LEDGER)
        known = [] if found.read.balances else members(engine)
    if not found.read.balances:
        by_then = " by then" if at else ""
        refuse(f"the ledger has no member {member}{by_then}; it has: {', '.join(known) or 'none'}")
    accounts = sorted({own for own, _ in found.read.balances})
    if account and account not in accounts:
        has = ", ".join(accounts)
        refuse(f"nothing was booked for account {account} of {member}; it has: {has}")
    return found


def _configured(place: Path) -> Method:
    """The method of the running venue's configuration, else of the one that is found."""
    try:
        running = find_running(place)
        config = Path(running.config) if running and running.config else None
        return Method(load_settings(config, data_dir=place).portfolio.method)
    except ServerError as error:
        refuse(str(error))
    except ConfigurationError as error:
        wrong_use(str(error))


def _print(
    member: str,
    method: Method,
    event_seq: int,
    positions: list[PositionRow],
    balances: list[AccountBalance],
) -> None:
    title = f"Positions of {member} at event {event_seq}, cost by {method.value}"
    if positions:
        console().print(_table(title, _POSITIONS, positions))
    else:
        typer.echo(f"{member} has no position at event {event_seq}")
    console().print(_table("Balances", _BALANCES, balances))
    if any(row.unpriced for row in positions):
        typer.echo("*: some of it came in without money, and counts at cost 0", err=True)


def _table(
    title: str, columns: tuple[str, ...], rows: list[PositionRow] | list[AccountBalance]
) -> Table:
    table = Table(title=title)
    for name in columns:
        justify = "right" if name in _NUMBERS else "left"
        table.add_column(name.replace("_", " "), justify=justify)  # type: ignore[arg-type]
    for row in rows:
        cells = [shown(getattr(row, name) or "-") for name in columns]
        if isinstance(row, PositionRow) and row.unpriced:
            cells[1] += "*"
        table.add_row(*cells)
    return table
