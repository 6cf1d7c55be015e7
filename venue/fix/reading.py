"""Whether sessions read what they are sent: asked by a TestRequest every so many reports.

QuickFIX queues without limit for a client that does not read. Counts and judges only; the time and
what the connection shows come in, and it never sends.
"""

import re
from typing import NamedTuple

UNANSWERED_AT_MOST = 2
"""TestRequests that may be unanswered when the next one is due."""

_PATIENCE_S = 5.0
_BYTES_A_REPORT = 1024
_TEST_REQ_ID = re.compile("READ-([0-9]{1,9})")


class Seen(NamedTuple):
    """What a connection shows, in bytes since it began. given: to QuickFIX, to be sent.

    held_back: how many of these the connection does not take. confirmed: how many have reached the
    client's machine; None: the system does not tell.
    """

    given: int
    held_back: int
    confirmed: int | None


class _Asked(NamedTuple):
    """A TestRequest without answer. given: bytes that went before it. at: when, in seconds."""

    given: int
    at: float


class _Count:
    """sent: messages since the last TestRequest. asked, answered: numbers of TestRequests."""

    __slots__ = ("answered", "asked", "sent", "unanswered")

    def __init__(self) -> None:
        self.sent = 0
        self.asked = 0
        self.answered = 0
        self.unanswered: list[_Asked] = []


class Reading:
    """What each session has been sent and has confirmed since its logon."""

    def __init__(self, reports_per_test_request: int) -> None:
        self._limit = reports_per_test_request
        self._counts: dict[str, _Count] = {}
        self._due: set[str] = set()

    def begin(self, session: str) -> None:
        """The session has logged on; nothing is owed."""
        self._counts[session] = _Count()

    def end(self, session: str) -> None:
        """The session has ended: what it has not read comes by resend."""
        self._counts.pop(session, None)
        self._due.discard(session)

    def sent(self, session: str) -> None:
        """A report was numbered for the session, or is sent again."""
        count = self._counts.get(session)
        if count is not None:
            count.sent += 1
            if count.sent >= self._limit:
                self._due.add(session)

    def answered(self, session: str, test_req_id: str) -> None:
        """A Heartbeat with this TestReqID(112) came; it answers those asked before it too."""
        count = self._counts.get(session)
        found = _TEST_REQ_ID.fullmatch(test_req_id)
        if count is None or found is None:
            return
        answered = min(int(found[1]), count.asked)
        if answered > count.answered:
            del count.unanswered[: answered - count.answered]
            count.answered = answered

    def due(self) -> list[str]:
        """Sessions that have to be asked now."""
        return sorted(self._due)

    def reads(self, session: str, seen: Seen, now: float) -> bool:
        """Whether the session that is due may go on; if so, `ask` it.

        Who leaves too many TestRequests unanswered may when its machine takes what it is sent: its
        answers may wait behind a thousand orders of its own, or it gives none.
        """
        unanswered = self._counts[session].unanswered
        if len(unanswered) < UNANSWERED_AT_MOST:
            return True
        if seen.held_back > self._limit * _BYTES_A_REPORT:
            return False
        late = [asked.given for asked in unanswered if now - asked.at > _PATIENCE_S]
        return not late or (seen.confirmed is not None and seen.confirmed >= late[-1])

    def ask(self, session: str, seen: Seen, now: float) -> str:
        """TestReqID of the TestRequest that is due and sent now."""
        self._due.discard(session)
        count = self._counts[session]
        count.sent = 0
        count.asked += 1
        count.unanswered.append(_Asked(seen.given, now))
        return f"READ-{count.asked}"
