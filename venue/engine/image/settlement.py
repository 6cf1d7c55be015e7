"""Image of what is to settle, and of a cycle that runs; and both made from it.

What purses have pending is no part of it: it is the sum of the obligations.
"""

from venue.engine.image.state_image import (
    CycleImage,
    MoveImage,
    ObligationImage,
    SettlementImage,
)
from venue.engine.state.cycle import Cycle, EndedCycle, Move
from venue.engine.state.engine_state import EngineState
from venue.engine.state.obligations import Obligation, Obligations


def settlement_image(obligations: Obligations) -> SettlementImage | None:
    """None where there is nothing to tell."""
    rules, cycle = obligations.rules_set(), obligations.cycle
    if rules is None and not obligations.last_cycle and not len(obligations):
        return None
    return SettlementImage(
        obligations=tuple(map(_obligation_image, obligations)),
        rules=rules,
        last_cycle=obligations.last_cycle,
        settled_to=obligations.settled_to,
        cycle=None if cycle is None else _cycle_image(cycle),
        ended=obligations.ended,
    )


def restore_settlement(state: EngineState, image: SettlementImage) -> None:
    """Give the state what is to settle; the members' purses are there."""
    obligations = state.obligations
    obligations.set_rules(image.rules)
    obligations.last_cycle = image.last_cycle
    obligations.settled_to = image.settled_to
    for each in image.obligations:
        quantity, amount = int(each.quantity), int(each.amount)
        found = obligations.add(
            each.member, each.account, each.symbol, each.due, each.asset, each.currency,
            quantity, amount,
        )  # fmt: skip
        found.cycles = each.cycles
        purses = state.members[each.member].purses
        purses.of(each.account, each.asset).pending += quantity
        purses.of(each.account, each.currency).pending += amount
    if image.ended is not None:
        obligations.ended = EndedCycle(*image.ended)
    if image.cycle is not None:
        obligations.cycle = _cycle(image.cycle)


def _obligation_image(obligation: Obligation) -> ObligationImage:
    return ObligationImage(
        obligation.member,
        obligation.account,
        obligation.symbol,
        obligation.due,
        obligation.asset,
        obligation.currency,
        str(obligation.quantity),
        str(obligation.amount),
        obligation.cycles,
    )


def _cycle_image(cycle: Cycle) -> CycleImage:
    moves = tuple(
        MoveImage(
            move.member,
            move.account,
            move.symbol,
            move.due,
            str(move.quantity),
            str(move.amount),
            move.cause,
            move.short_of,
            str(move.penalty),
        )
        for move in cycle.moves[cycle.done :]
    )
    return CycleImage(
        cycle.number,
        cycle.settlement_date,
        cycle.obligations,
        moves,
        cycle.settled,
        cycle.partly,
        cycle.failed,
    )


def _cycle(image: CycleImage) -> Cycle:
    moves = [
        Move(
            each.member,
            each.account,
            each.symbol,
            each.due,
            int(each.quantity),
            int(each.amount),
            each.cause,
            each.short_of,
            int(each.penalty),
        )
        for each in image.moves
    ]
    cycle = Cycle(image.number, image.settlement_date, image.obligations, moves)
    cycle.settled, cycle.partly, cycle.failed = image.settled, image.partly, image.failed
    return cycle
