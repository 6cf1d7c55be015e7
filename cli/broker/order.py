"""`venue order`: a member's orders, by hand: on its behalf, or over FIX to try the wire.

Parses, calls, prints. Listing and showing them: `venue.cli.desk.orders`.
"""

from typing import Annotated

import typer

from venue.cli.broker.by_fix import PASSWORD_VARIABLE, Place, send
from venue.cli.desk.on_behalf import act, order_id_of, order_of
from venue.cli.desk.operator import command
from venue.cli.desk.orders import list_orders, show
from venue.cli.desk.verb import add_verbs
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    choice_of,
    data_dir_of,
    wrong_use,
)
from venue.cli.order_terms import (
    SIDE_CHOICES,
    SIDES,
    AccountOption,
    PriceOption,
    QtyArgument,
    SideArgument,
    SideName,
    SymbolArgument,
    TagOption,
    TakesNumbers,
    TifOption,
    TimeInForceName,
    TypeOption,
    check_amounts,
    new_order,
)
from venue.domain.commands import CancelByOperator, EnterByOperator, ReplaceByOperator
from venue.domain.types import Side
from venue.sim.intents import Cancel, Replace

app = typer.Typer(no_args_is_help=True)

SymbolOption = Annotated[
    str | None, typer.Option("--symbol", metavar="S", help="Of the order; needed over FIX.")
]
SideOption = Annotated[
    SideName | None,
    typer.Option(
        "--side",
        parser=choice_of(SideName),
        metavar=SIDE_CHOICES,
        help="Of the order; needed over FIX.",
    ),
]
SessionOption = Annotated[str, typer.Option("--session", metavar="COMPID", help="Whose order.")]
FixOption = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="Over FIX as the session itself, to try the wire: gets what it has not read, and its "
        "numbers begin at 1 again.",
    ),
]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password",
        metavar="TEXT",
        help=f"Over FIX; else {PASSWORD_VARIABLE}, the shipped one, or asked for.",
    ),
]
HostOption = Annotated[
    str | None, typer.Option("--host", help="Over FIX to there, if not in --data-dir.")
]
PortOption = Annotated[int | None, typer.Option("--port", help="Over FIX to that port.")]
OrderIdArgument = Annotated[str | None, typer.Argument(metavar="[ORDERID]", help="OrderID(37).")]
ClOrdIdOption = Annotated[
    str | None,
    typer.Option("--cl-ord-id", metavar="ID", help="ClOrdID(11) that it has now, of --session."),
]
RequestIdOption = Annotated[
    str | None,
    typer.Option("--request-id", metavar="ID", help="ClOrdID of the request itself, over FIX."),
]


@app.callback()
def order() -> None:
    """Orders of members: list, show, enter, change and cancel.

    The venue acts on behalf of the session, through the admin socket of the running venue: it need
    not be logged on, and no number, unread report or message rate of it is used. Its reports say
    ON_BEHALF. With --fix, which --password, --host and --port imply, a command logs on as the
    session instead, with 141=Y and 9001=N: it gets what the session has not read.
    """


app.command("list", epilog="Example: venue order list --member ALPHA --json")(list_orders)
app.command(epilog="Example: venue order show 17 --json")(show)


@app.command(cls=TakesNumbers)
def new(
    context: typer.Context,
    symbol: SymbolArgument,
    side: SideArgument,
    qty: QtyArgument,
    price: PriceOption = None,
    type_: TypeOption = None,
    tags: TagOption = None,
    tif: TifOption = TimeInForceName.DAY,
    session: SessionOption = "ALPHA",
    account: AccountOption = "",
    cl_ord_id: Annotated[
        str | None, typer.Option("--cl-ord-id", metavar="ID", help="ClOrdID(11), else made.")
    ] = None,
    fix: FixOption = False,
    password: PasswordOption = None,
    host: HostOption = None,
    port: PortOption = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter an order on behalf of a session and print the reports that the session gets.

    Examples:

        venue order new ACME buy 100 --price 99.50 --reason "asked for by phone"

        venue order new ACME sell 10 --type market --session BRAVO

        venue order new BTC-USD buy 0.5 --price 50000 --tif ioc --json

        venue order new ACME buy 500 --price 99.50 --tag 111=100

        venue order new ACME sell 10 --price 98.00 --tag 40=4 --tag 99=98.50 --fix
    """
    intent = new_order(symbol, side, qty, price, type_, tif, tags)
    place = Place(data_dir_of(context, data_dir), host, port, session, password)
    if _is_over_fix(place, fix, dry_run):
        send(place, intent, cl_ord_id, account, as_json)
        return
    check_amounts(qty, price)
    asked = order_of(intent, session, cl_ord_id, account)
    wanted = EnterByOperator(order=asked, reason=reason)
    act(place.data_dir, wanted, session, asked.cl_ord_id, dry_run, as_json)


@app.command()
def cancel(
    context: typer.Context,
    order_id: OrderIdArgument = None,
    cl_ord_id: ClOrdIdOption = None,
    symbol: SymbolOption = None,
    side: SideOption = None,
    request_id: RequestIdOption = None,
    session: SessionOption = "ALPHA",
    fix: FixOption = False,
    password: PasswordOption = None,
    host: HostOption = None,
    port: PortOption = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel an order: by its OrderID, or by the ClOrdID that its session knows it by.

    Examples:

        venue order cancel 17 --reason "asked for by phone"

        venue order cancel --cl-ord-id hand-19c2 --session BRAVO

        venue order cancel --cl-ord-id hand-19c2 --symbol ACME --side buy --fix
    """
    place = Place(data_dir_of(context, data_dir), host, port, session, password)
    if order_id is not None:
        wanted = CancelByOperator(order_id=order_id, reason=reason)
        command(place.data_dir, wanted, f"order {order_id} is canceled", dry_run, as_json)
    elif cl_ord_id is None:
        wrong_use("give ORDERID, or --cl-ord-id")
    elif _is_over_fix(place, fix, dry_run):
        intent = Cancel(*_instrument(symbol, side), cl_ord_id)
        send(place, intent, request_id, "", as_json)
    else:
        found = order_id_of(place.data_dir, session, cl_ord_id)
        wanted = CancelByOperator(order_id=found, reason=reason)
        act(place.data_dir, wanted, session, cl_ord_id, dry_run, as_json)


@app.command(cls=TakesNumbers)
def replace(
    context: typer.Context,
    order_id: OrderIdArgument = None,
    cl_ord_id: ClOrdIdOption = None,
    symbol: SymbolOption = None,
    side: SideOption = None,
    qty: Annotated[
        str | None, typer.Option("--qty", metavar="Q", help="New OrderQty, with fills.")
    ] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="P", help="New limit price.")
    ] = None,
    request_id: RequestIdOption = None,
    session: SessionOption = "ALPHA",
    fix: FixOption = False,
    password: PasswordOption = None,
    host: HostOption = None,
    port: PortOption = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change quantity or price of an order on behalf of its session; its ClOrdID stays.

    Examples:

        venue order replace 17 --price 99.60 --reason "asked for by phone"

        venue order replace --cl-ord-id hand-19c2 --session BRAVO --qty 200

        venue order replace --cl-ord-id c7 --symbol ACME --side buy --qty 200 --price 99 --fix
    """
    place = Place(data_dir_of(context, data_dir), host, port, session, password)
    if _is_over_fix(place, fix, dry_run):
        if cl_ord_id is None or qty is None or price is None:
            wrong_use("over FIX it needs --cl-ord-id, --qty and --price")
        intent = Replace(*_instrument(symbol, side), cl_ord_id, qty, price)
        send(place, intent, request_id, "", as_json)
        return
    if qty is None and price is None:
        wrong_use("give --qty or --price")
    check_amounts(qty, price)
    if order_id is None:
        if cl_ord_id is None:
            wrong_use("give ORDERID, or --cl-ord-id")
        order_id = order_id_of(place.data_dir, session, cl_ord_id)
    wanted = ReplaceByOperator(order_id, order_qty=qty, price=price, reason=reason)
    act(place.data_dir, wanted, None, cl_ord_id or order_id, dry_run, as_json)


add_verbs(app, "order")


def _is_over_fix(place: Place, fix: bool, dry_run: bool) -> bool:
    is_so = fix or not (place.host is None and place.port is None and place.password is None)
    if is_so and dry_run:
        wrong_use("over FIX there is no --dry-run")
    return is_so


def _instrument(symbol: str | None, side: SideName | None) -> tuple[str, Side]:
    if symbol is None or side is None:
        wrong_use("over FIX it needs --symbol and --side")
    return symbol, SIDES[side]
