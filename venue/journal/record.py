"""What a frame holds: records (command and its events) and marks of FIX session state.

May know the domain types only. The event bytes here are the bytes that NATS carries.
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
    """FIX state of one session after a batch (DESIGN 3).

    next_in: MsgSeqNum the venue expects next. first_out: MsgSeqNum of the first message the batch
    sends to the session. answers: which of the batch's messages to it (0-based) were no reports.
    count: how many messages the batch sends to it. resent: how many of them, the first ones, are
    reports sent again because they lost their numbers unread (PossResend); sent_ns: when.
    more_owed: they were the oldest of these, and the rest is to follow.

    unread_from: while the session is on, and at its end, the first number whose report its client's
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
    """Body of one frame. clean_stop: the venue ended here and all session numbers are exact."""

    records: list[Record]
    sessions: dict[str, SessionMark] = {}
    clean_stop: bool = False


class CommandRecord(msgspec.Struct, frozen=True, gc=False):
    """A record whose events, one list, are left as bytes."""

    seq: int
    timestamp_ns: int
    engine_version: int
    epoch: int
    command: AnyCommand
    events: msgspec.Raw


class CommandBatch(msgspec.Struct, frozen=True, gc=False):
    """A batch for whoever makes the events again."""

    records: list[CommandRecord]
    sessions: dict[str, SessionMark] = {}
    clean_stop: bool = False


class _RawRecord(msgspec.Struct, gc=False):
    events: list[msgspec.Raw]


class RawBatch(msgspec.Struct, gc=False):
    """A frame's body with the events' bytes left as they are."""

    records: list[_RawRecord]


class EventHeader(msgspec.Struct, gc=False):
    """What routing needs of an event."""

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
    """A record's events as its batch has them."""
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
