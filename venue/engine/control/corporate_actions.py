"""Corporate actions: a split of an asset, a cash dividend on it. Between two trading days only.

Both are done in slices of SLICE accounts and orders. Until the last one nothing else moves funds
or obligations, and no day begins.
"""

from collections.abc import Iterable

import msgspec

from venue.domain.commands import AdjustRemaining, PayDividend, SplitAsset
from venue.domain.decimal_text import format_money, parse_money
from venue.domain.events import (
    CorporateActionEnded,
    DividendDeclared,
    InstrumentAdded,
    InstrumentDisabled,
    StockSplit,
)
from venue.domain.instruments import Instrument
from venue.engine.control.day import BETWEEN_DAYS, left_of_day
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.payments import MOST_MONEY, assets
from venue.engine.control.split_holdings import pay_dividend, split_obligations, split_purse
from venue.engine.control.split_orders import (
    Ratio,
    adjust_order,
    definition_behind,
    in_order,
    redefine,
)
from venue.engine.state.corporate_action import CorporateAction
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.trading.slices import SLICE

MOST_RATIO = 1_000_000
"""Largest number of a split's ratio."""
ID_MAX = 64
"""Most characters of an action's id."""


@effect_of(SplitAsset)
def split_asset(state: EngineState, command: SplitAsset) -> None:
    """StockSplit, InstrumentAdded for each symbol; then holdings, obligations and open orders.

    ObligationAdjusted and HoldingAdjusted for each account, OrderRestated or OrderCanceled for each
    order, at last CorporateActionEnded. Refused while a day is open or anything of it is left.
    """
    ratio = Ratio(command.numerator, command.denominator)
    markets = _markets_of(state, command.asset)
    wrong = _why_not(state, command) or _why_no_split(state, command, markets, ratio)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    first = _first_traded(markets)
    ticks = first.last_ticks or first.instrument.reference_ticks
    price = first.instrument.price_text(ticks)
    orders = tuple(
        int(order.terms.order_id) for market in markets for order in in_order(market, ratio)
    )
    event_seq, timestamp_ns = state.stamp()
    terms = f"split of {command.asset} {command.numerator}:{command.denominator}"
    state.action_ids.add(command.action_id, event_seq, terms)
    state.events.append(
        StockSplit(
            event_seq,
            timestamp_ns,
            command.action_id,
            command.asset,
            command.numerator,
            command.denominator,
            tuple([market.instrument.symbol for market in markets]),
            command.operator,
            command.reason,
        )
    )
    for market in markets:
        _redefine(state, market, ratio, command)
    state.split_day = state.trading_day
    state.corporate_action = CorporateAction(
        command.action_id,
        command.asset,
        first.instrument.currency,
        command.numerator,
        command.denominator,
        price,
        holders=_holders(state, command.asset),
        orders=orders,
    )
    _go_on(state, state.corporate_action)


@effect_of(PayDividend)
def pay_out(state: EngineState, command: PayDividend) -> None:
    """DividendDeclared, HoldingAdjusted for each account, at last CorporateActionEnded.

    Who holds it on the trade's date is paid, settled or not. Refused as a split is.
    """
    wrong = _why_not(state, command)
    amount = parse_money(command.amount)
    if wrong is None and (amount is None or not 0 < amount <= MOST_MONEY):
        wrong = f"{command.amount} is no amount above 0 with at most 8 decimals"
    elif wrong is None and command.currency not in assets(state):
        wrong = f"currency {command.currency} is unknown"
    elif wrong is None and command.currency == command.asset:
        wrong = f"{command.asset} is not paid on itself: that is a split"
    if wrong is not None:
        refuse(state, command, wrong)
        return
    assert amount is not None
    event_seq, timestamp_ns = state.stamp()
    text = format_money(amount)
    terms = f"dividend of {text} {command.currency} for each {command.asset}"
    state.action_ids.add(command.action_id, event_seq, terms)
    state.events.append(
        DividendDeclared(
            event_seq,
            timestamp_ns,
            command.action_id,
            command.asset,
            text,
            command.currency,
            command.operator,
            command.reason,
        )
    )
    state.corporate_action = CorporateAction(
        command.action_id,
        command.asset,
        command.currency,
        amount=text,
        holders=_holders(state, command.asset),
    )
    _go_on(state, state.corporate_action)


def adjust_remaining(state: EngineState, command: AdjustRemaining) -> None:
    """Next slice of the corporate action under way."""
    action = state.corporate_action
    if action is not None:  # None: a what-if has not begun it
        _go_on(state, action)


def _go_on(state: EngineState, action: CorporateAction) -> None:
    """Do SLICE accounts, then orders; the rest follows. CorporateActionEnded behind the last."""
    holders = action.holders[action.next_holder : action.next_holder + SLICE]
    unit = _unit(_markets_of(state, action.asset))
    carry = action.carry
    for member, account in holders:
        purse = state.members[member].purses.of(account, action.asset)
        if action.amount:
            pay_dividend(state, action, member, purse)
            continue
        before = purse.pending
        carry = split_obligations(state, action, member, purse, carry)
        split_purse(state, action, member, purse, before, unit)
    room = SLICE - len(holders)
    orders = action.orders[action.next_order : action.next_order + room]
    ratio = Ratio(action.numerator, action.denominator)
    text = f"SPLIT {action.numerator}:{action.denominator} of {action.asset}, {action.action_id}"
    restated = canceled = 0
    for number in orders:
        order = state.orders[str(number)]
        if not order.is_open or order.is_due(state.timestamp_ns):
            continue  # it was canceled, or expires by itself
        if adjust_order(state, order, ratio, text):
            restated += 1
        else:
            canceled += 1
    action = msgspec.structs.replace(
        action,
        next_holder=action.next_holder + len(holders),
        next_order=action.next_order + len(orders),
        restated=action.restated + restated,
        canceled=action.canceled + canceled,
        carry=carry,
    )
    if action.next_holder < len(action.holders) or action.next_order < len(action.orders):
        state.corporate_action = action
        state.follow_ups.append(AdjustRemaining())
        return
    assert not carry, "obligations of all accounts do not sum to zero"
    state.corporate_action = None
    state.events.append(
        CorporateActionEnded(
            *state.stamp(),
            action.action_id,
            action.asset,
            len(action.holders),
            action.restated,
            action.canceled,
        )
    )


def _redefine(state: EngineState, market: Market, ratio: Ratio, command: SplitAsset) -> None:
    """InstrumentAdded with the terms behind the split; once more InstrumentDisabled for one out."""
    definition = definition_behind(market.instrument, ratio)
    redefine(state, market, Instrument(definition), ratio)
    who = (command.operator, command.reason)
    symbol = definition.symbol
    state.events.append(InstrumentAdded(*state.stamp(), symbol, definition, *who))
    if market.disabled:
        state.events.append(InstrumentDisabled(*state.stamp(), symbol, *who))


def _markets_of(state: EngineState, asset: str) -> list[Market]:
    return [market for market in state.markets.values() if market.instrument.asset == asset]


def _unit(markets: Iterable[Market]) -> int:
    """The largest number of 10^-8 units of which the lots of all of them are multiples (Euclid)."""
    unit = 0
    for market in markets:
        rest = market.instrument.lot_units
        while rest:
            unit, rest = rest, unit % rest
    assert unit > 0
    return unit


def _first_traded(markets: Iterable[Market]) -> Market:
    """The market whose price counts: the first that is not out of trading, else the first."""
    listed = list(markets)
    return next((market for market in listed if not market.disabled), listed[0])


def _holders(state: EngineState, asset: str) -> tuple[tuple[str, str], ...]:
    """Member and account of all that hold or owe an asset, in the order in which they were made."""
    found = []
    for name, member in state.members.items():
        accounts = [
            purse.account
            for purse in member.purses.all()
            if purse.asset == asset and (purse.balance or purse.pending)
        ]
        owing = (each.account for each in state.obligations.of(name) if each.asset == asset)
        found += [(name, account) for account in dict.fromkeys([*accounts, *owing])]
    return tuple(found)


def _why_not(state: EngineState, command: SplitAsset | PayDividend) -> str | None:
    """Why no corporate action can be done now, or none under this id; None: it can."""
    if state.phase not in BETWEEN_DAYS:
        return f"the day {state.trading_day} is open: a corporate action comes between two days"
    left = left_of_day(state)
    if left is not None:
        return left
    cycle = state.obligations.cycle
    if cycle is not None:
        return f"settlement cycle {cycle.number} is under way"
    action_id = command.action_id
    if not 0 < len(action_id) <= ID_MAX or action_id.strip() != action_id:
        return f"an id has 1 to {ID_MAX} characters, and no blank at either end"
    if not action_id.isprintable():
        return "an id has no control characters"
    used = state.action_ids.get(action_id)
    if used is not None:
        return f"{action_id} was done by event {used[0]}: {used[1]}"
    if not _markets_of(state, command.asset):
        return f"no instrument delivers {command.asset}"
    return None


def _why_no_split(
    state: EngineState, command: SplitAsset, markets: list[Market], ratio: Ratio
) -> str | None:
    """Why a split cannot be done, besides; None: it can."""
    numbers = (command.numerator, command.denominator)
    if not all(0 < number <= MOST_RATIO for number in numbers) or numbers[0] == numbers[1]:
        return f"{numbers[0]}:{numbers[1]} is no split of two different numbers up to {MOST_RATIO}"
    priced = [m.instrument.symbol for m in state.markets.values()
              if m.instrument.currency == command.asset]  # fmt: skip
    if priced:
        return f"{command.asset} is what {priced[0]} is paid in: it cannot be split"
    try:
        for market in markets:
            Instrument(definition_behind(market.instrument, ratio))
    except ValueError as error:
        return str(error)
    return None
