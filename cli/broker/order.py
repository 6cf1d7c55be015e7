"""`venue order`: one order, cancel or replace by hand, over FIX, and what the venue reports.

Parses, calls, prints. Knows a venue only by its FIX address; must never print a password.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from venue.cli.broker.order_report import is_refusal, print_table, row_of, why_refused
from venue.cli.desk.operator import command
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    data_dir_of,
    refuse,
    wrong_use,
)
from venue.cli.order_terms import (
    SIDES,
    AccountOption,
    PriceOption,
    QtyArgument,
    SideArgument,
    SideName,
    SymbolArgument,
    TagOption,
    TifOption,
    TimeInForceName,
    TypeOption,
    new_order,
)
from venue.clock import Clock, utc_timestamp
from venue.domain.commands import CancelByOperator
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.sim.broker import Login
from venue.sim.intents import Cancel, Intent, Replace, encode
from venue.sim.one_session import LogonRefused, NoAnswer, NothingListens, OneSession

app = typer.Typer(no_args_is_help=True, help="Enter, cancel and replace orders by hand over FIX.")

PASSWORD_VARIABLE = "FIX_PASSWORD"
_DEFAULT_PORT = 9878


SymbolOption = Annotated[str, typer.Option("--symbol", metavar="S", help="Of the order.")]
SideOption = Annotated[SideName, typer.Option("--side", help="Of the order.")]
SessionOption = Annotated[str, typer.Option("--session", metavar="COMPID", help="Log on as.")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password",
        metavar="TEXT",
        help=f"Else {PASSWORD_VARIABLE}, the shipped one, or asked for.",
    ),
]
HostOption = Annotated[
    str | None, typer.Option("--host", help="Of the venue's FIX port, if not in --data-dir.")
]
PortOption = Annotated[int | None, typer.Option("--port", help="The venue's FIX port.")]
OrigOption = Annotated[
    str, typer.Option("--cl-ord-id", metavar="ID", help="ClOrdID(11) that the order has now.")
]
RequestIdOption = Annotated[
    str | None, typer.Option("--request-id", metavar="ID", help="ClOrdID of the request itself.")
]


class Place(NamedTuple):
    """Where to send something, and as whom."""

    data_dir: Path
    host: str | None
    port: int | None
    session: str
    password: str | None


@app.callback()
def order() -> None:
    """Enter, cancel and replace orders by hand over FIX.

    Each command logs on as one session with numbers from 1 (141=Y), sends one message, prints the
    reports and logs out. It logs on with 9001=N, so that orders stay in the book afterwards. A
    session that is logged on elsewhere cannot be used.
    """


@app.command()
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
    password: PasswordOption = None,
    account: AccountOption = "",
    cl_ord_id: Annotated[
        str | None, typer.Option("--cl-ord-id", metavar="ID", help="ClOrdID(11), else made.")
    ] = None,
    host: HostOption = None,
    port: PortOption = None,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter an order and print its reports; it stays in the book after logout.

    Examples:

        venue order new ACME buy 100 --price 99.50

        venue order new ACME sell 10 --type market --session BRAVO

        venue order new BTC-USD buy 0.5 --price 50000 --tif ioc --json

        venue order new ACME buy 500 --price 99.50 --tag 111=100

        venue order new ACME sell 10 --price 98.00 --tag 40=4 --tag 99=98.50
    """
    intent = new_order(symbol, side, qty, price, type_, tif, tags)
    place = Place(data_dir_of(context, data_dir), host, port, session, password)
    _send(place, intent, cl_ord_id, account, as_json)


@app.command()
def cancel(
    context: typer.Context,
    order_id: Annotated[
        str | None, typer.Argument(metavar="[ORDERID]", help="OrderID(37): as the operator.")
    ] = None,
    cl_ord_id: Annotated[
        str | None, typer.Option("--cl-ord-id", metavar="ID", help="ClOrdID(11): over FIX.")
    ] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", help="Of the order, over FIX.")] = None,
    side: Annotated[SideName | None, typer.Option("--side", help="Over FIX.")] = None,
    request_id: RequestIdOption = None,
    session: SessionOption = "ALPHA",
    password: PasswordOption = None,
    host: HostOption = None,
    port: PortOption = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel an order: by OrderID as the venue's operator, or over FIX as the session that has it.

    Examples:

        venue order cancel 17 --reason "asked for by phone"

        venue order cancel --cl-ord-id hand-19c2 --symbol ACME --side buy
    """
    directory = data_dir_of(context, data_dir)
    if order_id is not None:
        wanted = CancelByOperator(order_id=order_id, reason=reason)
        command(directory, wanted, f"order {order_id} is canceled", dry_run, as_json)
        return
    if cl_ord_id is None or symbol is None or side is None:
        wrong_use("give ORDERID, or --cl-ord-id with --symbol and --side")
    intent = Cancel(symbol, SIDES[side], cl_ord_id)
    place = Place(directory, host, port, session, password)
    _send(place, intent, request_id, "", as_json)


@app.command()
def replace(
    context: typer.Context,
    cl_ord_id: OrigOption,
    symbol: SymbolOption,
    side: SideOption,
    qty: Annotated[str, typer.Option("--qty", metavar="Q", help="New OrderQty, with fills.")],
    price: Annotated[str, typer.Option("--price", metavar="P", help="New limit price.")],
    request_id: RequestIdOption = None,
    session: SessionOption = "ALPHA",
    password: PasswordOption = None,
    host: HostOption = None,
    port: PortOption = None,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change quantity and price of a limit order that the session has entered.

    Examples:

        venue order replace --cl-ord-id hand-19c2 --symbol ACME --side buy --qty 200 --price 99.60
    """
    intent = Replace(symbol, SIDES[side], cl_ord_id, qty, price)
    place = Place(data_dir_of(context, data_dir), host, port, session, password)
    _send(place, intent, request_id, "", as_json)


def _send(place: Place, intent: Intent, cl_ord_id: str | None, account: str, as_json: bool) -> None:
    """Log on, ask, print; status 1 when the venue does not do what was asked."""
    now_ns = Clock().now_ns()
    request_id = cl_ord_id or f"hand-{now_ns // 1_000_000:x}"
    text = encode(intent, request_id, utc_timestamp(now_ns), account)
    address, says = _address(place)
    login = Login(place.session, _password(place), cancel_on_disconnect=False)
    try:
        with OneSession(address, login) as session:
            earlier = list(session.messages)
            answers = session.ask(text)
    except NothingListens as error:
        refuse(f"{error}{says}")
    except (LogonRefused, NoAnswer) as error:
        refuse(str(error))
    if as_json:
        rows = {"earlier": [row_of(m) for m in earlier], "reports": [row_of(m) for m in answers]}
        typer.echo(json.dumps({"cl_ord_id": request_id, **rows}, indent=2))
    else:
        print_table(request_id, earlier, answers)
    for answer in answers:
        if answer.get(11, request_id) == request_id and is_refusal(answer):
            refuse(why_refused(answer))


def _address(place: Place) -> tuple[tuple[str, int], str]:
    """FIX address of the venue, and what an error line may add about where one really is."""
    try:
        running = find_running(place.data_dir)
    except ServerError as error:
        refuse(str(error))
    if place.host is None and place.port is None:
        if running is None:
            refuse(f"no venue is running in {place.data_dir}; start one, or give --host and --port")
        host, _, port = running.fix.rpartition(":")
        return (host, int(port)), ""
    address = (place.host or "127.0.0.1", place.port or _DEFAULT_PORT)
    if running is None:
        return address, ""
    return address, f"; the venue in {place.data_dir} says {running.fix.rpartition(':')[2]}"


def _password(place: Place) -> str:
    """As given, from the environment, the shipped one if it is in force, else as typed in."""
    given = place.password or os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    from venue.settings.sections import DEMO_PASSWORD
    from venue.settings.settings import load_settings  # here, for the operator's cancel needs none

    try:
        session = load_settings(data_dir=place.data_dir).session(place.session)
        if session.has_demo_password:
            return DEMO_PASSWORD
    except (ConfigurationError, KeyError):  # the venue that is asked may have another one
        pass
    if not sys.stdin.isatty():
        refuse(f"no password for {place.session}: give --password or set {PASSWORD_VARIABLE}")
    return str(typer.prompt(f"Password of {place.session}", hide_input=True, err=True))
