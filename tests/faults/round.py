"""One round: a fresh venue under load, its share of what is done to it, the evidence, its check.

Everything it starts ends with it. A round is repeated by its seed and number.
"""

import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from tests.faults.acting import Acted
from tests.faults.acts import supervised_lane
from tests.faults.checker import check
from tests.faults.evidence import Deployed, collect
from tests.faults.findings import Evidence, Violation
from tests.faults.kills import TRADING, Killed, Share
from tests.faults.lanes import Lane, NotBack, process_lane, server_lane
from tests.faults.load import REQUESTS_PER_SECOND, SESSIONS, LoadStatus
from tests.faults.load_process import LoadProcess
from tests.faults.operator import Refused, operator_lane
from tests.faults.positions import Positions
from tests.faults.processes import Deployment, EndedByItself
from tests.faults.supervised import SupervisedVenue, Wrong
from venue.journal.segment import JournalDamage
from venue.processes import NAMES
from venue.replay.replay import ReplayDifference, SnapshotMissing

SETTINGS = ("journal.snapshot_events=5000",)
_TURN_SECONDS = 0.01
_SECONDS_A_KILL = 3.0
_LEAST_SECONDS = 3.0
_QUIET_SECONDS = 180.0


class Venue(Deployed, Protocol):
    """A venue that can be put under load."""

    address: tuple[str, int]

    def stop(self) -> None:
        """Cleanly. Raises EndedByItself."""

    def end(self) -> None:
        """Whatever runs still."""


class Outcome(NamedTuple):
    """What a round came to. evidence is None when it could not be collected."""

    done: Sequence[Killed | Acted]
    violations: list[Violation]
    requests: int
    evidence: Evidence | None

    @property
    def events(self) -> int:
        """Of the journal."""
        return 0 if self.evidence is None else len(self.evidence.journal.events)

    @property
    def trades(self) -> int:
        """Of the journal."""
        return 0 if self.evidence is None else len(self.evidence.journal.trades)


class Round:
    """A venue and its load; `run` takes lanes forward, `settle` waits, `collect` gathers."""

    def __init__(self, directory: Path, venue: Venue, seed: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.logs = directory / "clients"
        self.venue = venue
        self.positions = Positions(venue.data_dir)
        self.killed: list[Killed] = []
        self.acted: list[Acted] = []
        self.ends_ns: list[tuple[int, int, bool]] = []
        self.draw = random.Random(seed)
        self._seed = seed
        self._load: LoadProcess | None = None

    @property
    def status(self) -> LoadStatus:
        """The load client's last word."""
        assert self._load is not None
        return self._load.status

    def run(self, make_lanes: Callable[[], list[Lane]], rate: int) -> None:
        """Load the venue until all lanes have ended, with an operator at work. Raises as they do.

        At the end everything runs, and all trades on in an open day.
        """
        port = self.venue.address[1]
        self._load = LoadProcess(port, self.logs, self._seed, rate)
        lanes = make_lanes()
        operator = operator_lane(self.venue.data_dir, own(self.draw), lambda: not lanes)
        while lanes or not _has_ended(operator):
            lanes[:] = [lane for lane in lanes if not _has_ended(lane)]
            if lanes:
                next(operator)
            self._turn()

    def settle(self) -> None:
        """Stop the load; wait until all is answered and every consumer is at the journal's end.

        Raises NotBack.
        """
        assert self._load is not None
        self._load.tell("pause")
        deadline = time.monotonic() + _QUIET_SECONDS
        while (waiting := self._waiting_for()) is not None:
            if time.monotonic() > deadline:
                raise NotBack(f"{_QUIET_SECONDS:g} s after the load had stopped: {waiting}")
            self._turn()

    def collect(self) -> Evidence:
        """Evidence of the venue as it is now."""
        return collect(self.venue, self.logs, self.ends_ns)

    def stop(self) -> None:
        """Log the clients out and stop the venue cleanly. Raises EndedByItself."""
        assert self._load is not None
        self._load.tell("quit")
        self.venue.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._load is not None:
            self._load.end()
        self.venue.end()

    def _turn(self) -> None:
        time.sleep(_TURN_SECONDS)
        assert self._load is not None
        self._load.look()

    def _waiting_for(self) -> str | None:
        if self.status.on < len(SESSIONS) or self.status.pending:
            return f"load {self.status}"
        end = self.positions.journal()
        for name in NAMES:
            if name != TRADING and self.positions.of(name) != end:
                return f"{name} is at {self.positions.of(name)}, the journal at {end}"
        return None


def play(directory: Path, seed: str, share: Share) -> Outcome:
    """A whole round with all processes apart."""
    deployment = Deployment(directory, SETTINGS)
    with Round(directory, deployment, seed) as current:
        return _outcome(current, lambda: _lanes_apart(current, deployment, share))


def play_supervised(
    directory: Path, seed: str, acts: Sequence[str], rate: int = REQUESTS_PER_SECOND
) -> Outcome:
    """A whole round of `venue run`, to which these acts are done one after the other."""
    venue = SupervisedVenue(directory / "data")
    with Round(directory, venue, seed) as current:
        lane = supervised_lane(current, venue, acts, own(current.draw))
        return _outcome(current, lambda: [lane], rate)


def _outcome(
    current: Round, make_lanes: Callable[[], list[Lane]], rate: int = REQUESTS_PER_SECOND
) -> Outcome:
    """Run, settle, collect, check. What ends it early is a violation; then that is all."""
    evidence: Evidence | None = None
    try:
        current.run(make_lanes, rate)
        current.settle()
        evidence = current.collect()
        current.stop()
        violations = list(check(evidence))
    except (NotBack, EndedByItself) as error:
        violations = [Violation("in service", str(error))]
    except (Wrong, Refused) as error:
        violations = [Violation("supervisor", str(error))]
    except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
        violations = [Violation("I3", str(error))]
    done: list[Killed | Acted] = [*current.killed, *current.acted]
    return Outcome(done, violations, current.status.sent, evidence)


def _lanes_apart(current: Round, deployment: Deployment, share: Share) -> list[Lane]:
    """Start the servers; a lane for each of them and for each process."""
    deployment.start_servers()
    draw = current.draw
    kills = {name: share.kills_of(name, draw) for name in deployment.processes}
    seconds = max(_LEAST_SECONDS, _SECONDS_A_KILL * len(kills[TRADING]))
    lanes: list[Lane] = []
    for name in deployment.processes:
        spread = 0.0 if name == TRADING else seconds
        lanes.append(process_lane(current, deployment, name, kills[name], own(draw), spread))
    for name in deployment.servers:
        count = share.at_random.get(name, 0)
        lanes.append(server_lane(current, deployment, name, count, own(draw), seconds))
    return lanes


def forget(directory: Path) -> None:
    """Remove a round's data."""
    shutil.rmtree(directory)


def own(draw: random.Random) -> random.Random:
    """A source of its own, so that lanes do not depend on each other's draws."""
    return random.Random(draw.random())


def _has_ended(lane: Lane) -> bool:
    return next(lane, _END) is _END


_END = object()
