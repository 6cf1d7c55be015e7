"""FIX 4.4 on the wire, as the load client writes and cuts it: no library, no code of the venue.

Knows BodyLength(9), CheckSum(10) and SendingTime(52); nothing of sessions or orders.
"""

from datetime import UTC, datetime

BEGIN = b"8=FIX.4.4\x019="
_TRAILER_BYTES = len(b"10=000\x01")


def framed(text: str) -> bytes:
    """A message from MsgType(35) on, with its BeginString, BodyLength and CheckSum."""
    data = b"%b%d\x01%b" % (BEGIN, len(text), text.encode())
    return data + b"10=%03d\x01" % (sum(data) % 256)


def end_of_message(data: bytes, place: int) -> int | None:
    """Offset behind the message at `place`; None while it is not whole. Raises ValueError."""
    head = place + len(BEGIN)
    soh = data.find(b"\x01", head)
    if soh == -1:
        return None
    if data[place:head] != BEGIN:
        raise ValueError(f"no FIX message: {data[place : place + 80]!r}")
    end = soh + 1 + int(data[head:soh]) + _TRAILER_BYTES
    if len(data) < end:
        return None
    if int(data[end - 4 : end - 1]) != sum(data[place : end - _TRAILER_BYTES]) % 256:
        raise ValueError(f"CheckSum wrong: {data[place:end]!r}")
    return end


def sending_time() -> str:
    """UTC now, in milliseconds."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
