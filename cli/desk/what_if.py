"""`venue risk replay`: prints what the recorded flow would have come to under other limits."""

from pathlib import Path

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from venue.cli.json_output import print_json
from venue.cli.options import console, refuse
from venue.cli.records.recorded import journal_directory, refusing, warn_on_stderr
from venue.cli.text.payload import SIDES
from venue.cli.text.times import shown_time
from venue.engine.control.overrides import Override
from venue.printable import shown
from venue.replay.what_if import Decision, WhatIf, what_if

ROWS_SHOWN = 100


def print_what_if(
    data_dir: Path,
    overrides: list[tuple[str, str, str | None]],
    from_seq: int,
    to_seq: int | None,
    as_json: bool,
) -> None:
    """Run and print; ends with status 1 for limits, members or records that are none."""
    warn_on_stderr()
    directory = journal_directory(data_dir)
    wanted = [Override(*each) for each in overrides]
    try:
        with refusing():
            found = what_if(directory, wanted, from_seq, to_seq)
    except ValueError as error:
        refuse(str(error))
    if as_json:
        told = {"limits": [each._asdict() for each in wanted], **msgspec.to_builtins(found)}
        print_json({**told, "counts": found.counts()})
        return
    _print(found)


def _print(found: WhatIf) -> None:
    if found.refused:
        _print_table("would have been refused", found.refused)
    if found.accepted:
        _print_table("was refused, would have been accepted", found.accepted)
    counts = ", ".join(f"{code} {number:,}" for code, number in found.counts().items())
    typer.echo(
        f"records {found.from_seq:,} to {found.to_seq:,}: of {found.orders:,} orders and "
        f"replacements {len(found.refused):,} more would have been refused"
        f"{f' ({counts})' if counts else ''}, {len(found.accepted):,} more accepted"
    )
    typer.echo(
        f"{found.trades:,} trades instead of {found.trades_recorded:,}; "
        f"{found.missed:,} requests would have missed their order"
    )


def _print_table(title: str, decisions: list[Decision]) -> None:
    table = Table(title=title)
    table.add_column("record", justify="right")
    for heading in ("time", "session", "ClOrdID", "order", "what", "why"):
        table.add_column(heading)
    for each in decisions[:ROWS_SHOWN]:
        price = f" @ {each.price}" if each.price else ""
        what = f"{SIDES.get(each.side, each.side)} {each.order_qty} {each.symbol}{price}"
        why = f"{each.code} {each.detail}"
        at = shown_time(each.timestamp_ns)
        cells = (at, each.session, each.cl_ord_id, each.order_id, what, why)
        table.add_row(f"{each.seq:,}", *(Text(shown(cell)) for cell in cells))
    console().print(table)
    if len(decisions) > ROWS_SHOWN:
        typer.echo(f"and {len(decisions) - ROWS_SHOWN:,} more: --json has them all")
