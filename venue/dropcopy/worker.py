"""The dropcopy process: every event from NATS, as drop copies into the streams of the members.

May know the consumer, the numbering and the members' streams. Where it goes on is asked of the
streams themselves; its own file only says from where on they need not be looked through.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from venue.dropcopy.agreement import StreamDisagrees
from venue.dropcopy.connection import Backoff, connected, stop_on_signals, wait_for_stop
from venue.dropcopy.consumer import ConsumerHalted, Delivered, EventConsumer
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.drop_streams import DropStreams
from venue.dropcopy.numbering import Numbers, count_back, keep_numbers, number, read_numbers
from venue.dropcopy.parking import Parking
from venue.dropcopy.position_file import position_file
from venue.dropcopy.stream import ForeignMessage
from venue.fault_points import fault_point

if TYPE_CHECKING:
    from venue.settings import Settings

CONSUMER = "dropcopy"
CHECK_SECONDS = 2.0
KEEP_SECONDS = 1.0

_log = structlog.get_logger()


class DropCopier:
    """Fills the members' streams from one stream of events until it is stopped."""

    def __init__(self, data_dir: Path, nats_url: str) -> None:
        self._nats_url = nats_url
        self._file = position_file(data_dir, CONSUMER)
        journal_dir = data_dir / "journal"
        self._journal_dir = journal_dir if journal_dir.is_dir() else None
        self._parking = Parking(CONSUMER, nats_url, data_dir)
        self._numbers = Numbers()
        self._kept = Numbers()
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Copy until `stop` is set, through every failure of NATS."""
        backoff = Backoff()
        while not stop.is_set():
            before = self._numbers.event_seq
            try:
                async with connected(self._nats_url, f"{CONSUMER}-streams") as connection:
                    streams = DropStreams(connection)
                    await streams.listen()
                    await self._begin(streams)
                    await self._copy(streams, stop)
            except (StreamDisagrees, ForeignMessage) as error:
                await self._park(str(error), stop)
            except Exception as error:  # whatever it was: the streams are asked again
                _log.warning("copying_interrupted", error=str(error) or repr(error))
            if self._numbers.event_seq > before:
                backoff.reset()
            await backoff.pause(stop)

    async def _begin(self, streams: DropStreams) -> None:
        """Find the event behind which all copies are in the streams, and the numbers there.

        A stream that was wiped, or that lost its end, needs copies from further back: they are
        made again from the event of its last copy on, and what the others have is left out.
        """
        kept = read_numbers(self._file)
        begin = kept.event_seq
        for member, count in kept.members.items():
            end = await streams.end_of(member)
            if end.member_seq < count:
                begin = min(begin, max(end.event_seq - 1, 0))
            elif end.member_seq > count and end.event_seq <= kept.event_seq:
                raise StreamDisagrees(
                    f"member {member} has {end.member_seq} copies in its stream, but {count} after "
                    f"event {kept.event_seq}: it is of another journal; wipe it"
                )
        self._kept = kept
        if begin < kept.event_seq:
            kept = await count_back(kept, begin, self._journal_dir)
        self._numbers = kept
        self._trouble = ""
        _log.info("copying", after_event=kept.event_seq, members=len(kept.members))

    async def _copy(self, streams: DropStreams, stop: asyncio.Event) -> None:
        """Consume until `stop` is set or a stream does not take what it should."""
        ended = asyncio.Event()
        failure: list[Exception] = []

        async def apply(events: Sequence[Delivered]) -> None:
            try:
                await self._store(streams, events)
            except StreamDisagrees as error:  # until somebody has wiped the stream
                raise ConsumerHalted(events[0].event_seq, str(error)) from error
            except Exception as error:
                failure.append(error)
                ended.set()  # the streams must be asked where they are: not the same again
                raise

        consumer = EventConsumer(
            name=CONSUMER,
            nats_url=self._nats_url,
            journal_dir=self._journal_dir,
            position=self._numbers.event_seq,
            apply=apply,
            parking=self._parking,
        )
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: ended.set())
        consuming = asyncio.create_task(consumer.run(ended))
        try:
            await self._look_after(streams, ended)
        finally:
            ended.set()
            await consuming
            stopping.cancel()
            self._keep()
        if failure:
            raise failure[0]

    async def _look_after(self, streams: DropStreams, ended: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        check_at = clock() + CHECK_SECONDS
        while not await wait_for_stop(ended, KEEP_SECONDS):
            self._keep()
            if clock() >= check_at:
                await streams.check()
                check_at = clock() + CHECK_SECONDS

    async def _store(self, streams: DropStreams, events: Sequence[Delivered]) -> None:
        numbers, copies = self._numbers, list[DropCopy]()
        for delivered in events:
            known = len(numbers.members)
            numbers, made = number(numbers, delivered.event)
            copies += made
            if len(numbers.members) > known:
                await streams.end_of(next(reversed(numbers.members)))
        fault_point("before-consumer-commit")
        await streams.store(copies)
        fault_point("after-consumer-commit")
        self._numbers = numbers

    def _keep(self) -> None:
        """Bring the numbers to disk, unless they say less than the file does already."""
        if self._numbers.event_seq > self._kept.event_seq:
            keep_numbers(self._file, self._numbers)
            self._kept = self._numbers

    async def _park(self, trouble: str, stop: asyncio.Event) -> None:
        """Say it once, and go on trying: somebody may wipe the stream meanwhile."""
        if trouble != self._trouble:
            self._trouble = trouble
            await self._parking.park(0, trouble, stop)


async def run(settings: "Settings", nats_url: str) -> None:
    """Copy the events of the venue of settings.data_dir until SIGTERM or SIGINT."""
    await DropCopier(Path(settings.data_dir), nats_url).run(stop_on_signals())
