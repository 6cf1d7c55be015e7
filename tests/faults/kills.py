"""What is to be killed, how often and where: the share of one round, drawn by a seed.

Pure. Every stop point of venue/fault_points.py belongs to some process here.
"""

import random
from collections.abc import Mapping
from typing import NamedTuple

TRADING, PUBLISHER, REPLICA = "trading", "publisher", "replica"
FOLLOWERS, CLEARING, AUDIT, DROPCOPY = "followers", "clearing", "audit", "dropcopy"
NOTIFIER = "notifier"
NATS, POSTGRES = "nats", "postgres"
_UNSYNCED = "between-write-and-fsync"
_COMMIT = ("before-consumer-commit", "after-consumer-commit")

POINTS: Mapping[str, tuple[str, ...]] = {
    TRADING: (
        "after-receive",
        "after-apply",
        "before-journal-write",
        _UNSYNCED,
        "after-fsync-before-send",
        "between-sends",
        "before-segment-preparation",
        "inside-recovery",
    ),
    PUBLISHER: ("after-publish-before-ack",),
    **dict.fromkeys((FOLLOWERS, CLEARING, AUDIT, DROPCOPY), _COMMIT),
    NOTIFIER: (*_COMMIT, "after-delivery-before-note"),
    REPLICA: ("inside-snapshot", "inside-compression"),
}
"""The stop points of each process; the sinks have theirs where they run apart."""

_MOST_PASSINGS = {
    "before-segment-preparation": 2,
    "inside-recovery": 200,
    "after-publish-before-ack": 60,
    "before-consumer-commit": 40,
    "after-consumer-commit": 40,
    "after-delivery-before-note": 1,
    "inside-snapshot": 2,
    "inside-compression": 4,
}
"""How often a point is passed in a second or two of load, or in one recovery; else so often:"""
_MOST_PASSINGS_UNDER_LOAD = 700
_FEW = 8


class Kill(NamedTuple):
    """point: where the process is to end itself, at that passing; None: it is ended from here.

    torn: what it had written and not synced is lost in part, as when power fails. clean: it is
    ended by SIGTERM instead.
    """

    point: str | None = None
    passing: int = 0
    torn: bool = False
    clean: bool = False

    @property
    def is_in_start(self) -> bool:
        """Whether the place is one that only a start passes."""
        return self.point == "inside-recovery"

    @property
    def label(self) -> str:
        """How the process ends, in words."""
        if self.clean:
            return "stopped by SIGTERM"
        return (
            f"at {self.point}{', its write torn' if self.torn else ''}" if self.point else "random"
        )


AT_RANDOM = Kill()
CLEAN_STOP = Kill(clean=True)


class Killed(NamedTuple):
    """A kill that was done. seconds: until what was killed had caught up; None: killed before."""

    name: str
    kill: Kill
    seconds: float | None

    @property
    def kind(self) -> str:
        """Row of the table of results."""
        return f"{self.name}, {self.kill.label}"


class Share(NamedTuple):
    """Kills of one round: by name at random, at each stop point, and clean stops of trading."""

    at_random: Mapping[str, int]
    each_point: int
    stops: int

    def kills_of(self, name: str, draw: random.Random) -> list[Kill]:
        """All kills of a process, in a random order."""
        kills = [AT_RANDOM] * self.at_random.get(name, 0)
        for point in POINTS.get(name, ()):
            for number in range(self.each_point):
                torn = point == _UNSYNCED and number % 2 == 1
                kills.append(Kill(point, _passing(point, draw), torn))
        if name == TRADING:
            kills += [CLEAN_STOP] * self.stops
        draw.shuffle(kills)
        return kills


def shares(at_random: Mapping[str, int], each_point: int, stops: int, rounds: int) -> list[Share]:
    """All kills divided among the rounds; nothing is lost by rounding."""

    def part(count: int, number: int) -> int:
        return count * (number + 1) // rounds - count * number // rounds

    return [
        Share(
            {name: part(count, number) for name, count in at_random.items()},
            part(each_point, number),
            part(stops, number),
        )
        for number in range(rounds)
    ]


def _passing(point: str, draw: random.Random) -> int:
    """A quarter of the kills come at the first passings, where a start is still going on."""
    most = _MOST_PASSINGS.get(point, _MOST_PASSINGS_UNDER_LOAD)
    return draw.randint(1, min(most, _FEW) if draw.random() < 0.25 else most)
