"""An order's life in the engine: its terms, quantities and state, and its view in events.

State transitions (FIX 4.4 volume 4, Appendix D, for a venue that answers at once) are the table
TRANSITIONS; docs/RULES_OF_ENGAGEMENT.md shows the same table.
"""

import msgspec

from venue.book.price_level import RestingOrder
from venue.domain.instruments import Instrument
from venue.domain.order_state import DayQuantities, OrderState, OrderTerms
from venue.domain.types import ExecInst, OrdStatus, OrdType, Side
from venue.engine.state.conditions import NO_CONDITIONS, RESTATED
from venue.engine.state.day import OVER, Day
from venue.engine.state.standings import Standing
from venue.risk.funds import Purse

_S = OrdStatus

TRANSITIONS: dict[str, tuple[tuple[OrdStatus, ...], tuple[OrdStatus, ...]]] = {
    # what happens: from which status, to which
    "trade in part": ((_S.NEW, _S.PARTIALLY_FILLED), (_S.PARTIALLY_FILLED,)),
    "trade in whole": ((_S.NEW, _S.PARTIALLY_FILLED), (_S.FILLED,)),
    "cancel": ((_S.NEW, _S.PARTIALLY_FILLED), (_S.CANCELED,)),
    "expire": ((_S.NEW, _S.PARTIALLY_FILLED), (_S.EXPIRED,)),
    "replace": (
        (_S.NEW, _S.PARTIALLY_FILLED),
        (_S.NEW, _S.PARTIALLY_FILLED, _S.FILLED),
    ),
    "restate": ((_S.NEW, _S.PARTIALLY_FILLED), (_S.NEW, _S.PARTIALLY_FILLED)),
    "bust or correct, order open": (
        (_S.NEW, _S.PARTIALLY_FILLED),
        (_S.NEW, _S.PARTIALLY_FILLED),
    ),
    "bust or correct, order filled": ((_S.FILLED,), (_S.FILLED, _S.CANCELED)),
    "bust or correct, order ended otherwise": (
        (_S.CANCELED, _S.EXPIRED),
        (_S.CANCELED, _S.EXPIRED),
    ),
}


class Order(RestingOrder):
    """One order. While it is open, order_lots = cum_lots + leaves_lots.

    price_ticks: the limit to which it trades; for a market order the end of the collar. limited:
    whether price_ticks is the order's own price. cum_value: sum of ticks x lots over its fills.
    counted_lots at counted_ticks: what the counters of its standing have of it. reserved: what it
    has reserved in the purse `pays_with`, None for a member that is not prefunded. waiting: open,
    but not in the book. modified_ns: when it was last accepted or replaced. day: the last one on
    which it was open. trades: how many trades that are remembered it has a part in.
    """

    __slots__ = (
        "cl_ord_id",
        "conditions",
        "counted_lots",
        "counted_ticks",
        "cum_lots",
        "cum_value",
        "day",
        "limited",
        "modified_ns",
        "order_lots",
        "reserved",
        "standing",
        "status",
        "terms",
        "trades",
        "waiting",
    )

    def __init__(
        self,
        terms: OrderTerms,
        standing: Standing,
        cl_ord_id: str,
        price_ticks: int,
        order_lots: int,
    ) -> None:
        super().__init__(terms.side, price_ticks, order_lots)
        self.standing = standing
        self.reserved: int | None = None
        self.counted_lots = 0
        self.counted_ticks = 0
        self.terms = terms
        self.cl_ord_id = cl_ord_id
        self.order_lots = order_lots
        self.limited = terms.ord_type in (OrdType.LIMIT, OrdType.STOP_LIMIT, OrdType.PEGGED)
        self.conditions = NO_CONDITIONS
        self.waiting = False
        self.cum_lots = 0
        self.cum_value = 0
        self.modified_ns = 0
        self.day: Day = OVER
        self.trades = 0
        self.status = OrdStatus.NEW

    @property
    def instrument(self) -> Instrument:
        """The instrument as it was defined when the order was entered."""
        return self.standing.instrument

    @property
    def exposure(self) -> int:
        """Value that its scopes count for it, in 10^-8 of the currency."""
        return self.standing.instrument.amount(self.counted_ticks * self.counted_lots)

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status is OrdStatus.NEW or self.status is OrdStatus.PARTIALLY_FILLED

    def is_due(self, now_ns: int) -> bool:
        """Whether it is open and its ExpireTime has come."""
        expire_ns = self.terms.expire_ns
        return expire_ns is not None and expire_ns <= now_ns and self.is_open

    @property
    def is_peg(self) -> bool:
        """Whether its price follows the market's."""
        return self.terms.ord_type == OrdType.PEGGED

    @property
    def all_or_none(self) -> bool:
        """Whether it trades its whole quantity at once or not at all."""
        return ExecInst.ALL_OR_NONE in self.conditions.exec_inst

    @property
    def is_buy(self) -> bool:
        """Whether the order pays cash; sales and short sales deliver the asset."""
        return self.side is Side.BUY

    @property
    def pays_with(self) -> Purse:
        """The purse from which the order pays or delivers: cash of a buy, the holding of a sale."""
        standing = self.standing
        return standing.cash if self.side is Side.BUY else standing.holding

    def most_cost(self, price_ticks: int, lots: int, taken_back: int = 0) -> int:
        """The most that `lots` of the order can take out of `pays_with`, in 10^-8 units.

        taken_back: lots of its fills that a bust or correction is about to undo.
        """
        if self.side is not Side.BUY:
            return self.instrument.asset_units(lots)
        if self.is_peg:  # its price moves, at most to the end of the collar
            price_ticks = self.instrument.collar_high_ticks
        standing = self.standing
        if standing.fees is None:
            return standing.instrument.most_cost(price_ticks, lots)
        is_first = self.cum_lots == taken_back
        return standing.instrument.most_cost(price_ticks, lots, standing.fees, is_first)

    def fill(self, price_ticks: int, lots: int) -> None:
        """Count a fill. Its quantity was taken off `leaves_lots` before, by the book."""
        self.cum_lots += lots
        self.cum_value += price_ticks * lots
        assert self.order_lots == self.cum_lots + self.leaves_lots
        self.status = OrdStatus.FILLED if self.leaves_lots == 0 else OrdStatus.PARTIALLY_FILLED

    def roll_over(self) -> None:
        """Count all of its fills so far as those of earlier days: a new day has begun."""
        conditions = self.conditions
        if self.cum_lots == 0 and conditions in (NO_CONDITIONS, RESTATED):
            self.conditions = RESTATED
            return
        filled = (self.cum_lots, self.cum_value)
        if conditions.restated and (conditions.prior_lots, conditions.prior_value) == filled:
            return
        self.conditions = conditions._replace(
            restated=True, prior_lots=self.cum_lots, prior_value=self.cum_value
        )

    def settle_trade(self, lots: int, amount: int, fee: int, is_today: bool = True) -> None:
        """Count a fill in the positions, and move cash and holding as the ledger will.

        Negative numbers take a fill back. amount and fee are in 10^-8 of the currency. is_today: it
        counts in what was traded today, too.
        """
        standing = self.standing
        side = self.side
        for use in standing.uses:
            if is_today:
                use.count_trade(side, lots, amount)
            else:
                use.position_lots += lots if side is Side.BUY else -lots
        units = standing.instrument.asset_units(lots)
        if side is Side.BUY:
            standing.cash.balance -= amount + fee
            standing.holding.balance += units
        else:
            standing.cash.balance += amount - fee
            standing.holding.balance -= units

    def end(self, status: OrdStatus) -> None:
        """End the order as CANCELED or EXPIRED; nothing of it is open any more."""
        assert self.is_open and self.level is None
        self.leaves_lots = 0
        self.waiting = False
        self.status = status

    def resize(self, order_lots: int) -> None:
        """Change the OrderQty of an order that is not in the book.

        The order is FILLED when that is the quantity that has traded.
        """
        assert self.is_open and order_lots >= self.cum_lots
        self.order_lots = order_lots
        self.leaves_lots = order_lots - self.cum_lots
        if self.leaves_lots == 0:
            self.waiting = False
            self.status = OrdStatus.FILLED

    def unfill(self, price_ticks: int, lots: int) -> None:
        """Take a fill back. Only an open order gets the quantity back; others stay finished."""
        self.cum_lots -= lots
        self.cum_value -= price_ticks * lots
        assert self.cum_lots >= 0
        if self.is_open:
            self.leaves_lots += lots
            self.status = OrdStatus.PARTIALLY_FILLED if self.cum_lots else OrdStatus.NEW
        elif self.status is OrdStatus.FILLED and lots:
            self.status = OrdStatus.CANCELED

    def state(self) -> OrderState:
        """The order as events show it."""
        instrument = self.standing.instrument
        qty_text = instrument.qty_text
        cum_lots = self.cum_lots
        view = OrderState(
            self.terms,
            self.cl_ord_id,
            self.status,
            qty_text(self.order_lots),
            qty_text(self.leaves_lots),
            qty_text(cum_lots),
            instrument.avg_px_text(self.cum_value, cum_lots) if cum_lots else "0",
            instrument.price_text(self.price_ticks) if self.limited else None,
        )
        conditions = self.conditions
        if conditions is NO_CONDITIONS and not (self.floor_lots or self.waiting):
            return view
        return msgspec.structs.replace(
            view,
            stop_px=conditions.stop_px,
            max_floor=qty_text(self.floor_lots) if self.floor_lots else None,
            waiting=self.waiting,
            day=self._day_quantities() if conditions.restated else None,
            displayed_qty=qty_text(self.shown_lots) if self.floor_lots and self.level else None,
        )

    def _day_quantities(self) -> DayQuantities:
        instrument = self.instrument
        prior_lots = self.conditions.prior_lots
        day_lots = self.cum_lots - prior_lots
        return DayQuantities(
            instrument.qty_text(self.order_lots - prior_lots),
            instrument.qty_text(day_lots),
            instrument.avg_px_text(self.cum_value - self.conditions.prior_value, day_lots),
        )
