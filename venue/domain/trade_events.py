"""Events of trades: a match, its bust, its correction. Each carries both sides as they are then."""

from venue.domain.event import Event
from venue.domain.order_state import Fill
from venue.domain.types import Side


class TradeExecuted(Event, frozen=True, tag=True):
    """One match. last_px in price units, last_qty in units of `asset`, amount in `currency`.

    aggressor is None in auctions. buy and sell carry both orders as they were after the trade.
    """

    symbol: str
    match_id: str
    trading_day: str
    last_px: str
    last_qty: str
    asset: str
    amount: str
    currency: str
    buy: Fill
    sell: Fill
    aggressor: Side | None = None
    settlement_date: str | None = None
    """SettlDate(64), ISO: until then both sides owe it. None: settled by the trade itself."""


class TradeBusted(Event, frozen=True, tag=True):
    """A trade is undone (ExecType H). What it was: last_px, last_qty, amount, fees.

    exec_ref_seq is the event_seq of the trade's latest execution, for ExecRefID(19). traded_on: the
    trade's own trading day, where that is an earlier one.
    """

    symbol: str
    match_id: str
    trading_day: str
    exec_ref_seq: int
    last_px: str
    last_qty: str
    asset: str
    amount: str
    currency: str
    buy: Fill
    sell: Fill
    operator: str
    reason: str
    traded_on: str | None = None
    settlement_date: str | None = None
    """When what is given back settles: the trade's own date, or a later one. None: at once."""


class TradeCorrected(Event, frozen=True, tag=True):
    """A trade has another price or a lower quantity (ExecType G).

    last_px, last_qty, amount and fees are the trade's new ones; the previous_ ones what they were.
    """

    symbol: str
    match_id: str
    trading_day: str
    exec_ref_seq: int
    last_px: str
    last_qty: str
    asset: str
    amount: str
    currency: str
    buy: Fill
    sell: Fill
    previous_px: str
    previous_qty: str
    previous_amount: str
    previous_fee: str
    operator: str
    reason: str
    traded_on: str | None = None
    settlement_date: str | None = None
    """Both as in TradeBusted: of the difference."""
    previous_sell_fee: str | None = None
    """What the seller's fee was, where it was another than the buyer's, which is previous_fee."""

    def previous_fee_of(self, side: Side) -> str:
        """What the fee of a side was."""
        if side is not Side.BUY and self.previous_sell_fee is not None:
            return self.previous_sell_fee
        return self.previous_fee
