"""News of a real NATS: trades each once and in order whatever was missed; bars, wallets, alerts."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from nats.js.api import StreamConfig

from tests.gateway.streams.test_feeds import bar
from tests.gateway.streams.test_wallet import event
from tests.marketdata.scenario import running, until
from venue.bus.alerts import Alert, publish_alert
from venue.bus.connection import connected
from venue.bus.stream import ensure_alerts
from venue.domain.types import Side
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.news import News
from venue.gateway.public_trades import PublicTrades
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import Trade
from venue.servers import nats
from venue.servers.nats import NatsServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats.start(tmp_path_factory.mktemp("news"))
    yield server
    server.stop()


def trade(seq: int, symbol: str) -> Trade:
    return Trade(
        event_seq=seq, timestamp_ns=time.time_ns(), symbol=symbol, seq=seq, match_id=f"M{seq}",
        price="1", quantity="1", aggressor=Side.BUY,
    )  # fmt: skip


async def publish_trades(client: Any, symbol: str, *numbers: int) -> None:
    jetstream = client.jetstream()
    config = StreamConfig(name="MD_TRADES", subjects=["md.*.trade"], allow_direct=True)
    await jetstream.add_stream(config)
    for seq in numbers:
        payload = msgspec.json.encode(trade(seq, symbol))
        await jetstream.publish(f"md.{symbol}.trade", payload)


def alert(number: int, member: str = "") -> Alert:
    return Alert(
        type="Test", timestamp_ns=number, consumer="test", event_seq=number, error=f"{number}",
        member=member,
    )  # fmt: skip


class Told:
    """What the hub tells, by topic."""

    def __init__(self, hub: Hub) -> None:
        self.news: dict[Topic, list[tuple[str, Any]]] = {topic: [] for topic in Topic}
        for topic in Topic:
            hub.listen(topic, EVERYBODY, self.listener(topic))

    def listener(self, topic: Topic) -> Callable[[str, Any], None]:
        return lambda of, news: self.news[topic].append((of, news))

    def numbers(self) -> list[int]:
        return [trade.seq for _, trade in self.news[Topic.TRADES]]


def test_what_was_missed_is_filled_in_from_the_stream(server: NatsServer) -> None:
    async def scenario() -> None:
        told: list[int] = []
        trades = PublicTrades(lambda symbol, trade: told.append(trade.seq), lambda: None)
        async with connected(server.url, "test") as connection:
            client = connection.client
            await publish_trades(client, "GAP", 1, 2, 3)
            trades.ask_for("GAP")
            await trades.fill(client)
            assert told == [1, 2, 3], "what was before it began, too"
            trades.take("GAP", msgspec.json.encode(trade(4, "GAP")))
            trades.take("GAP", msgspec.json.encode(trade(4, "GAP")))
            assert told == [1, 2, 3, 4]
            await publish_trades(client, "GAP", 4, 5, 6, 7)
            trades.take("GAP", msgspec.json.encode(trade(7, "GAP")))
            trades.take("GAP", msgspec.json.encode(trade(8, "GAP")))
            trades.take("GAP", b"no trade")
            assert told == [1, 2, 3, 4], "what comes behind a gap waits"
            await trades.fill(client)
            assert told == [1, 2, 3, 4, 5, 6, 7, 8]
            await publish_trades(client, "GAP", 9)
            trades.begin()
            await trades.fill(client)
            assert told[-2:] == [8, 9]

    asyncio.run(scenario())


def test_news_are_told_to_who_listens(server: NatsServer) -> None:
    async def scenario() -> None:
        hub = Hub()
        told, news, begun = Told(hub), News(server.url, hub), list[bool]()
        news.again = lambda: begun.append(news.is_connected)
        async with connected(server.url, "test") as connection:
            client, jetstream = connection.client, connection.client.jetstream()
            await ensure_alerts(jetstream)
            await publish_alert(jetstream, alert(1))
            await publish_alert(jetstream, alert(2, "ALPHA"))
            await publish_trades(client, "NEWS", 1, 2)
            async with running(news.run):
                await until(lambda: len(told.news[Topic.ALERTS]) == 2)
                hub.tell(Topic.MARKET, "NEWS", Update(1, 1, 1, fresh=True))
                await publish_trades(client, "NEWS", 3)
                await client.publish("md.ACME.bars.1m", msgspec.json.encode(bar(1, 1)))
                await client.publish("md.ACME.bars.1m", b"no bar")
                await client.publish("ledger.ALPHA.entry", msgspec.json.encode(event(1)))
                await publish_alert(jetstream, alert(3))
                await until(lambda: len(told.news[Topic.ALERTS]) == 3)
                await until(lambda: told.numbers() == [1, 2, 3])
                await until(lambda: bool(told.news[Topic.WALLET] and told.news[Topic.BARS]))
        assert begun == [True] and not news.is_connected
        assert [of for of, _ in told.news[Topic.ALERTS]] == ["_", "ALPHA", "_"]
        assert told.news[Topic.WALLET] == [("ALPHA", event(1))]
        assert told.news[Topic.BARS] == [("ACME", bar(1, 1))]

    asyncio.run(scenario())
