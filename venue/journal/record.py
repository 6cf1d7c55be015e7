"""The body of a frame: records (a command and its events) and marks of FIX session state.

May know the domain types only. The bytes of an event here are the bytes that NATS carries.
"""

import msgspec

from venue.domain.commands import AnyCommand
from venue.domain.events import AnyEvent


class Record(msgspec.Struct, frozen=True, gc=False):
    """One sequenced command and what it caused. timestamp_ns never goes back over seq."""

    seq: int
    timestamp_ns: int
    engine_version: int
    epoch: int
    command: AnyCommand
    events: list[AnyEvent]


class SessionMark(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """FIX state of one session after a batch.

    next_in: MsgSeqNum that the venue expects next. first_out: MsgSeqNum of the first message that
    the batch sends to the session. count: how many messages that are. answers: which of them
    (0-based) are no reports. resent: how many of them, from the first on, are reports sent again
    because they lost their numbers unread (PossResend). sent_ns: their SendingTime(52). more_owed:
    they are the oldest of the reports owed, and the rest is to follow.

    unread_from: while the session is on, and at its end, the first number whose report the client's
    machine has not confirmed. read: at its end, ranges of older reports that were sent again and
    confirmed since its logon.
    """

    next_in: int
    first_out: int
    count: int = 0
    answers: tuple[int, ...] = ()
    resent: int = 0
    sent_ns: int = 0
    unread_from: int = 0
    read: tuple[tuple[int, int], ...] = ()
    more_owed: bool = False


class Batch(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Body of one frame. clean_stop: the venue has stopped here, and all MsgSeqNums are exact."""

    records: list[Record]
    sessions: dict[str, SessionMark] = {}
    clean_stop: bool = False


class CommandRecord(msgspec.Struct, frozen=True, gc=False):
    """A record whose list of events is left as bytes."""

    seq: int
    timestamp_ns: int
    engine_version: int
    epoch: int
    command: AnyCommand
    events: msgspec.Raw


class CommandBatch(msgspec.Struct, frozen=True, gc=False):
    """A batch for a reader that makes the events again by executing the commands."""

    records: list[CommandRecord]
    sessions: dict[str, SessionMark] = {}
    clean_stop: bool = False


class _RawRecord(msgspec.Struct, gc=False):
    events: list[msgspec.Raw]


class RawBatch(msgspec.Struct, gc=False):
    """A frame's body in which each event is left as bytes."""

    records: list[_RawRecord]


class EventHeader(msgspec.Struct, gc=False):
    """The fields of an event that its NATS subject needs."""

    type: str
    event_seq: int
    symbol: str = "_"


_ENCODER = msgspec.json.Encoder()
_BATCH: msgspec.json.Decoder[Batch] = msgspec.json.Decoder(Batch)
_COMMANDS: msgspec.json.Decoder[CommandBatch] = msgspec.json.Decoder(CommandBatch)
_EVENTS: msgspec.json.Decoder[list[AnyEvent]] = msgspec.json.Decoder(list[AnyEvent])
_RAW: msgspec.json.Decoder[RawBatch] = msgspec.json.Decoder(RawBatch)
_HEADER: msgspec.json.Decoder[EventHeader] = msgspec.json.Decoder(EventHeader)


def encode_batch(batch: Batch) -> bytes:
    """JSON body of a frame."""
    return _ENCODER.encode(batch)


def decode_batch(body: bytes) -> Batch:
    """Batch of a frame's body; raises msgspec.DecodeError or ValidationError."""
    return _BATCH.decode(body)


def decode_command_batch(body: bytes) -> CommandBatch:
    """As `decode_batch`, commands decoded and events not."""
    return _COMMANDS.decode(body)


def encode_events(events: list[AnyEvent]) -> bytes:
    """Bytes of a record's events, as they stand in its batch."""
    return _ENCODER.encode(events)


def decode_events(payload: msgspec.Raw) -> list[AnyEvent]:
    """A record's events; raises msgspec.DecodeError or ValidationError."""
    return _EVENTS.decode(payload)


def decode_raw_batch(body: bytes) -> RawBatch:
    """As `decode_batch`, events undecoded."""
    return _RAW.decode(body)


def decode_event_header(payload: bytes | msgspec.Raw) -> EventHeader:
    """Type, event_seq and symbol of an event's bytes."""
    return _HEADER.decode(payload)
