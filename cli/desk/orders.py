"""`venue order list` and `show`: the orders of the trading day, of the venue that runs or has run.

Asks the running venue, a page at a time; without one, executes the journal again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from venue.admin.answers import OrdersAnswer
from venue.admin.client import VenueUnreachable
from venue.admin.requests import OrderQuery, OrdersQuery
from venue.cli.desk.known_names import check_names
from venue.cli.desk.operator import ask
from venue.cli.json_output import CODES, print_json, print_rows
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse, wrong_use
from venue.cli.text.rows import CsvOption, print_csv
from venue.cli.text.times import shown_time
from venue.domain.overview import OrderDetail, OrderPlace, OrderRow, OrdersWanted
from venue.printable import shown

OrderIdArgument = Annotated[str, typer.Argument(metavar="ORDERID", help="OrderID(37).")]
_COLUMNS = ("order_id", "session", "cl_ord_id", "symbol", "side", "order_qty", "leaves_qty",
            "price", "ord_type", "time_in_force", "ord_status")  # fmt: skip
_NUMBERS = ("order_qty", "leaves_qty", "price")


def list_orders(
    context: typer.Context,
    member: Annotated[str, typer.Option("--member", metavar="M", help="Only of this member.")] = "",
    session: Annotated[
        str, typer.Option("--session", metavar="COMPID", help="Only of this session.")
    ] = "",
    symbol: Annotated[
        str, typer.Option("--symbol", metavar="S", help="Only in this instrument.")
    ] = "",
    every: Annotated[
        bool,
        typer.Option("--all/--open", help="Also those that have ended on this trading day."),
    ] = False,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Open orders, in order of entry; with --all also those that have ended on the trading day.

    Asks the running venue; without one, executes the journal again.
    """
    if as_csv and as_json:
        wrong_use("give --csv or --json")
    wanted = OrdersWanted(member, session, symbol, open_only=not every)
    place = data_dir_of(context, data_dir)
    rows = orders(place, wanted)
    if not rows:
        check_names(place, member=member, session=session, symbol=symbol)
    if as_json:
        print_rows("orders", rows)
    elif as_csv:
        print_csv(OrderRow, rows)
    elif not rows:
        typer.echo("there is no such order")
    else:
        _print_table(rows)


def show(
    context: typer.Context,
    order_id: OrderIdArgument,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """All of one order of the trading day, as it is now; its whole story: venue explain.

    Asks the running venue; without one, executes the journal again.
    """
    found = _order(data_dir_of(context, data_dir), order_id)
    if as_json:
        print_json({"order": found})
        return
    for name in type(found).__struct_fields__:
        value = getattr(found, name)
        if name.endswith("_ns") and value is not None:
            name, value = name.removesuffix("_ns"), shown_time(value)
        if name == "parties":
            value = ", ".join(f"{each.party_id} ({each.party_role})" for each in value)
        if value not in (None, "", False):
            typer.echo(shown(f"{name:18} {_words(name, value)}"))


def orders(data_dir: Path, wanted: OrdersWanted) -> list[OrderRow]:
    """All orders that are wanted, in order of entry."""
    try:
        rows = _all_pages(lambda query: ask(data_dir, query), wanted)
    except VenueUnreachable as error:
        typer.echo(shown(f"{error}: told from the journal"), err=True)
        rows = _all_pages(_in_the_journal(data_dir), wanted)
    return sorted(rows, key=lambda row: int(row.order_id))


def _all_pages(
    page_of: Callable[[OrdersQuery], OrdersAnswer], wanted: OrdersWanted
) -> list[OrderRow]:
    rows: list[OrderRow] = []
    after: OrderPlace | None = OrderPlace()
    while after is not None:
        page = page_of(OrdersQuery(wanted, after))
        rows += page.orders
        after = page.next
    return rows


def _in_the_journal(data_dir: Path) -> Callable[[OrdersQuery], OrdersAnswer]:
    """What answers without a running venue: its state at the journal's end."""
    from venue.cli.desk.rehearsal import copy_of  # here, for it brings in the engine
    from venue.engine.views.orders import orders_page

    state = copy_of(data_dir).engine.state

    def page_of(query: OrdersQuery) -> OrdersAnswer:
        rows, last = orders_page(state, query.wanted, query.after)
        return OrdersAnswer(orders=rows, next=last)

    return page_of


def _order(data_dir: Path, order_id: str) -> OrderDetail:
    try:
        return ask(data_dir, OrderQuery(order_id)).order
    except VenueUnreachable as error:
        typer.echo(shown(f"{error}: told from the journal"), err=True)
    from venue.cli.desk.rehearsal import copy_of  # here, for it brings in the engine
    from venue.engine.views.orders import order_detail

    found = order_detail(copy_of(data_dir).engine.state, order_id)
    return found or refuse(f"order {order_id} is unknown on this trading day")


def _print_table(rows: list[OrderRow]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in _COLUMNS:
        table.add_column(name.replace("_", " "), justify="right" if name in _NUMBERS else "left")
    for row in rows:
        cells = (_words(name, getattr(row, name)) for name in _COLUMNS)
        table.add_row(*(Text(shown(cell)) for cell in cells))
    console().print(table)
    typer.echo(f"{len(rows):,} orders", err=True)


def _words(name: str, value: object) -> str:
    """A value in words: the name of a FIX code."""
    if value is None:
        return "-"
    codes = CODES.get(name, ())
    named = (code.name.replace("_", " ").lower() for code in codes if code.value == value)
    return next(named, str(value))
