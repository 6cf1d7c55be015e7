"""The members' streams of drop copies: each copy stored once, in the order of its member_seq.

May know JetStream. Each member has a stream of its own, so that access can be given to it alone.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from venue.bus.acknowledgements import Acknowledgements, NotStored
from venue.bus.agreement import StreamDisagrees, ensure_owner
from venue.bus.bulk import frame
from venue.bus.connection import Connection
from venue.bus.envelope import first_headers, following_headers
from venue.bus.halts import ConsumerHalted
from venue.bus.stream import ensure_stream, stream_end
from venue.bus.subjects import all_drop_copies, drop_stream, drop_subject
from venue.dropcopy.drop_copy import DropCopy
from venue.fault_points import fault_point

ACKNOWLEDGEMENT_TIMEOUT_SECONDS = 5.0


class DropEnd(NamedTuple):
    """The end of a member's stream: its sequence, and the last copy (member_seq 0: it is empty).

    payload: the last copy's bytes; empty where they were compared already.
    """

    sequence: int
    member_seq: int
    event_seq: int
    payload: bytes


class _EventSeq(msgspec.Struct):
    event_seq: int


class DropStreams:
    """The members' streams over one connection. After a failure make another one.

    A second process that writes does no harm: each stream refuses the slower one.
    """

    def __init__(
        self, connection: Connection, journal: str, durable_event_seq: Callable[[], int | None]
    ) -> None:
        """journal: identity of the streams' journal; empty: not known. durable_event_seq: tells how
        far it is on disk; None: not known."""
        self._client = connection.client
        self._jetstream = connection.client.jetstream()
        self._journal = journal
        self._durable_event_seq = durable_event_seq
        self._acknowledgements = Acknowledgements(connection)
        self._ends: dict[str, DropEnd] = {}

    async def listen(self) -> None:
        """Subscribe to acknowledgements. To be called once, before anything is stored."""
        await self._acknowledgements.listen()

    async def end_of(self, member: str) -> DropEnd:
        """The end of the member's stream; makes it if there is none. Raises StreamDisagrees."""
        end = self._ends.get(member)
        if end is None:
            await ensure_stream(
                self._jetstream,
                drop_stream(member),
                all_drop_copies(member),
                owner=self._journal,
            )
            end = self._ends[member] = await self._ask(member)
        return end

    async def store(self, copies: Sequence[DropCopy]) -> None:
        """Store the copies that are not stored yet; on return each one is stored exactly once.

        Raises NotStored or NatsError when that is not certain, StreamDisagrees when a stream has
        another copy or lacks an earlier one, ConsumerHalted when NATS does not take a copy.
        """
        ends: dict[str, DropEnd] = {}
        messages: list[tuple[DropCopy, bytes, str]] = []
        for copy in copies:
            end = ends.get(copy.member) or await self.end_of(copy.member)
            payload = msgspec.json.encode(copy)
            if copy.member_seq <= end.member_seq:
                _compare(copy, payload, end)
                continue
            if len(payload) > self._client.payload_bytes_max:
                why = f"event {copy.event_seq}: a drop copy of {len(payload)} bytes is too long"
                raise ConsumerHalted(copy.event_seq, why)
            if end.member_seq and copy.member_seq != end.member_seq + 1:
                raise StreamDisagrees(
                    f"stream {drop_stream(copy.member)} ends with copy {end.member_seq}, and those "
                    f"before {copy.member_seq} cannot be derived any more: wipe the stream"
                )
            headers_of = following_headers if copy.member in ends else first_headers
            messages.append((copy, payload, headers_of(copy.member_seq, end.sequence)))
            ends[copy.member] = DropEnd(end.sequence + 1, copy.member_seq, copy.event_seq, b"")
        if not messages:
            return
        frames: list[bytes] = []
        for copy, payload, headers in messages:
            is_last = copy.member_seq == ends[copy.member].member_seq
            reply = self._acknowledgements.inbox if is_last else ""
            frames.append(frame(drop_subject(copy.member, copy.symbol), payload, headers, reply))
        self._acknowledgements.expect({drop_stream(name): ends[name].sequence for name in ends})
        fault_point("before-consumer-commit")
        await self._client.send(frames)
        await self._acknowledgements.wait(ACKNOWLEDGEMENT_TIMEOUT_SECONDS)
        fault_point("after-consumer-commit")
        self._ends.update(ends)

    async def check(self) -> None:
        """Raise NotStored if a stream is shorter than it was left: it may have been wiped."""
        left = dict(self._ends)  # copies may be on their way while this asks
        lengths: dict[str, int] = {}
        seen = 0  # a stream made meanwhile moves others to the next page: they may come twice
        while page := await self._jetstream.streams_info(offset=seen):
            seen += len(page)
            for info in page:
                lengths[str(info.config.name)] = info.state.last_seq if info.state.messages else 0
        for member, end in left.items():
            if end.member_seq and lengths.get(drop_stream(member), 0) < end.sequence:
                raise NotStored(f"stream {drop_stream(member)} is not where it was left")

    async def _ask(self, member: str) -> DropEnd:
        stream = drop_stream(member)
        end = await stream_end(self._jetstream, stream)
        if end is None:
            raise NotStored(f"stream {stream} vanished while it was asked for")
        ensure_owner(end.owner, self._journal, stream)
        if not end.event_seq:
            return DropEnd(end.last_sequence, 0, 0, b"")
        try:
            event_seq = msgspec.json.decode(end.payload, type=_EventSeq).event_seq
        except msgspec.MsgspecError as error:
            raise StreamDisagrees(f"stream {stream} ends in no drop copy: {error}") from error
        durable = self._durable_event_seq()
        if durable is not None and event_seq > durable:
            raise StreamDisagrees(
                f"stream {stream} ends with a copy of event {event_seq}, which is not in the "
                "journal: the journal is older (restored, or it has lost its end), or another's"
            )
        return DropEnd(end.last_sequence, end.event_seq, event_seq, end.payload)


def _compare(copy: DropCopy, payload: bytes, end: DropEnd) -> None:
    if copy.member_seq == end.member_seq and end.payload and payload != end.payload:
        raise StreamDisagrees(
            f"copy {copy.member_seq} of stream {drop_stream(copy.member)} is not of this journal; "
            "wipe the stream to have it refilled"
        )
