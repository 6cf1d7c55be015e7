"""The members' streams of drop copies: each copy stored once, in the order of its member_seq.

May know JetStream. Each member has a stream of its own, so that access can be given to it alone,
and so that what is wrong with it stops nobody else's.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from nats.js.errors import BadRequestError, NotFoundError

from venue.bus.acknowledgements import Acknowledgements, NotStored
from venue.bus.agreement import StreamDisagrees, ensure_owner
from venue.bus.bulk import frame
from venue.bus.connection import Connection
from venue.bus.envelope import copy_headers, event_seq_of
from venue.bus.reader_consumers import make_consumer
from venue.bus.stream import Disagreement, StreamEnd, ensure_stream, stream_end
from venue.bus.subjects import all_drop_copies, drop_stream
from venue.dropcopy.copies import AnyCopy, subject_of
from venue.dropcopy.drop_copy import DROP_COPY_VERSION
from venue.dropcopy.member_halts import MemberHalts
from venue.fault_points import fault_point

ACKNOWLEDGEMENT_TIMEOUT_SECONDS = 5.0
MEND = "venue dropcopy refill MEMBER wipes it and fills it again"
_TOKEN_BYTES = 8


class DropEnd(NamedTuple):
    """The end of a member's stream: its sequence, and the last copy (member_seq 0: it is empty).

    payload: the last copy's bytes; empty where they were compared already, or another version of
    the venue wrote them.
    """

    sequence: int
    member_seq: int
    event_seq: int
    payload: bytes


class _Last(msgspec.Struct):
    event_seq: int
    v: int = DROP_COPY_VERSION


_Extent = tuple[int, int]
"""How many messages a stream has, and the sequence of the last one."""
_NO_STREAM: _Extent = (-1, -1)


def _nobody(member: str) -> Sequence[str]:
    return ()


class DropStreams:
    """The members' streams over one connection. After a failure make another one.

    A second process that writes does no harm: each stream refuses the slower one. A member whose
    stream is not what was written halts: its copies are left out until that stream has changed.
    """

    def __init__(
        self,
        connection: Connection,
        journal: str,
        durable_event_seq: Callable[[], int | None],
        halts: MemberHalts,
        readers_of: Callable[[str], Sequence[str]] = _nobody,
        *,
        replicas: int = 1,
    ) -> None:
        """journal: identity of the streams' journal; empty: not known. durable_event_seq: tells how
        far it is on disk; None: not known. halts: is told who halts and who goes on.
        readers_of: names of the readers of a member, each of whom has a consumer. replicas: of a
        stream that has to be made."""
        self._client = connection.client
        self._jetstream = connection.client.jetstream()
        self._journal = journal
        self._durable_event_seq = durable_event_seq
        self._acknowledgements = Acknowledgements(connection)
        self._ends: dict[str, DropEnd] = {}
        self._halts = halts
        self._readers_of = readers_of
        self._windows = 0
        """Counts beginnings and ends of windows of copies: odd while one is on its way."""
        self._replicas = replicas
        self._halted: dict[str, _Extent] = {}
        """Members that halt, with their streams as they were then."""

    @property
    def any_halts(self) -> bool:
        """Whether a member's copies are left out now."""
        return bool(self._halted)

    async def listen(self) -> None:
        """Subscribe to acknowledgements. To be called once, before anything is stored."""
        await self._acknowledgements.listen()

    async def end_of(self, member: str) -> DropEnd | None:
        """The end of the member's stream; makes it if there is none. None: the member halts."""
        if member in self._halted:
            return None
        end = self._ends.get(member)
        if end is None:
            try:
                await self._ensure(member)
                end = self._ends[member] = await self._ask(member)
            except (Disagreement, BadRequestError) as error:
                await self.halt(member, str(error))
            else:
                self._halts.lift(member)
        return end

    async def halt(self, member: str, why: str) -> None:
        """Leave the member's copies out until its stream is another one, or was wiped."""
        extents = await self._extents()
        self._halted[member] = extents.get(drop_stream(member), _NO_STREAM)
        self._ends.pop(member, None)
        self._halts.halt(member, why)

    async def store(self, copies: Sequence[AnyCopy]) -> None:
        """Store the copies that are not stored yet; on return each one is stored exactly once.

        A member halts if its stream has another copy or lacks an earlier one, or if NATS does not
        take a copy. Raises NotStored or NatsError when it is not certain what is stored.
        """
        ends: dict[str, DropEnd] = {}
        tokens: dict[str, str] = {}
        messages: list[tuple[AnyCopy, bytes, str]] = []
        for copy in copies:
            end = ends.get(copy.member) or await self.end_of(copy.member)
            if end is None or copy.member in self._halted:
                continue
            payload = msgspec.json.encode(copy)
            wrong = self._wrong(copy, payload, end)
            if wrong:
                await self.halt(copy.member, wrong)
                continue
            if copy.member_seq <= end.member_seq:
                continue
            token, before = secrets.token_hex(_TOKEN_BYTES), tokens.get(copy.member, "")
            headers = copy_headers(copy.member_seq, token, end.sequence, before)
            tokens[copy.member] = token
            messages.append((copy, payload, headers))
            ends[copy.member] = DropEnd(end.sequence + 1, copy.member_seq, copy.event_seq, b"")
        if not messages:
            return
        frames: list[bytes] = []
        for copy, payload, headers in messages:
            is_last = copy.member_seq == ends[copy.member].member_seq
            reply = self._acknowledgements.inbox if is_last else ""
            frames.append(frame(subject_of(copy), payload, headers, reply))
        self._acknowledgements.expect({drop_stream(name): ends[name].sequence for name in ends})
        fault_point("before-consumer-commit")
        self._windows += 1
        await self._client.send(frames)
        await self._acknowledgements.wait(ACKNOWLEDGEMENT_TIMEOUT_SECONDS)
        fault_point("after-consumer-commit")
        self._ends.update(ends)
        self._windows += 1

    async def check(self) -> None:
        """Raise NotStored if the streams have to be asked again.

        One is shorter than it was left: it may have been wiped. Or it is longer, while nothing was
        on its way: somebody else has written into it. Or one that a member halts at has changed.
        """
        left, windows = (
            dict(self._ends),
            self._windows,
        )  # copies may be on their way while this asks
        extents = await self._extents()
        is_still = windows == self._windows and windows % 2 == 0
        for member, (messages, last) in self._halted.items():
            found = extents.get(drop_stream(member), _NO_STREAM)
            if found != (messages, last) or (found == _NO_STREAM and await self._is_made(member)):
                raise NotStored(f"stream {drop_stream(member)}, which halted, has changed")
        for member, end in left.items():
            messages, last = extents.get(drop_stream(member), _NO_STREAM)
            if end.member_seq and (last if messages > 0 else 0) < end.sequence:
                raise NotStored(f"stream {drop_stream(member)} is not where it was left")
            if is_still and last > end.sequence:
                raise NotStored(f"stream {drop_stream(member)} has what was not written here")

    async def _extents(self) -> dict[str, _Extent]:
        extents: dict[str, _Extent] = {}
        seen = 0  # a stream made meanwhile moves others to the next page: they may come twice
        while page := await self._jetstream.streams_info(offset=seen):
            seen += len(page)
            for info in page:
                extents[str(info.config.name)] = (info.state.messages, info.state.last_seq)
        return extents

    async def _is_made(self, member: str) -> bool:
        """Whether the member's stream could be made now: another stream had its subjects."""
        try:
            await self._ensure(member)
        except BadRequestError:
            return False
        return True

    async def _ensure(self, member: str) -> None:
        await ensure_stream(
            self._jetstream,
            drop_stream(member),
            all_drop_copies(member),
            owner=self._journal,
            replicas=self._replicas,
        )
        for reader in self._readers_of(member):
            await make_consumer(
                self._jetstream, reader, member, self._journal, replicas=self._replicas
            )

    def _wrong(self, copy: AnyCopy, payload: bytes, end: DropEnd) -> str:
        """Why the copy cannot stand in its member's stream, which ends at `end`; empty: it can."""
        stream = drop_stream(copy.member)
        if copy.member_seq <= end.member_seq:
            is_last = copy.member_seq == end.member_seq
            if is_last and end.payload and payload != end.payload:
                return f"copy {copy.member_seq} of stream {stream} is not of this journal; {MEND}"
            return ""
        if len(payload) > self._client.payload_bytes_max:
            return f"event {copy.event_seq}: a drop copy of {len(payload)} bytes is too long"
        if end.member_seq and copy.member_seq != end.member_seq + 1:
            return (
                f"stream {stream} ends with copy {end.member_seq}, and those before "
                f"{copy.member_seq} cannot be derived any more; {MEND}"
            )
        return ""

    async def _ask(self, member: str) -> DropEnd:
        stream = drop_stream(member)
        end = await stream_end(self._jetstream, stream)
        if end is None:
            raise NotStored(f"stream {stream} vanished while it was asked for")
        ensure_owner(end.owner, self._journal, stream)
        if not end.event_seq:
            return DropEnd(end.last_sequence, 0, 0, b"")
        await self._ensure_gapless(stream, end)
        try:
            last = msgspec.json.decode(end.payload, type=_Last)
        except msgspec.MsgspecError as error:
            raise StreamDisagrees(f"stream {stream} ends in no drop copy: {error}") from error
        event_seq, durable = last.event_seq, self._durable_event_seq()
        if durable is not None and event_seq > durable:
            raise StreamDisagrees(
                f"stream {stream} ends with a copy of event {event_seq}, which is not in the "
                "journal: the journal is older (restored, or it has lost its end), or another's"
            )
        comparable = end.payload if last.v == DROP_COPY_VERSION else b""
        return DropEnd(end.last_sequence, end.event_seq, event_seq, comparable)

    async def _ensure_gapless(self, stream: str, end: StreamEnd) -> None:
        """Raise StreamDisagrees unless numbers and sequences have grown alike: each copy is there
        once. The last one is compared when it is derived again, or the next one is."""
        try:
            first = await self._jetstream.get_msg(stream, seq=end.first_sequence)
        except NotFoundError as error:
            raise NotStored(f"stream {stream} has lost its first copy meanwhile") from error
        number = event_seq_of(first.headers)
        messages = end.last_sequence - end.first_sequence
        if number is None or end.event_seq - number != messages:
            raise StreamDisagrees(
                f"stream {stream} has {messages + 1} messages from copy {number} to "
                f"{end.event_seq}: one is not the venue's; {MEND}"
            )
