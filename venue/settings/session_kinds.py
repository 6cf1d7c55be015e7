"""The kinds of FIX sessions: each has a process and a port of its own."""

from typing import Literal

SessionKind = Literal["trading", "marketdata", "dropcopy"]
GATEWAY_SUFFIX = "-API"
"""The trading session of a member's over which the gateway enters its orders: MEMBER-API."""
DATA_KINDS: tuple[SessionKind, ...] = ("marketdata", "dropcopy")
"""Kinds of sessions that enter no orders; each has a process and a section [fix_KIND]."""
