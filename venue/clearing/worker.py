"""The clearing process: a consumer of the venue's events that books them in PostgreSQL.

May know the bus and the repository. Goes on when the database was away: nothing is skipped, and
after a failure the database itself is asked what was committed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.connection import Backoff, stop_on_signals
from venue.bus.consumer import AWAY_FAILURES_MAX, EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import PositionMoved, StoreAway
from venue.bus.parking import Parking
from venue.bus.position_file import Position, ShownPosition
from venue.bus.seals import key_of
from venue.bus.shared_stream import SharedStream
from venue.clearing.database import ledger_engine
from venue.clearing.migrations import NotMigrated
from venue.clearing.postings import BOOKED
from venue.clearing.repository import LedgerRepository
from venue.clearing.wallet.lines import RELAY
from venue.clearing.wallet.relay import WalletRelay
from venue.data_directory import DataDirectory
from venue.journal.identity import journal_identity
from venue.readers_file import read_readers
from venue.settings.configuration_error import ConfigurationError
from venue.tracing.ids import LEDGER
from venue.tracing.spans import noting

if TYPE_CHECKING:
    from venue.settings.settings import Settings

NAME = "clearing"
BATCH = 2_000
GATHER_SECONDS = 0.2
"""A batch costs a transaction: 3 ms of CPU here and 1 ms in PostgreSQL."""


_log = structlog.get_logger()


class ClearingWorker:
    """Feeds one ledger from one stream until it is stopped."""

    def __init__(
        self,
        engine: Engine,
        nats_url: str,
        journal_dir: Path | None,
        data_dir: Path | None = None,
        owner: Engine | None = None,
        shared: SharedStream | None = None,
        sealed_by: bytes | None = None,
        relay: WalletRelay | None = None,
    ) -> None:
        """data_dir: where the position is shown and a bad event is parked. owner: migrates.

        shared, sealed_by: see EventConsumer. relay: tells members what is booked, if anybody does.
        """
        self._engine = engine
        self._repository = LedgerRepository(engine, owner)
        self._nats_url = nats_url
        self._journal_dir = journal_dir
        self._shared = shared
        self._sealed_by = sealed_by
        self._relay = relay
        self._parking = Parking(NAME, nats_url, data_dir)
        self._shown = ShownPosition(data_dir and DataDirectory(data_dir).position(NAME))
        self._at = Position(0)
        self._must_reopen = False

    async def run(self, stop: asyncio.Event) -> None:
        """Wait for the database, then book every event after the ledger's position."""
        position = await self._open(stop)
        if position is None:
            await self._parking.close()
            return
        _log.info("clearing_started", position=position.event_seq)
        self._left_at(position)
        consumer = EventConsumer(
            name=NAME,
            nats_url=self._nats_url,
            journal_dir=self._journal_dir,
            position=position,
            apply=self._apply,
            parking=self._parking,
            shown=self._shown,
            batch=BATCH,
            gather_seconds=GATHER_SECONDS,
            shared=self._shared,
            sealed_by=self._sealed_by,
            reads=BOOKED,
        )
        is_over = asyncio.Event()
        telling = None
        if self._relay is not None:
            telling = asyncio.create_task(self._relay.run(is_over))
        try:
            await consumer.run(stop)
        finally:
            is_over.set()
            if telling is not None:
                await telling

    async def _open(self, stop: asyncio.Event) -> Position | None:
        """The ledger's position once the database answers; None when stopped before.

        Halts at a ledger of a later version, or one that it may not migrate.
        """
        backoff, failures = Backoff(), 0
        while not stop.is_set():
            try:
                return await asyncio.to_thread(self._repository.open)
            except NotMigrated as error:
                await self._parking.halt(0, str(error), stop)
                return None
            except (SQLAlchemyError, psycopg.Error) as error:
                _log.warning("database_away", error=_first_line(error))
                self._engine.dispose()
                failures += 1
                if failures == AWAY_FAILURES_MAX:
                    self._parking.park(0, f"the ledger is away: {_first_line(error)}", stop)
            await backoff.pause(stop)
        return None

    async def _apply(self, events: Sequence[Delivered], reached: Position) -> None:
        """Book events. A failure of the database is raised, and the consumer tries again."""
        try:
            if self._must_reopen:  # it may be another database now, or one from a backup
                position = await asyncio.to_thread(self._repository.open)
                self._must_reopen = False
                if position != self._at:
                    raise PositionMoved(position)
            booked = (event for event in events if event.head.type in BOOKED)
            with noting(NAME, LEDGER, reached.journal, booked):
                await asyncio.to_thread(self._repository.apply, events, reached)
        except (SQLAlchemyError, psycopg.Error) as error:
            self._must_reopen = True
            self._engine.dispose()
            raise StoreAway(_first_line(error)) from error
        except PositionMoved as moved:  # the ledger is opened again
            self._must_reopen = True
            self._left_at(moved.position)
            raise
        self._at = reached
        if self._relay is not None:
            self._relay.look()

    def _left_at(self, position: Position) -> None:
        """Show the ledger's position to retention and operators; the one in the database counts.

        The position of another journal's ledger is not shown.
        """
        self._at = position
        own = journal_identity(self._journal_dir) if self._journal_dir is not None else ""
        if position.journal in ("", own):
            self._shown.note(position)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [repr(error)])[0]


async def follow(
    settings: "Settings",
    stop: asyncio.Event,
    shared: SharedStream | None,
    nats_url: str,
    database_url: str,
    owner_url: str,
) -> None:
    """Clear the events of `nats_url` into `database_url` until `stop` is set.

    owner_url: the same database, with the login that migrates.
    """
    engine, owner = ledger_engine(database_url), ledger_engine(owner_url)
    telling = ledger_engine(database_url)  # so that booking waits for nobody
    try:
        data_dir = settings.data_dir
        place = DataDirectory(data_dir)
        relay = WalletRelay(
            telling,
            nats_url,
            Parking(NAME, nats_url, data_dir, part=RELAY),
            partial(_readers, place.readers),
            replicas=settings.nats.replicas,
        )
        sealed_by = key_of(settings.nats.publisher_key)
        worker = ClearingWorker(
            engine, nats_url, place.journal, data_dir, owner, shared, sealed_by, relay
        )
        await worker.run(stop)
    finally:
        for each in (engine, owner, telling):
            each.dispose()


def _readers(path: Path) -> Mapping[str, str]:
    """Members by the names of their readers; none where their file cannot be read, which is logged.

    They have their places then already, but for a stream that was just made again.
    """
    try:
        readers = read_readers(path)
    except ConfigurationError as error:
        _log.error("readers_unknown", error=str(error))
        return {}
    return {name: reader.member for name, reader in readers.items() if reader.member}


async def run(settings: "Settings", nats_url: str, database_url: str, owner_url: str) -> None:
    """As `follow`, alone, until SIGTERM or SIGINT."""
    await follow(settings, stop_on_signals(), None, nats_url, database_url, owner_url)
