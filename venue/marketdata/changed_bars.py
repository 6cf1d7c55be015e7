"""Bars of earlier minutes whose trades were busted or corrected: made again, and said again.

May know the stream of public trades and the feed. It has a connection of its own and never holds
up what is published; a change that was not followed yet is in the feed's image.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from nats.errors import Error as NatsError

from venue.bus.bulk import BulkClient
from venue.bus.connection import Backoff, connected
from venue.bus.stream import Disagreement
from venue.bus.subjects import PUBLIC_TRADES
from venue.marketdata.bars import bar_content, minute_of
from venue.marketdata.feed import ChangedTrade, Feed
from venue.marketdata.messages import MINUTE_NS, Trade
from venue.marketdata.sending import Sending
from venue.marketdata.trade_history import (
    NoHistory,
    as_they_stand,
    ask_trades,
    bars_of,
    trades_from,
)

_LOOKED_AT = 2
"""Messages that are asked for to find the next trade: NATS marks no end of a batch of one."""

_log = structlog.get_logger()


class Place(NamedTuple):
    """A trade, and its sequence in the stream."""

    sequence: int
    trade: Trade


class ChangedBars:
    """Follows the changes of trades that a feed names in `to_revise`."""

    def __init__(
        self, nats_url: str, name: str, feed: Callable[[], Feed], sending: Sending
    ) -> None:
        self._nats_url = nats_url
        self._name = name
        self._feed = feed
        self._sending = sending
        self._wake = asyncio.Event()

    def look(self) -> None:
        """All that the feed has to say was published: changes may be followed."""
        if self._feed().to_revise:
            self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Say changed bars again until `stop` is set, through every failure of NATS."""
        self.look()  # what the books' file has left to follow
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if stop.is_set():
                    return
                try:
                    await self._follow()
                    backoff.reset()
                except (OSError, NatsError, Disagreement) as error:
                    _log.warning("bars_not_revised", error=str(error) or repr(error))
                    self._wake.set()
                    await backoff.pause(stop)
        finally:
            stopping.cancel()

    async def _follow(self) -> None:
        async with connected(self._nats_url, f"{self._name}-bars") as connection:
            feed = self._feed()
            for (symbol, match_id), change in [*feed.to_revise.items()]:
                if change > self._sending.sent:  # it is not in the stream yet
                    continue
                try:
                    bar = await changed_bar(connection.client, symbol, match_id)
                except NoHistory as error:
                    _log.warning("bar_not_known", symbol=symbol, match=match_id, error=str(error))
                    bar = None
                feed.revise(ChangedTrade(symbol, match_id, change, bar))
        if not self._sending.broken:
            await self._sending.send()


async def changed_bar(client: BulkClient, symbol: str, match_id: str) -> dict[str, Any]:
    """The bar of a trade's minute as it is published, of the trades that stand now.

    Raises NoHistory where the stream does not have the trade; OSError, NatsError.
    """
    number = _number(match_id)
    found = await _first(client, symbol, lambda trade: _number(trade.match_id) >= number)
    if found is None or found.trade.match_id != match_id:
        raise NoHistory(f"the stream {PUBLIC_TRADES} does not have trade {match_id} of {symbol}")
    start_ns = minute_of(found.trade.timestamp_ns)
    first = await _first(client, symbol, lambda trade: trade.timestamp_ns >= start_ns)
    if first is None:
        raise NoHistory(f"the stream {PUBLIC_TRADES} was wiped meanwhile")
    messages = await trades_from(client, symbol, {"seq": first.sequence})
    trades = {
        message.match_id
        for message in messages
        if isinstance(message, Trade) and message.timestamp_ns < start_ns + MINUTE_NS
    }
    of_minute = [message for message in messages if message.match_id in trades]
    bars = bars_of(as_they_stand(of_minute), MINUTE_NS)
    revision = sum(not isinstance(message, Trade) for message in of_minute)
    return bar_content(start_ns, bars[0] if bars else None, revision)


async def _first(client: BulkClient, symbol: str, holds: Callable[[Trade], bool]) -> Place | None:
    """The first trade for which `holds`, which then does so for all behind it. None: there is none.

    By halves: the stream has the trades in their order.
    """
    state = (await client.jetstream().stream_info(PUBLIC_TRADES)).state
    low, high = state.first_seq, state.last_seq + 1
    found: Place | None = None
    while low < high:
        middle = (low + high) // 2
        place = await _next(client, symbol, middle)
        if place is None:
            high = middle
        elif holds(place.trade):
            found, high = place, middle
        else:
            low = place.sequence + 1
    return found


async def _next(client: BulkClient, symbol: str, sequence: int) -> Place | None:
    """The next trade of a symbol from a place in the stream on; busts are passed over."""
    while True:
        batch = await ask_trades(client, symbol, {"seq": sequence}, _LOOKED_AT)
        for place, message in zip(batch.sequences, batch.trades, strict=True):
            if isinstance(message, Trade):
                return Place(place, message)
        if len(batch.trades) < _LOOKED_AT:
            return None
        sequence = batch.sequences[-1] + 1


def _number(match_id: str) -> int:
    """Matches are numbered over the venue's life: M1, M2 ..."""
    return int(match_id.removeprefix("M"))
