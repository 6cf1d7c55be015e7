"""Time limits: for logons, for logouts, for gaps, and for clients that do not read.

They are checked ten times a second. A session that is ended is told why, if it reads that.
"""

from collections.abc import Callable

import structlog

from venue.domain.outgoing import Outgoing
from venue.fix.arrivals import Arrivals
from venue.fix.connection import Connection
from venue.fix.frame import Frame
from venue.fix.logons import Logons
from venue.fix.sender import SessionSender
from venue.fix.stage import Stage
from venue.fix.traffic import Traffic

_log = structlog.get_logger("sessions")
_UNFINISHED_SECONDS = 2.0
_GAP_SECONDS = 3.0
_GAP_ASKS = 10
STUCK_SECONDS = 10.0
"""How long a client may read nothing of what waits for it."""
_MOST_UNREAD_BYTES = 64 << 20
SLOW_READER = "SLOW_READER"
"""Why a session that can do without what it has not read is ended."""


class Clocks:
    """take: acts on messages of a connection. send: sends a message of the edge's own.

    can_leave_out: what a client has not read may be left out, so that the reason of its end comes
    next: whatever it lacks it is sent or told of after its next logon.
    """

    def __init__(
        self,
        arrivals: Arrivals,
        sender: SessionSender,
        logons: Logons,
        traffic: Traffic,
        take: Callable[[Connection, list[Frame]], None],
        send: Callable[[Outgoing], None],
        *,
        can_leave_out: bool = False,
    ) -> None:
        self._can_leave_out = can_leave_out
        self._arrivals = arrivals
        self._sender = sender
        self._logons = logons
        self._traffic = traffic
        self._take = take
        self._send = send

    def look(self, now: float) -> None:
        """End connections and sessions that are over a time limit. now: monotonic seconds."""
        self._arrivals.close_late(now)
        for connection in self._arrivals:
            stage = connection.stage
            late = connection.until is not None and now > connection.until
            if stage is Stage.ARRIVED and late:
                self._arrivals.drop(connection, "no whole message came in time")
            elif stage is Stage.DECIDING and late:
                self._logons.gone(connection)
                self._arrivals.drop(connection, "its logon was not decided in time")
            elif stage is Stage.ENDING and late:
                self._sender.drop(connection.session)
            elif stage is Stage.ON:
                self._look_at_session(connection, now)

    def _look_at_session(self, connection: Connection, now: float) -> None:
        connection.flush()
        connection.forget_delivered()
        self._traffic.forget_passed(connection)
        if connection.out and connection.stuck_since is None:
            connection.stuck_since = now
        stuck, unread = connection.stuck_since, len(connection.out)
        if stuck is not None and now - stuck > STUCK_SECONDS:
            self._cut_off(connection, f"nothing of {unread} bytes was read for {STUCK_SECONDS:g} s")
            return
        if unread > _MOST_UNREAD_BYTES:
            self._cut_off(connection, f"{unread} bytes wait for it")
            return
        waits = connection.waits_since
        if waits is not None and now - waits > _UNFINISHED_SECONDS:
            connection.waits_since = now
            self._take(connection, connection.reader.give_up_waiting())
        self._look_at_gap(connection, now)

    def _cut_off(self, connection: Connection, why: str) -> None:
        """End a session whose client does not read; tell it why where that can still come."""
        _log.warning(
            "session ended: its client does not read",
            session=connection.session,
            address=str(connection.link.peer),
            bytes_unread=len(connection.out),
            why=why,
        )
        if not self._can_leave_out:
            self._sender.drop(connection.session)
            return
        self._sender.flush()
        connection.leave_out_rest()
        connection.stuck_since = None
        self._sender.end(connection.session, f"{SLOW_READER} {why}")

    def _look_at_gap(self, connection: Connection, now: float) -> None:
        """Ask again for what is missing: a client may not answer a ResendRequest inside a gap."""
        next_in = self._sender.next_in(connection.session)
        if next_in > connection.last_number:
            connection.gap_at = 0
        elif next_in != connection.gap_at:  # the missing messages have come, or are coming
            connection.gap_at, connection.gap_since, connection.gap_asks = next_in, now, 0
        elif now - connection.gap_since > _GAP_SECONDS:
            connection.gap_since = now
            connection.gap_asks += 1
            if connection.gap_asks > _GAP_ASKS:  # messages behind a gap cannot be kept for ever
                _log.warning(
                    "session ended: a gap is not filled",
                    session=connection.session,
                    address=str(connection.link.peer),
                    number=next_in,
                )
                self._sender.end(connection.session, f"GAP_NOT_FILLED {next_in} does not come")
                return
            self._send(Outgoing(connection.session, f"35=2\x017={next_in}\x0116=0\x01"))


__all__ = ["SLOW_READER", "Clocks"]
