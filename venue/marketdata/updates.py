"""Says what has changed of a symbol: one numbered update, on every face of it the same.

Pure. Knows what was said last, and says nothing twice.
"""

from collections.abc import Sequence
from typing import Any

from venue.domain.events import TradeBusted, TradeCorrected
from venue.domain.types import Side
from venue.marketdata import messages
from venue.marketdata.day_totals import AnyTradeEvent
from venue.marketdata.last_values import LastValues, M, Publication
from venue.marketdata.messages import AnyMarketData, AnyTrade, Definition, Snapshot, Statistics
from venue.marketdata.symbol_feed import SymbolFeed

LEVELS = 10


class Updates:
    """The updates of all symbols. epoch: see OrderByOrder."""

    def __init__(self, epoch: int, bbo_per_second: int) -> None:
        self.last = LastValues()
        self.epoch = epoch
        self._bbo_pause = 1 / bbo_per_second if bbo_per_second else 0.0
        self._bbo_at: dict[str, float] = {}
        """When a symbol's best bid and offer may be published again."""
        self._bbo_waits: dict[str, float] = {}

    def trade(self, event: AnyTradeEvent) -> AnyTrade:
        """The message of a trade, bust or correction; it belongs to the symbol's next update."""
        kind, content = _trade_content(event)
        content["update"] = self.last.update(event.symbol) + 1
        return self.last.next(kind, event.symbol, event.event_seq, event.timestamp_ns, content)

    def finished(self, state: SymbolFeed, symbol: str) -> list[Publication]:
        """The bars of minutes that have ended, as far as they were not said so."""
        update, said = self.last.update(symbol), list[Publication]()
        for content in state.finished:
            bar = self._new(messages.Bar, state, symbol, update, content)
            if bar is not None:
                said.append(self.last.keep(bar))
        state.finished.clear()
        return said

    def revised(self, state: SymbolFeed, symbol: str, bar: dict[str, Any]) -> Publication:
        """The bar of an earlier minute, as it stands now; the last one has to be said again."""
        state.day_changed = True
        update = self.last.update(symbol)
        return self.last.keep(self._message(messages.Bar, state, symbol, update, bar))

    def said(
        self,
        state: SymbolFeed,
        symbol: str,
        status: dict[str, Any],
        trades: Sequence[AnyTrade],
        *,
        is_shown: bool,
        now: float,
    ) -> list[Publication]:
        """What has changed of a symbol since it was asked last.

        trades: those published since. is_shown: whether its book may be shown as it is.
        """
        update = self.last.update(symbol) + 1
        statistics = bar = definition = phase = None
        if state.day_changed:
            statistics = self._new(Statistics, state, symbol, update, state.day.content())
            if state.minute is not None:
                bar = self._new(messages.Bar, state, symbol, update, state.minute.content())
        if state.rest_changed:
            phase = self._new(messages.Status, state, symbol, update, status)
            if state.terms is not None:
                definition = self._new(Definition, state, symbol, update, state.terms)
        state.day_changed = state.rest_changed = False
        changes = state.depth.take_changes() if is_shown else ()
        checksum = state.depth.levels.checksum() if is_shown else self._checksum(symbol)
        said: list[AnyMarketData] = []
        if changes or trades or statistics or phase or definition or (state.renewed and is_shown):
            state.renewed = state.renewed and not is_shown
            content = {
                "epoch": self.epoch,
                "changes": changes,
                "checksum": checksum,
                "trades": tuple(trades),
                "statistics": statistics,
                "status": phase,
                "definition": definition,
            }
            whole = self._message(messages.OrderByOrder, state, symbol, update, content)
            said = [each for each in (whole, definition, phase, statistics, bar) if each]
        else:
            update -= 1
            said += [bar] if bar else []
        if is_shown:
            said += self._book(state, symbol, update, checksum, now)
        return [self.last.keep(message) for message in said]

    def _book(
        self, state: SymbolFeed, symbol: str, update: int, checksum: int, now: float
    ) -> list[AnyMarketData]:
        levels = state.depth.levels
        bids, asks = levels.bids(LEVELS), levels.asks(LEVELS)
        best = {"bid": bids[0] if bids else None, "ask": asks[0] if asks else None}
        said = {"checksum": checksum}
        depth = self._new(
            messages.Depth, state, symbol, update, {"bids": bids, "asks": asks, **said}
        )
        bbo = self._new(messages.BestBidOffer, state, symbol, update, best | said)
        self._bbo_waits.pop(symbol, None)
        if bbo is not None and self._bbo_pause:
            due = self._bbo_at.get(symbol, now)
            if due > now:
                self._bbo_waits[symbol] = due
                bbo = None
            else:
                self._bbo_at[symbol] = now + self._bbo_pause
        return [each for each in (depth, bbo) if each is not None]

    @property
    def bbo_waits(self) -> dict[str, float]:
        """Symbols whose best bid and offer wait, and until when."""
        return self._bbo_waits

    def _checksum(self, symbol: str) -> int:
        last = self.last.of(symbol, messages.OrderByOrder)
        return last.checksum if last is not None else 0

    def _new(
        self, kind: type[M], state: SymbolFeed, symbol: str, update: int, content: dict[str, Any]
    ) -> M | None:
        """The message, or None where it would say what the last one of its kind has said."""
        message = self._message(kind, state, symbol, update, content)
        return None if self.last.says(message) else message

    def _message(
        self, kind: type[M], state: SymbolFeed, symbol: str, update: int, content: dict[str, Any]
    ) -> M:
        content = {**content, "update": update}
        return self.last.next(kind, symbol, state.event_seq, state.timestamp_ns, content)

    def published(self, state: SymbolFeed, symbol: str) -> tuple[int, int] | None:
        """Epoch and number of the update that the book is at; None: its next one is to come."""
        update = self.last.update(symbol)
        if not update or not state.depth.is_told or state.depth.levels.crossed:
            return None
        return self.epoch, update

    def snapshot(self, state: SymbolFeed, symbol: str, page_orders: int) -> list[Snapshot]:
        """A published book, in pages of so many orders."""
        update = self.last.of(symbol, messages.OrderByOrder)
        assert update is not None
        orders = state.depth.public_orders()
        pages = [orders[at : at + page_orders] for at in range(0, len(orders), page_orders)] or [[]]
        statistics = self.last.of(symbol, Statistics)
        status = self.last.of(symbol, messages.Status)
        definition = self.last.of(symbol, Definition)
        checksum = state.depth.levels.checksum()
        return [
            Snapshot(
                symbol=symbol,
                epoch=self.epoch,
                seq=update.seq,
                event_seq=update.event_seq,
                timestamp_ns=update.timestamp_ns,
                page=number,
                pages=len(pages),
                checksum=checksum,
                orders=tuple(page),
                statistics=statistics if number == 1 else None,
                status=status if number == 1 else None,
                definition=definition if number == 1 else None,
            )
            for number, page in enumerate(pages, 1)
        ]


def _trade_content(event: AnyTradeEvent) -> tuple[type[AnyTrade], dict[str, Any]]:
    content: dict[str, Any] = {
        "match_id": event.match_id,
        "price": event.last_px,
        "quantity": event.last_qty,
    }
    if isinstance(event, TradeBusted):
        return messages.TradeBusted, content
    if isinstance(event, TradeCorrected):
        content["previous_price"] = event.previous_px
        content["previous_quantity"] = event.previous_qty
        return messages.TradeCorrected, content
    # The public does not learn that an aggressor sold short: it sees a sale.
    aggressor = event.aggressor
    content["aggressor"] = Side.SELL if aggressor is Side.SELL_SHORT else aggressor
    return messages.Trade, content
