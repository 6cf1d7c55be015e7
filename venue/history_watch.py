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
_log = structlog.get_logger("trading")


class HistoryWatch:
    """Looks now and then; closes the sessions once for each consumer that is ahead."""

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
            origin = f"{parked.consumer}-{parked.ahead}"
            if parked.ahead and origin not in self._state.histories:
                why = f"{parked.consumer} says: {parked.error}"
                _log.critical("sessions are closed until an operator opens them", why=why)
                self._sequencer.inbox.put(Input(None, 0, command=BeginHistory(origin, why)))
                self._sequencer.catch_up()  # so that no logon comes between
