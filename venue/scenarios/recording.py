"""A scenario from the messages of sessions, as a venue or a simulator has logged them. Pure.

Kept are Logon, Logout, session Rejects and what the application says; not what only keeps a
session going, nor what was sent again.
"""

import heapq
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from venue.fix.names import Names
from venue.fix_text import FoundMessage
from venue.scenarios.placeholders import Recorded
from venue.scenarios.scenario import Field, Said

UPKEEP = frozenset("0124")
"""MsgTypes that keep a session going: Heartbeat, TestRequest, ResendRequest, SequenceReset."""
NOT_KEPT = frozenset({8, 9, 10, 34, 35, 43, 49, 52, 56, 122, 141, 789, 95, 96, 553, 554, 925})
"""Frame, parties, numbers and times of the header; who logs on, and every secret."""
_AGAIN = (43, 97)
"""PossDupFlag and PossResend."""


class Logged(NamedTuple):
    """A message of a session. at: when it was logged, as text that sorts."""

    at: str
    session: str
    is_sent: bool
    message: FoundMessage


def logged(session: str, messages: Iterable[FoundMessage], logons: int) -> list[Logged]:
    """A session's messages from its last so many Logons on; all of them if it had fewer."""
    found: list[Logged] = []
    for message in messages:
        at, _, way = message.before.rpartition(" ")
        if way in ("in", "out"):
            found.append(Logged(at, session, way == "in", message))
    starts = [
        place for place, each in enumerate(found) if each.is_sent and each.message.value(35) == "A"
    ]
    return found[starts[-logons:][0] :] if starts else found


def recorded(sessions: Mapping[str, list[Logged]], names: Names) -> list[Said]:
    """What these sessions and the venue have said, in the order in which it was logged."""
    every = heapq.merge(*sessions.values(), key=lambda each: each.at)  # each keeps its own order
    keeper = Recorded(names)
    return [
        Said(each.session, each.is_sent, each.message.value(35), _fields(each, keeper))
        for each in every
        if is_kept(each.message.value(35), each.message.fields, is_sent=each.is_sent)
    ]


def is_kept(msg_type: str, fields: Iterable[Field], *, is_sent: bool) -> bool:
    """Whether a message is part of a scenario. An order with 97=Y is: its client meant it."""
    again = _AGAIN[:1] if is_sent else _AGAIN
    return msg_type not in UPKEEP and not any(f == (tag, "Y") for f in fields for tag in again)


def _fields(each: Logged, keeper: Recorded) -> list[Field]:
    kept = [field for field in each.message.fields if field[0] not in NOT_KEPT]
    if each.is_sent:
        at = datetime.fromisoformat(each.at).astimezone(UTC)
        return [(tag, keeper.sent(tag, value, at)) for tag, value in kept]
    return [(tag, keeper.answered(tag, value)) for tag, value in kept]
