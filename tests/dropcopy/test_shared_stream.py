"""Several consumers of one process on one stream: each event once and in order for each of them,
pulled and decoded once, whoever of them is away, halts, is slow or is far behind."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from venue.bus import checked_stream, delivered
from venue.bus.delivered import Delivered
from venue.bus.event_pull import EventPull
from venue.bus.position_file import Position
from venue.bus.publisher import Publisher
from venue.domain import codec
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, FundsDeposited
from venue.journal.durable import forget_position

from .events import write_journal
from .list_journal import ListJournal
from .scenario import publish_all, refilled, running, until
from .sink import EVENTS, LAST, NAMES, Sink, assert_all_have_all, share, stopped_at_the_end


@pytest.fixture(scope="module")
def journal_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("data") / "journal"
    write_journal(directory, EVENTS)
    yield directory
    forget_position(directory)


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who has begun a pull, by its name, in this order."""
    begun: list[str] = []

    class Counted(EventPull):
        def __init__(self, connection: Any, name: str, *rest: Any, **more: Any) -> None:
            begun.append(name)
            super().__init__(connection, name, *rest, **more)

    monkeypatch.setattr(checked_stream, "EventPull", Counted)
    return begun


def test_one_pull_and_one_decode_serve_all(
    nats_url: str, journal_dir: Path, pulls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []

    def counted(payload: bytes) -> AnyEvent:
        decoded.append(payload)
        return codec.decode_event(payload)

    monkeypatch.setattr(delivered, "decode_event", counted)

    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, None) for name in NAMES]
        shared = share(nats_url, journal_dir)
        journal = ListJournal(EVENTS)
        journal.durable = 100
        async with running(Publisher(journal, nats_url)), stopped_at_the_end(*sinks):
            await refilled(nats_url, 100)
            for sink in sinks:
                sink.start(shared, journal_dir)
            await until(lambda: all(sink.position.event_seq == 100 for sink in sinks))
            for durable in range(200, LAST + 1, 100):
                journal.durable = durable
                await until(lambda: all(sink.position.event_seq == durable for sink in sinks))  # noqa: B023
        return sinks

    sinks = asyncio.run(scenario())
    assert_all_have_all(sinks)
    assert pulls == ["shared"]
    assert len(decoded) == LAST
    first, *others = sinks
    for other in others:
        assert all(a is b for a, b in zip(first.applied, other.applied, strict=True))


@pytest.mark.parametrize("kind", ["busy for ever", "its store is away"])
def test_one_that_is_away_holds_nobody_up_and_catches_up_by_itself(
    nats_url: str, journal_dir: Path, pulls: list[str], kind: str
) -> None:
    """It is overtaken: what the others have done with is kept no longer than the newest 50."""

    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, None, batch=20) for name in NAMES]
        away = sinks[2]
        journal = ListJournal(EVENTS)
        journal.durable = 10
        shared = share(nats_url, journal_dir, events_kept=50)
        async with running(Publisher(journal, nats_url)), stopped_at_the_end(*sinks):
            await refilled(nats_url, 10)
            for sink in sinks:
                sink.start(shared, journal_dir)
            await until(lambda: all(sink.position.event_seq == 10 for sink in sinks))
            if kind == "busy for ever":
                away.may_apply.clear()
            else:
                away.failures = 1_000_000
            journal.durable = 500
            await until(lambda: all(s.position.event_seq == 500 for s in sinks if s is not away))
            assert away.position.event_seq == 10 and pulls == ["shared"]
            await until(lambda: shared._session is not None and shared._session.first > 11)
            away.failures = 0
            away.may_apply.set()
            await until(lambda: away.position.event_seq == 500)
            assert pulls == ["shared", "south"]
            journal.durable = LAST
            await until(lambda: all(sink.position.event_seq == LAST for sink in sinks))
        return sinks

    sinks = asyncio.run(scenario())
    assert_all_have_all(sinks)
    assert pulls == ["shared", "south"], "it is among the others again"
    assert sinks[0].applied[-1] is sinks[2].applied[-1]


@pytest.mark.parametrize("first", ["behind", "ahead"])
def test_one_far_from_the_others_reads_for_itself_until_they_meet(
    nats_url: str, journal_dir: Path, pulls: list[str], first: str
) -> None:
    """Whoever comes first says where the shared stream begins; neither waits for the other."""
    at = {"behind": 0, "ahead": 580}

    async def scenario() -> list[Sink]:
        sinks = {name: Sink(name, nats_url, None, batch=20) for name in at}
        ahead, behind = sinks["ahead"], sinks["behind"]
        ahead.applied = [Delivered(each.event_seq, encode(each)) for each in EVENTS[:580]]
        ahead.position = Position(580)
        behind.may_apply.clear()
        shared = share(nats_url, journal_dir, events_kept=30)
        journal = ListJournal(EVENTS)
        journal.durable = 590
        async with running(Publisher(journal, nats_url)), stopped_at_the_end(*sinks.values()):
            await refilled(nats_url, 590)
            for name in sorted(sinks, key=lambda name: name != first):
                sinks[name].start(shared, journal_dir)
                await until(lambda: "shared" in pulls)  # its place is where this one is
            await until(lambda: ahead.position.event_seq == 590)
            assert behind.position.event_seq == 0
            behind.may_apply.set()
            await until(lambda: behind.position.event_seq == 590)
            journal.durable = LAST
            await until(lambda: ahead.position.event_seq == behind.position.event_seq == LAST)
        return list(sinks.values())

    assert_all_have_all(asyncio.run(scenario()))
    assert sorted(pulls) == sorted(["shared", "behind" if first == "ahead" else "ahead"])


def test_few_bytes_are_kept_of_large_events(nats_url: str) -> None:
    large = [
        FundsDeposited(
            event_seq=seq, timestamp_ns=seq, member="ALPHA", asset="USD", amount="1",
            operator="ops", reason="x" * 10_000,
        )
        for seq in range(1, 101)
    ]  # fmt: skip
    kept: list[int] = []

    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, None, batch=3) for name in NAMES]
        shared = share(nats_url, bytes_kept=35_000)
        journal = ListJournal(large)
        journal.durable = 1
        async with running(Publisher(journal, nats_url)), stopped_at_the_end(*sinks):
            await refilled(nats_url, 1)
            for sink in sinks:
                sink.start(shared)
            for durable in range(1, 101, 3):
                journal.durable = durable
                await until(lambda: all(sink.position.event_seq == durable for sink in sinks))  # noqa: B023
                assert shared._session is not None
                kept.append(len(shared._session.kept))
        return sinks

    for sink in asyncio.run(scenario()):
        assert sink.event_seqs == list(range(1, 101))
    assert max(kept) <= 3


def test_seats_are_given_back(nats_url: str, journal_dir: Path) -> None:
    """Nobody reads on once the last consumer has stopped; the next one opens it again."""

    async def scenario() -> None:
        sink, shared = Sink("north", nats_url, None), share(nats_url, journal_dir)
        await publish_all(Publisher(ListJournal(EVENTS), nats_url), LAST)
        for _ in itertools.repeat(None, 3):
            sink.start(shared, journal_dir)
            await until(lambda: sink.position.event_seq == LAST)
            await sink.stop()
            assert shared._session is not None and shared._session.is_over
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())
