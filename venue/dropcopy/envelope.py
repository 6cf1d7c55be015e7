"""What surrounds an event on NATS: message headers, and the acknowledgement that comes back.

May know JetStream's wire format. The payload is the event's bytes and is never touched here.
"""

from collections.abc import Mapping

import msgspec

MESSAGE_ID = "Nats-Msg-Id"
EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence"
STATUS = "Status"
DESCRIPTION = "Description"


class RefusalByStream(msgspec.Struct, frozen=True):
    """JetStream's reason for not storing a message."""

    description: str = ""
    err_code: int = 0


class Acknowledgement(msgspec.Struct, frozen=True):
    """JetStream's answer to one message; seq is the stream's sequence, not the venue's."""

    stream: str = ""
    seq: int = 0
    duplicate: bool = False
    error: RefusalByStream | None = None


_DECODER = msgspec.json.Decoder(Acknowledgement)


def event_headers(event_seq: int, expected_last_sequence: int) -> dict[str, str]:
    """Headers of one message: its number (event_seq or member_seq) as its id, and the stream
    sequence it must follow to be stored at all."""
    return {MESSAGE_ID: str(event_seq), EXPECTED_LAST_SEQUENCE: str(expected_last_sequence)}


def event_seq_of(headers: Mapping[str, str] | None) -> int | None:
    """Number that a stored message states, or None when it is none of the publisher's."""
    text = (headers or {}).get(MESSAGE_ID, "")
    return int(text) if text.isascii() and text.isdigit() else None


def decode_acknowledgement(data: bytes) -> Acknowledgement:
    """Answer of the stream; raises msgspec.DecodeError or ValidationError."""
    return _DECODER.decode(data)
