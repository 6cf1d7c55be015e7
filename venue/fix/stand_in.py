"""A Heartbeat that QuickFIX is shown in place of a message that it is not to judge.

Pure. It has the MsgSeqNum of that message: QuickFIX counts it, asks for a gap before it, and checks
its CompIDs and SendingTime.
"""

from venue.clock import utc_timestamp
from venue.fix.frame import Frame
from venue.fix.sender import framed


def stand_in(frame: Frame, session: str, venue: str, now_ns: int) -> bytes:
    """The Heartbeat. Header fields that are missing, faulty or no plain text get right values."""
    fields = frame.fields
    faulty = "" if frame.fault is None else str(frame.fault.tag)

    def right(tag: str, otherwise: str) -> str:
        value = fields.get(tag, "")
        is_plain = value and value.isascii() and value.isprintable() and tag != faulty
        return value if is_plain else otherwise

    sent = right("52", utc_timestamp(now_ns))
    header = f"49={right('49', session)}\x0152={sent}\x0156={right('56', venue)}\x01"
    if fields.get("43") == "Y":
        header += f"43=Y\x01122={right('122', sent)}\x01"
    return framed(f"35=0\x0134={frame.number}\x01{header}")


__all__ = ["stand_in"]
