"""Values that differ from one run to the next, and what stands for them in a scenario.

An id is {NAME.n}: the same value wherever it stands. A time that a client sends is {now}, {now+S}
in seconds, or {today+D} in days; one that the venue sends is *, which is anything.
"""

import re
from datetime import UTC, datetime, timedelta

from venue.fix.names import Names

ANYTHING = "*"
CLIENT_IDS = frozenset(
    {11, 41, 66, 117, 131, 262, 320, 324, 335, 379, 526, 568, 583, 584, 710, 790, 923}
)
"""ClOrdIDs and ids of requests: all chosen by the client, so that they are one space of names."""
VENUE_IDS = {37: 37, 198: 37, 17: 17, 19: 17, 527: 527, 571: 571, 572: 571, 721: 721, 880: 527}
"""Ids that the venue chooses, with the tag that names their space."""
_NO_IDS = frozenset({"NONE", "0"})
"""What stands in an id's place where there is none."""
_VOLATILE = frozenset({45, 369})
"""RefSeqNum, LastMsgSeqNumProcessed."""
_TIME, _DATE = "%Y%m%d-%H:%M:%S", "%Y%m%d"
_TIMES = ("UTCTIMESTAMP",)
_DATES = ("LOCALMKTDATE", "UTCDATEONLY", "UTCDATE")
_SAME_TIME_SECONDS = 2
_NAMED_ID = re.compile(r"\b(\d{1,5})=([^\s,;]+)")
_PLACEHOLDER = re.compile(r"\{([\w.]+)\}")
_CLOCK = re.compile(r"\{(now|today)(?:\+(\d+))?\}")
TEXT = 58


class Recorded:
    """Gives ids their names, while a session is recorded."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[int, str], str] = {}
        self._counts: dict[int, int] = {}

    def sent(self, tag: int, value: str, sent_at: datetime) -> str:
        """What stands for a value that a client has sent then."""
        if tag in CLIENT_IDS:
            return self._named(tag, value)
        if tag in VENUE_IDS:
            return self._known.get(_space(tag, value), value)
        kind = self._names.type(tag)
        if kind in _TIMES and (time := _parsed(value[:17], _TIME)) is not None:
            seconds = round((time - sent_at).total_seconds())
            return "{now}" if abs(seconds) <= _SAME_TIME_SECONDS else _ahead("now", seconds, value)
        if kind in _DATES and (day := _parsed(value, _DATE)) is not None:
            return _ahead("today", (day.date() - sent_at.date()).days, value)
        return value

    def answered(self, tag: int, value: str) -> str:
        """What stands for a value that the venue has sent."""
        if tag in _VOLATILE or self._names.type(tag) in (*_TIMES, *_DATES):
            return ANYTHING
        if (tag in CLIENT_IDS or tag in VENUE_IDS) and value not in _NO_IDS:
            return self._named(tag, value)
        return _NAMED_ID.sub(self._in_text, value) if tag == TEXT else value

    def _named(self, tag: int, value: str) -> str:
        space = _space(tag, value)
        if space not in self._known:
            count = self._counts.get(space[0], 0) + 1
            self._counts[space[0]] = count
            self._known[space] = f"{{{self._names.field(space[0])}.{count}}}"
        return self._known[space]

    def _in_text(self, found: re.Match[str]) -> str:
        known = self._known.get(_space(int(found[1]), found[2]))
        return found[0] if known is None else f"{found[1]}={known}"


class Played:
    """What the names stand for, while a scenario is played. run_id begins the ids of clients."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._bound: dict[str, str] = {}
        self._values: dict[tuple[str, str], str] = {}

    def to_send(self, tag: int, value: str, now: datetime) -> str:
        """The value that a client sends; an id that was not met yet is a new one.

        Raises KeyError for an id of the venue's that has not come.
        """
        if clock := _CLOCK.fullmatch(value):
            ahead = int(clock[2] or 0)
            if clock[1] == "today":
                return (now + timedelta(days=ahead)).strftime(_DATE)
            return (now + timedelta(seconds=ahead)).strftime(f"{_TIME}.%f")[:-3]
        name = _PLACEHOLDER.fullmatch(value)
        if name is not None and tag in CLIENT_IDS and name[1] not in self._bound:
            self._bind(name[1], f"{self._run_id}-{len(self._bound) + 1}")
        return _PLACEHOLDER.sub(lambda found: self._bound[found[1]], value)

    def expected(self, value: str, came: str) -> str | None:
        """None if what came is what a value asks for, else what should have come.

        A name that was not met yet is bound to what came, unless another has that value already.
        """
        if value in (ANYTHING, came):
            return None
        name = _PLACEHOLDER.fullmatch(value)
        if name is not None and name[1] not in self._bound:
            other = self._values.get((_kind(name[1]), came))
            if other is not None:
                return f"another than {{{other}}}"
            self._bind(name[1], came)
            return None
        wanted = _PLACEHOLDER.sub(lambda found: self._bound.get(found[1], found[0]), value)
        return None if wanted == came else wanted

    def _bind(self, name: str, value: str) -> None:
        self._bound[name] = value
        self._values[_kind(name), value] = name


def _space(tag: int, value: str) -> tuple[int, str]:
    return (11 if tag in CLIENT_IDS else VENUE_IDS.get(tag, tag), value)


def _kind(name: str) -> str:
    return name.rpartition(".")[0]


def _ahead(word: str, count: int, value: str) -> str:
    """So far ahead; a moment of the past is kept as it is, for it will be past again."""
    if count < 0:
        return value
    return f"{{{word}+{count}}}" if count else f"{{{word}}}"


def _parsed(text: str, layout: str) -> datetime | None:
    try:
        return datetime.strptime(text, layout).replace(tzinfo=UTC)
    except ValueError:
        return None
