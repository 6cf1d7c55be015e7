"""When books are complete again, of whose orders the first events are lost."""

from venue.domain.events import AnyEvent, DayStarted, OrderRestated
from venue.domain.types import ExecRestatementReason

RENEWAL_NS = 1_000_000_000


class Renewal:
    """Waits until the books are complete again, when the events before some place are lost.

    At the start of a day every order that goes on is restated, in slices that follow one another
    at once: a second of the venue's time without one means that all have been.
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None

    def is_over(self, event: AnyEvent) -> bool:
        """Whether all orders are known with this event."""
        renewed = isinstance(event, OrderRestated) and (
            event.restatement_reason == ExecRestatementReason.GT_RENEWAL
        )
        if isinstance(event, DayStarted) or (renewed and self._last_ns is not None):
            self._last_ns = event.timestamp_ns
        return self._last_ns is not None and event.timestamp_ns >= self._last_ns + RENEWAL_NS
