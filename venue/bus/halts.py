"""The reasons why a consumer does not go on: for good, until its store is back, and others.

A consumer and its `apply` raise them. Knows positions only.
"""

from venue.bus.position_file import Position


class ConsumerHalted(Exception):
    """The consumer stops in front of `event_seq` until an operator has mended the cause.

    `apply` may raise it when its store is damaged. payload: the event's bytes, where known.
    """

    def __init__(self, event_seq: int, detail: str, payload: bytes = b"") -> None:
        self.event_seq = event_seq
        self.payload = payload
        super().__init__(detail)


class PoisonEvent(ConsumerHalted):
    """An event that cannot be decoded or applied."""

    def __init__(self, event_seq: int, detail: str, payload: bytes) -> None:
        super().__init__(event_seq, f"event {event_seq}: {detail}", payload)


class EventsLost(ConsumerHalted):
    """The next events are neither in the stream nor in the journal any more."""


class PositionMoved(Exception):
    """Raised by `apply`: its store is at another position than expected; go on from there."""

    def __init__(self, position: Position) -> None:
        self.position = position
        super().__init__(f"the consumer's store is at event {position.event_seq}")


class StoreAway(Exception):
    """Raised by `apply`: its store cannot be reached now, and nothing was applied."""


class EventsMissing(Exception):
    """The stream does not have the next events now; they may still come."""
