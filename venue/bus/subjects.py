"""Names on NATS: streams, and the subject of each event and of each drop copy (public interface).

May know nothing but the domain's placeholder for "no symbol". What comes from outside is never
longer than a name, nor holds a character that NATS would read as something else.
"""

import hashlib
import re
from functools import lru_cache

from venue.domain.events import NO_SYMBOL

STREAM = "VENUE_EVENTS"
ALL_EVENTS = "venue.events.>"
_SYMBOL = re.compile(r"[A-Z0-9-]{1,64}")
_MEMBER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@lru_cache(maxsize=1024)
def event_subject(event_type: str, symbol: str) -> str:
    """Subject of an event."""
    return f"venue.events.{event_type}.{symbol_token(symbol)}"


@lru_cache(maxsize=1024)
def drop_subject(member: str, symbol: str) -> str:
    """Subject of a member's drop copy."""
    return f"drop.{member_token(member)}.{symbol_token(symbol)}"


def drop_stream(member: str) -> str:
    """Stream that holds one member's drop copies, and nobody else's."""
    return f"DROP_{member_token(member)}"


def all_drop_copies(member: str) -> str:
    """Subjects of a member's drop copies."""
    return f"drop.{member_token(member)}.>"


def symbol_token(symbol: str) -> str:
    """A symbol in a subject or key; `_` stands for no symbol, and for what cannot be one.

    Members write what they like into Symbol(55), and a refusal repeats it: a blank would break
    NATS' protocol, a point or a wildcard make another subject, a page of text end the connection.
    """
    return symbol if _SYMBOL.fullmatch(symbol) else NO_SYMBOL


def member_token(member: str) -> str:
    """A member's name in a subject or stream; one that cannot be a name gets its digest instead, so
    that no two members share a stream."""
    if _MEMBER.fullmatch(member):
        return member
    return f"_{hashlib.blake2b(member.encode(), digest_size=16).hexdigest()}"
