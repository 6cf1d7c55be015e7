"""A consumer whose store has done what is not in the journal, or is another's: it takes nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from venue.bus import consumer as consumer_module
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import PositionMoved, StoreAway
from venue.bus.parking import read_parked
from venue.bus.position_file import Position, digest_of
from venue.bus.publisher import Publisher
from venue.bus.stream import wipe_stream
from venue.domain.events import AnyEvent
from venue.journal.durable import forget_position
from venue.journal.identity import journal_identity
from venue.journal.reader import JournalReader

from .events import numbered_events, write_journal
from .list_journal import ListJournal, journaled
from .scenario import running, stored_alerts, until
from .store import Store, consume_until

COUNT = 20
EVENTS = numbered_events(COUNT)
OTHER = "b" * 24


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """With a journal of COUNT events."""
    write_journal(tmp_path / "journal", EVENTS)
    yield tmp_path
    forget_position(tmp_path / "journal")


@asynccontextmanager
async def published(data_dir: Path, nats_url: str) -> AsyncIterator[None]:
    """The journal is in the stream."""
    reader = JournalReader(data_dir / "journal")
    part = Publisher(reader, nats_url)
    async with running(part):
        await until(lambda: part.acknowledged_event_seq == COUNT)
        yield
    reader.close()


def at(event_seq: int, journal: str, event: AnyEvent | None = None) -> Position:
    event = event or EVENTS[min(event_seq, COUNT) - 1]
    digest = digest_of(journaled(event).payload)
    return Position(event_seq, journal=journal, digest=digest)


OTHER_EVENT = replace(EVENTS[9], timestamp_ns=1)


@pytest.mark.parametrize(
    ("kind", "at_hand", "why"),
    [
        ("foreign", True, f"the store of test is of journal {OTHER}"),
        ("foreign", False, f"the store of test is of journal {OTHER}"),
        ("other event", True, "the store of test has another event 10 than"),
        ("other event", False, "the store of test has another event 10 than"),
        # the stream alone may have been wiped: that it lacks the end says nothing
        ("beyond", True, "has event 33, which is not in the journal"),
    ],
)
def test_store_of_another_history_halts_its_consumer(
    nats_url: str, data_dir: Path, kind: str, at_hand: bool, why: str
) -> None:
    own = journal_identity(data_dir / "journal")
    position = {
        "foreign": at(10, OTHER),
        "other event": at(10, own, OTHER_EVENT),
        "beyond": at(33, own),
    }[kind]
    store = Store()
    journal_dir = data_dir / "journal" if at_hand else None

    async def scenario() -> None:
        async with published(data_dir, nats_url):
            consumer = store.consumer(
                nats_url, position=position, journal_dir=journal_dir, data_dir=data_dir
            )
            async with running(consumer):
                await until(lambda: bool(read_parked(data_dir)))
                await asyncio.sleep(0.2)
        (parked,) = read_parked(data_dir)
        assert parked.event_seq == 0 and why in parked.error
        (alert,) = await stored_alerts(nats_url)
        assert (alert["consumer"], alert["error"]) == ("test", parked.error)

    asyncio.run(scenario())
    assert store.applied == []


@pytest.mark.parametrize("at_hand", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_store_of_this_history_goes_on(
    nats_url: str, data_dir: Path, at_hand: bool, known: bool
) -> None:
    """known: it says whose it is; a store of an older version does not, and does from then on."""
    own = journal_identity(data_dir / "journal")
    store = Store()
    position = at(10, own) if known else Position(10)
    journal_dir = data_dir / "journal" if at_hand else None

    async def scenario() -> None:
        async with published(data_dir, nats_url):
            await consume_until(
                store.consumer(nats_url, position=position, journal_dir=journal_dir), COUNT
            )

    asyncio.run(scenario())
    assert store.event_seqs == list(range(11, COUNT + 1))
    assert store.position == at(COUNT, own)


def test_store_that_became_another_s_meanwhile_halts_too(nats_url: str, data_dir: Path) -> None:
    store = Store()
    store.failures = [PositionMoved(at(5, OTHER))]

    async def scenario() -> None:
        async with published(data_dir, nats_url):
            consumer = store.consumer(nats_url, journal_dir=data_dir / "journal", data_dir=data_dir)
            async with running(consumer):
                await until(lambda: bool(read_parked(data_dir)))

    asyncio.run(scenario())
    assert OTHER in read_parked(data_dir)[0].error
    assert store.applied == []


@pytest.mark.parametrize("at_hand", [True, False])
def test_stream_of_another_journal_is_not_taken_from_even_when_it_begins_empty(
    nats_url: str, data_dir: Path, at_hand: bool
) -> None:
    """Its owner is known before its first event: no event can slip in between."""
    theirs = ListJournal([replace(each, timestamp_ns=1) for each in EVENTS], OTHER)
    theirs.durable = 0
    store = Store()
    position = Position(0) if at_hand else at(10, journal_identity(data_dir / "journal"))

    async def scenario() -> None:
        async with running(Publisher(theirs, nats_url)):
            consumer = store.consumer(
                nats_url,
                position=position,
                journal_dir=data_dir / "journal" if at_hand else None,
                data_dir=data_dir,
            )
            async with running(consumer):
                await until(lambda: bool(read_parked(data_dir)))
                theirs.durable = COUNT
                await asyncio.sleep(0.3)
                assert OTHER in read_parked(data_dir)[0].error
        assert store.applied == []
        assert len(await stored_alerts(nats_url)) == 1

    asyncio.run(scenario())


def test_stream_that_is_ours_again_is_taken_from(nats_url: str, data_dir: Path) -> None:
    theirs = ListJournal([replace(each, timestamp_ns=1) for each in EVENTS], OTHER)
    store = Store()

    async def scenario() -> None:
        consumer = store.consumer(nats_url, journal_dir=data_dir / "journal", data_dir=data_dir)
        async with running(consumer):
            async with running(Publisher(theirs, nats_url)):
                await until(lambda: bool(read_parked(data_dir)))
            await wipe_stream(nats_url)
            async with published(data_dir, nats_url):
                await until(lambda: consumer.position == COUNT)
                assert read_parked(data_dir) == []

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [KeyError("a mistake"), AssertionError("x"), RuntimeError("y")])
def test_any_exception_of_a_sink_parks_that_sink_alone(
    nats_url: str, data_dir: Path, error: Exception
) -> None:
    """Two consumers of one stream; one cannot take event 7, whatever it raises."""
    other = Store()

    class Refusing(Store):
        async def apply(self, events: Sequence[Delivered], reached: Position) -> None:
            if 7 in [each.event_seq for each in events]:
                raise error
            await super().apply(events, reached)

    broken = Refusing()
    journal_dir = data_dir / "journal"

    async def scenario() -> None:
        async with published(data_dir, nats_url):
            halting = broken.consumer(nats_url, journal_dir=journal_dir, data_dir=data_dir)
            async with running(halting):
                await until(lambda: halting.halted_by is not None)
                await consume_until(other.consumer(nats_url, journal_dir=journal_dir), COUNT)

    asyncio.run(scenario())
    (parked,) = read_parked(data_dir)
    assert parked.event_seq == 7 and repr(error) in parked.error and parked.payload
    assert broken.event_seqs == list(range(1, 7))
    assert other.event_seqs == list(range(1, COUNT + 1))


def test_store_that_stays_away_is_said_and_its_return_too(
    nats_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "AWAY_FAILURES_MAX", 3)
    store = Store()
    store.failures = [StoreAway("no database")] * 1_000

    async def scenario() -> None:
        async with published(data_dir, nats_url):
            consumer: EventConsumer = store.consumer(nats_url, data_dir=data_dir)
            async with running(consumer):
                await until(lambda: bool(read_parked(data_dir)))
                (parked,) = read_parked(data_dir)
                assert (parked.event_seq, parked.error) == (1, "its store is away: no database")
                store.failures.clear()
                await until(lambda: consumer.position == COUNT)
                assert read_parked(data_dir) == []

    asyncio.run(scenario())
