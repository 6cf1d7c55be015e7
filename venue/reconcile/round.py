"""One round: every store beside the journal, one after the other.

May know the comparisons and where the stores are. Who is away is named: nothing is known of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from nats.errors import Error as NatsError

from venue.bus.agreement import JournalNotShown
from venue.bus.connection import connected
from venue.bus.event_pull import PullEnded
from venue.clearing.database import ledger_engine
from venue.data_directory import DataDirectory
from venue.journal.durable import shown_position
from venue.journal.reader import EventPruned
from venue.journal.segment import JournalDamage
from venue.reconcile.difference import Away, Compared, Difference, Store
from venue.reconcile.drop_copies import compare_drop_copies
from venue.reconcile.funds import ask_funds, compare_funds
from venue.reconcile.records import compare_ledger, compare_trail
from venue.reconcile.sessions import ask_sessions, compare_sessions
from venue.reconcile.stream import compare_stream
from venue.replay.replay import (
    ReplayDifference,
    Reports,
    SnapshotMissing,
    replay_journal,
)

NAME = "reconciler"
_AWAY = (
    Away, OSError, NatsError, PullEnded, JournalNotShown, EventPruned, TimeoutError,
)  # fmt: skip
"""What ends by itself: the store could not be read this time."""


class Round(msgspec.Struct, frozen=True):
    """What a round has found. seconds: how long it took. event_seq: the journal's end at its begin.

    away: why a store could not be compared, by its name. damage: why the journal itself could not
    be read or executed again; empty: it could.
    """

    began_ns: int
    seconds: float
    event_seq: int
    compared: list[Compared]
    away: dict[str, str]
    damage: str = ""

    @property
    def differences(self) -> list[Difference]:
        """All that are named."""
        return [each for compared in self.compared for each in compared.differences]

    @property
    def is_clean(self) -> bool:
        """Whether everything was compared and nothing differs."""
        return not (self.away or self.damage or any(each.count for each in self.compared))


class Places(msgspec.Struct, frozen=True):
    """Where a venue's stores are. reports: makes an event's messages, for sessions' numbers.

    copies_made_here: whether the sink of drop copies runs here and keeps its numbers in data_dir.
    """

    data_dir: Path
    nats_url: str
    database_url: str
    reports: Reports
    copies_made_here: bool = True


async def reconcile(
    places: Places,
    stores: frozenset[Store] = frozenset(Store),
    tell: Callable[[Store], None] = lambda store: None,
) -> Round:
    """Compare these stores. Takes time and processor by the length of the journal.

    tell: gets each one before it is compared.
    """
    began_ns, began = time.time_ns(), time.monotonic()
    place = DataDirectory(places.data_dir)
    shown = shown_position(place.journal)
    last = 0 if shown is None else shown.event_seq
    compared: list[Compared] = []
    away: dict[str, str] = {}
    damage = ""
    for store, compare in _comparisons(places, place, last).items():
        if store not in stores:
            continue
        tell(store)
        try:
            compared.append(await compare())
        except _AWAY as error:
            away[store] = str(error) or repr(error)
        except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
            damage = str(error)
            break
    seconds = round(time.monotonic() - began, 3)
    return Round(began_ns, seconds, last, compared, away, damage)


def _comparisons(
    places: Places, place: DataDirectory, last: int
) -> dict[Store, Callable[[], Awaitable[Compared]]]:
    journal = place.journal

    async def stream() -> Compared:
        async with connected(places.nats_url, NAME) as connection:
            return await compare_stream(connection, NAME, journal)

    async def drop_copies() -> Compared:
        async with connected(places.nats_url, NAME) as connection:
            return await compare_drop_copies(
                connection, NAME, place, last, made_here=places.copies_made_here
            )

    async def ledger() -> Compared:
        return await asyncio.to_thread(_ledger, places, journal)

    async def trail() -> Compared:
        return await asyncio.to_thread(compare_trail, place)

    async def funds() -> Compared:
        return await asyncio.to_thread(_funds, places, journal)

    async def sessions() -> Compared:
        return await asyncio.to_thread(_sessions, places, journal)

    return {
        Store.STREAM: stream,
        Store.DROP_COPIES: drop_copies,
        Store.LEDGER: ledger,
        Store.TRAIL: trail,
        Store.FUNDS: funds,
        Store.SESSIONS: sessions,
    }


def _ledger(places: Places, journal: Path) -> Compared:
    engine = ledger_engine(places.database_url)
    try:
        return compare_ledger(engine, journal)
    finally:
        engine.dispose()


def _funds(places: Places, journal: Path) -> Compared:
    answer = ask_funds(places.data_dir)
    replayed = replay_journal(journal, None, to_seq=answer.seq)
    engine = ledger_engine(places.database_url)
    try:
        return compare_funds(answer, replayed, engine)
    finally:
        engine.dispose()


def _sessions(places: Places, journal: Path) -> Compared:
    before = ask_funds(places.data_dir)
    answer = ask_sessions(places.data_dir)
    after = ask_funds(places.data_dir)
    replayed = replay_journal(journal, places.reports, to_seq=before.seq)
    return compare_sessions(answer, replayed, is_still=before.seq == after.seq)
