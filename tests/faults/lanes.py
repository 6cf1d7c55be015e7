"""One lane for each thing that is killed: start, wait, kill, wait until it is back, again.

A lane is a generator that yields whenever it waits; round.py takes all of them forward in turn.
"""

import random
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

from tests.faults.kills import AT_RANDOM, CLEARING, NATS, PUBLISHER, TRADING, Kill, Killed
from tests.faults.load import LoadStatus
from tests.faults.positions import Positions
from tests.faults.power import tear_last_write
from tests.faults.processes import Death, Deployment, VenueProcess

BACK_SECONDS = 180.0
"""How long anything may take to be back in service, or to reach a stop point, on a busy machine."""

_PATIENT_SHARE = 0.8
_LONGEST_SERVICE_SECONDS = 1.2
_LONGEST_START_SECONDS = 1.0

Lane = Iterator[None]
IsBack = Callable[[], bool]


class NotBack(Exception):
    """Something did not come back, or an armed fault point was never reached."""


class Surroundings(Protocol):
    """What a lane sees of its round. ends_ns: of trading, from when to when, whether cleanly."""

    positions: Positions
    killed: list[Killed]
    ends_ns: list[tuple[int, int, bool]]

    @property
    def status(self) -> LoadStatus:
        """The load client's last word."""


def process_lane(
    around: Surroundings,
    deployment: Deployment,
    name: str,
    kills: Sequence[Kill],
    draw: random.Random,
    seconds: float,
) -> Lane:
    """Kill a process again and again, at times spread over `seconds`; leave it in service.

    Some kills do not wait until it is back from the one before.
    """
    process = deployment.processes[name]
    began = time.monotonic()
    times = deque(sorted(began + draw.random() * seconds for _ in kills))
    due = deque(kills)
    last: tuple[Kill, float] | None = None
    while True:
        kill = due.popleft() if due else None
        is_back = _condition(around, name)
        process.start(kill or AT_RANDOM)
        at = times.popleft() if times else 0.0
        death, back_at = yield from _life(process, kill, is_back, at, draw)
        if last is not None:
            seconds_away = None if back_at is None else back_at - last[1]
            around.killed.append(Killed(name, last[0], seconds_away))
        if death is None or kill is None:
            return
        done = kill
        if death.point != kill.point:  # there was less to recover than so many passings
            due.appendleft(kill._replace(passing=max(1, kill.passing // 2)))
            done = AT_RANDOM
        if done.torn:
            tear_last_write(deployment.journal, draw)
        if name == TRADING:
            around.ends_ns.append((int(death.asked_at * 1e9), int(death.at * 1e9), done.clean))
        last = (done, death.at)


def server_lane(
    around: Surroundings,
    deployment: Deployment,
    name: str,
    count: int,
    draw: random.Random,
    seconds: float,
) -> Lane:
    """Kill nats-server or PostgreSQL at times spread over `seconds`; back when its user is."""
    began = time.monotonic()
    for at in sorted(draw.random() * seconds for _ in range(count)):
        while time.monotonic() < began + at:
            yield
        killed_at = time.monotonic()
        is_back = _condition(around, PUBLISHER if name == NATS else CLEARING)
        deployment.kill_server(name)
        patient = draw.random() < _PATIENT_SHARE
        give_up = killed_at + (BACK_SECONDS if patient else draw.random())
        back_at = None
        while back_at is None and time.monotonic() < give_up:
            yield
            back_at = time.monotonic() if is_back() else None
        if back_at is None and patient:
            raise NotBack(f"{name} was not back in service after {BACK_SECONDS:g} s")
        seconds_away = None if back_at is None else back_at - killed_at
        around.killed.append(Killed(name, AT_RANDOM, seconds_away))


def _condition(around: Surroundings, name: str) -> IsBack:
    """Back in service: of trading a new request answered, of others an event newer than now."""
    if name == TRADING:
        begun_ns = time.monotonic_ns()
        return lambda: around.status.served_ns > begun_ns
    end = around.positions.journal()
    return lambda: around.positions.of(name) > end


def _life(
    process: VenueProcess, kill: Kill | None, is_back: IsBack, at: float, draw: random.Random
) -> Generator[None, None, tuple[Death | None, float | None]]:
    """Until the process has died, of `kill`, not before `at`; without a kill until it is back.

    How it died, and when it was back.
    """
    started = time.monotonic()
    patient = kill is None or kill != AT_RANDOM or draw.random() < _PATIENT_SHARE
    kill_at = max(at, started + draw.random() * _LONGEST_START_SECONDS)
    give_up = max(at, started) + BACK_SECONDS
    back_at: float | None = None
    while True:
        now = time.monotonic()
        if back_at is None and is_back():
            back_at = now
            kill_at = max(at, now + draw.random() * _LONGEST_SERVICE_SECONDS)
            if kill is None:
                return None, back_at
        death = process.death()
        if death is not None:
            return death, back_at
        by_hand = kill is not None and (kill.point is None or (kill.is_in_start and back_at))
        if kill is not None and by_hand and now >= kill_at and (back_at is not None or not patient):
            process.end_by(signal.SIGTERM if kill.clean else signal.SIGKILL)
        if now > give_up:
            state = "in service" if back_at is not None else "not back in service"
            raise NotBack(f"{process.name}: {state} after {BACK_SECONDS:g} s, waiting for {kill}")
        yield
