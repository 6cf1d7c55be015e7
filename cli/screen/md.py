"""`venue md`: public trades of an instrument, and bars of them, as NATS keeps them.

Parses, calls, prints.
"""

import asyncio
from typing import Annotated, TypeVar

import msgspec
import typer
from nats.errors import Error as NatsError
from rich.table import Table
from rich.text import Text

from venue.bus.connection import connected
from venue.cli.desk.md_sessions import sessions
from venue.cli.json_output import print_rows
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    console,
    data_dir_of,
    refuse,
    running_in,
    wrong_use,
)
from venue.cli.records.moment import NotAMoment, is_time_of_day, parse_moment
from venue.cli.screen.book import NoLadder, published_symbols, unknown_symbol
from venue.cli.text.rows import CsvOption, print_csv
from venue.cli.text.times import in_zone
from venue.clock import Clock, iso
from venue.domain.types import Side
from venue.marketdata.bars import BarTotals, bar_content
from venue.marketdata.messages import AnyTrade
from venue.marketdata.trade_history import (
    NoHistory,
    as_they_stand,
    bars_of,
    published_trades,
)
from venue.masking import mask_url
from venue.printable import shown

DAY_NS = 24 * 3600 * 10**9
INTERVALS = {
    "1m": 60 * 10**9,
    "5m": 300 * 10**9,
    "15m": 900 * 10**9,
    "1h": 3600 * 10**9,
    "1d": DAY_NS,
}
R = TypeVar("R", bound=msgspec.Struct)

SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Instrument, such as ACME.")]
FromOption = Annotated[
    str,
    typer.Option(
        "--from", metavar="TIME", help="ISO 8601, or HH:MM of today, UTC. Else a day ago."
    ),
]
IntervalOption = Annotated[
    str, typer.Option("--interval", metavar="I", help=f"Of a bar: {', '.join(INTERVALS)}.")
]


class TradeLine(msgspec.Struct, frozen=True):
    """A public trade; state: empty, corrected or busted. aggressor is FIX's Side(54)."""

    match_id: str
    time: str
    price: str
    quantity: str
    aggressor: Side | None
    state: str


class BarLine(msgspec.Struct, frozen=True):
    """The trades of one interval from `time` on."""

    time: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    value: str
    trades: int


app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: venue md sessions --json")(sessions)


@app.callback()
def md() -> None:
    """Public market data: trades and bars of the past; who reads it over FIX."""


@app.command(epilog="Examples: venue md trades ACME | venue md trades ACME --from 09:30 --csv")
def trades(
    context: typer.Context,
    symbol: SymbolArgument,
    begin: FromOption = "",
    most: Annotated[
        int, typer.Option("--last", min=1, metavar="N", help="So many at most, the last ones.")
    ] = 100,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Public trades of an instrument, as busts and corrections have left them, oldest first."""
    rows = [
        TradeLine(
            trade.match_id,
            iso(trade.timestamp_ns),
            trade.price,
            trade.quantity,
            trade.aggressor,
            trade.state,
        )
        for trade in as_they_stand(_past(context, data_dir, symbol, begin))[-most:]
    ]
    _print("trades", TradeLine, rows, as_csv=as_csv, as_json=as_json)


@app.command(epilog="Examples: venue md bars ACME | venue md bars ACME --interval 1h --csv")
def bars(
    context: typer.Context,
    symbol: SymbolArgument,
    interval: IntervalOption = "1m",
    begin: FromOption = "",
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Open, high, low, close, volume and value of each interval with a trade, oldest first.

    Made of the trades that stand now: a busted one does not count.
    """
    rows = [line_of(bar) for bar in past_bars(context, data_dir, symbol, interval, begin)]
    _print("bars", BarLine, rows, as_csv=as_csv, as_json=as_json)


def past_bars(
    context: typer.Context, data_dir: DataDirOption, symbol: str, interval: str, begin: str
) -> list[BarTotals]:
    """Bars of a symbol; ends the command where there is no such interval, symbol or NATS."""
    interval_ns = INTERVALS.get(interval)
    if interval_ns is None:
        wrong_use(f"{interval!r} is no interval; there are {', '.join(INTERVALS)}")
    return bars_of(as_they_stand(_past(context, data_dir, symbol, begin)), interval_ns)


def line_of(bar: BarTotals) -> BarLine:
    """A bar as it is printed."""
    content = bar_content(bar.start_ns, bar, 0)
    del content["revision"]
    return BarLine(time=iso(content.pop("start_ns")), **content)


def _past(
    context: typer.Context, data_dir: DataDirOption, symbol: str, begin: str
) -> list[AnyTrade]:
    nats_url = running_in(data_dir_of(context, data_dir)).nats
    now_ns = Clock().now_ns()
    try:
        today = iso(now_ns).partition("T")[0] if is_time_of_day(begin) else ""
        since_ns = parse_moment(begin, today) if begin else now_ns - DAY_NS
    except NotAMoment as error:
        wrong_use(str(error))
    try:
        return asyncio.run(_read(nats_url, symbol, since_ns))
    except (NoHistory, NoLadder) as error:
        refuse(str(error))
    except (OSError, NatsError) as error:
        refuse(f"NATS at {mask_url(nats_url)} failed: {error or repr(error)}")


async def _read(nats_url: str, symbol: str, since_ns: int) -> list[AnyTrade]:
    async with connected(nats_url, "md") as connection:
        known = await published_symbols(connection.client.jetstream())
        if symbol not in known:
            raise NoLadder(unknown_symbol(symbol, known))
        return await published_trades(connection.client, symbol, since_ns)


def _print(name: str, kind: type[R], rows: list[R], *, as_csv: bool, as_json: bool) -> None:
    if as_csv and as_json:
        wrong_use("give --csv or --json")
    if as_json:
        print_rows(name, rows)
        return
    if as_csv:
        print_csv(kind, rows)
        return
    if not rows:
        typer.echo(f"there are no {name}")
        return
    table = Table()
    for field in kind.__struct_fields__:
        is_text = field in ("match_id", "time", "aggressor", "state")
        table.add_column(field.replace("_", " "), justify="left" if is_text else "right")
    for row in rows:
        told = [getattr(row, field) for field in kind.__struct_fields__]
        cells = [each.name if isinstance(each, Side) else each for each in told]
        table.add_row(*(Text(shown("" if cell is None else in_zone(str(cell)))) for cell in cells))
    console().print(table)
