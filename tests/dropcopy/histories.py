"""Two histories of the same length, publishers of them, and what a halted publisher says."""

from pathlib import Path

from msgspec.structs import replace

from venue.bus.parking import Parked, Parking, read_parked
from venue.bus.publisher import Publisher

from .events import numbered_events
from .list_journal import ListJournal
from .scenario import until

COUNT = 20
OURS, THEIRS = "a" * 24, "b" * 24


def ours(count: int = COUNT) -> ListJournal:
    return ListJournal(numbered_events(count), OURS)


def theirs(count: int = COUNT) -> ListJournal:
    """Another history of the same length."""
    events = [replace(each, timestamp_ns=1) for each in numbered_events(count)]
    return ListJournal(events, THEIRS)


def publisher(journal: ListJournal, nats_url: str, data_dir: Path) -> Publisher:
    return Publisher(journal, nats_url, parking=Parking("publisher", nats_url, data_dir))


async def halted(data_dir: Path) -> Parked:
    """What the publisher says, as soon as it does."""
    await until(lambda: bool(read_parked(data_dir)))
    (parked,) = read_parked(data_dir)
    assert parked.consumer == "publisher"
    return parked


def payloads(journal: ListJournal) -> list[tuple[int | None, bytes]]:
    return [(event.event_seq, event.payload) for event in journal.events]
