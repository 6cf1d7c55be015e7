"""Answers for the operator: what is due, what has failed, how far a cycle is. Changes nothing."""

from venue.domain.decimal_text import format_money
from venue.domain.iso_dates import day_number
from venue.domain.settlement_overview import CycleRow, DueRow, FailRow, RunningCycleRow
from venue.engine.state.engine_state import EngineState


def due_rows(state: EngineState) -> list[DueRow]:
    """What is still to settle, by due date."""
    counts: dict[str, tuple[int, int]] = {}
    for obligation in state.obligations:
        number, failed = counts.get(obligation.due, (0, 0))
        counts[obligation.due] = number + 1, failed + (obligation.cycles > 0)
    return [DueRow(due, *counts[due]) for due in sorted(counts)]


def last_cycle(state: EngineState) -> CycleRow | None:
    """The last cycle that is done."""
    ended = state.obligations.ended
    return None if ended is None else CycleRow(*ended)


def running_cycle(state: EngineState) -> RunningCycleRow | None:
    """The cycle that runs now."""
    cycle = state.obligations.cycle
    if cycle is None:
        return None
    done = cycle.obligations - (len(cycle.moves) - cycle.done)
    return RunningCycleRow(cycle.number, cycle.settlement_date, done, cycle.obligations)


def fail_rows(state: EngineState, member: str = "") -> list[FailRow]:
    """What has failed and is still owed, the oldest first; of one member or of all.

    Raises KeyError, with words for the operator, where the member is unknown.
    """
    if member and member not in state.members:
        raise KeyError(f"member {member} is unknown")
    found = state.obligations.of(member) if member else list(state.obligations)
    return [
        FailRow(
            each.member,
            each.account,
            each.symbol,
            each.due,
            format_money(each.quantity),
            each.asset,
            format_money(each.amount),
            each.currency,
            each.cycles,
            max(day_number(state.trading_day) - day_number(each.due), 0),
        )
        for each in sorted(found, key=lambda each: (each.due, -each.cycles))
        if each.cycles
    ]
