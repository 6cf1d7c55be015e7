"""The one reader of bytes: cuts what a connection sends into whole messages, before anybody acts.

Pure; knows where a message begins and ends, never what it says. A garbled message is skipped (FIX
4.4 volume 2, message integrity). Its number is not used; the gap is recovered like any other.
"""

import re
from collections import Counter

from venue.fix.bounds import FIELDS
from venue.fix.frame import Frame, checksum

_head = re.compile(rb"8=FIX\.[0-9]\.[0-9]\x019=(?=[0-9]{1,16}\x01)0*([0-9]{1,9})\x01(?=35=)").match
_unfinished_head = re.compile(rb"8=FIX\.[0-9]\.[0-9]\x019=[0-9]{0,16}(?:\x01(?:35?)?)?").fullmatch
_SHORTEST_HEAD = b"8=FIX.n.m\x019="
_BEGIN = b"8=FIX"
_NEXT = b"\x018=FIX."
_TRAILER_BYTES = len(b"10=123\x01")


class Reader:
    """One connection's bytes. limit: the longest message in bytes, fields: the most of one; they
    may be raised.

    garbled: why bytes were skipped, and how often, since the caller last emptied it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.fields = FIELDS
        self.garbled: Counter[str] = Counter()
        self._rest = b""

    @property
    def waits(self) -> bool:
        """Whether the beginning of a message is there and its end is not."""
        return bool(self._rest)

    def take(self, data: bytes, most: int | None = None) -> list[Frame]:
        """Add bytes. Returns the messages that are whole now, at most `most`; the rest stays."""
        if self._rest:
            data = self._rest + data
        frames: list[Frame] = []
        at = 0
        while at < len(data) and len(frames) != most:
            end = self._end_of_message(data, at)
            if end is None:
                break
            if end > 0:
                frames.append(Frame(data[at:end], self.fields))
                at = end
            else:
                at = -end
        self._rest = data[at:]
        return frames

    def give_up_waiting(self) -> list[Frame]:
        """Skip the message that does not end: its BodyLength is wrong. Returns as `take` does."""
        following = self._rest.find(_NEXT)
        if following < 0:
            return []
        self.garbled["BodyLength(9) is larger than the message"] += 1
        self._rest = self._rest[following + 1 :]
        return self.take(b"")

    def _end_of_message(self, data: bytes, at: int) -> int | None:
        """Where the message at `at` ends. Negative: garbled bytes end there; go on behind them.

        None: the end of the message has not come yet.
        """
        head = _head(data, at)
        if head is None:
            if _may_become_head(data[at : at + 64]):
                return None
            return self._skip(
                data, at, "BeginString(8), BodyLength(9), MsgType(35) do not begin it"
            )
        body_end = head.end() + int(head[1])
        end = body_end + _TRAILER_BYTES
        if end - at > self.limit:
            return self._skip(data, at, f"it is longer than {self.limit} bytes")
        if end > len(data):
            return None
        trailer = data[body_end:end]
        if not trailer.startswith(b"10=") or trailer[6] != 1 or data[body_end - 1] != 1:
            return self._skip_to_trailer(data, at, body_end)
        if trailer[3:6] != b"%03d" % checksum(data[at:body_end]):
            self.garbled["CheckSum(10) is wrong"] += 1
            return -end
        return end

    def _skip_to_trailer(self, data: bytes, at: int, body_end: int) -> int | None:
        """Skip a message with a wrong BodyLength, up to the end of the next CheckSum(10)."""
        most = at + self.limit
        trailer = data.find(b"\x0110=", body_end - 1, most)
        end = data.find(b"\x01", trailer + 1, most) + 1 if trailer >= 0 else 0
        if not end and len(data) - at <= self.limit:
            return None
        why = "BodyLength(9) is not its length"
        if not end:
            return self._skip(data, at, why)
        self.garbled[why] += 1
        return -end

    def _skip(self, data: bytes, at: int, why: str) -> int:
        """Skip to where the next message may begin; the negated place."""
        self.garbled[why] += 1
        following = data.find(_BEGIN, at + 1)
        if following >= 0:
            return -following
        for kept in range(len(_BEGIN) - 1, 0, -1):
            if data.endswith(_BEGIN[:kept]) and len(data) - kept > at:
                return -(len(data) - kept)
        return -len(data)


def _may_become_head(data: bytes) -> bool:
    if len(data) < len(_SHORTEST_HEAD):
        return all(byte in allowed for byte, allowed in zip(data, _HEAD_BYTES, strict=False))
    return _unfinished_head(data) is not None


_HEAD_BYTES = tuple(b"0123456789" if byte in b"nm" else bytes([byte]) for byte in _SHORTEST_HEAD)
