"""What is to be sent, to whom and how fast, as plain data; the error that says why not."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from venue.load.flow import Flow, Quote
from venue.load.mix import Mix


class LoadError(Exception):
    """The load cannot begin, or cannot go on; the text is the one line that says why."""


class Plan(NamedTuple):
    """What all sessions send. prefix: tells this run's ClOrdIDs from those of earlier ones."""

    mix: Mix
    quotes: Sequence[Quote]
    seed: int
    prefix: str
    transact_time: str

    def random(self, number: int) -> Random:
        """Where the chance of session `number` comes from."""
        return Random(f"{self.seed}/{number}")

    def flow(self, number: int) -> Flow:
        """What session `number` sends."""
        random = self.random(number).random
        return Flow(self.mix, self.quotes, random, self.prefix, self.transact_time)


class Task(NamedTuple):
    """A venue's FIX address, CompID and password of each session, and what they send.

    answer_seconds: how long unanswered messages are waited for when a run is over.
    heartbeat_seconds: HeartBtInt(108).
    """

    address: tuple[str, int]
    logins: Sequence[tuple[str, str]]
    plan: Plan
    answer_seconds: float = 30.0
    heartbeat_seconds: int = 30


class Run(NamedTuple):
    """Open loop at `rate` messages/s in all, or closed loop with `in_flight` of each session."""

    rate: int | None
    in_flight: int | None
    seconds: float
    warm_up: float
