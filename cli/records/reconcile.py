"""`venue reconcile`: does all that the venue keeps say the same?

Parses, calls, prints; reads the stores of the running venue, as who only reads them.
"""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse, running_in
from venue.cli.progress import progress
from venue.printable import shown
from venue.reconcile.breaks import BreaksUnreadable
from venue.reconcile.difference import Difference, Store
from venue.reconcile.round import Places, Round, reconcile
from venue.reconcile.worker import keep, pause_behind, places_of
from venue.settings.settings import load_settings

WATCH_SECONDS = 60.0


class DifferenceTold(Difference, frozen=True, kw_only=True):
    """A difference and the id of its break."""

    break_id: str


class StoreTold(msgspec.Struct, frozen=True):
    """One store: what was compared of it, how many differences, and the first ones."""

    store: Store
    extent: str
    count: int
    differences: list[DifferenceTold]


class RoundTold(msgspec.Struct, frozen=True, kw_only=True):
    """A round. away: why a store could not be compared. damage: of the journal; empty: none."""

    ok: bool
    event_seq: int
    seconds: float
    stores: list[StoreTold]
    away: dict[str, str]
    damage: str


def reconcile_command(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option("--every", min=1.0, metavar="S", help="With --watch: seconds.")
    ] = WATCH_SECONDS,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Compare stream, drop copies, ledger, audit trail, funds and FIX sessions with the journal, to
    the unit. Each difference is a break, with an id (venue breaks). Exit status 0 only if
    everything could be compared and nothing differs.

    The venue does the same by itself every [reconcile] seconds. A round reads the whole journal and
    takes as long as that takes.

    Examples:

        venue reconcile

        venue reconcile --watch --every 30

        venue reconcile --json
    """
    place = data_dir_of(context, data_dir)
    running = running_in(place)
    places = places_of(load_settings(data_dir=place), running.nats, running.database)
    found = _round(place, places, every, json=json)
    while watch:
        time.sleep(pause_behind(found.seconds, every))
        found = _round(place, places, every, json=json)
    if found.damage:
        refuse(f"the journal: {found.damage}")
    count = sum(each.count for each in found.compared)
    if count:
        refuse(f"{count} differences: venue breaks list")
    if found.away:
        refuse("; ".join(f"{store} could not be compared: {why}" for store, why in _away(found)))


def _round(place: Path, places: Places, every: float, *, json: bool) -> Round:
    """One round: kept and printed."""
    with progress("reconciling") as bar:
        found = asyncio.run(reconcile(places, tell=lambda store: bar.name(f"reconciling: {store}")))
    try:
        keep(place, found, pause_behind(found.seconds, every))
    except BreaksUnreadable as error:
        refuse(str(error))
    if json:
        print_json(_told(found))
    else:
        _print(found)
    return found


def _told(found: Round) -> RoundTold:
    stores = [
        StoreTold(
            each.store,
            each.extent,
            each.count,
            [
                DifferenceTold(**msgspec.structs.asdict(one), break_id=one.break_id)
                for one in each.differences
            ],
        )
        for each in found.compared
    ]
    return RoundTold(
        ok=found.is_clean,
        event_seq=found.event_seq,
        seconds=found.seconds,
        stores=stores,
        away=found.away,
        damage=found.damage,
    )


def _print(found: Round) -> None:
    table = Table(title=f"Reconciled with the journal at event {found.event_seq}")
    for heading in ("store", "differences", "compared"):
        table.add_column(heading)
    for each in found.compared:
        table.add_row(each.store, str(each.count or "none"), each.extent)
    for store, why in _away(found):
        table.add_row(store, "unknown", why)
    console().print(table)
    for one in found.differences:
        print(shown(f"{one.break_id} {one}"))


def _away(found: Round) -> list[tuple[str, str]]:
    return sorted(found.away.items())
