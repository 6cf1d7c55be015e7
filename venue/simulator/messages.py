"""Messages of a session changed and made, as bytes. Pure.

What is changed stands before any data field, so that the first field of a tag is the one meant.
"""

from typing import NamedTuple

from venue.fixclient.wire import SOH, checksum, field, framed

_TRAILER_BYTES = len(b"10=000\x01")


class Own(NamedTuple):
    """A message of the simulator's own: it may be asked for again. body: without the header."""

    msg_type: bytes
    body: bytes
    sending_time: bytes = b""


def with_value(message: bytes, tag: bytes, value: bytes) -> bytes:
    """The message with another value in the first field of this tag, which it has."""
    old = b"\x01%b=%b\x01" % (tag, field(message, tag))
    assert old in message
    return _framed_again(
        message, _content(message).replace(old, b"\x01%b=%b\x01" % (tag, value), 1)
    )


def as_poss_dup(message: bytes) -> bytes:
    """The message sent again: PossDupFlag(43)=Y and its SendingTime in OrigSendingTime(122)."""
    time = b"\x0152=%b\x01" % field(message, b"52")
    again = b"\x0143=Y%b122=%b\x01" % (time, field(message, b"52"))
    return _framed_again(message, _content(message).replace(time, again, 1))


def with_bad_checksum(message: bytes) -> bytes:
    """The message with a CheckSum(10) that is one too high, modulo 256."""
    start = message[:-_TRAILER_BYTES]
    return b"%b10=%03d\x01" % (start, (checksum(start) + 1) % 256)


def in_place_of(message: bytes, msg_type: bytes, body: bytes, number: int | None = None) -> bytes:
    """Another message with the header of this one: its parties, time and, if none is given, number.

    body: fields behind the header, each ended by SOH.
    """
    number = int(field(message, b"34")) if number is None else number
    parties = (msg_type, field(message, b"49"), field(message, b"56"), number)
    head = b"35=%b\x0149=%b\x0156=%b\x0134=%d\x01" % parties
    return framed(b"%b52=%b\x01%b" % (head, field(message, b"52"), body))


def own_again(message: bytes, own: Own, number: int) -> bytes:
    """A message of the simulator's own once more, with the parties and the time of a resend."""
    parties = (own.msg_type, field(message, b"49"), field(message, b"56"), number)
    head = b"35=%b\x0149=%b\x0156=%b\x0134=%d\x01" % parties
    times = b"43=Y\x0152=%b\x01122=%b\x01" % (field(message, b"52"), own.sending_time)
    return framed(head + times + own.body)


def gap_fill_in_place_of(message: bytes, number: int, new_seq_no: int) -> bytes:
    """A SequenceReset(4) with this number that fills up to `new_seq_no`, in a message's place.

    As a resend if the message is one.
    """
    again = b""
    if field(message, b"43") == b"Y":
        again = b"43=Y\x01122=%b\x01" % field(message, b"52")
    return in_place_of(message, b"4", b"%b123=Y\x0136=%d\x01" % (again, new_seq_no), number)


def refusal(request: bytes, reason: int, text: str, exec_id: str, status: bytes) -> Own:
    """The answer that refuses this request: ExecutionReport(8) or OrderCancelReject(9).

    status: OrdStatus(39) of the order that was to be changed.
    """
    msg_type = field(request, b"35")
    said = b"58=%b\x01" % text.encode("latin-1", "replace") if text else b""
    echoed = [b"11", b"41"] if msg_type in (b"F", b"G") else [b"11", b"55", b"54", b"38", b"40"]
    body = b"".join(b"%b=%b\x01" % (tag, value) for tag in echoed if (value := field(request, tag)))
    stamp = b"60=%b\x01" % field(request, b"52")
    if msg_type in (b"F", b"G"):
        response_to = 1 if msg_type == b"F" else 2
        order_id = field(request, b"37") or b"NONE"
        head = b"37=%b\x01%b39=%b\x01" % (order_id, body, status)
        return Own(b"9", b"%b434=%d\x01102=%d\x01%b%b" % (head, response_to, reason, stamp, said))
    head = b"37=NONE\x0117=%b\x01150=8\x0139=8\x01%b" % (exec_id.encode(), body)
    return Own(b"8", b"%b103=%d\x01151=0\x0114=0\x016=0\x01%b%b" % (head, reason, stamp, said))


def _content(message: bytes) -> bytes:
    """From MsgType(35) up to the trailer, with the SOH before it."""
    begin = message.index(SOH, message.index(SOH) + 1)
    return message[begin:-_TRAILER_BYTES]


def _framed_again(message: bytes, content: bytes) -> bytes:
    return framed(content.removeprefix(SOH), message[2 : message.index(SOH)])
