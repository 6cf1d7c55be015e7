"""One obligation at a time: what a cycle plans for it, what it moves, and how a fail ends in money.

Events say what moves; the members' purses follow them one by one. Balances, which are the trade
date's, change by penalties and compensations only.
"""

from collections.abc import Sequence
from itertools import groupby

from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import ObligationBoughtIn, ObligationFailed, ObligationSettled
from venue.engine.state.cycle import Cycle, Move
from venue.engine.state.engine_state import EngineState
from venue.engine.state.obligations import Obligation
from venue.risk.claims import Claim, Planned, Price
from venue.risk.fails import compensations, penalties
from venue.risk.settlement_plan import plan_cycle


def planned_moves(state: EngineState, due: Sequence[Obligation]) -> list[Move]:
    """The plan for what is due: by due date, symbol, member and account."""
    rules = state.obligations.rules
    planned = plan_cycle(
        map(_claim, due),
        lambda member, account, asset: state.members[member].purses.seen(account, asset).settled,
        lambda member: state.members[member].prefunded,
        lambda symbol: _price(state, symbol),
        partial=rules.partial,
    )
    bps = parse_money(rules.penalty_bps)
    assert bps is not None, "rules are checked when they are set"
    moves: list[Move] = []
    for _, of_group in groupby(planned, key=lambda each: (each.claim.due, each.claim.symbol)):
        group = list(of_group)
        price = _price(state, group[0].claim.symbol)
        charged = penalties(group, price, bps, lambda member: state.members[member].prefunded)
        moves += map(_move, group, charged)
    return moves


def settle_move(state: EngineState, cycle: Cycle, move: Move) -> None:
    """ObligationSettled for what moves, ObligationFailed where something is left; counted."""
    instrument = state.markets[move.symbol].instrument
    asset, currency = instrument.asset, instrument.currency
    purses = state.members[move.member].purses
    obligation = state.obligations.add(
        move.member, move.account, move.symbol, move.due, asset, currency,
        -move.quantity, -move.amount,
    )  # fmt: skip
    cash = purses.of(move.account, currency)
    if move.quantity or move.amount:
        purses.of(move.account, asset).pending -= move.quantity
        cash.pending -= move.amount
        state.events.append(
            ObligationSettled(
                *state.stamp(),
                cycle.number,
                move.member,
                move.account,
                move.symbol,
                move.due,
                format_money(move.quantity),
                asset,
                format_money(move.amount),
                currency,
                format_money(obligation.quantity),
                format_money(obligation.amount),
            )
        )
    if not move.cause:
        cycle.settled += 1
        return
    cycle.partly += move.quantity != 0
    cycle.failed += move.quantity == 0
    obligation.cycles += 1
    cash.balance += move.penalty
    state.events.append(
        ObligationFailed(
            *state.stamp(),
            cycle.number,
            move.member,
            move.account,
            move.symbol,
            move.due,
            format_money(obligation.quantity),
            asset,
            format_money(obligation.amount),
            currency,
            obligation.cycles,
            move.cause,
            move.short_of,
            format_money(move.penalty),
        )
    )


def buy_in(state: EngineState, cycle: int, due: Sequence[Obligation]) -> list[Obligation]:
    """ObligationBoughtIn for what has failed too often; what is left for the cycle to settle.

    All of a symbol and due date ends together, so that compensations sum to zero; but not while it
    would take from a prefunded member what its orders, or what else it owes, have use for.
    """
    most = state.obligations.rules.buy_in_cycles
    left: list[Obligation] = []
    ordered = sorted(due, key=lambda each: (each.due, each.symbol, each.member, each.account))
    for _, of_group in groupby(ordered, key=lambda each: (each.due, each.symbol)):
        group = list(of_group)
        if not most or max(each.cycles for each in group) < most:
            left += group
            continue
        price = _price(state, group[0].symbol)
        given = compensations(list(map(_claim, group)), price)
        pairs = list(zip(group, given, strict=True))
        if not all(_can_end(state, obligation, money) for obligation, money in pairs):
            left += group
            continue
        for obligation, money in pairs:
            _end_in_money(state, cycle, obligation, price, money)
    return left


def _can_end(state: EngineState, obligation: Obligation, compensation: int) -> bool:
    """Whether a buy-in leaves a prefunded member with what it has reserved, and has to pay."""
    member = state.members[obligation.member]
    if not member.prefunded:
        return True
    holding = member.purses.seen(obligation.account, obligation.asset)
    cash = member.purses.seen(obligation.account, obligation.currency)
    return (
        holding.free >= obligation.quantity
        and cash.free >= obligation.amount - compensation
        and (compensation >= 0 or cash.settled >= -compensation)
    )


def _end_in_money(
    state: EngineState, cycle: int, obligation: Obligation, price: Price, compensation: int
) -> None:
    """ObligationBoughtIn: nothing is owed any more, and the position is what it was before."""
    quantity, amount = obligation.quantity, obligation.amount
    member, account = state.members[obligation.member], obligation.account
    holding = member.purses.of(account, obligation.asset)
    cash = member.purses.of(account, obligation.currency)
    holding.balance -= quantity
    holding.pending -= quantity
    cash.balance -= amount - compensation
    cash.pending -= amount
    instrument = price.instrument
    for use in member.uses_of(instrument, account or None):
        use.position_lots -= quantity // instrument.lot_units
    state.obligations.add(
        obligation.member, account, obligation.symbol, obligation.due, obligation.asset,
        obligation.currency, -quantity, -amount,
    )  # fmt: skip
    state.events.append(
        ObligationBoughtIn(
            *state.stamp(),
            cycle,
            obligation.member,
            account,
            obligation.symbol,
            obligation.due,
            format_money(quantity),
            obligation.asset,
            format_money(amount),
            obligation.currency,
            instrument.price_text(price.ticks),
            format_money(compensation),
        )
    )


def _claim(obligation: Obligation) -> Claim:
    return Claim(
        obligation.member,
        obligation.account,
        obligation.symbol,
        obligation.due,
        obligation.asset,
        obligation.currency,
        obligation.quantity,
        obligation.amount,
        obligation.cycles,
    )


def _move(planned: Planned, penalty: int) -> Move:
    claim = planned.claim
    return Move(
        claim.member,
        claim.account,
        claim.symbol,
        claim.due,
        planned.quantity,
        planned.amount,
        planned.cause,
        planned.short_of,
        penalty,
    )


def _price(state: EngineState, symbol: str) -> Price:
    """The last price; the reference price where nothing has traded."""
    market = state.markets[symbol]
    return Price(market.instrument, market.last_ticks or market.instrument.reference_ticks)
