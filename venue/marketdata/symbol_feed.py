"""What the feed knows of one symbol: its book, its day, its minute, its own phase and its terms.

Pure.
"""

from decimal import Decimal
from typing import Any

from venue.domain.decimal_text import decimals_of
from venue.domain.events import TradeBusted, TradeExecuted
from venue.domain.instrument_definition import InstrumentDefinition
from venue.marketdata.bars import Minute, minute_of
from venue.marketdata.day_totals import AnyTradeEvent, DayTotals
from venue.marketdata.depth import Depth
from venue.marketdata.public_ids import PublicIds
from venue.marketdata.trading_state import TradingState


class SymbolFeed:
    """One symbol, with the last event of it in public.

    day_changed, rest_changed: whether its statistics and bar, or its status and definition, may
    differ from what was published. renewed: its book has begun an epoch that was not said yet.
    """

    def __init__(self, day: DayTotals, ids: PublicIds) -> None:
        self.depth = Depth(ids)
        self.day = day
        self.trading = TradingState()
        self.terms: dict[str, Any] | None = None
        """Its definition as it is published; None: it is not known."""
        self.minute: Minute | None = None
        self.finished: list[dict[str, Any]] = []
        """Bars of minutes that have ended since the last publication, as they are published."""
        self.event_seq = 0
        self.timestamp_ns = 0
        self.day_changed = self.rest_changed = True
        self.renewed = False

    def define(self, terms: dict[str, Any]) -> None:
        """Give it its terms, as they are published."""
        self.terms = terms
        self.depth.levels.set_decimals(terms["price_decimals"], terms["quantity_decimals"])
        self.rest_changed = True

    def renew_book(self) -> None:
        """Let the book go on in another epoch, for its ids are others: readers take snapshots."""
        self.depth.forget_changes()
        self.renewed = True

    def begin_day(self, trading_day: str) -> None:
        """Begin the totals of a day, unless they are of that day already."""
        if self.day.trading_day != trading_day:
            self.day.ended = True
            self.day = DayTotals(trading_day, closed_at=self.day.close)
        self.day_changed = True

    def set_ended(self, ended: bool) -> None:
        """Say whether its day has ended: then its last price is the closing price."""
        self.day.ended = ended

    def count(self, event: AnyTradeEvent) -> bool:
        """Count a trade, a bust or a correction of whatever day.

        False: it changes the bar of a minute that is not kept here.
        """
        self.begin_day(event.trading_day)
        if isinstance(event, TradeExecuted):
            start_ns = minute_of(event.timestamp_ns)
            if self.minute is None or self.minute.start_ns != start_ns:
                if self.minute is not None:
                    self.finished.append(self.minute.content())
                self.minute = Minute(start_ns)
            self.minute.add(event.match_id, Decimal(event.last_px), Decimal(event.last_qty))
            self.day.apply(event)
            return True
        if event.traded_on is None:
            self.day.apply(event)
        quantity = Decimal(0 if isinstance(event, TradeBusted) else event.last_qty)
        price = Decimal(event.last_px)
        return self.minute is not None and self.minute.change(event.match_id, price, quantity)


def public_terms(defined: InstrumentDefinition) -> dict[str, Any]:
    """A definition as it is published."""
    return {
        "asset": defined.asset or defined.symbol,
        "currency": defined.currency,
        "tick_size": defined.tick_size,
        "lot_size": defined.lot_size,
        "price_decimals": decimals_of(defined.tick_size),
        "quantity_decimals": decimals_of(defined.lot_size),
        "reference_price": defined.reference_price,
        "price_collar_percent": defined.price_collar_percent,
        "max_order_qty": defined.max_order_qty,
    }
