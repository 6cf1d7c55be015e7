"""Headers of an event's message on NATS, and the acknowledgement that comes back.

May know JetStream's wire format. The payload is the event's bytes and is never touched here.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

MESSAGE_ID = "Nats-Msg-Id"
_STATUS_BEGIN = b"NATS/1.0 "
_NUMBER = re.compile(rb"\r\nNats-Msg-Id:[ \t]*(\d+)(?:-[0-9a-f]+)?[ \t]*\r\n")


class Status(NamedTuple):
    """A status that the server sends instead of a message: 503 nobody listens, 404 no message."""

    code: str
    description: str


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


def first_headers(number: int, expected_last_sequence: int) -> str:
    """Headers of a window's first message in a stream: its number (event_seq or member_seq) as id,
    and the stream sequence that it must follow to be stored."""
    return f"Nats-Msg-Id: {number}\r\nNats-Expected-Last-Sequence: {expected_last_sequence}\r\n"


def following_headers(number: int, expected_last_sequence: int) -> str:
    """Headers of the window's other messages: each must also follow the number before.

    So nothing is stored behind a hole or a stranger's message, and the window's last message is
    stored only if all of them are.
    """
    return (
        f"Nats-Msg-Id: {number}\r\nNats-Expected-Last-Sequence: {expected_last_sequence}\r\n"
        f"Nats-Expected-Last-Msg-Id: {number - 1}\r\n"
    )


def copy_headers(number: int, token: str, expected_last_sequence: int, before: str) -> str:
    """Headers of a drop copy; its id is its number with a token that is new for each message.

    before: the token of the window's message before; empty: it is the first. As nobody knows that
    before it is stored, nobody can put another message in its place for this one to follow.
    """
    headers = (
        f"Nats-Msg-Id: {number}-{token}\r\n"
        f"Nats-Expected-Last-Sequence: {expected_last_sequence}\r\n"
    )
    return headers + (f"Nats-Expected-Last-Msg-Id: {number - 1}-{before}\r\n" if before else "")


def number_in(head: bytes) -> int | None:
    """As `event_seq_of`, from a header block as it came."""
    found = _NUMBER.search(head)
    return int(found[1]) if found is not None else None


def status_in(head: bytes) -> Status | None:
    """The status in a header block; None: the block belongs to a message."""
    if not head.startswith(_STATUS_BEGIN):
        return None
    code, _, description = head[len(_STATUS_BEGIN) :].partition(b"\r\n")[0].partition(b" ")
    return Status(code.decode(), description.decode(errors="replace"))


def event_seq_of(headers: Mapping[str, str] | None) -> int | None:
    """Number of a stored message; None when the publisher has not written it."""
    text = (headers or {}).get(MESSAGE_ID, "").partition("-")[0]
    return int(text) if text.isascii() and text.isdigit() else None


def decode_acknowledgement(data: bytes) -> Acknowledgement:
    """Answer of the stream; raises msgspec.DecodeError or ValidationError."""
    return _DECODER.decode(data)
