"""The stage on which a venue under its supervisor is killed: waiting, starting, taking notes.

Knows one venue and how to wait for it without stopping its round; what is done to it is in acts.py.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tests.faults.lanes import BACK_SECONDS, NotBack
from tests.faults.load import LoadStatus
from tests.faults.supervised import SupervisedVenue
from venue.servers import left_over
from venue.servers.trading_unit import RESTARTS_MAX, RESTARTS_SECONDS

_SERVICE_SECONDS = (0.3, 1.5)
_LEFT_SECONDS = 20.0
Lane = Iterator[None]


class Acted(NamedTuple):
    """An act that was done. seconds: from the death to the answer of a new request."""

    kind: str
    seconds: float | None


class Stage(Protocol):
    """What an act sees of its round. ends_ns: of trading, from when to when, whether cleanly."""

    logs: Path
    acted: list[Acted]
    ends_ns: list[tuple[int, int, bool]]

    @property
    def status(self) -> LoadStatus:
        """The load client's last word."""


class Acting:
    """One venue under its supervisor, on its stage."""

    def __init__(self, stage: Stage, venue: SupervisedVenue, draw: random.Random) -> None:
        self.stage = stage
        self.venue = venue
        self.draw = draw
        self._trading_killed_at: deque[float] = deque(maxlen=RESTARTS_MAX)

    def wait(self, is_so: Callable[[], bool], what: str, seconds: float = BACK_SECONDS) -> Lane:
        """Until it is so. Raises NotBack."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                raise NotBack(f"after {seconds:g} s: {what}")
            yield

    def serve(self) -> Lane:
        """Stay under load for a moment."""
        until = time.monotonic() + self.draw.uniform(*_SERVICE_SECONDS)
        while time.monotonic() < until:
            yield

    def started(self) -> Lane:
        """Start it and wait until a new request has been answered."""
        self._trading_killed_at.clear()
        begun_ns = time.monotonic_ns()
        self.venue.start()
        yield from self.wait(self.venue.is_ready, "venue run is not ready")
        yield from self.answered_since(begun_ns)

    def answered_since(self, begun_ns: int) -> Lane:
        """Until the venue has answered a new request after a logon since then."""
        yield from self.wait(lambda: self.stage.status.served_ns > begun_ns, "nothing is answered")

    def gone(self, pids: Sequence[int]) -> Lane:
        """Until none of these processes is there any more: what was killed leaves no orphan."""
        ticks = {pid: left_over.start_ticks(pid) for pid in pids}
        alive = [pid for pid, begun in ticks.items() if begun is not None]
        yield from self.wait(
            lambda: not any(left_over.start_ticks(pid) == ticks[pid] for pid in alive),
            "processes of a killed venue still run",
            _LEFT_SECONDS,
        )

    def note_end(self, asked_at_ns: int, *, clean: bool = False) -> None:
        """Trading has ended now."""
        self.stage.ends_ns.append((asked_at_ns, time.monotonic_ns(), clean))

    def done(self, kind: str, since_ns: int) -> None:
        """One more act; a request has just been answered again."""
        self.stage.acted.append(Acted(kind, (time.monotonic_ns() - since_ns) / 1e9))

    def may_kill_trading(self) -> bool:
        """Whether the supervisor would start trading again."""
        killed = self._trading_killed_at
        now = time.monotonic()
        return len(killed) < RESTARTS_MAX or now - killed[0] > RESTARTS_SECONDS + 1

    def note_trading_killed(self) -> None:
        """Trading was killed alone."""
        self._trading_killed_at.append(time.monotonic())
