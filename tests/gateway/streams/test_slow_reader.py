"""A real socket that is not read: conflated, caught up with, closed with a reason, cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.stream_client import StreamClient
from tests.gateway.streams.book_client import BookClient, TradesClient
from tests.gateway.streams.local import LocalGateway, local_gateway
from tests.gateway.streams.test_sockets import can_connect, number_of_sockets
from tests.servers.conditions import wait_for
from venue.gateway.hub import Topic
from venue.gateway.streams.outbox import TRY_AGAIN, Bounds, Outbox

DEPTHS = range(11, 31)
"""Of so many books each update is written."""
LITTLE = 4096


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[LocalGateway]:
    with local_gateway(tmp_path) as gateway:
        wait_for(lambda: can_connect(gateway), 20)
        yield gateway


def set_bounds(gateway: LocalGateway, bounds: Bounds) -> None:
    assert gateway.streams is not None
    gateway.streams.bounds = bounds


def outbox_of(gateway: LocalGateway) -> Outbox:
    """Of the only socket."""
    streams = gateway.streams
    assert streams is not None
    (socket,) = gateway.do(lambda: [*streams.sockets])
    outbox: Outbox = socket.outbox
    return outbox


def happen(gateway: LocalGateway, count: int) -> None:
    """So many updates, and their trades."""
    market = gateway.markets.market

    def steps() -> None:
        for _ in range(count):
            update = market.at_random()
            gateway.hub.tell(Topic.MARKET, "ACME", update)
            for trade in update.trades:
                gateway.hub.tell(Topic.TRADES, "ACME", trade)

    gateway.do(steps)


def until_slow(gateway: LocalGateway) -> Outbox:
    outbox = outbox_of(gateway)
    while not gateway.do(lambda: outbox.is_slow):
        happen(gateway, 20)
    return outbox


def test_slow_reader_has_book_and_trades_at_last(gateway: LocalGateway) -> None:
    set_bounds(gateway, Bounds(conflate_bytes=30_000, most_bytes=1 << 30))
    with StreamClient(gateway.url, receive_bytes=LITTLE) as client:
        book, trades = BookClient(), TradesClient()
        book.take(client.subscribe("book", symbol="ACME", depth=10))
        trades.take(client.subscribe("trades", symbol="ACME"))
        for depth in DEPTHS:
            client.subscribe("book", symbol="ACME", depth=depth)
        until_slow(gateway)
        happen(gateway, 100)
        gateway.step()
        market = gateway.markets.market
        while book.sequence < market.seq or len(trades.trades) < len(market.prices):
            said = client.hear()
            if said["type"].startswith("trades."):
                trades.take(said)
            elif said.get("depth") == 10 and said["type"].startswith("book."):
                book.take(said)
        assert book.own_checksum() == book.checksum == market.book.checksum
        assert book.snapshots > 1 and trades.snapshots == 1
        missed = [said["updates"] for said in client.said if said["type"] == "conflated"]
        assert missed and max(missed) >= 100
        gateway.step()
        client.until(lambda said: said.get("sequence") == market.seq)


def test_who_stays_slow_is_closed_and_told_to_try_again(gateway: LocalGateway) -> None:
    set_bounds(gateway, Bounds(conflate_bytes=30_000, slow_seconds=0.2))
    with StreamClient(gateway.url, receive_bytes=LITTLE) as client:
        for depth in DEPTHS:
            client.subscribe("book", symbol="ACME", depth=depth)
        outbox = until_slow(gateway)
        wait_for(lambda: gateway.do(lambda: outbox.ending is not None))
        code, reason = client.ended()
        assert code == TRY_AGAIN and reason.startswith("SLOW_READER")


def test_who_reads_nothing_at_all_is_cut_off(gateway: LocalGateway) -> None:
    set_bounds(gateway, Bounds(conflate_bytes=30_000, slow_seconds=0.2))
    client = StreamClient(gateway.url, receive_bytes=LITTLE)
    for depth in DEPTHS:
        client.subscribe("book", symbol="ACME", depth=depth)
    until_slow(gateway)
    wait_for(lambda: number_of_sockets(gateway) == 0, 20)
    client.close()
