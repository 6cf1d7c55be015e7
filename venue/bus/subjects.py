"""Names on NATS: streams, and the subject of each event and of each drop copy (public interface).

May know nothing but the domain's placeholder for "no symbol". A text from outside becomes part of a
name only if it is short and has no character that means something to NATS.
"""

import hashlib
import re
from functools import lru_cache

from venue.domain.events import NO_SYMBOL

STREAM = "VENUE_EVENTS"
LAST_VALUES = "md_last"
"""Bucket of the last values of market data."""
PUBLIC_TRADES = "MD_TRADES"
"""Stream of the public trades."""
ALL_SNAPSHOTS = "snapshot.*"
"""Where readers ask for snapshots of books: outside md.>, or each reader would hear them all."""
DROP_STREAMS = "DROP_"
"""How the names of the members' streams begin."""
LEDGER = "LEDGER"
"""Stream of the members' wallet events, all members in one."""
ALL_WALLETS = "ledger.>"
ALL_EVENTS = "venue.events.>"
INBOXES = "_INBOX"
ALL_INBOXES = f"{INBOXES}.>"
ACCOUNT_REPLIES = "_R_"
"""How NATS calls, in the venue's account, where an answer to somebody in another account goes. No
client may name such a subject as its own reply subject."""
ALL_ACCOUNT_REPLIES = f"{ACCOUNT_REPLIES}.>"
ALERTS = "ALERTS"
"""Stream of all alerts, the operator's and the members'."""
ALL_ALERTS = "alert.>"
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


def funds_subject(member: str) -> str:
    """Subject of movements of a member's funds: no symbol can be called so."""
    return f"drop.{member_token(member)}._funds"


def wallet_subject(member: str, kind: str) -> str:
    """Subject of a member's wallet event."""
    return f"ledger.{member_token(member)}.{kind}"


def all_wallet_events(member: str) -> str:
    """Subjects of a member's wallet events."""
    return f"ledger.{member_token(member)}.>"


def snapshot_subject(symbol: str) -> str:
    """Where a symbol's snapshot is asked for; NO_SYMBOL: the list of symbols."""
    return f"snapshot.{symbol_token(symbol)}"


def alert_subject(member: str) -> str:
    """Subject of a member's alerts; member empty: of the operator's."""
    return f"alert.{member_token(member) if member else NO_SYMBOL}"


def inbox_prefix(user: str) -> str:
    """How the inboxes of a login begin: nobody else may subscribe to them. Empty: any login's."""
    return f"{INBOXES}.{user}" if user else INBOXES


def meets(subject: str, other: str) -> bool:
    """Whether a message can have a subject that both fit; each may have the wildcards * and >."""
    mine, theirs = subject.split("."), other.split(".")
    for one, another in zip(mine, theirs, strict=False):
        if ">" in (one, another):
            return True
        if "*" not in (one, another) and one != another:
            return False
    return len(mine) == len(theirs)


def drop_stream(member: str) -> str:
    """Stream that holds one member's drop copies, and nobody else's."""
    return f"{DROP_STREAMS}{member_token(member)}"


def all_drop_copies(member: str) -> str:
    """Subjects of a member's drop copies."""
    return f"drop.{member_token(member)}.>"


def symbol_token(symbol: str) -> str:
    """A symbol in a subject or key; `_` stands for no symbol, and for a text that cannot be one.

    Symbol(55) of a refused order is whatever the member wrote. A blank in it would break NATS'
    protocol, a point or wildcard would make another subject, a long text would end the connection.
    """
    return symbol if _SYMBOL.fullmatch(symbol) else NO_SYMBOL


def member_token(member: str) -> str:
    """A member's name in a subject or stream. A name that NATS cannot take is replaced by its
    digest, so that no two members share a stream; so is `_`, which stands for no member."""
    if _MEMBER.fullmatch(member) and member != NO_SYMBOL:
        return member
    return f"_{hashlib.blake2b(member.encode(), digest_size=16).hexdigest()}"
