"""Wipes the stream of all events; the running publisher then fills it again from the journal.

May know the stream and the journal's reader. Nothing is lost: the journal is the record.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from venue.bus.agreement import ensure_owner
from venue.bus.connection import connected
from venue.bus.stream import owner_of, stream_end, wipe_stream
from venue.bus.subjects import STREAM
from venue.journal.identity import journal_identity
from venue.journal.reader import JournalReader

LOOK_SECONDS = 0.1
STALLED_SECONDS = 30.0


class RefillStalled(Exception):
    """The stream is not being filled."""


class Refill(msgspec.Struct, frozen=True):
    """The events to fill in again, first and last included; none if last < first."""

    first_event_seq: int
    last_event_seq: int

    @property
    def events(self) -> int:
        """How many."""
        return self.last_event_seq - self.first_event_seq + 1


def refill_of(journal_dir: Path) -> Refill:
    """The events of a refill now: from the journal's first one to its durable position."""
    reader = JournalReader(journal_dir)
    return Refill(reader.first_event_seq(), reader.durable_event_seq() or 0)


async def wipe_for_refill(nats_url: str, journal_dir: Path, *, force: bool = False) -> Refill:
    """Delete the stream. Returns the events with which the publisher now fills it.

    Raises StreamDisagrees where it is another journal's, unless `force`; OSError, NatsError.
    """
    if not force:
        async with connected(nats_url, "refill") as connection:
            owner = await owner_of(connection.client.jetstream())
        ensure_owner(owner or "", journal_identity(journal_dir))
    await wipe_stream(nats_url)
    return refill_of(journal_dir)


async def wait_for_refill(
    nats_url: str,
    last: int,
    on_progress: Callable[[int], None],
    stalled_seconds: float = STALLED_SECONDS,
    stream: str = STREAM,
) -> None:
    """Return when the stream is there and has reached number `last` (event_seq or member_seq).

    Calls `on_progress` with the number stored so far. Raises RefillStalled after so many seconds
    without progress, OSError or NatsError when NATS goes away.
    """
    clock = asyncio.get_running_loop().time
    reached, since = -1, clock()
    async with connected(nats_url, "refill") as connection:
        jetstream = connection.client.jetstream()
        while reached < last:
            await asyncio.sleep(LOOK_SECONDS)
            end = await stream_end(jetstream, stream)
            now_at = end.event_seq if end is not None else -1
            if now_at != reached:
                reached, since = now_at, clock()
                on_progress(reached)
            elif clock() - since > stalled_seconds:
                raise RefillStalled(
                    f"stream {stream} stands at {max(reached, 0)} of {last} for "
                    f"{stalled_seconds:g} s: does the process that fills it run?"
                )
