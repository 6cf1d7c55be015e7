"""`venue instrument`: what is traded, and on which terms."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from venue.admin.requests import InstrumentsQuery
from venue.cli.desk.operator import ask, command, defaults, known_instruments
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_rows
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
    wrong_use,
)
from venue.domain.commands import AddInstrument
from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.overview import InstrumentRow
from venue.printable import shown

app = typer.Typer(no_args_is_help=True, help="Instruments: add, list, disable.")

SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Such as ACME.")]
TERMS = {
    "tick": "tick_size",
    "lot": "lot_size",
    "reference_price": "reference_price",
    "currency": "currency",
    "asset": "asset",
    "max_quantity": "max_order_qty",
    "max_value": "max_order_value",
    "collar": "price_collar_percent",
    "dynamic_collar": "dynamic_collar_percent",
    "fee_bps": "fee_bps",
    "bust_days": "bust_days",
    "fee_schedule": "fee_schedule",
    "settlement_days": "settlement_days",
}
"""Option of `add`, as its parameter -> the field of the definition that it gives."""
_NEEDED = {"tick_size": "--tick", "lot_size": "--lot", "reference_price": "--reference-price"}
_DONE = {"new": "traded", "disabled": "traded again"}
_COLUMNS = (
    "tick_size",
    "lot_size",
    "reference_price",
    "last_px",
    "max_order_qty",
    "max_order_value",
    "price_collar_percent",
)


@app.callback()
def instrument() -> None:
    """Instruments: add, list, disable."""


@app.command("list", epilog="Example: venue instrument list --json")
def list_instruments(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Instruments with tick, lot, prices, limits, and whether each trades now."""
    rows = ask(data_dir_of(context, data_dir), InstrumentsQuery()).instruments
    if as_json:
        print_rows("instruments", rows)
        return
    from rich.table import Table

    table = Table("symbol", "state")
    for heading in ("tick", "lot", "reference", "last", "max qty", "max value", "collar %"):
        table.add_column(heading, justify="right")
    table.add_column("in book", justify="right")
    for row in rows:
        cells = (shown(str(getattr(row, name) or "-")) for name in _COLUMNS)
        table.add_row(shown(row.symbol), row.state, *cells, f"{row.orders_in_book:,}")
    console().print(table)


def _option(name: str, meta: str, help_text: str) -> Any:
    return typer.Option(name, metavar=meta, help=help_text)


@app.command(
    epilog="Examples: venue instrument add NEWCO --tick 0.01 --lot 1 --reference-price 20 | "
    "venue instrument add ACME --max-quantity 5000"
)
def add(
    context: typer.Context,
    symbol: SymbolArgument,
    tick: Annotated[str | None, _option("--tick", "X", "Smallest price step.")] = None,
    lot: Annotated[str | None, _option("--lot", "X", "Smallest quantity step.")] = None,
    reference_price: Annotated[
        str | None, _option("--reference-price", "P", "Middle of the price collar.")
    ] = None,
    currency: Annotated[str | None, _option("--currency", "C", "Of its prices; USD.")] = None,
    asset: Annotated[
        str | None, _option("--asset", "A", "What a trade delivers; the symbol.")
    ] = None,
    max_quantity: Annotated[
        str | None, _option("--max-quantity", "Q", "Of one order; risk.max_quantity.")
    ] = None,
    max_value: Annotated[
        str | None, _option("--max-value", "V", "Of one order; risk.max_value.")
    ] = None,
    collar: Annotated[
        str | None, _option("--collar", "PERCENT", "Around the reference price; as in [risk].")
    ] = None,
    dynamic_collar: Annotated[
        str | None, _option("--dynamic-collar", "PERCENT", "Around the last trade; as in [risk].")
    ] = None,
    fee_bps: Annotated[
        str | None, _option("--fee-bps", "B", "Of each side, 1/100 % of the value; 0.")
    ] = None,
    bust_days: Annotated[
        str | None,
        _option(
            "--bust-days", "N", "Trading days that its trades can be busted after their own; 2."
        ),
    ] = None,
    fee_schedule: Annotated[
        str | None, _option("--fee-schedule", "NAME", "Goes before --fee-bps; see venue fees list.")
    ] = None,
    settlement_days: Annotated[
        str | None, _option("--settlement-days", "N", "From trade to settlement: 0, 1 or 2; 0.")
    ] = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add an instrument; or change what is given of one, or bring back one that is disabled.

    What is not given of a new one is as in [risk] of the venue's configuration.

    A change needs that it has no open orders; what has traded keeps its tick and lot.
    """
    directory = data_dir_of(context, data_dir)
    given = {name: context.params[option] for option, name in TERMS.items()}
    terms = {name: value for name, value in given.items() if value is not None}
    rows = known_instruments(directory, dry_run)
    old = next((row for row in rows if row.symbol == symbol), None)
    definition = _new(symbol, directory, dry_run, terms) if old is None else _changed(old, terms)
    wanted = AddInstrument(definition=definition, reason=reason)
    done = f"{symbol} is {_DONE.get('new' if old is None else old.state, 'changed')}"
    command(directory, wanted, done, dry_run, as_json)


def _new(symbol: str, data_dir: Path, dry_run: bool, terms: dict[str, str]) -> InstrumentDefinition:
    """All of a new one: what is given, else what the venue has for those that say nothing."""
    lacking = [option for name, option in _NEEDED.items() if name not in terms]
    if lacking:
        wrong_use(f"{symbol} is new and needs {', '.join(lacking)}")
    usual = defaults(data_dir, dry_run).instrument
    return msgspec.structs.replace(usual, symbol=symbol, **terms)


def _changed(old: InstrumentRow, terms: dict[str, str]) -> InstrumentDefinition:
    """All of a known one: what is given, else what it was."""
    was = {name: getattr(old, name) for name in InstrumentDefinition.__struct_fields__}
    if was["asset"] == old.symbol:
        was["asset"] = ""  # as the configuration leaves it
    if old.state != "disabled" and was == was | terms:
        refuse(f"{old.symbol} is traded already, just so")
    return InstrumentDefinition(**(was | terms))


add_verbs(app, "instrument")
