"""The day that the drop-copy worker's tests copy, as far as its journal is durable."""

from pathlib import Path

from .copies import busy_events, copying, counts_of, until_told
from .list_journal import ListJournal

EVENTS = busy_events()
LAST = len(EVENTS)
HALF = LAST // 2


def durable(event_seq: int) -> ListJournal:
    journal = ListJournal(EVENTS)
    journal.durable = event_seq
    return journal


async def copy_all(nats_url: str, data_dir: Path, event_seq: int = LAST) -> None:
    async with copying(nats_url, data_dir, durable(event_seq)) as copied:
        await copied(event_seq)
        await until_told(nats_url, counts_of(EVENTS[:event_seq]))
