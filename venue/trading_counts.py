"""What trading shows of itself where metrics are on: read once a second, beside its loop.

Reads what the parts keep anyway, and the meter, which keeps the times of batches where orders are
traced. Where metrics and tracing are off, nothing is wrapped and nothing is read.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from venue.batch_times import TimesRing
from venue.counts_page import CountsPage
from venue.edge import FixEdge
from venue.engine.state.engine_state import EngineState
from venue.journal.segment import JournalPosition
from venue.processes import TRADING
from venue.sequencer.inbox import Inbox
from venue.sequencer.meter import Meter, MeteredWriter
from venue.sequencer.writer import JournalWriter
from venue.settings.settings import Settings

NO_ROOM = "no orders are taken: the disk is full"


class Counted(NamedTuple):
    """What the loop calls."""

    poll: Callable[[], None]
    aside: Callable[[], None]


class TradingCounts:
    """Makes the journal's writer, for its batches are measured, and wraps what the loop calls."""

    def __init__(self, settings: Settings) -> None:
        self._is_on = settings.metrics.enabled or settings.tracing.enabled
        self._segment_bytes = settings.journal.segment_mib << 20
        self._is_traced = settings.tracing.enabled
        self._meter = Meter()
        is_shown = settings.metrics.enabled
        self._page = CountsPage(settings.data_dir, TRADING.name, is_shown=is_shown)
        self._writer: JournalWriter | None = None

    def writer(self, directory: Path, position: JournalPosition) -> JournalWriter:
        """The journal's writer. Raises as JournalWriter."""
        if self._is_on:
            made: JournalWriter = MeteredWriter(
                self._meter, directory, self._segment_bytes, position
            )
        else:
            made = JournalWriter(directory, self._segment_bytes, position)
        if self._is_traced:
            self._meter.ring = TimesRing(directory)
        self._writer = made
        return made

    def around(
        self,
        poll: Callable[[], None],
        aside: Callable[[], None],
        edge: FixEdge,
        state: EngineState,
        inbox: Inbox,
    ) -> Counted:
        """The same two functions, measured and read where metrics are on."""
        if not self._is_on:
            return Counted(poll, aside)
        meter, page = self._meter, self._page

        def measured_poll() -> None:
            meter.poll_begins(len(inbox))
            poll()
            meter.poll_ended(len(inbox))

        def measured_aside() -> None:
            meter.rests(len(inbox))
            if page.is_due:
                self._show(edge, state, inbox)
            aside()

        return Counted(measured_poll, measured_aside)

    def close(self) -> None:
        """Trading ends."""
        self._page.close()
        if self._meter.ring is not None:
            self._meter.ring.close()

    def _show(self, edge: FixEdge, state: EngineState, inbox: Inbox) -> None:
        meter, writer = self._meter, self._writer
        assert writer is not None
        not_ready = state.sessions_closed or (NO_ROOM if writer.is_on_reserve else "")
        connections = edge.door.connections()
        sender = edge.sender
        values = {
            "records": writer.next_seq - 1,
            "events": writer.next_event_seq - 1,
            "batches": meter.batches,
            "inbox": len(inbox),
            "inbox_deepest": meter.deepest,
            "sessions": len(edge.names()),
            "sessions_on": len(connections),
            "open_orders": sum(member.open_orders for member in state.members.values()),
            "resends": edge.resends_begun,
            "incidents": len(edge.incidents.told()),
        }
        meter.deepest = 0
        by = {
            "in": {name: sender.next_in(name) - 1 for name in connections},
            "out": {name: sender.next_out(name) - 1 for name in connections},
            "unread": {name: len(each.out) for name, each in connections.items()},
        }
        spreads = {
            "batch": meter.sizes.spread(),
            "sync": meter.syncs.spread(),
            "to_disk": meter.to_disk.spread(),
            "to_report": meter.to_report.spread(),
        }
        self._page.show(not_ready, values, by, spreads)
