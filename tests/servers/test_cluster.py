"""Streams with replicas, on a cluster of three: nodes die, and lose their stores, under load."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.cluster import NODES, Cluster, cluster_in
from tests.dropcopy.copies import assert_told, busy_events
from tests.dropcopy.list_journal import ListJournal
from tests.dropcopy.scenario import Part, running, stored, until
from venue.bus import bounds
from venue.bus.bounds import bound_streams, keep_bounded
from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.bus.reader_consumers import make_consumer
from venue.bus.stream import ensure_alerts, ensure_stream
from venue.bus.subjects import ALERTS, STREAM, drop_stream
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.dropcopy.worker import DropCopier
from venue.marketdata.worker import MarketData
from venue.notify.worker import Notifier
from venue.settings.retention import RetentionSettings

EVENTS = busy_events(seed=7, commands=900)
LAST = len(EVENTS)
PATIENCE = 120.0
BUCKET = "KV_md_last"
STEP = 20
"""So many events come at a time, as soon as those before are nearly through."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with cluster_in(tmp_path, {"BACK": "ALPHA"}) as started:
        yield started


class Flow:
    """A publisher with three replicas whose journal grows as far as it is told, without a rest."""

    def __init__(self, nats_url: str) -> None:
        self.journal = ListJournal(EVENTS)
        self.journal.durable = 0
        self.publisher = Publisher(self.journal, nats_url, replicas=len(NODES))

    async def go_on(self, last: int) -> None:
        """More events, until the last one of them is acknowledged."""
        while (durable := self.journal.durable or 0) < last:
            self.journal.durable = min(durable + STEP, last)
            nearly = self.journal.durable - STEP
            await until(lambda n=nearly: self.publisher.acknowledged_event_seq >= n, PATIENCE)  # type: ignore[misc]
        await until(lambda: self.publisher.acknowledged_event_seq >= last, PATIENCE)


async def die(cluster: Cluster, name: str, flow: Flow, last: int) -> None:
    """A node is killed while events come, and begins again with nothing while more come."""
    half = (flow.publisher.acknowledged_event_seq + last) // 2
    going_on = asyncio.create_task(flow.go_on(half))
    cluster.kill(name)
    cluster.remove_store(name)
    await going_on
    going_on = asyncio.create_task(flow.go_on(last))
    cluster.start(name)
    await going_on


@pytest.mark.timeout(600)
def test_leader_dies_and_a_store_is_lost_and_nothing_is_lost_or_comes_twice(
    cluster: Cluster, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    place = DataDirectory(data_dir)
    flow = Flow(cluster.url_of("publisher"))
    market_data = MarketData(data_dir, cluster.url_of("marketdata"))
    market_data.broadcast.replicas = len(NODES)
    sinks: list[Part] = [
        DropCopier(data_dir, cluster.url_of("dropcopy"), replicas=len(NODES)),
        market_data,
        Notifier(data_dir, cluster.url_of("notifier")),
    ]
    streams = [STREAM, drop_stream("ALPHA"), drop_stream("BRAVO"), BUCKET]

    def have_all() -> bool:
        files = [place.position(name) for name in ("dropcopy", "marketdata", "notifier")]
        done = f'"event_seq":{LAST}'.encode()
        return all(file.exists() and done in file.read_bytes() for file in files)

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            for part in (flow.publisher, *sinks):
                await stack.enter_async_context(running(part))
            await flow.go_on(LAST // 5)
            async with connected(cluster.url_of(), "test") as connection:
                await make_consumer(
                    connection.client.jetstream(), "BACK", "ALPHA", "", replicas=len(NODES)
                )
            await die(cluster, await cluster.leader(STREAM), flow, LAST * 2 // 5)
            await cluster.whole(STREAM)
            await die(cluster, await cluster.leader(drop_stream("ALPHA")), flow, LAST * 3 // 5)
            await cluster.whole(STREAM)
            leader = await cluster.leader(STREAM)
            await die(cluster, next(name for name in NODES if name != leader), flow, LAST)
            await until(have_all, PATIENCE)
            for stream in streams:
                await cluster.whole(stream)
        found = await stored(cluster.url_of())
        assert found == [(event.event_seq, encode(event)) for event in EVENTS]
        await assert_told(cluster.url_of(), EVENTS)
        assert read_parked(data_dir) == []
        await reader_has_all(cluster)

    asyncio.run(scenario())


async def reader_has_all(cluster: Cluster) -> None:
    """A reader's consumer, which has lived through all of it, has each copy once, to the end."""
    stream = drop_stream("ALPHA")
    async with connected(cluster.url_of("BACK"), "test") as connection:
        jetstream = connection.client.jetstream()
        state = (await jetstream.stream_info(stream)).state
        subscription = await jetstream.pull_subscribe_bind("BACK", stream)
        numbers: list[int] = []
        while len(numbers) < state.messages:
            for message in await subscription.fetch(100, timeout=PATIENCE):
                numbers.append(message.metadata.sequence.stream)
                await message.ack_sync(timeout=PATIENCE)
        assert numbers == list(range(state.first_seq, state.last_seq + 1))
        info = await jetstream.consumer_info(stream, "BACK")
        assert (info.num_pending, info.num_ack_pending) == (0, 0)


def test_streams_that_are_there_get_their_replicas_with_a_word_in_the_log(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LOOK_SECONDS", 0.2)
    mine = drop_stream("ALPHA")

    async def scenario() -> list[str]:
        async with connected(cluster.url_of("publisher"), "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream, owner="j")
            async with connected(cluster.url_of("dropcopy"), "test") as other:
                await ensure_stream(other.client.jetstream(), mine, "drop.ALPHA.>", owner="j")
            await ensure_alerts(jetstream)
            with capture_logs() as logs:
                await bound_streams(jetstream, RetentionSettings(), replicas=5)
            refused = [line for line in logs if line["event"] == "stream_not_replicated"]
            assert {line["stream"] for line in refused} == {STREAM, mine, ALERTS}
            assert [line for line in logs if line["event"] == "stream_replicated"] == []
        stop = asyncio.Event()
        with capture_logs() as logs:
            keeping = asyncio.create_task(
                keep_bounded(cluster.url_of("publisher"), RetentionSettings(), stop, len(NODES))
            )
            for stream in (STREAM, mine, ALERTS):
                await cluster.whole(stream)
            stop.set()
            await keeping
        return [
            f"{line['stream']} {line['before']} {line['replicas']}"
            for line in logs
            if line["event"] == "stream_replicated"
        ]

    assert sorted(asyncio.run(scenario())) == sorted(
        f"{stream} 1 3" for stream in (STREAM, mine, ALERTS)
    )
