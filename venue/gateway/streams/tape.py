"""What the channels `trades` and `bars` say of one symbol. Pure."""

from typing import Literal

from venue.domain.types import Side
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import (
    BarsSnapshot,
    BarsUpdate,
    BarTold,
    Channel,
    PublicTrade,
    TradesSnapshot,
    TradesUpdate,
)
from venue.marketdata.messages import AnyTrade, Bar, Trade, TradeBusted

TRADES_KEPT = 200
BARS_KEPT = 120
Taker = Literal["buy", "sell", ""]
_TAKERS: dict[Side, Taker] = {Side.BUY: "buy", Side.SELL: "sell"}


class TradesSource:
    """Trades, with busts and corrections, none ever left out."""

    def __init__(self, symbol: str, epoch: str) -> None:
        self._symbol = symbol
        self._trades: dict[str, PublicTrade] = {}
        self.feed = Feed(Key(Channel.TRADES, symbol), epoch, self._whole, is_kept=True)

    def take(self, trade: AnyTrade) -> None:
        """Say a trade, or what has become of one."""
        known = self._trades.get(trade.match_id)
        if isinstance(trade, Trade):
            taker = _TAKERS.get(trade.aggressor, "") if trade.aggressor is not None else ""
            state: Literal["", "corrected", "busted"] = ""
        else:
            taker = known.aggressor if known is not None else ""
            state = "busted" if isinstance(trade, TradeBusted) else "corrected"
        told = PublicTrade(
            match_id=trade.match_id,
            price=trade.price,
            quantity=trade.quantity,
            aggressor=taker,
            state=state,
            timestamp_ns=trade.timestamp_ns,
        )
        if isinstance(trade, Trade) or known is not None:
            self._trades[trade.match_id] = told
            while len(self._trades) > TRADES_KEPT:
                del self._trades[next(iter(self._trades))]
        number = self.feed.number + 1
        self.feed.say(
            TradesUpdate(epoch=self.feed.epoch, number=number, symbol=self._symbol, trade=told)
        )

    def _whole(self) -> TradesSnapshot:
        return TradesSnapshot(
            epoch=self.feed.epoch,
            number=self.feed.number,
            symbol=self._symbol,
            trades=tuple(self._trades.values()),
        )


class BarsSource:
    """Minutes of trades; of a minute the highest revision, of two with the same the later."""

    def __init__(self, symbol: str, epoch: str) -> None:
        self._symbol = symbol
        self._bars: dict[int, BarTold] = {}
        self.feed = Feed(Key(Channel.BARS, symbol), epoch, self._whole, is_kept=False)

    def take(self, bar: Bar) -> None:
        """Say a minute, unless a later word on it was said."""
        names = BarTold.__struct_fields__
        told = BarTold(**{name: getattr(bar, name) for name in names})
        known = self._bars.get(bar.start_ns)
        if known == told or (known is not None and known.revision > told.revision):
            return
        self._bars[bar.start_ns] = told
        while len(self._bars) > BARS_KEPT:
            del self._bars[min(self._bars)]
        number = self.feed.number + 1
        self.feed.say(
            BarsUpdate(epoch=self.feed.epoch, number=number, symbol=self._symbol, bar=told)
        )

    def _whole(self) -> BarsSnapshot:
        return BarsSnapshot(
            epoch=self.feed.epoch,
            number=self.feed.number,
            symbol=self._symbol,
            bars=tuple(self._bars[start] for start in sorted(self._bars)),
        )
