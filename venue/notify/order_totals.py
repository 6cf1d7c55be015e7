"""What orders have traded in all, from events: for confirmations of orders that are done. Pure."""

from dataclasses import dataclass

from venue.domain import events as e
from venue.domain.decimal_text import parse_money
from venue.domain.order_state import Fill, OrderState

TotalsImage = dict[str, tuple[str, str, str, int]]
"""Currency, amount, fee and trades by OrderID; amounts in text, for they may be large."""


@dataclass(slots=True)
class Totals:
    """Of one order's trades that stand; amount and fee in 10^-8 of the currency."""

    currency: str
    amount: int = 0
    fee: int = 0
    trades: int = 0


class OrderTotals:
    """The totals of orders that have traded and are open."""

    def __init__(self) -> None:
        self._orders: dict[str, Totals] = {}

    def image(self) -> TotalsImage:
        """All that is needed to go on elsewhere."""
        return {
            order_id: (each.currency, str(each.amount), str(each.fee), each.trades)
            for order_id, each in self._orders.items()
        }

    @classmethod
    def of(cls, image: TotalsImage) -> "OrderTotals":
        """The totals of an image."""
        self = cls()
        for order_id, (currency, amount, fee, trades) in image.items():
            self._orders[order_id] = Totals(currency, int(amount), int(fee), trades)
        return self

    def apply(self, event: e.AnyEvent) -> list[tuple[OrderState, Totals]]:
        """Count an event; the orders that it has ended and that have traded."""
        match event:
            case e.TradeExecuted():
                return [
                    done
                    for fill in (event.buy, event.sell)
                    for done in self._filled(fill, event.amount, event.currency)
                ]
            case e.OrderCanceled() | e.OrderExpired() | e.OrderReplaced() | e.OrderRestated() if (
                event.order.leaves_qty == "0"
            ):
                return self._ended(event.order)
            case e.TradeBusted():
                for fill in (event.buy, event.sell):
                    self._change(fill, -1, event.amount, fill.fee, -1)
            case e.TradeCorrected():
                for fill in (event.buy, event.sell):
                    previous_fee = event.previous_fee_of(fill.order.terms.side)
                    self._change(fill, 1, event.amount, fill.fee, 0)
                    self._change(fill, -1, event.previous_amount, previous_fee, 0)
        return []

    def _filled(self, fill: Fill, amount: str, currency: str) -> list[tuple[OrderState, Totals]]:
        self._orders.setdefault(fill.order.terms.order_id, Totals(currency))
        self._change(fill, 1, amount, fill.fee, 1)
        return self._ended(fill.order) if fill.order.leaves_qty == "0" else []

    def _change(self, fill: Fill, sign: int, amount: str, fee: str, trades: int) -> None:
        totals = self._orders.get(fill.order.terms.order_id)
        if totals is not None:
            totals.amount += sign * (parse_money(amount) or 0)
            totals.fee += sign * (parse_money(fee) or 0)
            totals.trades += trades

    def _ended(self, order: OrderState) -> list[tuple[OrderState, Totals]]:
        totals = self._orders.pop(order.terms.order_id, None)
        return [] if totals is None or order.cum_qty == "0" else [(order, totals)]
