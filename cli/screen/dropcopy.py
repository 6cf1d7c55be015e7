"""`venue dropcopy`: refill the stream of all events; watch one member's copies; who listens by FIX.

Parses, calls, prints.
"""

import asyncio
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from nats.errors import Error as NatsError
from rich.console import Console

from venue.bus.agreement import StreamDisagrees
from venue.bus.connection import stop_on_signals
from venue.bus.refill import (
    Refill,
    RefillStalled,
    refill_of,
    wait_for_refill,
    wipe_for_refill,
)
from venue.bus.stream import Disagreement
from venue.bus.subjects import STREAM
from venue.cli.desk.listeners import listeners, rewind
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    YesOption,
    confirm,
    data_dir_of,
    refuse,
    running_in,
)
from venue.cli.text.drop_copy import drop_copy_line
from venue.data_directory import DataDirectory
from venue.dropcopy.copies import decode_copy
from venue.dropcopy.refill import refill_of_member, wipe_member
from venue.dropcopy.watch import NoDropCopies, Watch
from venue.masking import mask_url
from venue.printable import shown

_MEMBER = re.compile(r"[A-Za-z0-9_-]+")

app = typer.Typer(no_args_is_help=True)


@app.callback()
def dropcopy() -> None:
    """Drop copies: refill and watch those on NATS; see and set back who listens over FIX."""


@app.command(epilog="Examples: venue dropcopy refill --yes; venue dropcopy refill CHARLIE")
def refill(
    context: typer.Context,
    member: Annotated[
        str | None,
        typer.Argument(metavar="[MEMBER]", help="Only this member's stream of drop copies."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Until the stream is full again.")
    ] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Also where it belongs to another journal.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Wipe the stream of all events, or a member's, and have it filled from the journal.

    No consumer takes an event twice; one that lacks older events than the journal has says so. A
    member's copies come under their old numbers again, as far back as the journal goes.
    """
    place = data_dir_of(context, data_dir)
    running = running_in(place)
    if member is not None:
        _refill_member(place, running.nats, member, wait, force, yes, dry_run, as_json)
        return
    journal = DataDirectory(place).journal
    planned = refill_of(journal)
    if dry_run:
        _print_refill(planned, "would be wiped and refilled", as_json, dry_run=True)
        return
    confirm(f"wipe stream {STREAM} and refill it with {_described(planned)}", yes)
    began = time.monotonic()
    with _refused_in_a_line(running.nats):
        wiped = asyncio.run(wipe_for_refill(running.nats, journal, force=force))
        if not wait:
            _print_refill(wiped, "wiped; the publisher refills it", as_json)
            return
        _wait(running.nats, wiped.last_event_seq, STREAM)
    seconds = round(time.monotonic() - began, 3)
    _print_refill(wiped, f"refilled in {seconds} s", as_json, seconds=seconds)


def _refill_member(
    place: Path,
    nats_url: str,
    member: str,
    wait: bool,
    force: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    with _refused_in_a_line(nats_url):
        planned = asyncio.run(refill_of_member(nats_url, place, member, force=force))
        copies = f"{planned.last_member_seq} drop copies of {member}"
        if not dry_run:
            confirm(f"wipe stream {planned.stream} and refill it with {copies}", yes)
            asyncio.run(wipe_member(nats_url, planned))
            if wait:
                _wait(nats_url, planned.last_member_seq, planned.stream)
    if as_json:
        answer = {"ok": True, "stream": planned.stream, "copies": planned.last_member_seq}
        print_json({**answer, "dry_run": True} if dry_run else answer)
        return
    done = "would be wiped and refilled" if dry_run else "refilled" if wait else "wiped"
    typer.echo(f"stream {planned.stream} {done}: {copies}")


def _wait(nats_url: str, last: int, stream: str) -> None:
    with Console(stderr=True).status(f"refilling stream {stream}") as progress:

        def tell(at: int) -> None:
            progress.update(f"stream {stream} is refilled up to {at} of {last}")

        asyncio.run(wait_for_refill(nats_url, last, tell, stream=stream))


@contextmanager
def _refused_in_a_line(nats_url: str) -> Iterator[None]:
    """Ends the program with status 1 and one line for whatever a refill may meet."""
    try:
        yield
    except StreamDisagrees as error:
        refuse(f"{error} (--force)")
    except (RefillStalled, NoDropCopies, Disagreement) as error:
        refuse(str(error))
    except (OSError, NatsError) as error:
        refuse(f"NATS at {mask_url(nats_url)} failed: {error or repr(error)}")


app.command(epilog="Example: venue dropcopy listeners --json")(listeners)
app.command(
    epilog="Examples: venue dropcopy rewind ALPHA-DC 12340; venue dropcopy rewind ALPHA-DC first"
)(rewind)


@app.command(epilog="Example: venue dropcopy watch ALPHA --from 1 --json")
def watch(
    context: typer.Context,
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Whose executions.")],
    first: Annotated[
        int | None,
        typer.Option("--from", min=1, metavar="MEMBER_SEQ", help="Begin there, not now."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, metavar="N", help="End after N of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each as it came.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Show a member's executions as they happen, each once, until Ctrl-C."""
    if not _MEMBER.fullmatch(member):
        raise typer.BadParameter(f"{member!r} is no name of a member")
    running = running_in(data_dir_of(context, data_dir))
    show = _print_raw if as_json else _print_line

    async def follow() -> None:
        stop = stop_on_signals()
        left = itertools.count(count or -1, -1)

        def show_counted(member_seq: int, payload: bytes) -> None:
            if stop.is_set():
                return
            show(member_seq, payload)
            if next(left) == 1:
                stop.set()

        await Watch(running.nats, member, first, show_counted, _say).run(stop)

    try:
        asyncio.run(follow())
    except (NoDropCopies, Disagreement) as error:
        refuse(str(error))
    except (OSError, NatsError) as error:
        refuse(f"NATS at {mask_url(running.nats)} cannot be reached: {error or repr(error)}")


def _print_raw(member_seq: int, payload: bytes) -> None:
    print(payload.decode(), flush=True)


def _print_line(member_seq: int, payload: bytes) -> None:
    try:
        line = drop_copy_line(decode_copy(payload))
    except msgspec.MsgspecError:  # of another version than this command
        line = shown(f"{member_seq} {payload.decode(errors='backslashreplace')}")
    print(line, flush=True)


def _say(what: str) -> None:
    typer.echo(what, err=True)


def _described(planned: Refill) -> str:
    if planned.events < 1:
        return "no events: the journal is empty"
    text = f"{planned.events} events, {planned.first_event_seq} to {planned.last_event_seq}"
    if planned.first_event_seq > 1:
        text += f" (the journal does not have events 1 to {planned.first_event_seq - 1} any more)"
    return text


def _print_refill(done: Refill, what: str, as_json: bool, **more: object) -> None:
    if as_json:
        answer = {
            "ok": True,
            "stream": STREAM,
            "events": done.events,
            "first_event_seq": done.first_event_seq,
            "last_event_seq": done.last_event_seq,
            **more,
        }
        print_json(answer)
    else:
        typer.echo(f"stream {STREAM} {what}: {_described(done)}")
