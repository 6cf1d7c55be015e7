"""What QuickFIX is shown in place of a message it is not to judge: a Heartbeat of its MsgSeqNum.

Pure. QuickFIX counts it, asks for a gap before it, and looks at its CompIDs and SendingTime.
"""

from venue.clock import utc_timestamp
from venue.fix.frame import Frame
from venue.fix.sender import framed


def stand_in(frame: Frame, session: str, venue: str, now_ns: int) -> bytes:
    """The Heartbeat; header fields that are at fault or no plain text are put right."""
    fields = frame.fields
    faulty = "" if frame.fault is None else str(frame.fault.tag)
    right = {"49": session, "56": venue, "52": utc_timestamp(now_ns)}
    header = ""
    for tag, otherwise in right.items():
        value = fields.get(tag, "")
        if tag == faulty or not value.isascii() or not value.isprintable():
            value = ""
        header += f"{tag}={value or otherwise}\x01"
    if fields.get("43") == "Y":
        orig = fields.get("122", "")
        header += "43=Y\x01" + (f"122={orig}\x01" if orig.isascii() and orig.isprintable() else "")
    return framed(f"35=0\x0134={frame.number}\x01{header}")


__all__ = ["stand_in"]
