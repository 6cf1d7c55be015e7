"""`venue settle run`: orders a cycle, shows how far it is, and says what settled and what failed.

Asks the running venue, and the ledger until it has the cycle too.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from venue.admin.requests import Submit
from venue.admin.settlement_requests import SettlementQuery
from venue.cli.desk.operator import ask, command, held_as, print_outcome
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    confirm,
    data_dir_of,
    iso_day,
    refuse,
)
from venue.domain.events import SettlementBegun
from venue.domain.settlement_overview import CycleRow
from venue.domain.verbs.settlement import SettleObligations

_LOOK_SECONDS = 0.1
_SAY_SECONDS = 1.0
BOOK_SECONDS = 60.0
"""How long the ledger may take behind the cycle's end."""


def run(
    context: typer.Context,
    settlement_date: Annotated[
        str, typer.Option("--date", metavar="D", help="What is due by then; else by today.")
    ] = "",
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait until the ledger has booked it.")
    ] = False,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Settle what is due: deliver against payment, net for each member.

    Shows how far it is until the ledger has booked it. The cycle goes on whatever becomes of this
    command. To run it again settles only what is left.
    """
    place = data_dir_of(context, data_dir)
    day = iso_day(settlement_date) if settlement_date else ""
    wanted = SettleObligations(settlement_date=day, reason=reason)
    said = f"settlement of what is due by {day or 'today'}"
    if dry_run:
        command(place, wanted, said, dry_run, as_json)
        return
    confirm(f"settle what is due by {day or 'today'}", yes)
    answer = ask(place, Submit(wanted))
    if held_as(answer) is not None:
        print_outcome(said, answer, as_json)
    begun = next(event for event in answer.events if isinstance(event, SettlementBegun))
    ended = _ended(place, begun.cycle)
    booked = not no_wait and _is_booked(place, ended)
    if as_json:
        row: dict[str, Any] = msgspec.to_builtins(ended)
        events = msgspec.to_builtins(answer.events)
        print_json({**row, "bought_in": _bought_in(ended), "booked": booked, "events": events})
    else:
        typer.echo(_told(ended, booked))


def _bought_in(ended: CycleRow) -> int:
    return ended.obligations - ended.settled - ended.partly - ended.failed


def _told(ended: CycleRow, booked: bool) -> str:
    bought_in = _bought_in(ended)
    in_money = f", {bought_in:,} ended in money" if bought_in else ""
    where = ", booked" if booked else ""
    return (
        f"cycle {ended.cycle} of {ended.settlement_date}: {ended.settled:,} settled, "
        f"{ended.partly:,} in part, {ended.failed:,} failed{in_money}{where}"
    )


def _ended(place: Path, cycle: int) -> CycleRow:
    """The cycle once the engine has settled all of it."""
    for say in _looks():
        now = ask(place, SettlementQuery())
        if now.last is not None and now.last.cycle == cycle:
            return now.last
        if now.last is not None and now.last.cycle > cycle:
            refuse(f"cycle {cycle} is done, and cycle {now.last.cycle} too: venue settle status")
        if say and now.running is not None:
            done, of = now.running.done, now.running.obligations
            typer.echo(f"cycle {cycle}: {done:,} of {of:,} obligations", err=True)
    raise AssertionError("it looks until it is done")


def _is_booked(place: Path, ended: CycleRow) -> bool:
    """Wait until the ledger has the cycle's end. False where no ledger is known."""
    url = _ledger(place)
    if not url:
        typer.echo("no ledger is known here: whether it is booked is not waited for", err=True)
        return False
    from sqlalchemy.exc import SQLAlchemyError  # here, for hardly a command reads the ledger

    from venue.clearing.database import ledger_engine
    from venue.clearing.statements import booked_position

    engine = ledger_engine(url)
    began = time.monotonic()
    try:
        for say in _looks():
            position = booked_position(engine).event_seq
            if position >= ended.event_seq:
                return True
            if time.monotonic() - began > BOOK_SECONDS:
                _not_booked(ended, f"the ledger is at event {position:,} of {ended.event_seq:,}")
            if say:
                typer.echo(f"booked up to event {position:,} of {ended.event_seq:,}", err=True)
    except SQLAlchemyError as error:
        _not_booked(ended, f"the ledger cannot be read: {str(error).strip().splitlines()[0]}")
    finally:
        engine.dispose()
    raise AssertionError("it looks until it is booked")


def _not_booked(ended: CycleRow, why: str) -> NoReturn:
    refuse(f"cycle {ended.cycle} is settled, and not booked yet: {why}")


def _ledger(place: Path) -> str:
    """URL of the running venue's ledger; empty where none is known."""
    from venue.servers import ServerError  # here, for `venue settle status` needs none of it
    from venue.servers.runtime import find_running

    try:
        running = find_running(place)
    except ServerError as error:
        refuse(str(error))
    return "" if running is None else running.database


def _looks() -> Iterator[bool]:
    """For ever, a few times a second; True once a second: something may be said."""
    said = time.monotonic()
    while True:
        now = time.monotonic()
        say = now - said >= _SAY_SECONDS
        said = now if say else said
        yield say
        time.sleep(_LOOK_SECONDS)
