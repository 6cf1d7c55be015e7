"""Journals made in this process by the real sequencer and engine, under the load client's orders.

For what needs a journal of a certain shape: so many events, segments and snapshots at given places.
"""

import random
import time
from pathlib import Path

from tests.faults.load import SESSIONS
from tests.faults.load_orders import OrderFlow
from venue.clock import trading_day
from venue.domain.commands import (
    AnyCommand,
    CancelOrder,
    EnterOrder,
    LogOn,
    MassCancel,
    ReplaceOrder,
    StartDay,
    StartVenue,
)
from venue.domain.outgoing import Delivered, Outgoing
from venue.engine.engine import Engine
from venue.fix.decode import decode
from venue.fix.encode import ReportEncoder
from venue.fix.fields import field_map
from venue.journal.durable import forget_position
from venue.journal.segment import EMPTY_JOURNAL
from venue.replay.snapshot import snapshot_of, write_snapshot
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SessionBook
from venue.sequencer.writer import JournalWriter

_EPOCH = 1
_GRACE_NS = 30_000_000_000


class _Port:
    """Sessions that only count, and keep what is sent until it is taken."""

    def __init__(self) -> None:
        self.incoming = dict.fromkeys(SESSIONS, 1)
        self.outgoing = dict.fromkeys(SESSIONS, 1)
        self.sent: list[Outgoing] = []

    def next_in(self, session: str) -> int:
        return self.incoming[session]

    def next_out(self, session: str) -> int:
        return self.outgoing[session]

    def reset(self, session: str) -> None:
        raise AssertionError(f"{session} is never reset")

    def send(self, message: Outgoing, sent_ns: int, *, again: bool = False) -> None:
        assert not again, "nothing is sent twice where nobody is away"
        self.outgoing[message.session] += 1
        self.sent.append(message)

    def flush(self) -> None:
        """All has left."""

    def end(self, session: str, text: str) -> None:
        raise AssertionError(f"{session} is never logged out: {text}")

    def caused(self, session: str, messages: int) -> None:
        """Nobody is put off here."""

    def delivered(self, session: str) -> Delivered:
        return Delivered(self.outgoing[session], ())


class BuiltJournal:
    """A journal that grows on demand; `seed`: the venue's configuration. `directory` exists."""

    def __init__(
        self, directory: Path, seed: list[AnyCommand], *, segment_bytes: int, name: str
    ) -> None:
        self._directory = directory
        self._draw = random.Random(name)
        self._flows = {session: OrderFlow(session, name) for session in SESSIONS}
        self._now_ns = time.time_ns()
        self._engine = Engine()
        self._book = SessionBook()
        self.port = _Port()
        self.writer = JournalWriter(directory, segment_bytes, EMPTY_JOURNAL)
        self._sequencer = Sequencer(
            self._engine,
            self.writer,
            ReportEncoder(),
            self.port,
            self._book,
            self._tick,
            _EPOCH,
            256,
        )
        day = StartDay(trading_day(self._now_ns))
        for command in (*seed, day, StartVenue(_EPOCH, _GRACE_NS)):
            self._sequencer.inbox.put(Input(None, 0, command=command))
        self._sequencer.drain()
        for session in SESSIONS:
            self._sequencer.commit_logon(LogOn(session, False, False), 1)
            self.port.incoming[session] += 1
            self.port.outgoing[session] += 1

    @property
    def event_seq(self) -> int:
        """Last event written."""
        return self.writer.next_event_seq - 1

    def add(self, events: int, frame_requests: int = 20) -> None:
        """Have the sessions trade until at least so many more events are written.

        frame_requests: how many requests share a frame.
        """
        end = self.event_seq + events
        while self.event_seq < end:
            for _ in range(frame_requests):
                self._request(self._draw.choice(SESSIONS))
            self._sequencer.drain()
            sent, self.port.sent = self.port.sent, []
            for message in sent:
                self._flows[message.session].take(field_map(message.text))

    def take_snapshot(self) -> Path:
        """Write a snapshot of the place where the journal ends now."""
        snapshot = snapshot_of(
            self._engine,
            self._book,
            self.writer.position,
            self._engine.state.timestamp_ns,
            _EPOCH,
            [],
            clean_stop=False,
        )
        return write_snapshot(self._directory, snapshot)

    def close(self) -> None:
        """Let go of the files; no position is left in shared memory, as after a reboot."""
        self.writer.close()
        forget_position(self._directory)

    def _tick(self) -> int:
        self._now_ns += 1_000
        return self._now_ns

    def _request(self, session: str) -> None:
        kind, body = self._flows[session].request()
        command = decode(session, "", field_map(f"35={kind}\x01{body}"))
        assert isinstance(command, EnterOrder | CancelOrder | ReplaceOrder | MassCancel)
        number = self.port.incoming[session]
        self.port.incoming[session] += 1
        self._sequencer.inbox.put(Input(session, number, command=command))
