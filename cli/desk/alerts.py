"""`venue alerts`: what somebody has to look at now, and what alerted last.

Asks all that may know: trading, the processes, the files of halted consumers, the stream ALERTS and
the journal. Who does not answer is an alert himself.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from venue.audit.event_alerts import SESSIONS_CLOSED
from venue.bus.alerts import ALERTS, Alert
from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.subjects import alert_subject
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of
from venue.cli.records.recorded import refusing
from venue.cli.text.times import in_zone
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.domain.events import EntryBlocked, EntryRestored, RiskAlerted
from venue.domain.overview import Blocks
from venue.health import Health, health
from venue.journal.segment import has_segments
from venue.masking import mask_url
from venue.printable import shown
from venue.reconcile.last_round import BREAK_FOUND
from venue.replay.order_search import matching_records
from venue.servers.runtime import RuntimeInfo, find_running
from venue.servers.supervisor import CONSUMER_LAGS, PROCESS_FAILING

LATEST = 20
WATCH_SECONDS = 2.0
NATS_SECONDS = 3.0
STANDS_AS = {
    "consumer_halted": "consumer_halted",
    PROCESS_FAILING: "process",
    CONSUMER_LAGS: "process",
    SESSIONS_CLOSED: "sessions_closed",
    BREAK_FOUND: BREAK_FOUND,
}
"""Types of alerts about something that lasts, and as what it stands meanwhile."""
_TOLD_OF = (b'"RiskAlerted"', b'"EntryBlocked"', b'"EntryRestored"')


class AlertRow(msgspec.Struct, frozen=True):
    """type: what kind; who: process, member, session or instrument; time: None where none is known.

    Types that stand: consumer_halted, process, unreachable, not_running, killed_members and the
    other blocks of venue status, held_commands. is_over: what it told of is over; over_since: since
    when, where that is known.
    """

    type: str
    who: str
    text: str
    time: str | None = None
    is_over: bool = False
    over_since: str | None = None


class AlertsTold(msgspec.Struct, frozen=True):
    """standing: what somebody has to look at now. last: the latest alerts, the last one last."""

    standing: list[AlertRow]
    last: list[AlertRow]


def alerts(
    context: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help="Print again whenever it has changed, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """What stands, such as a halted consumer, a kill or a held command; and the last 20 alerts.

    Asks the running venue, its NATS and its journal; of a venue that does not run, the journal and
    the files of its consumers. With --watch and --json each change is an object on a line.

    Example: venue alerts --json
    """
    place = data_dir_of(context, data_dir)
    before: AlertsTold | None = None
    while True:
        told = found_alerts(place)
        if told != before:
            _print(told, as_json)
        before = told
        if not watch:
            return
        time.sleep(WATCH_SECONDS)


def found_alerts(data_dir: Path) -> AlertsTold:
    """All that can be found out now."""
    running = find_running(data_dir)
    last = [*_journaled(data_dir)]
    if running is None:
        halted = [
            AlertRow("consumer_halted", each.consumer, each.error, iso(each.timestamp_ns))
            for each in read_parked(data_dir)
        ]
        here = AlertRow("not_running", "venue", f"no venue is running in {data_dir}")
        return AlertsTold([here, *halted], last)
    found = health(data_dir, running)
    standing = [*_standing(found)]
    try:
        last += asyncio.run(_published(running))
    except (OSError, NatsError, TimeoutError) as error:
        what = f"{mask_url(running.nats)}: {error or repr(error)}"
        standing.append(AlertRow("unreachable", "nats", what))
    last.sort(key=lambda each: each.time or "")
    return AlertsTold(standing, _ended(last[-LATEST:], standing))


def _ended(last: list[AlertRow], standing: list[AlertRow]) -> list[AlertRow]:
    """The same, with those marked whose trouble does not stand any more.

    Of several about one trouble only the latest may still stand.
    """
    stands = {(each.type, each.who) for each in standing}
    told: list[AlertRow] = []
    for each in reversed(last):
        kind = STANDS_AS.get(each.type)
        if kind is None:
            told.append(each)
            continue
        whose = (kind, "all" if each.type == SESSIONS_CLOSED else each.who)
        told.append(each if whose in stands else msgspec.structs.replace(each, is_over=True))
        stands.discard(whose)
    return told[::-1]


def _standing(found: Health) -> Iterator[AlertRow]:
    for each in found.processes:
        if each.halted is not None:
            since = iso(each.halted.timestamp_ns)
            yield AlertRow("consumer_halted", each.process, each.halted.error, since)
        elif each.trouble:
            yield AlertRow("process", each.process, each.trouble)
    for line in found.unreachable:
        who, _, text = line.partition(": ")
        yield AlertRow("unreachable", who.lower(), text)
    for server in found.servers:
        if server.trouble:
            yield AlertRow("server", server.server, server.trouble)
    if found.reconciliation is not None:
        yield AlertRow(BREAK_FOUND, "reconciler", found.reconciliation)
    if found.trading is not None:
        for line in found.trading.troubles:
            yield AlertRow("process", "trading", line)
        yield from _blocked(found.trading.blocks)


def _blocked(blocks: Blocks) -> Iterator[AlertRow]:
    """What an operator, or the venue itself, has stopped: each name of each kind."""
    for kind, value in msgspec.structs.asdict(blocks).items():
        match value:
            case bool():
                if value:
                    yield AlertRow(kind, "all", "no order enters: venue revive all lifts it")
            case int():
                if value:
                    yield AlertRow(kind, "desk", f"{value} wait for approval: venue approvals")
            case None:
                pass
            case str():
                yield AlertRow(kind, "all", value)
            case dict():
                yield from (AlertRow(kind, name, code) for name, code in value.items())
            case _:
                is_so = f"is {kind.partition('_')[0]}"
                yield from (AlertRow(kind, name, is_so) for name in value)


def _journaled(data_dir: Path) -> Iterator[AlertRow]:
    """The last alerts of the risk controls."""
    journal = DataDirectory(data_dir).journal
    if not has_segments(journal):
        return
    found: deque[AlertRow] = deque(maxlen=LATEST)
    with refusing():
        for _, record in matching_records(journal, *_TOLD_OF):
            for event in record.events:
                at = iso(event.timestamp_ns)
                if isinstance(event, RiskAlerted):
                    found.append(
                        AlertRow("RiskAlerted", event.member, f"{event.code} {event.detail}", at)
                    )
                elif isinstance(event, EntryBlocked):
                    text = f"{event.code} {event.detail or event.reason}".rstrip()
                    found.append(AlertRow("EntryBlocked", event.name or event.scope, text, at))
                elif isinstance(event, EntryRestored):
                    _end(found, event.name or event.scope, event.code, at)
    yield from found


def _end(found: deque[AlertRow], who: str, code: str, at: str) -> None:
    """Mark the blocks of that code as over."""
    for index, each in enumerate(found):
        is_it = (each.type, each.who) == ("EntryBlocked", who) and not each.is_over
        if is_it and each.text.partition(" ")[0] == code:
            found[index] = msgspec.structs.replace(each, is_over=True, over_since=at)


async def _published(running: RuntimeInfo) -> list[AlertRow]:
    """The operator's last alerts of the stream ALERTS; none where nothing has alerted yet.

    Members' alerts stand between them: it looks back ever further until it has enough.
    """
    async with asyncio.timeout(NATS_SECONDS), connected(running.nats, "alerts") as connection:
        jetstream = connection.client.jetstream()
        try:
            state = (await jetstream.stream_info(ALERTS)).state
        except NotFoundError:
            return []
        reach, latest = 10 * LATEST, deque[AlertRow](maxlen=LATEST)
        while True:
            begin = max(state.first_seq, state.last_seq - reach + 1)
            latest.clear()
            async for alert in _alerts_from(jetstream, begin):
                at = iso(alert.timestamp_ns)
                latest.append(AlertRow(alert.type, alert.consumer, alert.error, at))
            if len(latest) == LATEST or begin == state.first_seq:
                return [*latest]
            reach *= 10


async def _alerts_from(jetstream: JetStreamContext, sequence: int) -> AsyncIterator[Alert]:
    """The operator's alerts from this sequence on."""
    while True:
        try:
            message = await jetstream.get_msg(
                ALERTS, max(sequence, 1), subject=alert_subject(""), next=True
            )
        except NotFoundError:
            return
        yield msgspec.json.decode(message.data or b"", type=Alert)
        sequence = (message.seq or 0) + 1


def _print(told: AlertsTold, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    for each in told.standing:
        since = f" since {each.time}" if each.time else ""
        typer.secho(shown(f"stands{in_zone(since)}: {each.type} {each.who}: {each.text}"), fg="red")
    if not told.standing:
        typer.echo("nothing stands")
    for each in told.last:
        since = f" since {each.over_since}" if each.over_since else ""
        over = f"  (over{since})" if each.is_over else ""
        at = str(each.time)
        typer.echo(shown(f"{in_zone(at)}  {each.type} {each.who}: {each.text}{in_zone(over)}"))
