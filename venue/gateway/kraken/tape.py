"""Past public trades of all symbols, read from the stream MD_TRADES when they are first asked for.

May know NATS. From then on they are kept up by the updates of the books; where trades were busted,
or updates may be missing, they are read again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from nats.errors import Error as NatsError

from venue.bus.bulk import BulkClient
from venue.bus.connection import connected
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.kraken.errors import UNAVAILABLE, Refused
from venue.gateway.kraken.history import LATEST, History
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import AnyTrade, Trade
from venue.marketdata.trade_history import (
    BATCH,
    NoHistory,
    PastTrade,
    as_they_stand,
    ask_trades,
)

DAYS = 30
"""So far back trades are read; the stream keeps no more as shipped."""
NEWEST = 5_000
"""Trades of a symbol that are kept as they have come; more do not come while one reads."""
_DAY_NS = 24 * 3600 * 10**9
_NAME = "gateway-kraken"
_log = structlog.get_logger("gateway")


class Tape:
    """The histories by symbol."""

    def __init__(self, nats_url: str, hub: Hub) -> None:
        self._nats_url = nats_url
        self._histories: dict[str, History] = {}
        self._changes: dict[str, Mapping[str, AnyTrade]] = {}
        self._newest: dict[str, deque[AnyTrade]] = {}
        """What has come last: it may not stand in the stream yet."""
        self._reading: dict[str, asyncio.Task[History]] = {}
        self._hub = hub
        self._heard: set[str] = set()
        """Symbols that are listened to: from before anybody else who asks for them here."""
        hub.listen(Topic.MARKET, EVERYBODY, self._note)

    def known(self, symbol: str) -> History | None:
        """What is known now; None: it has to be read."""
        return self._histories.get(symbol)

    async def of(self, symbol: str) -> History:
        """The history of a symbol that is traded here. Raises Refused where NATS is away."""
        found = self._histories.get(symbol)
        if found is not None:
            return found
        if symbol not in self._reading:
            self._begin(symbol)
        try:
            # who is gone must not end it for the others
            return await asyncio.shield(self._reading[symbol])
        except (OSError, NatsError, NoHistory) as error:
            raise Refused(UNAVAILABLE, "past trades cannot be read now") from error

    async def since(self, symbol: str, since_ns: int, most: int) -> list[PastTrade]:
        """At most so many trades (1,000 at most) after that time, the oldest first.

        Raises Refused.
        """
        history = await self.of(symbol)
        latest = history.latest
        is_covered = len(latest) < LATEST or latest[0].timestamp_ns <= since_ns
        if is_covered:
            found = [trade for trade in latest if trade.timestamp_ns > since_ns]
            return found[:most]
        try:
            async with connected(self._nats_url, _NAME) as connection:
                place = _place(since_ns)
                batch = await ask_trades(connection.client, symbol, place, BATCH)
        except (OSError, NatsError, NoHistory) as error:
            raise Refused(UNAVAILABLE, "past trades cannot be read now") from error
        changes = sorted(history.changes.values(), key=lambda change: change.event_seq)
        only_trades = [each for each in batch.trades if isinstance(each, Trade)]
        past = as_they_stand([*only_trades, *changes])
        return [
            trade for trade in past if trade.timestamp_ns > since_ns and trade.state != "busted"
        ][:most]

    def close(self) -> None:
        """Read no more."""
        for reading in self._reading.values():
            reading.cancel()

    def _begin(self, symbol: str) -> None:
        """Begin to read a symbol's trades, and to hear of new ones."""
        if symbol not in self._heard:
            self._heard.add(symbol)
            self._hub.listen(Topic.MARKET, symbol, self._hear)
        reading = self._reading[symbol] = asyncio.create_task(self._read(symbol))

        def end(task: "asyncio.Task[History]") -> None:
            del self._reading[symbol]
            if not task.cancelled() and task.exception() is not None:
                _log.warning("no_past_trades", symbol=symbol, error=repr(task.exception()))

        reading.add_done_callback(end)

    async def _read(self, symbol: str) -> History:
        async with connected(self._nats_url, _NAME) as connection:
            while True:
                changes = self._changes.get(symbol, {})
                history = await _all(connection.client, symbol, changes)
                for message in self._newest.get(symbol, ()):
                    history.add(message)
                self._changes[symbol] = history.changes
                if history.is_sound:
                    break
        self._histories[symbol] = history
        return history

    def _note(self, symbol: str, update: Update) -> None:
        if update.trades:
            newest = self._newest.setdefault(symbol, deque(maxlen=NEWEST))
            newest.extend(update.trades)

    def _hear(self, symbol: str, update: Update) -> None:
        history = self._histories.get(symbol)
        if history is None:
            return
        for message in update.trades:
            history.add(message)
        if update.fresh or not history.is_sound:
            self._changes[symbol] = history.changes
            del self._histories[symbol]
            if symbol not in self._reading:
                self._begin(symbol)


async def _all(client: BulkClient, symbol: str, changes: Mapping[str, AnyTrade]) -> History:
    """All trades of the last days, in batches: none of them is kept longer than it is counted."""
    history = History(changes)
    question = _place(time.time_ns() - DAYS * _DAY_NS)
    while True:
        batch = await ask_trades(client, symbol, question, BATCH)
        for message in batch.trades:
            history.add(message)
        if len(batch.trades) < BATCH:
            return history
        question = {"seq": batch.sequences[-1] + 1}


def _place(since_ns: int) -> dict[str, object]:
    """The place in the stream at that time: messages are stored never before their trade."""
    at = datetime.fromtimestamp(max(0, since_ns) // 10**9, UTC).isoformat()
    return {"start_time": at}
