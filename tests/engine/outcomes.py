"""What came of a command in a word or a line: for tests that ask why, not for the whole event."""

from venue.domain import events as e

Refused = e.OrderRejected | e.CancelRejected


def why(events: list[e.AnyEvent]) -> str | None:
    """Code and detail of the refusal of an order or request; None where there is none."""
    refusals = [event for event in events if isinstance(event, Refused)]
    return f"{refusals[0].reason} {refusals[0].detail}" if refusals else None


def code(events: list[e.AnyEvent]) -> str | None:
    """Machine code of the refusal alone."""
    text = why(events)
    return None if text is None else text.partition(" ")[0]


def refusal(events: list[e.AnyEvent]) -> str | None:
    """Why the operator's command changed nothing; None where it did something."""
    for event in events:
        if isinstance(event, e.CommandRefused):
            assert len(events) == 1 and "\n" not in event.detail
            return event.detail
    return None


def ended(events: list[e.AnyEvent]) -> list[tuple[str, str | None, str | None]]:
    """OrderID, ExecRestatementReason(378) and Text(58) of each cancellation nobody asked for."""
    return [
        (event.order.terms.order_id, event.restatement_reason, event.text)
        for event in events
        if isinstance(event, e.OrderCanceled) and event.orig_cl_ord_id is None
    ]


def kinds(events: list[e.AnyEvent]) -> list[str]:
    """Names of the events."""
    return [type(event).__name__ for event in events]
