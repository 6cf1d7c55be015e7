"""Room in the journal: when the disk is full, orders are refused and all else goes on.

Asks the writer and puts commands into the inbox; stops nothing by itself (decision 0011).
"""

import errno

import structlog

from venue.domain.commands import ResumeEntry, StopEntry
from venue.sequencer.inbox import Inbox, Input
from venue.sequencer.writer import JournalWriter, NoRoom

_log = structlog.get_logger("journal")
_REASON = "the disk is full"
_OVER = "the disk has room again"
CANNOT_WRITE = "the venue stops: its journal cannot be written"
DISK_FULL = (
    "stopped because the disk is full; nothing is lost: free some space for the journal, "
    "then `venue run` starts trading again"
)


class RoomWatch:
    """Asked between batches. stops_trading: what is left is for a clean stop, so stop now."""

    def __init__(self, writer: JournalWriter, inbox: Inbox) -> None:
        self._writer = writer
        self._inbox = inbox
        self._shortage: str | None = None
        self._last_room = 0
        """While entry is stopped: the room at which trading has to stop; 0: entry goes on."""
        self.stops_trading = False

    def look(self) -> None:
        """Log it when the next segment cannot be made.

        Once the writer is on its reserve, stop order entry; once half of that is used, trading.
        Resume entry when the segment could be made after all.
        """
        writer = self._writer
        writer.look_ahead()
        if writer.shortage != self._shortage:
            self._say(writer.shortage)
        if not self._last_room:
            if writer.is_on_reserve:
                _log.critical("no orders are taken: the journal has no room to go on")
                self._inbox.put_first([StopEntry(_REASON)])
                self._last_room = writer.room // 2
        elif writer.shortage is None:
            _log.warning("orders are taken again: the disk has room")
            self._inbox.put(Input(None, 0, command=ResumeEntry(_OVER)))
            self._last_room = 0
        elif writer.room < self._last_room:
            self.stops_trading = True

    @property
    def why_stopping(self) -> str:
        """The text for the sessions when trading stops now."""
        return f"the venue stops: {_REASON}" if self.stops_trading else "the venue stops"

    @property
    def troubles(self) -> list[str]:
        """What an operator has to look at, a line each."""
        if self._shortage is None:
            return []
        short = f"the next journal segment cannot be made: {self._shortage}"
        return ["no orders are taken: " + _REASON, short] if self._last_room else [short]

    def _say(self, shortage: str | None) -> None:
        self._shortage = shortage
        if shortage is None:
            _log.info("the next journal segment could be made after all")
        else:
            _log.warning(
                "the next journal segment cannot be made; without it no orders will be taken",
                error=shortage,
                bytes_left=self._writer.room,
            )


def room_needed(error: BaseException | None) -> int:
    """Bytes that the disk needs free before a start is tried again; 0: room would not help."""
    while error is not None:
        if isinstance(error, NoRoom):
            return error.bytes
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return 1
        error = error.__cause__
    return 0
