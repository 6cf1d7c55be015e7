"""The kinds of alerts that a member can have, and what a channel of his has to say to be told."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """`type` of an alert to a member."""

    FILL = "fill"
    ORDER_DONE = "order_done"
    REJECTS = "rejects"
    LIMIT_USE = "limit_use"
    DISCONNECT = "disconnect"
    CANCEL_ON_DISCONNECT = "cancel_on_disconnect"
    BUST = "bust"
    CORRECT = "correct"
    FAIL = "fail"
    SECRET = "secret"
    SESSION = "session"
    BLOCK = "block"
    RISK = "risk"


MEANINGS = {
    Kind.FILL: "a trade of his, as a confirmation: of a quantity or value that he chooses",
    Kind.ORDER_DONE: "an order that has traded is done: its confirmation, with totals",
    Kind.REJECTS: "so many refused requests within a minute",
    Kind.LIMIT_USE: "a limit, of him or of an account, is used to a percentage",
    Kind.DISCONNECT: "a session of his has ended",
    Kind.CANCEL_ON_DISCONNECT: "a session has ended and its orders are being canceled",
    Kind.BUST: "a trade of his is busted",
    Kind.CORRECT: "a trade of his is corrected",
    Kind.FAIL: "what he owes or is owed has failed to settle, or has ended in money",
    Kind.SECRET: "a password or key of a session has changed",
    Kind.SESSION: "a session was added, changed, logged out, disabled, enabled or reset",
    Kind.BLOCK: "entry is blocked or restored; his daily loss is at its limit; his KYC has changed",
    Kind.RISK: "the venue looks at his flow: order-to-trade ratio; his limits were changed",
}
UNASKED = frozenset(Kind) - {Kind.FILL, Kind.ORDER_DONE}
"""Kinds that a member is told of on NATS unless he has chosen others."""
REJECTS, LIMIT_PERCENT = 20, 80
LEAST_PERCENT, MOST_PERCENT = 50, 100
MOST_REJECTS = 10_000


class Interest(NamedTuple):
    """What anybody wants to be told: no alert is made for nobody. rejects: how many at a time."""

    kinds: frozenset[Kind]
    rejects: frozenset[int]


EVERYTHING = Interest(frozenset(Kind), frozenset({REJECTS}))
