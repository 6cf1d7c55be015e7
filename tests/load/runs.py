"""What the tests have a load client do."""

from tests.load.conftest import Measure
from tests.load.counterparty import Counterparty
from tests.load.test_flow import INSTRUMENT, TIME
from venue.load.flow import quote_of
from venue.load.mix import Mix
from venue.load.outcome import Outcome
from venue.load.task import Plan, Run, Task

LONG = 60.0
"""Seconds that no run here takes to its end."""


def task(
    counterparty: Counterparty,
    sessions: int = 2,
    mix: Mix | None = None,
    answer_seconds: float = 30,
) -> Task:
    plan = Plan(mix or Mix(100, 0, 0), [quote_of(INSTRUMENT)], 7, "run-", TIME)
    logins = [(f"LOAD{number}", "secret") for number in range(sessions)]
    return Task(counterparty.address, logins, plan, answer_seconds)


def open_loop(
    measure: Measure, to: Task, rate: int, seconds: float, warm_up: float = 0.0
) -> Outcome:
    [outcome] = measure(to, [Run(rate, None, seconds, warm_up)])
    return outcome


def closed_loop(measure: Measure, to: Task, in_flight: int, seconds: float) -> Outcome:
    [outcome] = measure(to, [Run(None, in_flight, seconds, 0.0)])
    return outcome
