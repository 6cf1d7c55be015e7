"""A day for the tests of drop copies over FIX: its journal, a wire without a socket, a client."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from tests.dropcopy.copies import busy_events
from tests.dropcopy.events import append_batch
from tests.fix_message import Message
from venue.domain.events import AnyEvent
from venue.domain.outgoing import Kept, Outgoing
from venue.fix.frame import Frame
from venue.fix.sender import framed
from venue.fixdc.copies import Copy, copies_of
from venue.fixdc.core import DropCopies
from venue.fixdc.listener import Terms
from venue.fixdc.sources import Sources
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.writer import JournalWriter

EVENTS = busy_events(seed=5, commands=250)
LISTENER = "ALPHA-DC"
OF_ALPHA = Terms(Sources(frozenset({"ALPHA"})), venue_dialect=True)


class Journal:
    """A real journal below `directory`, which is written as far as a test wants."""

    def __init__(self, directory: Path, events: Iterable[AnyEvent] = EVENTS) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._events = list(events)
        self._writer = JournalWriter(directory, 1 << 20, EMPTY_JOURNAL)
        self._written = 0

    def write(self, count: int | None = None) -> None:
        """Write events up to number `count`; all."""
        until = len(self._events) if count is None else count
        for start in range(self._written, until, 20):
            append_batch(self._writer, self._events[start : min(start + 20, until)])
        self._written = max(self._written, until)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()


class Sent(NamedTuple):
    """A message on the wire."""

    number: int
    message: Outgoing
    again: bool
    sent_ns: int

    @property
    def fields(self) -> Message:
        return Message(self.message.text.encode())


class FakeWire:
    """Numbers messages as the edge does, and keeps those of each session's connection."""

    def __init__(self) -> None:
        self.out: dict[str, list[Sent]] = {}
        self.on: set[str] = set()
        self.next_out: dict[str, int] = {}
        self.unread = 0
        self.full_disk = False

    def put(self, message: Outgoing, *, again: bool = False, sent_ns: int | None = None) -> int:
        if self.full_disk:
            raise OSError("no space left on device")
        session = message.session
        number = self.next_out.get(session, 1)
        self.next_out[session] = number + 1
        if session in self.on:
            self.out.setdefault(session, []).append(Sent(number, message, again, sent_ns or 0))
        return number

    def unread_bytes(self, session: str) -> int:
        return self.unread

    def is_on(self, session: str) -> bool:
        return session in self.on


class Client:
    """Listens; whatever it has read it has for ever. Answers TestRequests it has come to."""

    def __init__(self, session: str = LISTENER) -> None:
        self.session = session
        self.read: list[Sent] = []

    def log_on(self, core: DropCopies, wire: FakeWire, *, reset: bool = False) -> None:
        wire.on.add(self.session)
        wire.out[self.session] = []
        if reset:
            wire.next_out[self.session] = 1
        core.logged_on(self.session, reset=reset)

    def log_out(self, core: DropCopies, wire: FakeWire) -> None:
        wire.on.discard(self.session)
        core.logged_out(self.session)

    def listen(self, core: DropCopies, wire: FakeWire, most: int | None = None) -> int:
        """Read until nothing more comes, or `most` messages. Returns how many were read."""
        count = 0
        while True:
            while core.go_on():
                pass
            waiting = wire.out[self.session]
            if not waiting:
                return count
            while waiting:
                if count == most:
                    return count
                sent = waiting.pop(0)
                count += 1
                self.read.append(sent)
                if sent.fields.msg_type == "1":
                    core.tested(self.session, sent.fields[112])

    @property
    def reports(self) -> list[Sent]:
        """The ExecutionReports that it has read."""
        return [sent for sent in self.read if sent.fields.msg_type == "8"]

    @property
    def exec_ids(self) -> list[str]:
        """Their ExecIDs, each once, as they first came."""
        return list(dict.fromkeys(sent.fields[17] for sent in self.reports))

    @property
    def last(self) -> Message:
        return self.read[-1].fields


def copies(events: Iterable[AnyEvent] = EVENTS, terms: Terms = OF_ALPHA) -> list[Copy]:
    """What a listener is told of these events."""
    return [c for event in events for c in copies_of(event) if terms.sources.wants(c)]


def exec_ids(events: Iterable[AnyEvent] = EVENTS, terms: Terms = OF_ALPHA) -> list[str]:
    """ExecIDs of what a listener is told."""
    return [copy.exec_id for copy in copies(events, terms)]


@contextmanager
def listening(
    place: Path, wire: FakeWire, journal: Journal, terms: Terms = OF_ALPHA
) -> Iterator[DropCopies]:
    """The listeners of a process that starts now and stops cleanly."""
    core = DropCopies(place / "places.json", journal.directory, wire)
    core.configure({LISTENER: terms})
    yield core
    core.close()


@contextmanager
def killed(
    place: Path, wire: FakeWire, journal: Journal, terms: Terms = OF_ALPHA
) -> Iterator[DropCopies]:
    """The listeners of a process that starts now, and ends without another word."""
    wire.on.clear()
    wire.out.clear()
    core = DropCopies(place / "places.json", journal.directory, wire)
    core.configure({LISTENER: terms})
    yield core
    setattr(core, "keep", lambda **_: None)  # noqa: B010  # whatever was not kept by now is lost
    core.close()


def ask(core: DropCopies, msg_type: str, *fields: tuple[int, str]) -> None:
    """Have the listener send a request."""
    body = "".join(f"{tag}={value}\x01" for tag, value in fields)
    header = f"34=7\x0149={LISTENER}\x0152=20260101-00:00:00\x0156=VENUE\x01"
    raw = framed(f"35={msg_type}\x01{header}{body}")
    frame = Frame(raw)
    assert frame.fault is None
    core.received(LISTENER, 7, frame)


def resent(core: DropCopies, begin: int, end: int) -> dict[int, Kept]:
    """What a ResendRequest gets, by MsgSeqNum."""
    return dict(filter(None, core.messages_between(LISTENER, begin, end)))
