"""The stream of all events beside the journal: each event in its place, byte for byte.

May know JetStream and the journal's reader. What the stream does not have yet is the publisher's
lag, and what retention has taken is gone on purpose: neither is a difference.
"""

from pathlib import Path

from nats.js.errors import NotFoundError

from venue.audit.journaled import JournaledEvents
from venue.bus.connection import Connection
from venue.bus.event_pull import EventPull, Pulled
from venue.bus.position_file import digest_of
from venue.bus.subjects import STREAM
from venue.reconcile.difference import Away, Compared, Found, Store

BATCH = 500


async def compare_stream(connection: Connection, name: str, journal: Path) -> Compared:
    """Compare all that the stream has now. Raises Away, PullEnded, NatsError, JournalDamage."""
    try:
        state = (await connection.client.jetstream().stream_info(STREAM)).state
    except NotFoundError as error:
        raise Away(f"there is no stream {STREAM}") from error
    walk = _Walk(journal)
    left = state.messages
    async with EventPull(connection, name, state.first_seq or 1) as pull:
        while left > 0:
            messages = await pull.next(min(BATCH, left))
            left -= len(messages)
            for message in messages:
                walk.take(message)
    return walk.compared()


class _Walk:
    """Messages in stream order, beside the journal's events."""

    def __init__(self, journal: Path) -> None:
        self._found = Found(Store.STREAM)
        self._journaled = JournaledEvents(journal)
        self._first = self._next = 0

    def take(self, message: Pulled) -> None:
        number = message.number
        if number is None:
            subject = message.subject.decode(errors="backslashreplace")
            self._found.note(f"a message behind event {self._next - 1}", "owner", None, subject)
            return
        if not self._first:
            self._first = self._next = number
        if number < self._next:
            self._found.note(f"event {number}", "place", "once", "again", number)
            return
        if number > self._next:
            last = number - 1
            events = f"event {last}" if last == self._next else f"events {self._next} to {last}"
            self._found.note(events, "row", "there", None, self._next)
        self._next = number + 1
        journaled = self._journaled.at(number)
        if journaled is None:
            self._found.note(f"event {number}", "row", None, _told(message.data), number)
        elif journaled != message.data:
            self._found.note(
                f"event {number}", "bytes", _told(journaled), _told(message.data), number
            )

    def compared(self) -> Compared:
        if not self._first:
            return self._found.compared("the stream is empty")
        return self._found.compared(f"events {self._first} to {self._next - 1}")


def _told(payload: bytes) -> str:
    """An event's bytes by their digest: what members do must not get into lists of breaks."""
    return f"{len(payload)} bytes, digest {digest_of(payload)[:12]}"
