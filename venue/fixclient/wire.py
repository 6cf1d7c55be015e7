"""FIX 4.4 as bytes: messages made, cut out of a stream with every check, and looked into. Pure."""

import zlib

SOH = b"\x01"
_TRAILER_BYTES = len(b"10=000\x01")


class FixClientError(Exception):
    """Something on the wire was not as a FIX session has to be."""


def framed(content: bytes, begin_string: bytes = b"FIX.4.4") -> bytes:
    """Content from MsgType(35) on, with BeginString, BodyLength and CheckSum around it."""
    message = b"8=%b\x019=%d\x01%b" % (begin_string, len(content), content)
    return b"%b10=%03d\x01" % (message, checksum(message))


def checksum(message: bytes) -> int:
    """CheckSum(10): the sum of all bytes modulo 256.

    The low half of Adler-32 is 1 + that sum modulo 65521, and 15 times as fast to get: 256 bytes
    cannot reach the modulus.
    """
    if len(message) <= 256:
        return ((zlib.adler32(message) & 0xFFFF) - 1) & 0xFF
    return sum(message) & 0xFF


def end_of_message(data: bytes, at: int = 0) -> int | None:
    """Offset behind the message that begins at `at`; None while it is not whole.

    Raises FixClientError when there is no FIX message, or its BodyLength or CheckSum is wrong.
    """
    begin_end = data.find(SOH, at)
    length_end = data.find(SOH, begin_end + 1) if begin_end >= 0 else -1
    if length_end < 0:
        return None
    length = data[begin_end + 1 : length_end]
    if not data.startswith(b"8=", at) or length[:2] != b"9=" or not length[2:].isdigit():
        raise FixClientError(f"not FIX: {data[at : at + 80]!r}")
    trailer = length_end + 1 + int(length[2:])
    end = trailer + _TRAILER_BYTES
    if len(data) < end:
        return None
    if data[trailer:end] != b"10=%03d\x01" % checksum(data[at:trailer]):
        raise FixClientError(f"BodyLength or CheckSum wrong: {data[at:end]!r}")
    return end


def cut(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole messages at the start of `data`, and the rest. Raises FixClientError."""
    messages: list[bytes] = []
    at = 0
    while (end := end_of_message(data, at)) is not None:
        messages.append(data[at:end])
        at = end
    return messages, data[at:]


def field(message: bytes, tag: bytes) -> bytes:
    """Value of the first field with this tag; empty when there is none."""
    at = message.find(b"\x01%b=" % tag)
    if at < 0:
        return b""
    begin = at + len(tag) + 2
    end = message.find(SOH, begin)
    return message[begin:] if end < 0 else message[begin:end]
