"""The dropcopy process: turns every event from NATS into drop copies in the members' streams.

May know the consumer, the numbering and the members' streams. The streams themselves say where
to go on; its own file only says from which event on they have to be compared.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from nats.errors import Error as NatsError

from venue.bus.acknowledgements import NotStored
from venue.bus.agreement import (
    JournalNotShown,
    ensure_in_journal,
    ensure_owner,
)
from venue.bus.connection import (
    Backoff,
    Connection,
    connected,
    stop_on_signals,
    wait_for_stop,
)
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import ConsumerHalted, StoreAway
from venue.bus.parking import Parking
from venue.bus.position_file import Position
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.bus.stream import Disagreement, owner_of
from venue.bus.subjects import STREAM
from venue.data_directory import DataDirectory
from venue.dropcopy.copies import AnyCopy
from venue.dropcopy.drop_streams import MEND, DropStreams
from venue.dropcopy.member_halts import MemberHalts
from venue.dropcopy.numbering import Numbers, count_back, keep_numbers, number, read_numbers
from venue.journal.reader import JournalReader
from venue.readers_file import read_readers
from venue.settings.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from venue.settings.settings import Settings

CONSUMER = "dropcopy"
CHECK_SECONDS = 2.0
KEEP_SECONDS = 1.0
_PASSING = (OSError, NatsError, NotStored, JournalNotShown)
"""Failures that end by themselves: the streams are asked again."""

_log = structlog.get_logger()


class DropCopier:
    """Fills the members' streams from one stream of events until it is stopped."""

    def __init__(
        self,
        data_dir: Path,
        nats_url: str,
        shared: SharedStream | None = None,
        sealed_by: bytes | None = None,
        *,
        replicas: int = 1,
    ) -> None:
        """shared, sealed_by: see EventConsumer. replicas: of streams that have to be made."""
        self._replicas = replicas
        self._nats_url = nats_url
        self._shared = shared
        self._sealed_by = sealed_by
        place = DataDirectory(data_dir)
        self._file = place.position(CONSUMER)
        self._readers = place.readers
        journal_dir = place.journal
        self._journal_dir = journal_dir if journal_dir.is_dir() else None
        self._parking = Parking(CONSUMER, nats_url, data_dir)
        self._data_dir = data_dir
        self._numbers = Numbers()
        self._kept = Numbers()
        self._is_unkept = False

    async def run(self, stop: asyncio.Event) -> None:
        """Copy until `stop` is set, through every failure of NATS."""
        backoff = Backoff()
        halts = MemberHalts(CONSUMER, self._nats_url, self._data_dir, stop)
        while not stop.is_set():
            before = self._numbers.event_seq
            try:
                async with connected(self._nats_url, f"{CONSUMER}-streams") as connection:
                    streams = await self._streams(connection, halts)
                    await self._begin(streams)
                    await self._copy(streams, stop)
            except _PASSING as error:
                _log.warning("copying_interrupted", error=str(error) or repr(error))
            except Exception as error:  # a stream may be wiped meanwhile: it is tried again
                self._parking.park(0, str(error) or repr(error), stop)
            if self._numbers.event_seq > before:
                backoff.reset()
            await backoff.pause(stop)
        await self._parking.close()
        await halts.close()

    async def _streams(self, connection: Connection, halts: MemberHalts) -> DropStreams:
        """The members' streams. Raises StreamDisagrees if the stream of events is another's."""
        owner = await owner_of(connection.client.jetstream())
        if owner is None:
            raise NotStored(f"there is no stream {STREAM} yet")
        reader = None if self._journal_dir is None else JournalReader(self._journal_dir)
        journal = owner if reader is None else reader.identity()
        ensure_owner(owner, journal)
        streams = DropStreams(
            connection,
            journal,
            (lambda: None) if reader is None else reader.durable_event_seq,
            halts,
            self._readers_of,
            replicas=self._replicas,
        )
        await streams.listen()
        return streams

    def _readers_of(self, member: str) -> list[str]:
        """Names of the member's readers; none where their file cannot be read, which is logged."""
        try:
            readers = read_readers(self._readers)
        except ConfigurationError as error:
            _log.error("readers_unknown", error=str(error))
            return []
        return [name for name, reader in readers.items() if reader.member == member]

    async def _begin(self, streams: DropStreams) -> None:
        """Find the event up to which all copies are in the streams, and the numbers there.

        A stream that was wiped, or has lost its end, needs older copies. They are made again from
        the event of its last copy on; copies that the other streams have are left out.
        """
        kept = read_numbers(self._file)
        if self._journal_dir is not None:
            reader = JournalReader(self._journal_dir)
            try:
                ensure_in_journal(kept.position, reader, f"file {self._file.name}")
            finally:
                reader.close()
        begin = kept.event_seq
        for member, count in kept.members.items():
            end = await streams.end_of(member)
            if end is None:
                continue
            if end.member_seq > count and end.event_seq <= kept.event_seq:
                await streams.halt(
                    member,
                    f"its stream has {end.member_seq} copies, but there are {count} after event "
                    f"{kept.event_seq}: it is of another journal; {MEND}",
                )
                continue
            if end.member_seq < count:
                begin = min(begin, max(end.event_seq - 1, 0))
        self._kept = kept
        if begin < kept.event_seq:
            kept = await count_back(kept, begin, self._journal_dir)
        self._numbers = kept
        _log.info("copying", after_event=kept.event_seq, members=len(kept.members))

    async def _copy(self, streams: DropStreams, stop: asyncio.Event) -> None:
        """Consume until `stop` is set or a stream does not take what it should."""
        ended = asyncio.Event()
        failure: list[Exception] = []

        async def apply(events: Sequence[Delivered], reached: Position) -> None:
            try:
                await self._store(streams, events, reached)
            except Disagreement as error:  # it stays so until the stream is wiped
                raise ConsumerHalted(events[0].event_seq, str(error)) from error
            except _PASSING as error:
                failure.append(error)
                ended.set()  # the streams have to be asked first: not the same copies again
                raise StoreAway(str(error)) from error

        consumer = EventConsumer(
            name=CONSUMER,
            nats_url=self._nats_url,
            journal_dir=self._journal_dir,
            position=self._numbers.position,
            apply=apply,
            parking=self._parking,
            shared=self._shared,
            sealed_by=self._sealed_by,
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
            await self._keep(streams)
        if failure:
            raise failure[0]

    async def _look_after(self, streams: DropStreams, ended: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        check_at = clock() + CHECK_SECONDS
        while not await wait_for_stop(ended, KEEP_SECONDS):
            await self._keep(streams)
            if clock() >= check_at:
                await streams.check()
                check_at = clock() + CHECK_SECONDS

    async def _store(
        self, streams: DropStreams, events: Sequence[Delivered], reached: Position
    ) -> None:
        numbers, copies = self._numbers, list[AnyCopy]()
        for delivered in events:
            known = len(numbers.members)
            numbers, made = number(numbers, delivered.event)
            copies += made
            if len(numbers.members) > known:
                await streams.end_of(next(reversed(numbers.members)))
        await streams.store(copies)
        self._numbers = Numbers(reached.event_seq, numbers.members, reached.journal, reached.digest)

    async def _keep(self, streams: DropStreams) -> None:
        """Write the numbers to disk, in a thread, unless the file has later ones.

        While a member halts the file stays behind it: so the journal keeps what its stream lacks.
        A full disk costs a longer start only: from older numbers more copies are compared.
        """
        if streams.any_halts or self._numbers.event_seq <= self._kept.event_seq:
            return
        numbers = self._numbers
        try:
            await asyncio.to_thread(keep_numbers, self._file, numbers)
        except OSError as error:
            if not self._is_unkept:
                _log.error("numbers_not_kept", file=self._file.name, error=str(error))
            self._is_unkept = True
        else:
            self._kept, self._is_unkept = numbers, False


async def follow(
    settings: "Settings", stop: asyncio.Event, shared: SharedStream | None, nats_url: str
) -> None:
    """Copy the events of the venue of settings.data_dir until `stop` is set."""
    sealed_by = key_of(settings.nats.publisher_key)
    replicas = settings.nats.replicas
    await DropCopier(settings.data_dir, nats_url, shared, sealed_by, replicas=replicas).run(stop)


async def run(settings: "Settings", nats_url: str) -> None:
    """As `follow`, alone, until SIGTERM or SIGINT."""
    await follow(settings, stop_on_signals(), None, nats_url)
