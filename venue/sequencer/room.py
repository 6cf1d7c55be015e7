"""Room in the journal: before the disk is full, order entry stops and then trading, both recorded.

Asks the writer and puts one command into the inbox; stops nothing by itself (decision 0011).
"""

import time
from collections.abc import Callable

import structlog

from venue.domain.commands import StopEntry
from venue.sequencer.inbox import Inbox
from venue.sequencer.writer import JournalWriter

_log = structlog.get_logger("journal")
_REASON = "the disk is full"
CANNOT_WRITE = "the venue stops: its journal cannot be written"
DISK_FULL = (
    "stopped because the disk is full; nothing is lost: free some space for the journal, "
    "then start again"
)
_REFUSING_SECONDS = 1.0


class RoomWatch:
    """Asked between batches. stops_trading: entry was stopped long enough, now stop trading."""

    def __init__(
        self,
        writer: JournalWriter,
        inbox: Inbox,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._writer = writer
        self._inbox = inbox
        self._monotonic = monotonic
        self._shortage: str | None = None
        self._stop_at: float | None = None
        self._last_room = 0
        self.stops_trading = False

    def look(self) -> None:
        """Log it when the next segment cannot be made.

        Once the writer is on its reserve, stop order entry, and a little later trading.
        """
        writer = self._writer
        writer.look_ahead()
        if writer.shortage != self._shortage:
            self._say(writer.shortage)
        if self._stop_at is None:
            if writer.is_on_reserve:
                _log.critical("no orders are taken any more: the journal has no room to go on")
                self._inbox.put_first([StopEntry(_REASON)])
                self._stop_at = self._monotonic() + _REFUSING_SECONDS
                self._last_room = writer.room // 2
        elif self._monotonic() >= self._stop_at or writer.room < self._last_room:
            self.stops_trading = True

    @property
    def why_stopping(self) -> str:
        """The text for the sessions when trading stops now."""
        return f"the venue stops: {_REASON}" if self.stops_trading else "the venue stops"

    def _say(self, shortage: str | None) -> None:
        self._shortage = shortage
        if shortage is None:
            _log.info("the next journal segment could be made after all")
        else:
            _log.warning(
                "the next journal segment cannot be made; without it the venue will stop",
                error=shortage,
                bytes_left=self._writer.room,
            )
