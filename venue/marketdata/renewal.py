"""Finds when the books are complete again after events were lost. Pure."""

from venue.domain.events import AnyEvent, DayStarted, OrderRestated
from venue.domain.types import ExecRestatementReason

RENEWAL_NS = 1_000_000_000


class Renewal:
    """Watches for the end of the restatements at the start of a day.

    A new day restates every order that goes on, in slices without a pause. A second of the venue's
    time without a restatement means that all orders have been restated.
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None

    def apply(self, event: AnyEvent) -> bool:
        """Take in the next event. Returns whether all orders were restated before it."""
        renewed = isinstance(event, OrderRestated) and (
            event.restatement_reason == ExecRestatementReason.GT_RENEWAL
        )
        if isinstance(event, DayStarted) or (renewed and self._last_ns is not None):
            self._last_ns = event.timestamp_ns
        return self._last_ns is not None and event.timestamp_ns >= self._last_ns + RENEWAL_NS
