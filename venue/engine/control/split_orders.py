"""A split's effect on open orders and on the instrument: prices, quantities, limits, counters.

An order goes on where every number of it is whole in ticks and lots afterwards; else it ends. The
queue of each price stays as it was.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from venue.domain.decimal_text import divide_half_away, divide_towards_zero
from venue.domain.events import OrderRestated
from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.instruments import Instrument
from venue.domain.order_state import OrderTerms
from venue.domain.types import ExecRestatementReason
from venue.engine.state.conditions import Conditions
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import scopes_of
from venue.engine.state.orders import Order
from venue.engine.trading.unasked import cancel_unasked

_REASON = ExecRestatementReason.GT_CORPORATE_ACTION


class Ratio(NamedTuple):
    """`new` units for `old` ones: quantities are multiplied by it, prices divided."""

    new: int
    old: int

    def lots(self, lots: int) -> int | None:
        """A quantity behind the split; None where it is not whole."""
        whole, rest = divmod(lots * self.new, self.old)
        return None if rest else whole

    def ticks(self, ticks: int) -> int | None:
        """A price behind the split; None where it is not whole."""
        whole, rest = divmod(ticks * self.old, self.new)
        return None if rest else whole

    def nearest_ticks(self, ticks: int) -> int:
        """A price behind the split, rounded to a tick, at least one."""
        return max(divide_half_away(ticks * self.old, self.new), 1)

    def truncated(self, count: int) -> int:
        """A count behind the split, towards zero: what is less than one is paid in money."""
        return divide_towards_zero(count * self.new, self.old)


class Adjusted(NamedTuple):
    """The numbers of an order behind a split."""

    price_ticks: int
    order_lots: int
    cum_lots: int
    floor_lots: int
    conditions: Conditions
    terms: OrderTerms


def definition_behind(instrument: Instrument, ratio: Ratio) -> InstrumentDefinition:
    """Definition behind a split: reference price and largest quantity follow, all else stays."""
    lots = max(ratio.truncated(instrument.max_order_lots), 1)
    return msgspec.structs.replace(
        instrument.definition,
        reference_price=instrument.price_text(ratio.nearest_ticks(instrument.reference_ticks)),
        max_order_qty=instrument.qty_text(lots),
    )


def redefine(state: EngineState, market: Market, instrument: Instrument, ratio: Ratio) -> None:
    """Give a market its instrument behind a split; last prices and counters of risk follow.

    Its trades so far cannot be changed any more. Its open orders still have the instrument of
    before: `adjust_order` has to follow for each.
    """
    for name in ("last_ticks", "low_ticks", "high_ticks"):
        ticks = getattr(market, name)
        if ticks is not None:
            setattr(market, name, ratio.nearest_ticks(ticks))
    market.older_ticks = market.last_ticks
    market.last_match = 0
    market.split_seq = state.next_event_seq
    market.instrument = instrument
    market.pegs_seen = None
    for scope in (each for member in state.members.values() for each in scopes_of(member)):
        use = scope.uses.get(instrument.symbol)
        if use is not None:
            use.instrument = instrument
            use.position_lots = ratio.truncated(use.position_lots)
            use.day_lots = ratio.truncated(use.day_lots)


def in_order(market: Market, ratio: Ratio) -> Iterator[Order]:
    """Open orders in an order in which no slice leaves bids and asks crossed.

    Where prices fall, bids fall first. Within a side: by price, then time.
    """
    book, stops = market.book, market.stops
    sides = (book.bids, book.asks) if ratio.new > ratio.old else (book.asks, book.bids)
    resting = (order for side in sides for level in side.levels() for order in level)
    for order in chain(resting, stops.waiting()):
        assert isinstance(order, Order)
        yield order
    yield from market.all_or_none.values()
    yield from market.auction.values()


def adjust_order(state: EngineState, order: Order, ratio: Ratio, text: str) -> bool:
    """OrderRestated with the numbers behind the split, or OrderCanceled. Returns whether it stays.

    It ends, too, where its member is prefunded and lacks what rounding reserves in addition.
    """
    market = state.markets[order.terms.symbol]
    behind = adjusted(order, market.instrument, ratio)
    member = state.members[order.terms.member]
    fees = order.standing.fees  # those of its entry
    order.standing = member.standing_in(market.instrument, order.terms.account, fees)
    wrong = None
    if behind is None:
        wrong = "it is not whole in ticks and lots any more"
    elif not _is_funded(order, behind):
        wrong = "its funds do not cover what fees may round up"
    if behind is None or wrong is not None:
        market.take_out(order)
        cancel_unasked(state, order, _REASON, f"{text}: {wrong}")
        return False
    _change(market, order, behind)
    order.modified_ns = state.timestamp_ns
    state.recount(order)
    state.events.append(
        OrderRestated(*state.stamp(), order.terms.symbol, order.state(), _REASON, text)
    )
    return True


def adjusted(order: Order, instrument: Instrument, ratio: Ratio) -> Adjusted | None:
    """Numbers of an order behind a split; None where one of them is not whole.

    instrument: the one behind the split. An order without a limit of its own goes to the end of
    the collar, as at its entry.
    """
    order_lots, cum_lots = ratio.lots(order.order_lots), ratio.lots(order.cum_lots)
    floor_lots = ratio.lots(order.floor_lots)
    price_ticks: int | None
    if order.limited:
        price_ticks = ratio.ticks(order.price_ticks)
    else:
        price_ticks = instrument.collar_high_ticks if order.is_buy else instrument.collar_low_ticks
    conditions = _conditions(order.conditions, instrument, ratio)
    terms = _terms(order.terms, instrument, ratio)
    if (
        order_lots is None
        or cum_lots is None
        or floor_lots is None
        or price_ticks is None
        or conditions is None
        or terms is None
    ):
        return None
    return Adjusted(price_ticks, order_lots, cum_lots, floor_lots, conditions, terms)


def _conditions(had: Conditions, instrument: Instrument, ratio: Ratio) -> Conditions | None:
    """The same behind a split; their own object where nothing changes. prior_value stays."""
    min_lots, prior_lots = ratio.lots(had.min_lots), ratio.lots(had.prior_lots)
    offset_ticks = ratio.ticks(had.peg_offset_ticks)
    if min_lots is None or prior_lots is None or offset_ticks is None:
        return None
    stop_ticks, stop_px = had.stop_ticks, had.stop_px
    if stop_px is not None:
        before = instrument.ticks(stop_px)
        assert before is not None and stop_ticks in (None, before)
        ticks = ratio.ticks(before)
        if ticks is None:
            return None
        stop_ticks = None if stop_ticks is None else ticks
        stop_px = instrument.price_text(ticks)
    conditions = had._replace(
        min_lots=min_lots,
        prior_lots=prior_lots,
        peg_offset_ticks=offset_ticks,
        stop_ticks=stop_ticks,
        stop_px=stop_px,
    )
    return had if conditions == had else conditions


def _terms(terms: OrderTerms, instrument: Instrument, ratio: Ratio) -> OrderTerms | None:
    """The same behind a split: MinQty(110) and PegOffsetValue(211) are numbers, too."""
    min_qty, peg_offset = terms.min_qty, terms.peg_offset
    if min_qty is not None:
        lots = instrument.lots(min_qty)
        assert lots is not None
        behind = ratio.lots(lots)
        if behind is None:
            return None
        min_qty = instrument.qty_text(behind)
    if peg_offset is not None:
        ticks = instrument.ticks(peg_offset)
        assert ticks is not None
        behind = ratio.ticks(ticks)
        if behind is None:
            return None
        peg_offset = instrument.price_text(behind)
    if (min_qty, peg_offset) == (terms.min_qty, terms.peg_offset):
        return terms
    return msgspec.structs.replace(terms, min_qty=min_qty, peg_offset=peg_offset)


def _is_funded(order: Order, behind: Adjusted) -> bool:
    """Whether its purse has free what it reserves in addition: fees of more lots round more."""
    if order.reserved is None:
        return True
    cost = order.most_cost(behind.price_ticks, behind.order_lots - behind.cum_lots)
    more = cost - order.reserved
    return more <= 0 or more <= order.pays_with.free


def _change(market: Market, order: Order, behind: Adjusted) -> None:
    """Give an order its numbers, where it rests or waits; an iceberg shows a new slice."""
    rests, stop_ticks = order.level is not None, order.conditions.stop_ticks
    if rests:
        if order.is_peg:
            market.count_peg(order, -1)
        market.book.remove(order)
    elif stop_ticks is not None:
        market.stops.remove(order, stop_ticks)
    order.price_ticks = behind.price_ticks
    order.order_lots, order.cum_lots = behind.order_lots, behind.cum_lots
    order.leaves_lots = behind.order_lots - behind.cum_lots
    order.floor_lots = behind.floor_lots
    order.conditions, order.terms = behind.conditions, behind.terms
    if rests:
        market.book.rest(order)
        if order.is_peg:
            market.count_peg(order, 1)
    elif order.conditions.stop_ticks is not None:
        market.stops.add(order, order.conditions.stop_ticks)
