"""What is known of the way of one record through trading: when it came, was written and answered.

Knows the rows of batches and the log of messages. What nobody has kept is 0, and stays so.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from venue.batch_times import BatchTimes
from venue.domain.commands import Command, EnterOrder, TradingCommand
from venue.domain.events import AnyEvent, OrderAccepted, OrderRejected
from venue.journal.record import Record


class TradingTimes(NamedTuple):
    """UTC nanoseconds; 0: not known.

    came: the request, by the log of messages. polled: the poll began that has read the oldest
    message of its batch. taken: its batch was begun. write, disk, sent: see BatchTimes.
    """

    came_ns: int
    polled_ns: int
    taken_ns: int
    write_ns: int
    disk_ns: int
    sent_ns: int

    @property
    def first_ns(self) -> int:
        """The first that is known."""
        return self.came_ns or self.polled_ns or self.taken_ns

    @property
    def last_ns(self) -> int:
        """The last that is known."""
        return max(self)


def times_of(
    record: Record, batch: BatchTimes | None, came_ns: int, *, is_asked: bool
) -> TradingTimes:
    """Of a record. batch: the one that it was in. is_asked: by a request of the order's own, which
    came at came_ns."""
    if batch is None:
        return TradingTimes(came_ns, 0, record.timestamp_ns, 0, 0, 0)
    polled_ns = batch.came_ns if is_asked else 0
    return TradingTimes(
        came_ns, polled_ns, record.timestamp_ns, batch.write_ns, batch.disk_ns, batch.sent_ns
    )


class Batches:
    """Rows of batches by their records; of a record that is in several the newest counts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: list[BatchTimes] = []

    def add(self, rows: Iterable[BatchTimes]) -> None:
        """Add rows behind the others; the oldest are forgotten."""
        self._rows += rows
        del self._rows[: -self._most]

    def since(self, ns: int) -> BatchTimes | None:
        """The first that was on disk at this time or later."""
        return next((row for row in self._rows if row.disk_ns >= ns), None)

    def of(self, seq: int) -> BatchTimes | None:
        """The batch with a record."""
        return batch_in(self._rows, seq)


def batch_in(rows: Sequence[BatchTimes], seq: int) -> BatchTimes | None:
    """The batch with a record, among rows in the order in which they were written."""
    place = bisect_right(rows, seq, key=lambda row: row.first_seq)
    found = rows[place - 1] if place else None
    return found if found is not None and seq < found.first_seq + found.records else None


def begins_order(events: Sequence[AnyEvent]) -> bool:
    """Whether these events of one order are of the record that has entered it."""
    return any(isinstance(event, OrderAccepted | OrderRejected) for event in events)


def request_in(command: Command, events: Sequence[AnyEvent], session: str) -> str:
    """ClOrdID(11) of the request of the order's own session that has caused these events of it;
    empty: somebody or something else has, such as the order that it traded with."""
    if not isinstance(command, TradingCommand) or command.session != session:
        return ""
    is_other = isinstance(command, EnterOrder) and not begins_order(events)
    return "" if is_other else command.cl_ord_id
