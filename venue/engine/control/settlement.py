"""Settlement: its rules, and the cycles that settle what is due, in slices of SLICE obligations.

What a cycle settles is decided when it begins (venue.risk.settlement_plan), and said and done in
slices. Nothing that comes between them changes the plan. Buy-ins are done at the beginning.
"""

from venue.domain.by_name import made_of
from venue.domain.commands import SetSettlementRules, SettleObligations, SettleRemaining
from venue.domain.decimal_text import parse_money
from venue.domain.events import SettlementBegun, SettlementEnded, SettlementRulesSet
from venue.domain.iso_dates import is_date
from venue.domain.settlement_rules import SettlementRules, is_settlement_day
from venue.domain.timetable import WEEKDAYS
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.settling import buy_in, planned_moves, settle_move
from venue.engine.state.cycle import Cycle, EndedCycle
from venue.engine.state.engine_state import EngineState
from venue.engine.trading.slices import SLICE

MOST_HOLIDAYS = 2_000
MOST_BUY_IN_CYCLES = 1_000
MOST_PENALTY_BPS = 10_000 * 10**8


@effect_of(SetSettlementRules)
def set_settlement_rules(state: EngineState, command: SetSettlementRules) -> None:
    """SettlementRulesSet: they hold for the dates of later trades, and from the next cycle on."""
    wrong = _wrong_with(command)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    state.obligations.set_rules(made_of(SettlementRules, command))
    state.events.append(
        SettlementRulesSet(
            *state.stamp(),
            command.weekdays,
            command.holidays,
            command.partial,
            command.penalty_bps,
            command.buy_in_cycles,
            command.operator,
            command.reason,
            command.at_day_end,
        )
    )


def _wrong_with(command: SetSettlementRules) -> str | None:
    unknown = [day for day in command.weekdays if day not in WEEKDAYS]
    if unknown or not command.weekdays:
        return f"weekdays are some of {', '.join(WEEKDAYS)}"
    if len(command.holidays) > MOST_HOLIDAYS:
        return f"{len(command.holidays)} holidays are more than {MOST_HOLIDAYS}"
    wrong = [day for day in command.holidays if not is_date(day)]
    if wrong:
        return f"{wrong[0]!r} is no date YYYY-MM-DD"
    bps = parse_money(command.penalty_bps)
    if bps is None or not 0 <= bps <= MOST_PENALTY_BPS:
        return f"penalty_bps {command.penalty_bps} is not between 0 and 10000"
    if not 0 <= command.buy_in_cycles <= MOST_BUY_IN_CYCLES:
        return f"buy_in_cycles {command.buy_in_cycles} is not between 0 and {MOST_BUY_IN_CYCLES}"
    return None


@effect_of(SettleObligations)
def settle_obligations(state: EngineState, command: SettleObligations) -> None:
    """SettlementBegun, what follows for each obligation that is due, then SettlementEnded.

    Events of an obligation: ObligationSettled for what moves, ObligationFailed where something is
    left, ObligationBoughtIn where it ends in money. Refused while a cycle runs, and for a date on
    which nothing settles.
    """
    date = command.settlement_date or state.trading_day
    wrong = _why_not(state, date)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    _begin(state, date, command.operator, command.reason)


def settle_day_end(state: EngineState) -> None:
    """Begin the cycle of the trading day that has ended, where the rules say so."""
    obligations, date = state.obligations, state.trading_day
    if not obligations.rules.at_day_end or _why_not(state, date) is not None:
        return
    if any(obligation.due <= date for obligation in obligations):
        _begin(state, date, "", "end of the trading day")


def _why_not(state: EngineState, date: str) -> str | None:
    """Why no cycle of a date may begin, in words; None: it may."""
    obligations = state.obligations
    if obligations.cycle is not None:
        return f"cycle {obligations.cycle.number} is still settling"
    if state.under_way is not None:
        return state.under_way
    if not date:
        return "no trading day has been open yet"
    if not is_date(date):
        return f"{date!r} is no date YYYY-MM-DD"
    if not is_settlement_day(obligations.rules, date):
        return f"{date} is no settlement day"
    return None


def _begin(state: EngineState, date: str, operator: str, reason: str) -> None:
    obligations = state.obligations
    due = [obligation for obligation in obligations if obligation.due <= date]
    obligations.last_cycle = number = obligations.last_cycle + 1
    obligations.settled_to = max(obligations.settled_to, date)
    state.events.append(SettlementBegun(*state.stamp(), number, date, len(due), operator, reason))
    rest = buy_in(state, number, due)
    obligations.cycle = Cycle(number, date, len(due), planned_moves(state, rest))
    _settle_slice(state, obligations.cycle)


def settle_remaining(state: EngineState, command: SettleRemaining) -> None:
    """Next slice of the cycle that runs."""
    cycle = state.obligations.cycle
    if cycle is not None and cycle.number == command.cycle:
        _settle_slice(state, cycle)


def _settle_slice(state: EngineState, cycle: Cycle) -> None:
    """The next SLICE of the plan; the rest follows, and behind the last SettlementEnded."""
    moves = cycle.moves[cycle.done : cycle.done + SLICE]
    for move in moves:
        settle_move(state, cycle, move)
    cycle.done += len(moves)
    if cycle.done < len(cycle.moves):
        state.follow_ups.append(SettleRemaining(cycle.number))
        return
    event_seq, timestamp_ns = state.stamp()
    counts = cycle.settled, cycle.partly, cycle.failed
    state.obligations.cycle = None
    state.obligations.ended = EndedCycle(
        cycle.number, cycle.settlement_date, cycle.obligations, *counts, event_seq
    )
    state.events.append(
        SettlementEnded(event_seq, timestamp_ns, cycle.number, cycle.settlement_date, *counts)
    )
