"""`venue journal`: is it whole, what does it hold, how large is it; and a snapshot of it now.

Parses, calls, prints; reads the data directory, whether the venue runs or not.
"""

import time
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
    wrong_use,
)
from venue.cli.progress import progress
from venue.cli.records.adopt import adopt
from venue.cli.records.journal_key import key
from venue.cli.records.recorded import journal_directory, refusing, warn_on_stderr
from venue.cli.text.record import record_lines
from venue.cli.text.times import shown_time
from venue.fix.encode import ReportEncoder
from venue.journal.durable import read_position
from venue.journal.excerpt import Wanted, choose
from venue.journal.places import place_of_event, place_of_record
from venue.journal.segment import JournalPosition
from venue.journal.stats import JournalStats, count
from venue.journal.verify import Verdict, verify_journal
from venue.replay.replay import durable_frames, replay_journal
from venue.replay.snapshot import (
    SnapshotDamage,
    list_snapshots,
    load_snapshot,
    position_of,
    write_snapshot,
)
from venue.servers.lock import is_held
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings
from venue.witnesses import last_received

app = typer.Typer(help="The journal: the record of all that happened.", no_args_is_help=True)
app.command()(adopt)
app.command()(key)
MOST_RECORDS = 100


@app.callback()
def journal() -> None:
    """The journal: the record of all that happened."""


@app.command()
def verify(
    context: typer.Context, data_dir: DataDirOption = None, json: JsonOption = False
) -> None:
    """Read the whole journal and every snapshot; name the first damage with file, offset and
    record. Exit status 0 only if there is none.

    Beside a running venue it reads what is on disk by now. A torn tail that nobody has received is
    no damage: the next start cuts it off.

    Examples:

        venue journal verify

        venue journal verify --json --data-dir /var/lib/venue
    """
    place = data_dir_of(context, data_dir)
    directory = journal_directory(place)
    with refusing():
        snapshots, damaged = _snapshots(directory)
        received = last_received(place)  # first: what is received later is on disk by then
        seq = read_position(directory).seq
        durable_seq = seq if seq and is_held(place) else None
        with progress("verifying the journal", received) as bar:
            verdict = verify_journal(directory, durable_seq, received, snapshots, bar.at)
    problems = [*filter(None, [verdict.damage]), *damaged]
    if json:
        told = {"ok": not problems, **msgspec.structs.asdict(verdict)}
        told |= {"snapshots": len(snapshots), "snapshot_damage": damaged}
        print_json(told)
    elif not problems:
        _print_whole(verdict, len(snapshots))
    if problems:
        refuse("\n".join(problems))


@app.command()
def show(
    context: typer.Context,
    from_seq: Annotated[
        int, typer.Option("--from", min=1, metavar="SEQ", help="First record.")
    ] = 1,
    to_seq: Annotated[
        int | None, typer.Option("--to", min=1, metavar="SEQ", help="Last record.")
    ] = None,
    event_seq: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the record with this event.")
    ] = None,
    symbol: Annotated[
        str | None, typer.Option(metavar="S", help="Only records about this instrument.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="At most so many records.")
    ] = MOST_RECORDS,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Print records in words: what was asked and when, and below it what came of it.

    Examples:

        venue journal show --from 1000 --limit 20

        venue journal show --event-seq 4711

        venue journal show --symbol ACME --json
    """
    directory = journal_directory(data_dir_of(context, data_dir))
    wanted = Wanted(from_seq, to_seq, event_seq, symbol)
    with refusing():
        if event_seq is None:
            begin = place_of_record(directory, from_seq)
        else:
            begin = place_of_event(directory, event_seq)
        chosen = choose(durable_frames(directory, begin), wanted)
        records = list(islice(chosen, limit))
        more = next(chosen, None)
    if not records:
        refuse("no record on disk is like that")
    if json:
        told = {"records": records, "next": None if more is None else more.seq}
        print_json(told)
        return
    for record in records:
        for line in record_lines(record):
            typer.echo(line)
    if more is not None:
        typer.echo(f"there is more: --from {more.seq}", err=True)


@app.command()
def stats(context: typer.Context, data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Print segments and snapshots with their sizes, and count frames, records and events.

    Examples:

        venue journal stats

        venue journal stats --json
    """
    directory = journal_directory(data_dir_of(context, data_dir))
    with refusing():
        counted = count(durable_frames(directory, place_of_record(directory, 1)))
        snapshots = [
            {
                "name": each.path.name,
                "size": each.path.stat().st_size,
                "seq": each.seq,
                "event_seq": each.event_seq,
            }
            for each in list_snapshots(directory)
        ]
    if json:
        print_json({**msgspec.structs.asdict(counted), "snapshots": snapshots})
        return
    screen = console()
    screen.print(_segments_table(counted))
    if snapshots:
        screen.print(_snapshots_table(snapshots))
    screen.print(_events_table(counted))
    screen.print(_facts_table(counted))


@app.command()
def snapshot(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The venue's, if it has one.")
    ] = None,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Write a snapshot of the state at the journal's end now, whether the venue runs or not.

    The next start executes again only what came after it.

    Examples:

        venue journal snapshot

        venue journal snapshot --config venue.toml --json
    """
    place = data_dir_of(context, data_dir, config)
    directory = journal_directory(place)
    began = time.monotonic()
    try:
        settings = load_settings(config, (), place)
    except ConfigurationError as error:
        wrong_use(str(error))
    encoder = ReportEncoder(settings.venue_dialect_sessions())
    warn_on_stderr()
    with refusing():
        with progress("executing the journal") as bar:
            replay = replay_journal(directory, encoder.reports, tell=bar.at)
        path = write_snapshot(directory, replay.take_snapshot())
    seconds = round(time.monotonic() - began, 3)
    if json:
        told = {"file": str(path), "seq": replay.seq, "event_seq": replay.event_seq}
        print_json({**told, "seconds": seconds})
        return
    typer.echo(
        f"{path}: state after record {replay.seq}, event {replay.event_seq}; took {seconds} s"
    )


def _snapshots(directory: Path) -> tuple[dict[str, JournalPosition], list[str]]:
    """Places of the good snapshots by name, and what is wrong with each of the others."""
    places: dict[str, JournalPosition] = {}
    damaged = []
    for file in list_snapshots(directory):
        name = file.path.name
        try:
            places[name] = position_of(directory, load_snapshot(file.path))
        except SnapshotDamage as error:
            damaged.append(str(error) if str(error).startswith(name) else f"{name}: {error}")
        except FileNotFoundError:
            continue  # its time was over between listing and reading
    return places, damaged


def _print_whole(verdict: Verdict, snapshots: int) -> None:
    typer.echo(
        f"journal whole: {_counted(verdict.frames, 'frame')}, "
        f"{_counted(verdict.records, 'record')} ({verdict.first_seq} to {verdict.seq}) and "
        f"{_counted(verdict.events, 'event')} (to {verdict.event_seq}) "
        f"in {_counted(verdict.segments, 'segment')}; {_counted(snapshots, 'snapshot')} good"
    )
    if verdict.torn_tail:
        typer.echo(f"torn tail: {verdict.torn_tail}; nobody has it, the next start cuts it off")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _segments_table(counted: JournalStats) -> Table:
    table = Table("segment")
    for heading in ("size", "used", "frames", "records", "events"):
        table.add_column(heading, justify="right")
    for each in counted.segments:
        numbers = (each.size, each.used, each.frames, each.records, each.events)
        table.add_row(each.name, *(f"{number:,}" for number in numbers))
    return table


def _snapshots_table(snapshots: list[dict[str, Any]]) -> Table:
    table = Table("snapshot")
    for heading in ("size", "record", "event"):
        table.add_column(heading, justify="right")
    for each in snapshots:
        table.add_row(each["name"], *(f"{each[key]:,}" for key in ("size", "seq", "event_seq")))
    return table


def _events_table(counted: JournalStats) -> Table:
    table = Table("event")
    table.add_column("count", justify="right")
    for name, number in counted.events_by_type.items():
        table.add_row(name, f"{number:,}")
    return table


def _facts_table(counted: JournalStats) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("bytes in segments", f"{counted.size:,}")
    table.add_row("bytes used", f"{counted.used:,}")
    table.add_row("frames", f"{counted.frames:,}")
    table.add_row("frames without records", f"{counted.empty_frames:,}")
    table.add_row("records", f"{counted.records:,}")
    table.add_row("events", f"{counted.events:,}")
    table.add_row("records a frame, median", f"{counted.records_median:,}")
    table.add_row("records a frame, most", f"{counted.records_max:,}")
    table.add_row("bytes an event", f"{counted.bytes_per_event:,}")
    for name, at_ns in (("first record", counted.first_ns), ("last record", counted.last_ns)):
        table.add_row(name, "-" if at_ns is None else shown_time(at_ns))
    return table
