"""What events, market data and commands in words have in common.

Pure text from decoded JSON.
"""

from collections.abc import Mapping
from typing import Any

SIDES = {"1": "buy", "2": "sell", "5": "sell short"}
_ENVELOPE = frozenset({"type", "v", "event_seq", "timestamp_ns", "symbol"})

Payload = Mapping[str, Any]


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
