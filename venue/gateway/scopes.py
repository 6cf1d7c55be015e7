"""What a token may be used for (RFC 6749, 3.3). Pure."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """READ: see what is the member's. TRADE: orders. WITHDRAW: ask for withdrawals. OPERATE: keys
    and users of the member."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"
    OPERATE = "operate"


def scopes_of(text: str) -> frozenset[Scope]:
    """Scopes of a text with blanks between them. Raises ValueError for one that is none."""
    return frozenset(Scope(word) for word in text.split())


def text_of(scopes: Iterable[Scope]) -> str:
    """The text, in a fixed order."""
    return " ".join(sorted(scopes))


def narrowed(wanted: str, allowed: frozenset[Scope]) -> frozenset[Scope]:
    """What is given to who asks for these: all that are allowed where nothing is said.

    Raises ValueError for a scope that is none, or is not allowed.
    """
    if not wanted.strip():
        return allowed
    scopes = scopes_of(wanted)
    if not scopes <= allowed:
        raise ValueError(f"not allowed: {text_of(scopes - allowed)}")
    return scopes
