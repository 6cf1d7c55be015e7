"""Whoever joins at any moment, reads slowly, is cut off and resumes anywhere has the book."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixmd.market import Market
from tests.gateway.streams.book_client import BookClient, NumberedClient, TradesClient, kept, taken
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.outbox import Bounds, Outbox
from venue.gateway.streams.prices import BookSource
from venue.gateway.streams.tape import TradesSource
from venue.marketdata.messages import PriceLevel

STEPS = 120
TIGHT = Bounds(conflate_bytes=1_500, most_bytes=1 << 30, slow_seconds=1e9)
"""Some four messages: whoever reads a little slower is conflated."""


class Gateway:
    """The gateway's side of one symbol: a market with its feeds."""

    def __init__(self, random: Random, depth: int) -> None:
        self.random = random
        self.market = Market(random=random)
        self.book = BookSource(Key(Channel.BOOK, "ACME", depth), "e1", self.market.book)
        self.trades = TradesSource("ACME", "e2")
        self.traded: set[str] = set()

    def step(self) -> None:
        update = self.market.at_random()
        self.book.take(self.market.book, update)
        for trade in update.trades:
            self.traded.add(trade.match_id)
            self.trades.take(trade)
        if self.random.random() < 0.02:  # the gateway had to fetch the book anew
            self.book.take(self.market.book, self.market.book.everything())


class Connection:
    """A client that may be cut off with messages on their way; it keeps all that it had."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.had: dict[type, dict[int, NumberedClient]] = {BookClient: {}, TradesClient: {}}
        self.clients: list[NumberedClient] = [BookClient(), TradesClient()]
        self.conflated = self.resumed = 0
        self.connect()

    def feeds(self) -> list[Feed]:
        return [self.gateway.book.feed, self.gateway.trades.feed]

    def connect(self) -> None:
        self.outbox = Outbox(lambda: None, lambda: 0.0, TIGHT)
        for feed, client in zip(self.feeds(), self.clients, strict=True):
            number = client.number if client.epoch else None
            joined = feed.join(self.outbox, client.epoch, number)
            self.resumed += joined.resumed
            for payload in joined.payloads:
                self.outbox.put(payload)

    def cut_off(self, random: Random) -> None:
        """Come back as it was at any earlier number."""
        for feed in self.feeds():
            feed.leave(self.outbox)
        self.clients = [
            kept(random.choice([*self.had[type(client)].values()] or [client]))
            for client in self.clients
        ]
        self.connect()

    def read(self, count: int) -> None:
        for _ in range(count):
            payload = self.outbox.next()
            if payload is None:
                return
            self.outbox.sent()
            said: dict[str, Any] = taken(payload, *self.clients)
            self.conflated += said["type"] == "conflated"
            for client in self.clients:
                if client.epoch:
                    self.had[type(client)][client.number] = kept(client)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    depth=st.sampled_from([1, 3, 10, 25]),
    joins=st.integers(0, 60),
    reads=st.integers(0, 3),
)
def test_client_has_the_book_at_last(seed: int, depth: int, joins: int, reads: int) -> None:
    random = Random(seed)
    gateway = Gateway(random, depth)
    for _ in range(joins):
        gateway.step()
    connection = Connection(gateway)
    for _ in range(STEPS):
        gateway.step()
        connection.read(random.randint(0, reads))
        if random.random() < 0.04:
            connection.cut_off(random)
    connection.read(1 << 20)
    book, trades = connection.clients
    assert isinstance(book, BookClient) and isinstance(trades, TradesClient)
    market = gateway.market.book
    for side, levels in (("bids", market.bids(depth)), ("asks", market.asks(depth))):
        assert [PriceLevel(*level) for level in book.side(side)] == list(levels)
    assert book.checksum == market.checksum or depth < 10
    assert set(trades.trades) == gateway.traded, "trades are never left out"


def test_slow_readers_were_conflated_and_others_resumed() -> None:
    """The test above sees both."""
    conflated = resumed = 0
    for seed in range(3):
        random = Random(seed)
        gateway = Gateway(random, 10)
        connection = Connection(gateway)
        for step in range(STEPS):
            gateway.step()
            connection.read(1 if step < 60 else 4)
            if step % 30 == 29:
                connection.cut_off(random)
        conflated += connection.conflated
        resumed += connection.resumed
    assert conflated > 2 and resumed > 2
