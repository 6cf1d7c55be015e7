"""Fees of orders and fills: which schedule a new order comes under, what each side of a trade pays.

A member's own schedule for an instrument goes before its schedule for all, that before the
instrument's, and that before fee_bps. An order keeps the terms of its entry for its life, so that
what it has reserved holds.
"""

from typing import NamedTuple

from venue.domain.fee_terms import FeeTerms, scheduled_fee
from venue.domain.fee_versions import FeeVersion, terms_of_version, version_on
from venue.domain.instruments import Instrument
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Member
from venue.engine.state.orders import Order

_BUYER_TAKES = 1
_BUYERS_FIRST = 2
_SELLERS_FIRST = 4
"""Roles of a trade: the buyer was the aggressor; it is the first fill of an order."""


class InForce(NamedTuple):
    """A schedule that counts for a member in an instrument, its version, and whose it is."""

    schedule: str
    version: FeeVersion
    of: str


def schedule_in_force(state: EngineState, member: Member, instrument: Instrument) -> InForce | None:
    """The schedule under which new orders come today; None: fee_bps of the instrument counts.

    One that has no version for the day yet is passed over.
    """
    own = member.fee_schedules
    for name, of in (
        (own.get(instrument.symbol, ""), "member and instrument"),
        (own.get("", ""), "member"),
        (instrument.definition.fee_schedule, "instrument"),
    ):
        version = version_on(state.fee_schedules.get(name, ()), state.trading_day)
        if version is not None:
            return InForce(name, version, of)
    return None


def fees_of_new_orders(
    state: EngineState, member: Member, instrument: Instrument
) -> FeeTerms | None:
    """Terms that an order which is accepted now has for its life; None: fee_bps."""
    if not state.fee_schedules:
        return None
    symbol = instrument.symbol
    if symbol not in member.fee_terms:
        found = schedule_in_force(state, member, instrument)
        member.fee_terms[symbol] = (
            None
            if found is None
            else terms_of_version(found.version, member.volume_before_today(instrument.currency))
        )
    return member.fee_terms[symbol]


def forget_terms(state: EngineState) -> None:
    """Have the terms of new orders found anew: a schedule, who has it, or the day has changed."""
    for member in state.members.values():
        member.fee_terms = {}


def charge(
    state: EngineState, buy: Order, sell: Order, aggressor: Order, amount: int
) -> tuple[int, int, int]:
    """Roles of a trade that is about to fill both orders, what the buyer pays, what the seller.

    Counts its value in the volumes of both members.
    """
    roles = (
        (_BUYER_TAKES if aggressor is buy else 0)
        | (0 if buy.cum_lots else _BUYERS_FIRST)
        | (0 if sell.cum_lots else _SELLERS_FIRST)
    )
    count_volumes(state, buy, sell, amount)
    return roles, fee_of(buy, amount, roles), fee_of(sell, amount, roles)


def fee_of(order: Order, amount: int, roles: int) -> int:
    """What a side of a trade of `amount` pays, in 10^-8 of the currency; below zero: it gets it."""
    standing = order.standing
    fees = standing.fees
    if fees is None:
        return standing.instrument.fee(amount)
    is_taker = bool(roles & _BUYER_TAKES) == order.is_buy
    first = _BUYERS_FIRST if order.is_buy else _SELLERS_FIRST
    return scheduled_fee(fees, amount, is_taker, bool(roles & first))


def count_volumes(state: EngineState, buy: Order, sell: Order, amount: int) -> None:
    """Count value traded today for the members of both sides; a bust takes it back, today."""
    if not state.fee_schedules:
        return
    for order in (buy, sell):
        member = state.members[order.terms.member]
        member.count_volume(order.standing.instrument.currency, amount)
