"""Small events with gapless numbers, for the tests of the trail."""

from venue.audit.trail import AuditedEvent
from venue.domain.codec import encode
from venue.domain.events import FundsDeposited

NANOSECONDS = 1_700_000_000_000_000_000


def deposit(event_seq: int) -> FundsDeposited:
    return FundsDeposited(
        event_seq=event_seq,
        timestamp_ns=NANOSECONDS + event_seq,
        member="ALPHA",
        asset="USD",
        amount="100.50",
        operator="",
        reason='quoted "text" with , and {braces}',
    )


def audited(first: int, last: int) -> list[AuditedEvent]:
    """Events `first` to `last`, both included."""
    return [
        AuditedEvent(seq, NANOSECONDS + seq, encode(deposit(seq))) for seq in range(first, last + 1)
    ]
