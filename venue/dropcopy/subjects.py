"""Names on NATS: the stream of all events and the subject of each (public interface).

May know nothing but the domain's placeholder for "no symbol".
"""

from venue.domain.events import NO_SYMBOL

STREAM = "VENUE_EVENTS"
ALL_EVENTS = "venue.events.>"


def event_subject(event_type: str, symbol: str) -> str:
    """Subject of an event; an event without a symbol gets `_` in its place."""
    return f"venue.events.{event_type}.{symbol or NO_SYMBOL}"
