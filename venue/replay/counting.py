"""Counts what the replica executes again, by type: commands, events, reports, rejects, trades.

So trading counts nothing for each message. A record counts once over restarts of the replica: what
the one before had shown as done is not counted again. Knows the events' types only.
"""

from collections.abc import Sequence

from venue.counts_page import CountsPage
from venue.domain.events import AnyEvent, CancelRejected, OrderRejected, TradeExecuted
from venue.domain.outgoing import Outgoing
from venue.journal.record import CommandRecord, Record
from venue.replay.replay import Replay, Reports

By = dict[str, dict[str, int]]


class JournalCounts:
    """counted_through: the last event that was counted before."""

    def __init__(self, counted_through: int) -> None:
        self._through = counted_through
        self.by: By = {name: {} for name in ("commands", "events", "reports", "rejects", "trades")}

    def record(self, command: object, events: Sequence[AnyEvent]) -> None:
        """A command was executed again; these are its events."""
        if events and events[-1].event_seq <= self._through:
            return
        self._add("commands", type(command).__name__)
        for event in events:
            self._add("events", type(event).__name__)
            if isinstance(event, OrderRejected | CancelRejected):
                self._add("rejects", event.reason.value)
            elif isinstance(event, TradeExecuted):
                self._add("trades", event.symbol)

    def counting(self, reports: Reports) -> Reports:
        """The same messages of an event, counted by MsgType."""

        def counted(event: AnyEvent) -> Sequence[Outgoing]:
            made = reports(event)
            if event.event_seq > self._through:
                for report in made:
                    self._add("reports", report.text.partition("\x01")[0].removeprefix("35="))
            return made

        return counted

    def kind(self) -> type[Replay]:
        """The Replay that counts here."""
        counts = self

        class CountedReplay(Replay):
            """Counts each record that it executes."""

            def take_record(self, record: Record | CommandRecord) -> list[AnyEvent]:
                """See Replay."""
                events = super().take_record(record)
                counts.record(record.command, events)
                return events

        return CountedReplay

    def show(self, page: CountsPage, not_ready: str) -> None:
        """Show them, if that is due."""
        if page.is_due:
            page.show(not_ready, by=self.by)

    def _add(self, name: str, label: str) -> None:
        counts = self.by[name]
        counts[label] = counts.get(label, 0) + 1
