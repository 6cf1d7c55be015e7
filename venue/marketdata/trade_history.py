"""Past public trades, asked of the stream MD_TRADES; as busts and corrections have left them.

May know JetStream. It makes no consumer, so that every public reader may ask (NATS ADR-31: direct
get, in batches).
"""

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from venue.bus.bulk import BulkClient
from venue.bus.envelope import status_in
from venue.bus.subjects import PUBLIC_TRADES
from venue.domain.types import Side
from venue.marketdata.bars import BarTotals, with_trade
from venue.marketdata.messages import AnyTrade, Trade, TradeBusted, market_data_subject

BATCH = 1_000
ANSWER_SECONDS = 5.0
_ASK = f"$JS.API.DIRECT.GET.{PUBLIC_TRADES}"
_SEQUENCE = re.compile(rb"\r\nNats-Sequence:[ \t]*(\d+)[ \t]*\r\n")
_SECOND_NS = 10**9
_NO_MESSAGES, _END_OF_BATCH = "404", "204"
_TRADES: msgspec.json.Decoder[AnyTrade] = msgspec.json.Decoder(AnyTrade)


class PastTrade(msgspec.Struct, frozen=True):
    """One match; state is empty, `corrected` or `busted`, aggressor Side(54) or None."""

    match_id: str
    timestamp_ns: int
    price: str
    quantity: str
    aggressor: Side | None
    state: str = ""


class NoHistory(Exception):
    """The trades cannot be had; text says why."""


class Batch(NamedTuple):
    """Messages of trades, and the place of each in the stream."""

    trades: list[AnyTrade]
    sequences: list[int]


async def published_trades(client: BulkClient, symbol: str, since_ns: int) -> list[AnyTrade]:
    """All messages of a symbol's trades from that time on, in order, each once.

    Raises NoHistory, OSError and NatsError.
    """
    # the time is that at which a message was stored: never before the trade's
    since = datetime.fromtimestamp(since_ns // _SECOND_NS, UTC).isoformat()
    found = await trades_from(client, symbol, {"start_time": since})
    return [trade for trade in found if trade.timestamp_ns >= since_ns]


async def trades_from(
    client: BulkClient, symbol: str, question: dict[str, object]
) -> list[AnyTrade]:
    """All messages of a symbol's trades from a place in the stream on, in order, each once.

    question: the place, as a direct get has it (`start_time` or `seq`). Raises as `ask_trades`.
    """
    found: dict[int, AnyTrade] = {}
    while True:
        batch = await ask_trades(client, symbol, question, BATCH)
        # after a crash one may have been published again
        found.update({trade.event_seq: trade for trade in batch.trades})
        if len(batch.trades) < BATCH:
            return list(found.values())
        question = {"seq": batch.sequences[-1] + 1}


async def ask_trades(client: BulkClient, symbol: str, place: dict[str, object], most: int) -> Batch:
    """At most so many (2 at least) messages of a symbol's trades from a place in the stream on.

    Raises NoHistory, OSError (TimeoutError without an answer) and NatsError.
    """
    subject = market_data_subject(symbol, "trade")
    question = {**place, "next_by_subj": subject, "batch": most}
    stored: list[tuple[bytes, bytes]] = []
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def take(_subject: bytes, head: bytes, payload: bytes) -> None:
        status = status_in(head)
        if status is None:
            stored.append((head, payload))
        elif not ended.done():
            ended.set_result(status.code)

    inbox = client.new_inbox()
    await client.take(inbox, take)
    await client.publish(_ASK, msgspec.json.encode(question), reply=inbox)
    async with asyncio.timeout(ANSWER_SECONDS):
        code = await ended
    if code not in (_NO_MESSAGES, _END_OF_BATCH):
        raise NoHistory(f"the stream {PUBLIC_TRADES} does not answer: status {code}")
    try:
        trades = [_TRADES.decode(payload) for _, payload in stored]
    except msgspec.MsgspecError as error:
        raise NoHistory(f"the stream {PUBLIC_TRADES} has what is no trade: {error}") from error
    return Batch(trades, [_sequence_in(head) for head, _ in stored])


def _sequence_in(head: bytes) -> int:
    found = _SEQUENCE.search(head)
    if found is None:
        raise NoHistory(f"the stream {PUBLIC_TRADES} does not say where its messages stand")
    return int(found[1])


def as_they_stand(messages: Iterable[AnyTrade]) -> list[PastTrade]:
    """The trades in order; of one that was busted or corrected before them nothing is said."""
    trades: dict[str, PastTrade] = {}
    for message in messages:
        price, quantity = message.price, message.quantity
        if isinstance(message, Trade):
            trades[message.match_id] = PastTrade(
                message.match_id, message.timestamp_ns, price, quantity, message.aggressor
            )
        elif message.match_id in trades:
            state = "busted" if isinstance(message, TradeBusted) else "corrected"
            trades[message.match_id] = msgspec.structs.replace(
                trades[message.match_id], price=price, quantity=quantity, state=state
            )
    return list(trades.values())


def bars_of(trades: Iterable[PastTrade], interval_ns: int) -> list[BarTotals]:
    """Bars of the trades that stand, in order; intervals without a trade have none."""
    bars: list[BarTotals] = []
    for trade in trades:
        if trade.state == "busted":
            continue
        last = bars[-1] if bars else None
        price, quantity = Decimal(trade.price), Decimal(trade.quantity)
        bar = with_trade(last, price, quantity, trade.timestamp_ns, interval_ns)
        if bar is not last:
            bars.append(bar)
    return bars
