"""`venue trade`: trades, listed from the journal; and the verbs that bust and correct them."""

from typing import Annotated

import typer

from venue.cli.desk.known_names import check_names
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_rows
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, wrong_use
from venue.cli.text.rows import CsvOption, print_csv
from venue.cli.text.times import in_zone
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)
_COLUMNS = ("match_id", "time", "symbol", "last_qty", "last_px", "buy_member", "sell_member",
            "state")  # fmt: skip
_NUMBERS = ("last_qty", "last_px")
_SHOWN_NS = 1_000
"""Times are shown in whole microseconds; a time as it is shown takes in all of its own."""


@app.callback()
def trade() -> None:
    """Trades: list, bust, correct."""


@app.command(
    "list",
    epilog="Examples: venue trade list --member ALPHA | "
    "venue trade list --from 2026-01-30T08:00 --to 2026-01-30T12:00 --csv",
)
def list_trades(
    context: typer.Context,
    member: Annotated[
        str, typer.Option("--member", metavar="M", help="Only those it had a side of.")
    ] = "",
    symbol: Annotated[
        str, typer.Option("--symbol", metavar="S", help="Only in this instrument.")
    ] = "",
    begin: Annotated[
        str, typer.Option("--from", metavar="TIME", help="ISO 8601, or HH:MM[:SS] of the day, UTC.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="The same; included.")] = "",
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Trades of the last trading day, or of a time; as busts and corrections have left them.

    Read from the journal, whether the venue runs or not.
    """
    if as_csv and as_json:
        wrong_use("give --csv or --json")
    from venue.cli.records.recorded import journal_directory, moment, refusing
    from venue.replay.trade_list import TradeRow, TradesWanted, trades  # here: it reads journals

    place = data_dir_of(context, data_dir)
    journal = journal_directory(place)
    from_ns, to_ns = (moment(place, text) if text else None for text in (begin, end))
    if from_ns is not None:
        from_ns -= from_ns % _SHOWN_NS
    wanted = TradesWanted(member, symbol, from_ns, to_ns)
    with refusing():
        rows = trades(journal, wanted)
    if not rows:
        check_names(place, member=member, symbol=symbol)
    if as_json:
        print_rows("trades", rows)
    elif as_csv:
        print_csv(TradeRow, rows)
    elif not rows:
        typer.echo("there is no such trade")
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table()
        for name in _COLUMNS:
            justify = "right" if name in _NUMBERS else "left"
            table.add_column(name.replace("_", " "), justify=justify)  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(shown(in_zone(getattr(row, name)))) for name in _COLUMNS))
        console().print(table)
        typer.echo(f"{len(rows):,} trades", err=True)


add_verbs(app, "trade")
