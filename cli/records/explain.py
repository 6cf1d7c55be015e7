"""`venue explain`: the whole story of one order, from the journal.

Parses, calls, prints; reads the data directory, whether the venue runs or not.
"""

from pathlib import Path
from typing import Annotated

import typer

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, iso_day, refuse
from venue.cli.records.recorded import journal_directory, refusing, warn_on_stderr
from venue.cli.text.story import story_lines, told_of
from venue.journal.segment import JournalDamage
from venue.replay.order_search import FoundOrder, find_orders
from venue.replay.order_story import QueuePlace, Step, queue_places, story_of
from venue.replay.replay import ReplayDifference, SnapshotMissing

_TAGS = ("37", "11")


def explain(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="ORDERID|CLORDID", help="37=17 or 11=17 where both could be meant."),
    ],
    session: Annotated[
        str, typer.Option("--session", metavar="COMPID", help="That entered it.")
    ] = "",
    day: Annotated[
        str, typer.Option("--day", metavar="YYYY-MM-DD", help="Trading day it was used on.")
    ] = "",
    queue: Annotated[
        bool, typer.Option(help="Also its place in the queue: executes the journal again.")
    ] = True,
    trace: Annotated[
        bool, typer.Option("--trace", help="Its way instead: each step with its time.")
    ] = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Tell an order's whole story: every event, the check that refused it with the numbers it saw,
    its place in the queue over time, its fills. Own side only: no counterparty is named.

    Examples:

        venue explain 17

        venue explain hand-19c2 --session ALPHA --day 2026-01-30

        venue explain 11=17 --json

        venue explain 17 --trace
    """
    if day:
        iso_day(day)
    directory = journal_directory(data_dir_of(context, data_dir))
    warn_on_stderr()
    with refusing():
        found = _find(directory, name, session, day)
        if trace:
            from venue.cli.records.order_trace import print_trace  # here: it brings in drivers

            print_trace(data_dir_of(context, data_dir), found, as_json=as_json)
            return
        steps = story_of(directory, found)
    places, unknown = _places(directory, found, steps) if queue else ([], "")
    if as_json:
        told = told_of(found, steps, places) | {"queue_unknown": unknown or None}
        print_json(told)
    else:
        for line in story_lines(found, steps, places):
            typer.echo(line)
    if unknown:
        typer.echo(f"its place in the queue is not known: {unknown}", err=True)


def _find(directory: Path, name: str, session: str, day: str) -> FoundOrder:
    """The one order that is meant; ends with status 1 where there is none, or more than one."""
    tag, equals, text = name.partition("=")
    if tag not in _TAGS or not equals:
        tag, text = "", name
    try:
        every = find_orders(directory, text, tag)
    except UnicodeEncodeError:  # no ClOrdID is written so
        every = []
    chosen = [
        each for each in every if session in ("", each.session) and (not day or day in each.days)
    ]
    if not chosen:
        but = f"; there is {_listed(every)}" if every else ""
        refuse(f"no order is known as {name}{but}")
    if len(chosen) > 1:
        refuse(f"{name} names {len(chosen)} orders, choose by --session, --day, 37= or 11=: "
               f"{_listed(chosen)}")  # fmt: skip
    return chosen[0]


def _listed(every: list[FoundOrder]) -> str:
    return ", ".join(
        f"{f'order {each.order_id}' if each.order_id else 'a refused request'} "
        f"({each.session}, {each.days[0]}, 11={each.cl_ord_id})"
        for each in every
    )


def _places(directory: Path, found: FoundOrder, steps: list[Step]) -> tuple[list[QueuePlace], str]:
    """Its places in the queue, or why they are not known."""
    if not found.order_id:
        return [], ""
    try:
        return list(queue_places(directory, found.order_id, steps)), ""
    except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
        return [], str(error)
