"""Watches, while trading runs, for consumers that have found the journal older than what they have.

NATS and the database are asked by their own processes, which say so in the data directory; trading
waits for neither. May know the data directory; changes the state by a command only.
"""

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from venue.bus.parking import read_parked
from venue.domain.commands import BeginHistory
from venue.engine.state.engine_state import EngineState
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer

LOOK_SECONDS = 1.0
_LOST = "lost-event-"
"""Begins the origin of a history: the rest is the last event that somebody else has."""
_log = structlog.get_logger("trading")


class HistoryWatch:
    """Looks now and then; closes the sessions when a consumer knows more than was known before."""

    def __init__(
        self,
        data_dir: Path,
        state: EngineState,
        sequencer: Sequencer,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._data_dir = data_dir
        self._state = state
        self._sequencer = sequencer
        self._monotonic = monotonic
        self._look_at = 0.0

    def look(self) -> None:
        """Have a history begin if a consumer has events that this journal has lost."""
        now = self._monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        for parked in read_parked(self._data_dir):
            if parked.ahead > self._known():
                why = f"{parked.consumer} says: {parked.error}"
                _log.critical("sessions are closed until an operator opens them", why=why)
                command = BeginHistory(f"{_LOST}{parked.ahead}", why)
                self._sequencer.inbox.put(Input(None, 0, command=command))
                self._sequencer.catch_up()  # so that no logon comes between

    def _known(self) -> int:
        """The last event that is known to be lost: histories have begun for it and those before."""
        origins = self._state.histories
        lost = (int(each.removeprefix(_LOST)) for each in origins if each.startswith(_LOST))
        return max(lost, default=0)
