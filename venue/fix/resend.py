"""The answer to a ResendRequest: reports under their old numbers, and gap fills between them.

Answers are generators, so that others go on during a long one. QuickFIX never sees the request (FIX
4.4 volume 2, resend request): it gets a Heartbeat with the same MsgSeqNum in its place.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from venue.domain.outgoing import Kept
from venue.fix.connection import Connection, Range, Step
from venue.fix.frame import Fault, Frame, sequence_number
from venue.fix.sender import SessionSender
from venue.fix.tags import SessionRejectReason

_REPORTS_A_STEP = 32
_MOST_RESENDS = 4
_AT_ONCE_SECONDS = 0.002
_AT_ONCE_BYTES = 1 << 16

Reports = Callable[[str, int, int], Iterable[tuple[int, Kept] | None]]
"""reports(session, begin, end): the reports with these numbers; None where others may go on."""


class Resends:
    """The answers under way. Each is sent a step at a time. under_way: their connections."""

    def __init__(self, sender: SessionSender, reports: Reports) -> None:
        self._sender = sender
        self._reports = reports
        self.under_way: set[Connection] = set()
        self.spent = 0.0
        """Seconds spent in `begin` since the caller last set this to 0."""
        self.begun = 0
        """How many answers were ever begun."""

    def begin(self, connection: Connection, asked: Range, *, now: bool = True) -> bool:
        """Begin to answer a range. False: too many answers to this connection are under way.

        now: send its first part at once, a short answer whole. Raises what a step raises.
        """
        if len(connection.resends) >= _MOST_RESENDS:
            return False
        session = connection.session
        reports = self._reports(session, *asked)
        connection.resends.append(resent(self._sender, session, asked, reports, time.time_ns))
        self.under_way.add(connection)
        self.begun += 1
        if now and len(connection.resends) == 1:  # a short answer leaves before later messages
            began = time.monotonic()
            self.go_on(connection, began + _AT_ONCE_SECONDS, _AT_ONCE_BYTES)
            self.spent += time.monotonic() - began
        return True

    def go_on(self, connection: Connection, until: float, most_bytes: int) -> None:
        """Send until monotonic time `until`, or until the client has `most_bytes` to read.

        Raises what a step raises.
        """
        resends = connection.resends
        while resends and len(connection.out) < most_bytes and time.monotonic() < until:
            for step in resends[0]:
                if step is not None:
                    connection.put_again(step)
                break
            else:
                resends.popleft()
        connection.flush()
        if not resends:
            self.under_way.discard(connection)

    def end(self, connection: Connection) -> None:
        """Drop the answers to a session that has ended."""
        connection.resends.clear()
        self.under_way.discard(connection)


def range_asked(frame: Frame, next_out: int) -> Range | Fault:
    """The range that a ResendRequest asks for, cut to what was sent; or its fault."""
    for tag in ("7", "16"):
        value = frame.fields.get(tag)
        if value is None:
            reason = SessionRejectReason.REQUIRED_TAG_MISSING
            return Fault(reason, int(tag), f"{tag} is missing")
        if not value.isdecimal() or not value.isascii():
            reason = SessionRejectReason.INCORRECT_DATA_FORMAT
            return Fault(reason, int(tag), f"{tag} is no number")
    begin, end = sequence_number(frame.fields["7"]), sequence_number(frame.fields["16"])
    if begin == 0 or begin >= next_out:
        return Fault(SessionRejectReason.VALUE_IS_INCORRECT, 7, "7 is no number that was sent")
    if 0 < end < begin:
        return Fault(SessionRejectReason.VALUE_IS_INCORRECT, 16, "16 is below 7")
    return Range(begin, min(end, next_out - 1) if end else next_out - 1)


def resent(
    sender: SessionSender,
    session: str,
    asked: Range,
    reports: Iterable[tuple[int, Kept] | None],
    now_ns: Callable[[], int],
) -> Iterator[Step | None]:
    """The steps of an answer. reports: those in the range, in order; None where others may go on.

    A gap fill at the end leads to the first number behind the range.
    """
    parts: list[bytes] = []
    first = expected = asked.begin
    for found in reports:
        if found is None:
            yield None
            continue
        number, kept = found
        if number > expected:
            parts.append(sender.gap_fill(session, expected, number, now_ns()))
        parts.append(sender.resend(session, number, kept, now_ns()))
        expected = number + 1
        if len(parts) >= _REPORTS_A_STEP:
            yield Step(b"".join(parts), Range(first, number))
            parts.clear()
            first = expected
    if expected <= asked.end:
        parts.append(sender.gap_fill(session, expected, asked.end + 1, now_ns()))
    if parts:
        yield Step(b"".join(parts), Range(first, asked.end))


__all__ = ["Resends", "range_asked", "resent"]
