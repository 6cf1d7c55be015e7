"""A symbol's ladder on a page: drawn some times a second, and not for who does not keep up.

Knows the markets and the hub. Every drawing says the number of the update that it shows and the
checksum of the book, the same on every face of the venue.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.ladder import ROWS, Grid, Order, Side, rows
from venue.gateway.desk.parts.ladder import Ladder, Told
from venue.gateway.hub import Topic
from venue.gateway.markets import InstrumentTold

DRAW_SECONDS, VISITOR_SECONDS = 0.1, 0.2
"""How often a ladder is drawn at most: of who trades, and of who looks on."""
LEVELS = 2 * ROWS


def _nothing() -> list[Order]:
    return []


class BookView:
    """The ladder of one instrument. own: the orders to be marked in it. trades: it takes orders."""

    def __init__(
        self,
        visit: Visit,
        instrument: InstrumentTold,
        *,
        own: Callable[[], Iterable[Order]] = _nothing,
        trades: bool = False,
    ) -> None:
        self._visit = visit
        symbol = self._symbol = instrument.symbol
        self._own = own
        self._grid = Grid(instrument.tick_size, instrument.reference_price)
        self._is_changed = False
        self._was_current = True
        label = f"Order book of {symbol}."
        if trades:
            label += (
                " Arrows choose a price, B buys and S sells there, X cancels own orders,"
                " M moves one, Home shows the middle."
            )
        self.ladder = Ladder(label, trades=trades, first=self._told())
        visit.hear(Topic.MARKET, symbol, lambda _symbol, _update: self.touch())
        visit.every(DRAW_SECONDS if trades else VISITOR_SECONDS, self._draw)

    @property
    def grid(self) -> Grid:
        """The prices that are shown."""
        return self._grid

    def touch(self) -> None:
        """Have it drawn again, soon."""
        self._is_changed = True

    def recentre(self) -> None:
        """Bring the best prices to its middle."""
        self._grid.centre = None
        self.touch()

    def _draw(self) -> None:
        is_current = self._visit.gateway.markets.is_current
        if is_current == self._was_current and not self._is_changed:
            return
        if not self._visit.keeps_up:
            return
        self._was_current, self._is_changed = is_current, False
        self.ladder.show(self._told())

    def _told(self) -> Told:
        markets = self._visit.gateway.markets
        book = markets.book(self._symbol, LEVELS)
        statistics = markets.ticker(self._symbol).statistics
        last = Decimal(statistics.last) if statistics is not None and statistics.last else None
        bids, asks = Side(book.bids), Side(book.asks)
        self._grid.follow(bids, asks, last)
        return {
            "symbol": self._symbol,
            "sequence": book.sequence,
            "checksum": book.checksum,
            "stale": book.stale or not markets.is_current,
            "rows": rows(self._grid, bids, asks, self._own(), last),
        }
