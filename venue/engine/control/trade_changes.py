"""Busts and corrections: undo a trade, or give it another price or a lower quantity.

One event tells all of it: both reports, the ledger, the feed and the trail follow from it. What a
change of a trade that settles later gives back settles with the trade, or on the next settlement
day where a cycle of its date has been. The last
price is then that of the last live trade. It triggers no stop: nothing has traded.
"""

from venue.domain.commands import BustTrade, CorrectTrade
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    TradeBusted,
    TradeCorrected,
)
from venue.domain.instruments import Instrument
from venue.domain.order_state import Fill
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.engine.trading.fees import count_volumes, fee_of
from venue.engine.trading.owing import owe
from venue.engine.trading.placing import settle
from venue.risk.checks import collared_prices
from venue.risk.funds import Purse


@effect_of(BustTrade)
def bust_trade(state: EngineState, command: BustTrade) -> None:
    """TradeBusted. CommandRefused where the trade is unknown, busted already, or where a
    prefunded member lacks what it would have to give back."""
    trade = _find_or_refuse(state, command)
    if trade is None:
        return
    market = state.markets[trade.symbol]
    buy, sell = parties = state.orders[trade.buy], state.orders[trade.sell]
    instrument = buy.instrument  # fee and asset are those it was traded with
    exec_ref_seq = trade.exec_ref_seq
    if _refuse_overdraft(state, command, trade, parties, 0, 0, 0):
        return
    due = _due(state, trade)
    trade.busted = True
    state.trades.put(command.match_id, trade)
    market.last_ticks = state.last_live_ticks(market)
    if _earlier_day(state, trade) is None:
        market.change_totals(-trade.lots, -trade.amount, -1)
    for order in parties:
        _take_back(state, order, trade, 0, 0, 0, due)
    event_seq, timestamp_ns = state.stamp()
    assert exec_ref_seq < event_seq
    trade.exec_ref_seq = event_seq
    state.trades.put(command.match_id, trade)
    count_volumes(state, buy, sell, -trade.amount)
    state.events.append(
        TradeBusted(
            event_seq,
            timestamp_ns,
            instrument.symbol,
            command.match_id,
            state.trading_day,
            exec_ref_seq,
            instrument.price_text(trade.price_ticks),
            instrument.qty_text(trade.lots),
            instrument.asset,
            format_money(trade.amount),
            instrument.currency,
            Fill(buy.state(), format_money(trade.fee)),
            Fill(sell.state(), format_money(trade.sell_fee)),
            command.operator,
            command.reason,
            _earlier_day(state, trade),
            due or None,
        )
    )
    settle(state, market)


@effect_of(CorrectTrade)
def correct_trade(state: EngineState, command: CorrectTrade) -> None:
    """TradeCorrected; CommandRefused as for a bust, and for numbers that are not possible or are
    the trade's already."""
    trade = _find_or_refuse(state, command)
    if trade is None:
        return
    market = state.markets[trade.symbol]
    buy, sell = parties = state.orders[trade.buy], state.orders[trade.sell]
    instrument = buy.instrument
    ticks = instrument.ticks(command.price)
    lots = trade.lots if command.quantity is None else instrument.lots(command.quantity)
    wrong = _wrong_with(market, trade, command, ticks, lots)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    assert ticks is not None and lots is not None
    previous, previous_sell_fee = _texts(trade, instrument), trade.sell_fee
    amount = instrument.amount(ticks * lots)
    if _refuse_overdraft(state, command, trade, parties, lots, ticks, amount):
        return
    due = _due(state, trade)
    for order in parties:
        _take_back(state, order, trade, lots, ticks, amount, due)
    if _earlier_day(state, trade) is None:
        market.change_totals(lots - trade.lots, amount - trade.amount, 0)
    exec_ref_seq = trade.exec_ref_seq
    event_seq, timestamp_ns = state.stamp()
    assert exec_ref_seq < event_seq
    count_volumes(state, buy, sell, amount - trade.amount)
    trade.price_ticks, trade.lots, trade.amount = ticks, lots, amount
    was_alike = trade.fee == previous_sell_fee
    trade.fee, trade.sell_fee = (fee_of(each, amount, trade.roles) for each in parties)
    trade.exec_ref_seq = event_seq
    state.trades.put(command.match_id, trade)
    market.last_ticks = state.last_live_ticks(market)
    state.events.append(
        TradeCorrected(
            event_seq,
            timestamp_ns,
            instrument.symbol,
            command.match_id,
            state.trading_day,
            exec_ref_seq,
            instrument.price_text(ticks),
            instrument.qty_text(lots),
            instrument.asset,
            format_money(amount),
            instrument.currency,
            Fill(buy.state(), format_money(trade.fee)),
            Fill(sell.state(), format_money(trade.sell_fee)),
            *previous,
            command.operator,
            command.reason,
            _earlier_day(state, trade),
            due or None,
            previous_sell_fee=None if was_alike else format_money(previous_sell_fee),
        )
    )
    settle(state, market)


def _wrong_with(
    market: Market, trade: Trade, command: CorrectTrade, ticks: int | None, lots: int | None
) -> str | None:
    """Why a trade cannot have these numbers, or None. They are None where they are no multiple."""
    low, high = collared_prices(market.instrument, None)
    if ticks is None or not low <= ticks <= high:
        return f"{command.price} is no price of {trade.symbol}"
    price, quantity, *_ = _texts(trade, market.instrument)
    if lots is None or not 0 < lots <= trade.lots:
        return f"{command.quantity} is not above 0 and at most {quantity}"
    if (ticks, lots) == (trade.price_ticks, trade.lots):
        return f"trade {command.match_id} is {quantity} @ {price} already: nothing is changed"
    return None


def _due(state: EngineState, trade: Trade) -> str:
    """When what is changed settles; "": at once, as the trade did."""
    if not trade.due:
        return ""
    return state.obligations.date_of_change(trade.due, state.trading_day)


def _take_back(
    state: EngineState, order: Order, trade: Trade, lots: int, ticks: int, amount: int, due: str
) -> None:
    """Undo a fill and, for a correction, count the new one. An open order gets quantity back.

    A resting order keeps its place in the queue: the bad trade was not its fault. due: when the
    difference settles; "": at once.
    """
    is_today = _earlier_day(state, trade) is None
    if order.day.is_over:
        order.roll_over()  # a slice of what the new day forgets would do it, too
    order.settle_trade(-trade.lots, -trade.amount, -trade.fee_of(order.is_buy), is_today)
    order.settle_trade(lots, amount, fee_of(order, amount, trade.roles), is_today)
    if due:
        owe(state, order, due, lots - trade.lots, amount - trade.amount)
    market = state.markets[order.terms.symbol]
    given_back = trade.lots - lots
    if order.level is not None and given_back:
        market.book.resize(order, order.leaves_lots + given_back)
        order.leaves_lots -= given_back  # unfill counts it
    order.unfill(trade.price_ticks, given_back)
    order.cum_value += lots * (ticks - trade.price_ticks)
    if not is_today:
        conditions = order.conditions
        order.conditions = conditions._replace(
            prior_lots=conditions.prior_lots - given_back,
            prior_value=conditions.prior_value + lots * ticks - trade.lots * trade.price_ticks,
        )
    if order.is_open:
        state.recount(order)
    state.orders.put_back(order)


def _texts(trade: Trade, instrument: Instrument) -> tuple[str, str, str, str]:
    """Price, quantity, amount and the buyer's fee, as events say them."""
    return (
        instrument.price_text(trade.price_ticks),
        instrument.qty_text(trade.lots),
        format_money(trade.amount),
        format_money(trade.fee),
    )


def _earlier_day(state: EngineState, trade: Trade) -> str | None:
    """The trade's trading day; None: today."""
    return None if trade.trading_day == state.trading_day else trade.trading_day


def _refuse_overdraft(
    state: EngineState,
    command: BustTrade | CorrectTrade,
    trade: Trade,
    parties: tuple[Order, Order],
    lots: int,
    ticks: int,
    amount: int,
) -> bool:
    """CommandRefused, and True, where a purse of a prefunded member would be overdrawn."""
    changes: dict[tuple[str, str, str], tuple[Purse, int]] = {}
    for order in parties:
        sign = 1 if order.is_buy else -1
        less_fee = trade.fee_of(order.is_buy) - fee_of(order, amount, trade.roles)
        cash = sign * (trade.amount - amount) + less_fee
        units = -sign * order.instrument.asset_units(trade.lots - lots)
        if order.reserved is not None and order.is_open:
            taken_back = trade.lots - lots
            most = order.most_cost(order.price_ticks, order.leaves_lots + taken_back, taken_back)
            more = most - order.reserved
            cash, units = (cash - more, units) if order.is_buy else (cash, units - more)
        if state.members[order.terms.member].prefunded:
            for purse, change in ((order.standing.cash, cash), (order.standing.holding, units)):
                key = (order.terms.member, purse.account, purse.asset)
                changes[key] = (purse, changes.get(key, (purse, 0))[1] + change)
    for (member, _, asset), (purse, change) in changes.items():
        if change < 0 and purse.free + change < 0:
            lacking = format_money(-(purse.free + change))
            refuse(state, command, f"{member} is prefunded and lacks {lacking} {asset} for it")
            return True
    return False


def _find_or_refuse(state: EngineState, command: BustTrade | CorrectTrade) -> Trade | None:
    """The trade; or CommandRefused, and None."""
    trade = state.trades.get(command.match_id)
    if trade is None:
        refuse(state, command, f"trade {command.match_id} is unknown, or too old to be changed")
    elif trade.busted:
        refuse(state, command, f"trade {command.match_id} is busted already")
        return None
    elif trade.exec_ref_seq < state.markets[trade.symbol].split_seq:
        refuse(state, command, f"trade {command.match_id} was done before a split: it stays")
        return None
    elif state.under_way is not None:
        refuse(state, command, state.under_way)
        return None
    return trade
