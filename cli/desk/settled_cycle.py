"""Settlement cycles as the ledger has them, one with its fails. Reads as who only reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from psycopg.errors import UndefinedTable
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from venue.clearing.cycles import (
    BookedFail,
    booked_cycle,
    booked_cycles,
    booked_fails,
    cycle_told,
    fail_told,
)
from venue.clearing.database import ledger_engine
from venue.cli.json_output import print_json
from venue.cli.options import console, refuse, running_in
from venue.cli.text.times import shown_time
from venue.printable import shown


def print_cycle(place: Path, number: int, as_json: bool) -> None:
    """Print a cycle and its fails; ends with status 1 where the ledger has none of that number."""
    with _ledger_in(place) as engine:
        cycle = booked_cycle(engine, number)
        fails = booked_fails(engine, number)
    if cycle is None:
        refuse(f"the ledger has no cycle {number}")
    if as_json:
        print_json({**cycle_told(cycle), "fails": [fail_told(each) for each in fails]})
        return
    ended_ns = cycle.ended_ns
    when = "is not booked to its end" if ended_ns is None else f"ended {shown_time(ended_ns)}"
    typer.echo(
        f"cycle {cycle.cycle} of {cycle.settlement_date} {when}: of {cycle.obligations:,} "
        f"obligations {cycle.settled:,} settled, {cycle.partly:,} in part, {cycle.failed:,} failed"
    )
    if fails:
        _print_fails(fails)


def print_cycles(place: Path, most: int, as_json: bool) -> None:
    """Print the last cycles, the last one first."""
    with _ledger_in(place) as engine:
        cycles = booked_cycles(engine, most)
    if as_json:
        print_json({"cycles": [cycle_told(each) for each in cycles]})
        return
    from rich.table import Table

    table = Table("cycle", "date", "ended")
    for heading in ("obligations", "settled", "in part", "failed"):
        table.add_column(heading, justify="right")
    for each in cycles:
        ended = "-" if each.ended_ns is None else shown_time(each.ended_ns)
        numbers = (each.obligations, each.settled, each.partly, each.failed)
        counts = (f"{number:,}" for number in numbers)
        table.add_row(str(each.cycle), each.settlement_date, ended, *counts)
    console().print(table)


def _print_fails(fails: list[BookedFail]) -> None:
    from rich.table import Table

    table = Table("member", "account", "symbol", "due")
    for heading in ("quantity", "amount", "", "cycles", "penalty"):
        table.add_column(heading, justify="right")
    table.add_column("why")
    for each in fails:
        told = fail_told(each)
        why = f"short of {each.short_of}" if each.short_of else "not got from others"
        cells = (
            each.member, each.account or "-", each.symbol, each.due, told["quantity"],
            told["amount"], each.currency, str(each.cycles), told["penalty"], why,
        )  # fmt: skip
        table.add_row(*map(shown, cells))
    console().print(table)


@contextmanager
def _ledger_in(place: Path) -> Iterator[Engine]:
    """Engine on the running venue's ledger; ends the program where it cannot be read."""
    url = running_in(place).database
    if not url:
        refuse(f"the venue in {place} has no ledger")
    engine = ledger_engine(url)
    try:
        yield engine
    except SQLAlchemyError as error:
        if isinstance(error, ProgrammingError) and isinstance(error.orig, UndefinedTable):
            refuse("the ledger has no cycles: clearing has not booked any")
        refuse(f"the ledger cannot be read: {str(error).strip().splitlines()[0]}")
    finally:
        engine.dispose()
