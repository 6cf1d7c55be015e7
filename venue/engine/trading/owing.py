"""What a trade that settles later leaves to do: both sides owe until its settlement date."""

from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order


def owe(state: EngineState, order: Order, due: str, lots: int, amount: int) -> None:
    """Net a fill of the order into its member's obligation; negative numbers take one back.

    Balances were moved by the trade itself (Order.settle_trade); amount is in 10^-8 of the
    currency.
    """
    standing = order.standing
    instrument = standing.instrument
    units = instrument.asset_units(lots)
    if order.is_buy:
        amount = -amount
    else:
        units = -units
    terms = order.terms
    state.obligations.add(
        terms.member, terms.account or "", instrument.symbol, due, instrument.asset,
        instrument.currency, units, amount,
    )  # fmt: skip
    standing.holding.pending += units
    standing.cash.pending += amount
