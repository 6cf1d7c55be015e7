"""`venue tail`: live events from NATS, one readable line each.

Parses, subscribes, prints; what arrived before it began is not shown, the journal has it.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from typing import Annotated, Any, get_args

import msgspec
import typer
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from rich.console import Console
from rich.text import Text

from venue.bus.alerts import ALL_ALERTS
from venue.bus.connection import Backoff, Connection, connected, stop_on_signals
from venue.bus.subjects import ALL_EVENTS, meets
from venue.cli.options import DataDirOption, data_dir_of, refuse, running_in, wrong_use
from venue.cli.text.tail import describe
from venue.cli.text.times import time_of_day
from venue.domain.events import AnyEvent
from venue.marketdata.messages import KINDS
from venue.masking import mask_url
from venue.printable import shown

_SUBJECT = re.compile(r"([^\s.>]+\.)*([^\s.>]+|>)")
_KINDS = tuple(dict.fromkeys(KINDS.values()))
_PUBLISHED = (
    *(f"venue.events.{kind.__name__}.*" for kind in get_args(AnyEvent)),
    *(f"md.*.{kind}" for kind in _KINDS),
    "drop.*.*",
    ALL_ALERTS,
)
"""Subjects that a venue publishes on; those of NATS itself begin with a dollar."""
_IN_WORDS = (
    "venue.events.TYPE.SYMBOL with a type such as TradeExecuted, "
    f"md.SYMBOL.{'|'.join(_KINDS)}, drop.MEMBER.SYMBOL, alert._"
)
_STYLES = {
    "TradeExecuted": "bold green",
    "Trade": "bold green",
    "TradeBusted": "bold red",
    "TradeCorrected": "bold yellow",
    "OrderAccepted": "cyan",
    "OrderReplaced": "yellow",
    "OrderRestated": "yellow",
    "OrderCanceled": "magenta",
    "OrderExpired": "magenta",
    "MassCancelReported": "magenta",
    "OrderRejected": "red",
    "CancelRejected": "red",
    "CommandRefused": "bold red",
    "consumer_halted": "bold red",
    "EntryBlocked": "bold red",
    "EntryRestored": "bold green",
    "InstrumentHalted": "bold red",
    "InstrumentDisabled": "bold red",
    "InstrumentResumed": "bold green",
    "SessionEnded": "bold magenta",
    "SessionEnabled": "green",
    "HistoryBegun": "bold red",
    "SessionsOpened": "bold green",
    "KycChanged": "bold yellow",
    "LimitsSet": "yellow",
    "ActionHeld": "bold yellow",
    "ActionApproved": "green",
    "ActionDeclined": "yellow",
    "RiskAlerted": "bold yellow",
}


def tail(
    context: typer.Context,
    subject: Annotated[
        str, typer.Argument(help="NATS subject, with * and > as wildcards.")
    ] = ALL_EVENTS,
    count: Annotated[
        int | None, typer.Option("--count", min=1, metavar="N", help="End after N events.")
    ] = None,
    data_dir: DataDirOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print each event as it came.")] = False,
) -> None:
    """Show what happens, as it happens, until Ctrl-C.

    Examples:

        venue tail

        venue tail 'venue.events.TradeExecuted.>'

        venue tail 'md.ACME.*' --json --count 10

        venue tail 'alert.>'
    """
    if not _SUBJECT.fullmatch(subject):
        wrong_use(f"{subject!r} is no NATS subject")
    if not any(meets(subject, each) for each in _PUBLISHED) and not subject.startswith("$"):
        wrong_use(f"nothing is ever published on {subject}; there are {_IN_WORDS}")
    place = data_dir_of(context, data_dir)
    running = running_in(place)
    show = _print_raw if json else _line_printer()
    try:
        asyncio.run(_follow(running.nats, subject, count, show))
    except (OSError, NatsError) as error:
        refuse(f"NATS at {mask_url(running.nats)} cannot be reached: {error or repr(error)}")


async def _follow(
    nats_url: str, subject: str, count: int | None, show: Callable[[Msg], None]
) -> None:
    stop = stop_on_signals()
    left = count
    backoff = Backoff()
    has_connected = False

    async def take(message: Msg) -> None:
        nonlocal left
        if left == 0:
            return
        show(message)
        if left is not None:
            left -= 1
            if left == 0:
                stop.set()

    while not stop.is_set():
        try:
            async with connected(nats_url, "tail") as connection:
                has_connected = True
                backoff.reset()
                await connection.client.subscribe(
                    subject, cb=take, pending_msgs_limit=0, pending_bytes_limit=0
                )
                await _stopped_or_lost(connection, stop)
        except (OSError, NatsError):
            if not has_connected:
                raise
        if not stop.is_set():
            typer.echo("NATS is away; trying again", err=True)
            await backoff.pause(stop)


async def _stopped_or_lost(connection: Connection, stop: asyncio.Event) -> None:
    lost = asyncio.Event()
    connection.on_lost = lost.set
    if connection.client.is_closed:
        return
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(lost.wait())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


def _print_raw(message: Msg) -> None:
    print(message.data.decode(errors="backslashreplace"), flush=True)


def _line_printer() -> Callable[[Msg], None]:
    console = Console(soft_wrap=True, highlight=False)

    def show(message: Msg) -> None:
        console.print(_line(message))
        sys.stdout.flush()

    return show


def _line(message: Msg) -> Text:
    try:
        payload: Any = msgspec.json.decode(message.data)
    except msgspec.MsgspecError:
        payload = None
    if not isinstance(payload, dict):
        return Text(shown(f"{message.subject} {message.data.decode(errors='backslashreplace')}"))
    time_ns = payload.get("timestamp_ns")
    time = time_of_day(time_ns) if isinstance(time_ns, int) else "-"
    name = str(payload.get("type", message.subject))
    line = Text(f"{time:12} ")
    line.stylize("dim")
    line.append(f"{payload.get('event_seq', '-'):>9} ")
    line.append(shown(f"{name:<16} "), style=_STYLES.get(name, ""))
    line.append(shown(f"{payload.get('symbol', ''):<8} "), style="bold")
    line.append(shown(describe(payload)))
    return line
