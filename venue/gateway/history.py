"""Public trades of the past and bars of them, asked of NATS.

Knows NATS. Keeps one connection; where it is away, or answers slowly, who asks is told so at once.
"""

import asyncio
from datetime import UTC, datetime

import msgspec
import structlog
from nats.errors import Error as NatsError

from venue.bus.bulk import BulkClient
from venue.bus.connection import Backoff, connected, wait_for_stop
from venue.clock import iso
from venue.domain.types import Side
from venue.gateway.guard import Guard, GuardTold, is_any_of
from venue.gateway.problems import Code, Problem
from venue.marketdata.bars import BarTotals, bar_content
from venue.marketdata.messages import AnyTrade
from venue.marketdata.trade_history import (
    BATCH,
    NoHistory,
    PastTrade,
    as_they_stand,
    ask_trades,
    bars_of,
)

MINUTE_NS = 60 * 10**9
INTERVALS = {
    "1m": MINUTE_NS,
    "5m": 5 * MINUTE_NS,
    "15m": 15 * MINUTE_NS,
    "1h": 60 * MINUTE_NS,
    "1d": 1440 * MINUTE_NS,
}
AT_ONCE = 4
DEADLINE_SECONDS = 5.0
LONGEST_NS = 31 * 1440 * MINUTE_NS
"""How far back is asked: trades are kept some 30 days."""
MESSAGES_MAX = 50_000
"""Of one question; who asks for more is told so, and holds nobody up."""
_LOOK_SECONDS = 0.5
_SIDES = {Side.BUY: "buy", Side.SELL: "sell"}
_log = structlog.get_logger("gateway")


class PublicTrade(msgspec.Struct, frozen=True):
    """A public trade. aggressor: who came last, buy or sell; null where nobody did. state: empty,
    corrected or busted."""

    match_id: str
    time: str
    time_ns: int
    price: str
    quantity: str
    aggressor: str | None
    state: str


class PublicBar(msgspec.Struct, frozen=True):
    """The trades of one interval from `time` on."""

    time: str
    time_ns: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    value: str
    trades: int


class History:
    """The public trades of one NATS."""

    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url
        self._client: BulkClient | None = None
        self._guard = Guard(
            "NATS",
            AT_ONCE,
            is_any_of(OSError, NatsError, NoHistory, TimeoutError),
            waits_seconds=DEADLINE_SECONDS,
        )

    def guard(self) -> GuardTold:
        """How the way to NATS is."""
        return self._guard.told()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the connection up until `stop` is set."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self._nats_url, "gateway") as connection:
                    self._client = connection.client
                    self._guard.close()
                    backoff.reset()
                    while connection.client.is_connected:
                        if await wait_for_stop(stop, _LOOK_SECONDS):
                            break
            except (OSError, NatsError) as error:
                _log.warning("nats_unreachable", error=str(error) or repr(error))
            finally:
                self._client = None
            await backoff.pause(stop)

    async def trades(self, symbol: str, since_ns: int, most: int) -> list[PublicTrade]:
        """The last trades of a symbol since a time (UTC nanoseconds), the oldest first. Raises
        Problem AWAY."""
        found = await self._past(symbol, since_ns)
        return [_trade(each) for each in found[-most:]]

    async def bars(self, symbol: str, interval: str, since_ns: int, most: int) -> list[PublicBar]:
        """The last bars, the oldest first; intervals without a trade have none. Raises Problem
        AWAY, and KeyError for an interval that is none."""
        interval_ns = INTERVALS[interval]
        found = await self._past(symbol, since_ns - since_ns % interval_ns)
        return [_bar(each) for each in bars_of(found, interval_ns)[-most:]]

    async def _past(self, symbol: str, since_ns: int) -> list[PastTrade]:
        try:
            async with self._guard.passing(), asyncio.timeout(DEADLINE_SECONDS):
                client = self._client
                if client is None:
                    raise ConnectionError("NATS is away")
                messages = await _messages(client, symbol, since_ns)
        except (OSError, NatsError, NoHistory) as error:
            raise Problem(Code.AWAY, "past trades cannot be read now", retry_after=1) from error
        if len(messages) >= MESSAGES_MAX:
            text = (
                f"{symbol} has traded {MESSAGES_MAX:,} times and more since then: ask from later on"
            )
            raise Problem(Code.BAD_REQUEST, text, field="since")
        return as_they_stand(messages)


async def _messages(client: BulkClient, symbol: str, since_ns: int) -> list[AnyTrade]:
    """Messages of a symbol's trades since a time, in order, each once; MESSAGES_MAX at most."""
    begin = datetime.fromtimestamp(since_ns // 10**9, UTC).isoformat()
    question: dict[str, object] = {"start_time": begin}
    found: dict[int, AnyTrade] = {}
    while len(found) < MESSAGES_MAX:
        batch = await ask_trades(client, symbol, question, BATCH)
        found.update(
            {each.event_seq: each for each in batch.trades if each.timestamp_ns >= since_ns}
        )
        if len(batch.trades) < BATCH:
            break
        question = {"seq": batch.sequences[-1] + 1}
    return list(found.values())


def _trade(trade: PastTrade) -> PublicTrade:
    aggressor = None if trade.aggressor is None else _SIDES[Side(trade.aggressor)]
    return PublicTrade(
        trade.match_id,
        iso(trade.timestamp_ns),
        trade.timestamp_ns,
        trade.price,
        trade.quantity,
        aggressor,
        trade.state,
    )


def _bar(bar: BarTotals) -> PublicBar:
    content = bar_content(bar.start_ns, bar, 0)
    return PublicBar(
        iso(bar.start_ns),
        bar.start_ns,
        content["open"],
        content["high"],
        content["low"],
        content["close"],
        content["volume"],
        content["value"],
        content["trades"],
    )


def since(time_ms: int, now_ns: int, usual_ns: int) -> int:
    """Where to begin, UTC nanoseconds: at a time in milliseconds, else usual_ns before now."""
    wanted = time_ms * 1_000_000 if time_ms else now_ns - usual_ns
    return min(max(wanted, now_ns - LONGEST_NS), now_ns)
