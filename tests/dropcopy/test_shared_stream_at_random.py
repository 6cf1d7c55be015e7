"""Sinks of one process, whatever comes together: every one ends with every event once, in order."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from venue.bus.publisher import Publisher
from venue.bus.shared_stream import SharedStream
from venue.bus.stream import wipe_stream
from venue.journal.durable import forget_position
from venue.servers.nats import NatsServer

from .events import write_journal
from .list_journal import ListJournal
from .scenario import delete_stream, running, until
from .sink import EVENTS, LAST, NAMES, Sink, assert_all_have_all, share, stopped_at_the_end


@pytest.fixture(scope="module")
def journal_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("data") / "journal"
    write_journal(directory, EVENTS)
    yield directory
    forget_position(directory)


PATIENCE = 60.0
ACTS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 90)),
    st.tuples(st.just("stop"), st.sampled_from(range(4))),
    st.tuples(st.just("start"), st.sampled_from(range(4))),
    st.tuples(st.just("fail"), st.sampled_from(range(4))),
    st.tuples(st.just("slow"), st.sampled_from(range(4))),
    st.tuples(st.just("move back"), st.sampled_from(range(4))),
    st.tuples(st.just("wipe"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 4)),
)


@pytest.mark.timeout(900)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    acts=st.lists(ACTS, min_size=5, max_size=25),
    poison=st.tuples(*[st.none() | st.integers(1, LAST)] * 4),
    kept=st.sampled_from([3, 25, 200, 8_192]),
    batches=st.tuples(*[st.sampled_from([1, 7, 500])] * 4),
    beside_journal=st.booleans(),
)
def test_every_sink_ends_with_every_event_once_in_order(
    nats_server: NatsServer,
    journal_dir: Path,
    acts: list[tuple[str, int]],
    poison: Sequence[int | None],
    kept: int,
    batches: Sequence[int],
    beside_journal: bool,
) -> None:
    """Random flow, stops and starts, stores that fail or go back, and poison, of each its own."""
    nats_url = nats_server.url
    beside = journal_dir if beside_journal else None

    async def play() -> list[Sink]:
        await delete_stream(nats_url)
        sinks = [
            Sink(name, nats_url, None, batch) for name, batch in zip(NAMES, batches, strict=True)
        ]
        for sink, event_seq in zip(sinks, poison, strict=True):
            sink.poison = event_seq
        journal = ListJournal(EVENTS)
        journal.durable = 0
        shared = share(nats_url, beside, events_kept=kept)
        async with running(Publisher(journal, nats_url)), stopped_at_the_end(*sinks):
            for act, number in acts:
                await do(act, number, sinks, journal, shared)
            journal.durable = LAST
            halting = [sink for sink in sinks if sink.poison]
            for sink in sinks:
                if not sink.is_running:
                    sink.start(shared, beside)
            await until(lambda: all(sink.is_halted for sink in halting), PATIENCE)
            for sink in halting:
                assert sink.event_seqs == list(range(1, sink.poison or 0))
                sink.poison = None
                await sink.stop()
                sink.start(shared, beside)
            await until(lambda: all(sink.position.event_seq == LAST for sink in sinks), PATIENCE)
        return sinks

    async def do(
        act: str, number: int, sinks: list[Sink], journal: ListJournal, shared: SharedStream
    ) -> None:
        if act == "publish":
            journal.durable = min((journal.durable or 0) + number, LAST)
        elif act == "wait":
            await asyncio.sleep(number / 100)
        elif act == "wipe":
            await wipe_stream(nats_url)
        elif act == "start" and not sinks[number].is_running:
            sinks[number].start(shared, beside)
        elif act == "stop":
            await sinks[number].stop()
        elif act == "fail":
            sinks[number].failures = 2
        elif act == "slow":
            sinks[number].pause = 0.002
        elif act == "move back":
            sinks[number].moves_back = True

    assert_all_have_all(asyncio.run(play()))
