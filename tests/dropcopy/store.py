"""What a consumer keeps, in memory, with the failures a test asks for."""

from collections.abc import Sequence
from pathlib import Path

from venue.bus.consumer import BATCH, EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.parking import Parking
from venue.bus.position_file import Position
from venue.bus.shared_stream import SharedStream

from .scenario import consumed, running


class Store:
    """What a consumer keeps: events in the order they were applied. Fails where it is told to."""

    def __init__(self) -> None:
        self.applied: list[Delivered] = []
        self.failures: list[Exception] = []
        self.refused_event_seq: int | None = None
        self.position = Position(0)

    async def apply(self, events: Sequence[Delivered], reached: Position) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if self.refused_event_seq in [event.event_seq for event in events]:
            raise ValueError("an amount that makes no sense")
        self.applied += events
        self.position = reached

    @property
    def event_seqs(self) -> list[int]:
        return [event.event_seq for event in self.applied]

    def consumer(
        self,
        nats_url: str,
        *,
        position: Position | int = 0,
        journal_dir: Path | None = None,
        data_dir: Path | None = None,
        batch: int = BATCH,
        sealed_by: bytes | None = None,
        shared: SharedStream | None = None,
    ) -> EventConsumer:
        """A consumer of this store; with `data_dir` it parks there what it halts in front of."""
        return EventConsumer(
            name="test",
            nats_url=nats_url,
            journal_dir=journal_dir,
            position=position if isinstance(position, Position) else Position(position),
            apply=self.apply,
            parking=Parking("test", nats_url, data_dir),
            batch=batch,
            sealed_by=sealed_by,
            shared=shared,
        )


async def consume_until(consumer: EventConsumer, last: int) -> None:
    """Run a consumer until it has applied event `last`."""
    async with running(consumer):
        await consumed(consumer, last)
