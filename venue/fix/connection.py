"""One client's connection: messages that wait, bytes that leave, and how many have arrived.

Holds state and counts; decides nothing. Bytes that the client does not read stay in `out`, the
venue's own buffer, where they are seen.
"""

import socket
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from venue.domain.outgoing import Delivered
from venue.fix.allowance import Allowance
from venue.fix.bounds import LOGON_BYTES
from venue.fix.frame import Frame
from venue.fix.link import Link
from venue.fix.reader import Reader
from venue.fix.stage import Stage

_NOTED_AT_MOST = 100_000
_MOST_PENDING = 5_000
_MOST_PENDING_BYTES = 8 << 20


class Range(NamedTuple):
    """MsgSeqNums, both included."""

    begin: int
    end: int


class Step(NamedTuple):
    """A step of a resend: its bytes, and the range of MsgSeqNums that they answer."""

    data: bytes
    answered: Range


class Connection:
    """link: the way to the client. stream: the way to QuickFIX, from the Logon on.

    until: monotonic time at which the connection is closed. held: frames not shown to QuickFIX yet.
    pending: frames that QuickFIX has not let pass yet, by MsgSeqNum. is_shown: QuickFIX has more to
    read of what it was shown. had_gap: QuickFIX may keep messages that came behind a gap.
    last_number: the highest MsgSeqNum that came. not_taken: the first one behind the venue's
    Logout. shown_at: UTC seconds at which QuickFIX last saw an application message.
    seen_of_quickfix: MsgSeqNum of the last message taken over from it. resends: answers to
    ResendRequests.
    """

    def __init__(self, link: Link, until: float) -> None:
        self.link = link
        self.stage = Stage.ARRIVED
        self.until: float | None = until
        # what comes
        self.reader = Reader(LOGON_BYTES)
        self.session = ""
        self.ticket = 0
        self.logon: Frame | None = None
        self.is_answered = False
        self.must_change_password = False
        self.pending: dict[int, Frame] = {}
        self._pending_bytes = 0
        self.had_gap = False
        self.held: deque[Frame] = deque()
        self.not_taken = 0
        self.last_number = 0
        self.allowance: Allowance | None = None
        # QuickFIX's stream
        self.stream: socket.socket | None = None
        self.to_quickfix = bytearray()
        self.is_shown = False
        self.shown_at = 0.0
        self.seen_of_quickfix = 0
        # what leaves
        self.out = bytearray()
        self.resends: deque[Iterator[Step | None]] = deque()
        self.is_finished = False
        self._given = 0
        self._arrived = 0
        self._sent: deque[tuple[int, int]] = deque()
        self._withheld = 0
        self._resent: deque[tuple[int, int, int]] = deque(maxlen=_NOTED_AT_MOST)
        # for the operator, UTC nanoseconds; and when something began that may not last, monotonic
        self.since_ns = 0
        self.last_in_ns = 0
        self.gap_at = 0
        self.gap_since = 0.0
        self.gap_asks = 0
        self.waits_since: float | None = None
        self.stuck_since: float | None = None

    def keep(self, frame: Frame) -> None:
        """Keep a frame until QuickFIX lets it pass."""
        if not self.pending:
            self._pending_bytes = 0
        self.pending[frame.number] = frame
        self._pending_bytes += len(frame.raw)

    def forget_below(self, number: int) -> None:
        """Forget the pending frames before this MsgSeqNum."""
        for passed in [each for each in self.pending if each < number]:
            del self.pending[passed]

    @property
    def is_at_quickfix(self) -> bool:
        """Whether QuickFIX still has to read, or to let pass, something that came."""
        return self.is_shown or bool(self.pending or self.to_quickfix or self.held)

    @property
    def is_full(self) -> bool:
        """Whether too much is pending for one more message behind a gap."""
        return bool(self.pending) and (
            len(self.pending) >= _MOST_PENDING or self._pending_bytes >= _MOST_PENDING_BYTES
        )

    def put(self, data: bytes) -> None:
        """Append `data` to what leaves at the next flush."""
        self.out += data
        self._given += len(data)

    def flush(self) -> None:
        """Send what the client's end takes now."""
        if self.out:
            taken = self.link.send(self.out)
            if taken:
                del self.out[:taken]
                self.stuck_since = None

    def begin_anew(self, session: str, number: int) -> None:
        """Begin the session: its Logon with this MsgSeqNum is on disk, and QuickFIX answers it."""
        self.session, self.last_number = session, number
        self.stage, self.until, self.is_answered = Stage.ON, None, False
        self.not_taken, self.gap_asks = 0, 0
        self.pending.clear()
        self.resends.clear()
        self._sent.clear()
        self._resent.clear()
        self._withheld = 0

    def leave_out_rest(self) -> int:
        """Leave out what was put and has not begun to leave; a message that has begun goes on.

        What was left out counts as withheld. Returns how many bytes that were.
        """
        taken = self._given - len(self.out)
        ends = [self._arrived, *(end for end, _ in self._sent)]
        ends += [end for end, _, _ in self._resent]
        end = min((each for each in ends if each >= taken), default=self._given)
        left_out = self._given - end
        if left_out:
            del self.out[end - taken :]
            self._given = end
            gone = [number for at, number in self._sent if at > end]
            self._sent = deque(each for each in self._sent if each[0] <= end)
            self._resent = deque(
                (each for each in self._resent if each[0] <= end), maxlen=_NOTED_AT_MOST
            )
            if gone:
                self.withhold(gone[0])
        self.resends.clear()
        return left_out

    def note_sent(self, number: int) -> None:
        """Remember that the bytes put so far end with the report of this MsgSeqNum."""
        self._sent.append((self._given, number))

    def withhold(self, number: int) -> None:
        """Remember that the report of this MsgSeqNum is not sent, nor any later one."""
        self._withheld = self._withheld or number

    def put_again(self, step: Step) -> None:
        """Put a step of a resend, and remember which numbers it answers."""
        self.put(step.data)
        self._resent.append((self._given, *step.answered))

    def delivered(self, next_out: int) -> Delivered:
        """What the client's machine has confirmed. next_out: the session's next MsgSeqNum."""
        confirmed = self.forget_delivered()
        read = tuple((first, last) for end, first, last in self._resent if end <= confirmed)
        return Delivered(self._sent[0][1] if self._sent else self._withheld or next_out, read)

    def forget_delivered(self) -> int:
        """Forget the reports that have arrived. Returns how many bytes have arrived in all."""
        confirmed, sent = self.link.confirmed(), self._sent
        while sent and sent[0][0] <= confirmed:
            self._arrived = sent.popleft()[0]
        return confirmed
