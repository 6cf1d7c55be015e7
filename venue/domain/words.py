"""What commands and events in words have in common.

Pure text from decoded JSON; may raise KeyError and the like for another version's.
"""

from collections.abc import Callable, Mapping
from typing import Any

_ENVELOPE = frozenset({"type", "v", "event_seq", "timestamp_ns", "symbol"})

Payload = Mapping[str, Any]
Words = Callable[[Payload], str]


def scalars(payload: Payload) -> str:
    """All plain fields by name."""
    return "  ".join(
        f"{name} {value}"
        for name, value in payload.items()
        if name not in _ENVELOPE and isinstance(value, str | int) and value != ""
    )


def by_whom(payload: Payload) -> str:
    """Who did it and why, to go behind what was done."""
    by = f" by {payload['operator']}" if payload.get("operator") else ""
    return f"{by}: {payload['reason']}" if payload.get("reason") else by


def whose(payload: Payload) -> str:
    """The member, with its account where one is named."""
    account = payload.get("account")
    return f"{payload['member']}/{account}" if account else str(payload["member"])
