"""Names on NATS: streams, and the subject of each event and of each drop copy (public interface).

May know nothing but the domain's placeholder for "no symbol".
"""

import re
from functools import lru_cache

from venue.domain.events import NO_SYMBOL

STREAM = "VENUE_EVENTS"
ALL_EVENTS = "venue.events.>"
_SYMBOL = re.compile(r"[A-Z0-9-]+")


@lru_cache(maxsize=1024)
def event_subject(event_type: str, symbol: str) -> str:
    """Subject of an event; `_` stands for no symbol, and for what cannot be one.

    Members write what they like into Symbol(55), and a refusal repeats it: a blank would break
    NATS' protocol, a point or a wildcard would make another subject.
    """
    return f"venue.events.{event_type}.{_token(symbol)}"


@lru_cache(maxsize=1024)
def drop_subject(member: str, symbol: str) -> str:
    """Subject of a member's drop copy; `_` as for events."""
    return f"drop.{member}.{_token(symbol)}"


def drop_stream(member: str) -> str:
    """Stream that holds one member's drop copies, and nobody else's."""
    return f"DROP_{member}"


def all_drop_copies(member: str) -> str:
    """Subjects of a member's drop copies."""
    return f"drop.{member}.>"


def _token(symbol: str) -> str:
    return symbol if _SYMBOL.fullmatch(symbol) else NO_SYMBOL
