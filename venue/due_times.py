"""What the clock asks for: the engine's own times, and those of the timetable."""

import structlog

from venue.clock import trading_day
from venue.domain.commands import AdvanceTime, AnyCommand, StartDay
from venue.domain.events import AnyEvent, CommandRefused
from venue.domain.timetable import Timetable
from venue.engine.control.day import BETWEEN_DAYS, left_of_day
from venue.engine.state.engine_state import EngineState
from venue.sequencer.inbox import Input
from venue.timetable import TimetableWatch, standing

_log = structlog.get_logger("trading")


class DueTimes:
    """Called with the time, says which command is due now, one at a time; None: none is."""

    def __init__(self, state: EngineState) -> None:
        self._state = state
        self._timetable = TimetableWatch()
        self._told: str | None = None

    def __call__(self, now_ns: int) -> Input | None:
        """now_ns: UTC nanoseconds, never less than before."""
        state = self._state
        if state.next_due_ns is not None and state.next_due_ns <= now_ns:
            return Input(None, 0, command=AdvanceTime())
        # who goes on from older data looks at his orders before the end of a day takes them
        timetable = state.timetable if state.sessions_closed is None else None
        command = self._timetable.due(
            timetable, state.timetable_ns, now_ns, state.phase, state.trading_day
        )
        if self._timetable.wrong != self._told:
            self._told = self._timetable.wrong
            _log.error("days start and end by hand only", error=self._told)
        if command is None or (command.trading_day and self._is_ending_a_day()):
            return None
        return Input(None, 0, command=command, notify=_tell_refusal)

    def _is_ending_a_day(self) -> bool:
        """Whether slices of the day before are still to come: the next one begins after them."""
        return self._state.phase in BETWEEN_DAYS and left_of_day(self._state) is not None


def _tell_refusal(events: list[AnyEvent]) -> None:
    for event in events:
        if isinstance(event, CommandRefused):
            _log.error("the timetable is not followed", error=event.detail)


def first_day(timetable: Timetable | None, now_ns: int) -> list[AnyCommand]:
    """What opens the first day: at once, or where the timetable has one now."""
    if timetable is None:
        return [StartDay(trading_day(now_ns), reason="first start")]
    now = standing(timetable, now_ns)
    return [] if now is None else [now.command]
