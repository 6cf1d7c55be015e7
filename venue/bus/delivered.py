"""An event as its consumers get it: bytes, and the object that they say, made once, when asked for.

Knows events and their JSON. Several consumers of one process may hold the same one.
"""

import re
from typing import NamedTuple, get_args

import msgspec

from venue.bus.halts import PoisonEvent
from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent, type_of

_HEAD = re.compile(rb'\{"type":"(\w+)","event_seq":(\d+),"timestamp_ns":(\d+)[,}]')
"""How the venue writes each event; one that begins otherwise has to be decoded."""


KNOWN_TYPES = frozenset(event.__name__ for event in get_args(AnyEvent))
"""Types of event that this version of the venue has; one of another type says what nobody knows."""


class Head(NamedTuple):
    """What every event has."""

    type: str
    event_seq: int
    timestamp_ns: int


class Delivered:
    """One event; payload is what the journal holds."""

    __slots__ = ("_event", "_head", "event_seq", "payload")

    def __init__(self, event_seq: int, payload: bytes) -> None:
        self.event_seq = event_seq
        self.payload = payload
        self._event: AnyEvent | None = None
        self._head: Head | None = None

    @property
    def event(self) -> AnyEvent:
        """The event, decoded at the first look. Raises PoisonEvent."""
        if self._event is None:
            try:
                event = decode_event(self.payload)
            except msgspec.MsgspecError as error:
                why = f"cannot be decoded: {error}"
                raise PoisonEvent(self.event_seq, why, self.payload) from error
            self._ensure_own(event.event_seq)
            self._event = event
        return self._event

    @property
    def head(self) -> Head:
        """Its first fields, read without decoding the rest. Raises PoisonEvent."""
        if self._head is None:
            self._head = self._read_head()
        return self._head

    def _read_head(self) -> Head:
        found = _HEAD.match(self.payload)
        if found is None:
            return Head(type_of(self.event), self.event_seq, self.event.timestamp_ns)
        self._ensure_own(int(found[2]))
        return Head(found[1].decode(), self.event_seq, int(found[3]))

    def _ensure_own(self, event_seq: int) -> None:
        if event_seq != self.event_seq:
            why = f"its payload says event_seq {event_seq}"
            raise PoisonEvent(self.event_seq, why, self.payload)
