"""Public trades of all symbols: each once and in order, with what was missed filled in.

Knows the messages of trades and their stream. `seq` counts a symbol's trades, busts and
corrections without a gap; what comes behind a gap waits until the stream has told what is missing.
"""

import time
from collections.abc import Callable

import msgspec
import structlog

from venue.bus.bulk import BulkClient
from venue.marketdata.messages import AnyTrade
from venue.marketdata.trade_history import BATCH, ask_trades, published_trades

FIRST_SECONDS = 600
"""Trades of so long before the gateway's first look are told, where a batch holds them all."""
WAITING_MAX = 50_000
_DECODER: msgspec.json.Decoder[AnyTrade] = msgspec.json.Decoder(AnyTrade)
_log = structlog.get_logger("gateway")


class PublicTrades:
    """told: called with symbol and trade. wake: called when `fill` has something to do."""

    def __init__(self, told: Callable[[str, AnyTrade], None], wake: Callable[[], None]) -> None:
        self._told = told
        self._wake = wake
        self._last: dict[str, AnyTrade] = {}
        self._waiting: dict[str, list[AnyTrade]] = {}
        """By symbols whose missing trades are to be asked for: those that came meanwhile."""

    def begin(self) -> None:
        """A connection has begun: whatever was said before it may have been missed."""
        for symbol in self._last:
            self.ask_for(symbol)

    def ask_for(self, symbol: str) -> None:
        """Have the stream asked for what is missing of a symbol."""
        if symbol not in self._waiting:
            self._waiting[symbol] = []
            self._wake()

    def take(self, symbol: str, payload: bytes) -> None:
        """A message as it comes."""
        try:
            trade = _DECODER.decode(payload)
        except msgspec.MsgspecError as error:
            _log.warning("trade_cannot_be_read", symbol=symbol, error=str(error))
            return
        last = self._last.get(symbol)
        if last is None or trade.seq > last.seq + 1:
            self.ask_for(symbol)
        waiting = self._waiting.get(symbol)
        if waiting is None:
            self._tell(symbol, trade)
            return
        waiting.append(trade)
        if len(waiting) > WAITING_MAX:
            waiting.clear()  # the stream has them too

    async def fill(self, client: BulkClient) -> None:
        """Ask the stream for what is missing. Raises NoHistory, OSError and NatsError."""
        while self._waiting:
            symbol = next(iter(self._waiting))
            missing = await self._missing(client, symbol)
            for trade in [*missing, *self._waiting[symbol]]:
                self._tell(symbol, trade)
            del self._waiting[symbol]

    async def _missing(self, client: BulkClient, symbol: str) -> list[AnyTrade]:
        last = self._last.get(symbol)
        if last is not None:
            return await published_trades(client, symbol, last.timestamp_ns)
        since = time.gmtime(time.time() - FIRST_SECONDS)
        place = {"start_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", since)}
        found = (await ask_trades(client, symbol, dict(place), BATCH)).trades
        return found if len(found) < BATCH else []

    def _tell(self, symbol: str, trade: AnyTrade) -> None:
        last = self._last.get(symbol)
        if last is None or trade.seq > last.seq:
            self._last[symbol] = trade
            self._told(symbol, trade)
