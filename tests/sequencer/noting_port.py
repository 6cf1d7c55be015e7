"""FIX sessions that only take notes: their numbers, what was sent, and what has arrived of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from venue.domain.outgoing import Delivered, Kept, Outgoing
from venue.journal.durable import read_position


class Sent(NamedTuple):
    """One message under its number, and what was durable at that moment.

    again: with PossResend. left: whether it went out over a connection.
    """

    session: str
    number: int
    text: str
    again: bool
    sent_ns: int
    left: bool
    durable_event_seq: int

    @property
    def tags(self) -> dict[str, str]:
        """Fields of the message."""
        return dict(part.split("=", 1) for part in self.text.rstrip("\x01").split("\x01"))


@dataclass
class NotingPort:
    """Sessions' numbers as the edge counts them, and everything sent, in order.

    A client's machine confirms at once what is sent to it, unless its session is `silent`.
    unconfirmed: numbers sent over the connection since, oldest first. is_killed: what is on disk
    by now gets no further.
    """

    journal: Path
    incoming: dict[str, int] = field(default_factory=dict)
    outgoing: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    stored: dict[str, dict[int, Kept]] = field(default_factory=dict)
    ended: list[tuple[str, str]] = field(default_factory=list)
    connected: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    unconfirmed: dict[str, list[int]] = field(default_factory=dict)
    read: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    last_words: dict[str, Delivered] = field(default_factory=dict)
    dear: dict[str, int] = field(default_factory=dict)
    is_killed: bool = False
    unflushed: int = 0
    flushes: int = 0

    def next_in(self, session: str) -> int:
        """MsgSeqNum expected next."""
        return self.incoming.get(session, 1)

    def next_out(self, session: str) -> int:
        """MsgSeqNum sent next."""
        return self.outgoing.get(session, 1)

    def reset(self, session: str) -> None:
        """Numbers begin at 1 again; nothing is stored under them."""
        self.incoming[session] = self.outgoing[session] = 1
        self.stored[session] = {}

    def end(self, session: str, text: str) -> None:
        """Note that a session is to be logged out."""
        self.ended.append((session, text))

    def send(self, message: Outgoing, sent_ns: int, *, again: bool = False) -> None:
        """Note a message under the next number."""
        session, number = message.session, self.next_out(message.session)
        durable = read_position(self.journal)[0]
        left = session in self.connected and not self.is_killed
        self.sent.append(Sent(session, number, message.text, again, sent_ns, left, durable))
        kept = Kept(message.text, sent_ns, message.route, again)
        self.stored.setdefault(session, {})[number] = kept
        self.outgoing[session] = number + 1
        self.unflushed += 1
        if left and session in self.silent:
            self.unconfirmed[session].append(number)

    def flush(self) -> None:
        """Note that what was sent goes."""
        self.unflushed = 0
        self.flushes += 1

    def caused(self, session: str, messages: int) -> None:
        """Note it; nobody is put off here."""
        self.dear[session] = self.dear.get(session, 0) + messages

    def delivered(self, session: str) -> Delivered:
        """By now, or at the end of the last connection."""
        if session not in self.connected:
            return self.last_words.get(session, Delivered(0, ()))
        waiting = self.unconfirmed[session]
        first = waiting[0] if waiting else self.next_out(session)
        return Delivered(first, tuple(self.read[session]))

    def attach(self, session: str) -> None:
        """A connection begins."""
        self.connected.add(session)
        self.unconfirmed[session], self.read[session] = [], []

    def detach(self, session: str) -> None:
        """The connection ends, with what is confirmed by now."""
        self.last_words[session] = self.delivered(session)
        self.connected.discard(session)

    def confirm(self, session: str, count: int) -> list[int]:
        """The client's machine has the oldest `count` of what waits; their numbers."""
        waiting = self.unconfirmed[session]
        confirmed, self.unconfirmed[session] = waiting[:count], waiting[count:]
        return confirmed

    def count_in(self, session: str) -> int:
        """Count a message from the counterparty; its number."""
        number = self.next_in(session)
        self.incoming[session] = number + 1
        return number

    def send_admin(self, session: str) -> None:
        """Count a session message of the venue, such as a Heartbeat."""
        self.outgoing[session] = self.next_out(session) + 1

    def take(self) -> list[Sent]:
        """What was sent since the last call."""
        assert not self.unflushed, "what is sent leaves before anything else is done"
        sent, self.sent = self.sent, []
        return sent
