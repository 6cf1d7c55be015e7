"""Each member's stream of drop copies beside what the journal's events give.

May know JetStream, the journal's reader and how copies are made. Of the expected copies it keeps
eight bytes each, so that millions fit into memory; what differs is made again to be named. What a
stream does not have yet is the sink's lag, and so is a stream that the sink has not made yet:
neither is a difference.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
from nats.js.errors import NotFoundError

from venue.bus.connection import Connection
from venue.bus.event_pull import EventPull, Pulled
from venue.bus.subjects import drop_stream
from venue.data_directory import DataDirectory
from venue.domain.codec import decode_event
from venue.dropcopy.copies import AnyCopy, copies_of
from venue.dropcopy.drop_copy import DROP_COPY_VERSION
from venue.dropcopy.numbering import read_numbers
from venue.journal.reader import JournalReader
from venue.reconcile.difference import Compared, Found, Store

BATCH = 500
SINK = "dropcopy"
_DIGEST_BYTES = 8


class _Head(msgspec.Struct):
    member_seq: int
    event_seq: int
    v: int = DROP_COPY_VERSION


class _Expected:
    """The copies of the journal's events, member by member.

    first: member_seq of the first one, which is not 1 where the journal's beginning was removed.
    """

    def __init__(self, journal: Path, last: int) -> None:
        self.is_whole = True
        self._journal = journal
        self._last = last
        self._digests: defaultdict[str, bytearray] = defaultdict(bytearray)
        for copy in self._copies():
            self._digests[copy.member] += _digest(msgspec.json.encode(copy))

    def members(self) -> list[str]:
        return sorted(self._digests)

    def count(self, member: str) -> int:
        return len(self._digests[member]) // _DIGEST_BYTES

    def digest(self, member: str, member_seq: int) -> bytes:
        end = member_seq * _DIGEST_BYTES
        return bytes(self._digests[member][end - _DIGEST_BYTES : end])

    def copy(self, member: str, member_seq: int) -> AnyCopy:
        """One copy again: walks the journal."""
        return next(
            copy
            for copy in self._copies()
            if copy.member == member and copy.member_seq == member_seq
        )

    def _copies(self) -> Iterator[AnyCopy]:
        reader = JournalReader(self._journal)
        counts: defaultdict[str, int] = defaultdict(int)
        try:
            first = reader.first_event_seq()
            self.is_whole = first == 1
            reader.seek(first)
            while events := reader.read(BATCH):
                for event in events:
                    if event.event_seq > self._last:
                        return
                    for copy in copies_of(decode_event(event.payload)):
                        counts[copy.member] += 1
                        yield msgspec.structs.replace(copy, member_seq=counts[copy.member])
        finally:
            reader.close()


async def compare_drop_copies(
    connection: Connection, name: str, place: DataDirectory, last: int, *, made_here: bool = True
) -> Compared:
    """Compare all streams with the copies of the events up to `last`.

    made_here: the sink keeps its numbers in `place`; where it runs apart, each stream has to be
    there. Raises PullEnded, NatsError, JournalDamage. Where the journal's beginning was removed
    the numbers cannot be counted, and nothing is compared.
    """
    expected = _Expected(place.journal, last)
    found = Found(Store.DROP_COPIES)
    if not expected.is_whole:
        return found.compared("nothing: the journal's beginning was removed by retention")
    compared = 0
    # never ahead of the streams: who has a number there has had a stream
    copied = read_numbers(place.position(SINK)).members
    for member in expected.members():
        has_had = copied.get(member, 0) > 0 or not made_here
        compared += await _compare_member(connection, name, member, expected, found, has_had)
    return found.compared(f"{compared:,} copies of {len(expected.members())} members")


async def _compare_member(
    connection: Connection,
    name: str,
    member: str,
    expected: _Expected,
    found: Found,
    has_had: bool,
) -> int:
    """Compare one stream; how many copies it has. has_had: whether it was there before."""
    stream = drop_stream(member)
    try:
        state = (await connection.client.jetstream().stream_info(stream)).state
    except NotFoundError:
        if has_had:
            found.note(f"stream {stream}", "row", f"{expected.count(member)} copies", None)
        return 0
    left, at, compared = state.messages, 0, 0
    if not left:
        return 0
    async with EventPull(connection, name, state.first_seq, stream) as pull:
        while left > 0:
            messages = await pull.next(min(BATCH, left))
            left -= len(messages)
            for message in messages:
                at = _compare_copy(member, message, at, expected, found)
                compared += 1
    return compared


def _compare_copy(member: str, message: Pulled, at: int, expected: _Expected, found: Found) -> int:
    """Compare one message behind copy `at`. Returns the number of the copy that it is."""
    number = message.number
    if number is None:
        found.note(f"{member}: behind copy {at}", "owner", None, "a message of somebody else")
        return at
    key = f"{member}: copy {number}"
    if at and number != at + 1:
        found.note(f"{member}: copy {at + 1}", "row", "there", None)
    if number > expected.count(member):
        return number  # of events that came after the count
    if _digest(message.data) == expected.digest(member, number):
        return number
    _name_difference(key, message.data, expected.copy(member, number), found)
    return number


def _name_difference(key: str, data: bytes, expected: AnyCopy, found: Found) -> None:
    try:
        head = msgspec.json.decode(data, type=_Head)
        fields = msgspec.json.decode(data)
    except msgspec.MsgspecError as error:
        found.note(key, "row", "a drop copy", str(error), expected.event_seq)
        return
    if head.v != DROP_COPY_VERSION:
        return  # another version of the venue wrote it otherwise
    said = msgspec.json.decode(msgspec.json.encode(expected))
    for field in sorted({*said, *fields}):
        ours, theirs = said.get(field), fields.get(field)
        if ours != theirs:
            found.note(key, field, _text(ours), _text(theirs), expected.event_seq)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_BYTES).digest()
