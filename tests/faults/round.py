"""One round: a fresh venue under load, its share of the kills, then the evidence and its check.

Everything it starts ends with it. A round is repeated by its seed and number.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from tests.faults.checker import Evidence, Violation, check
from tests.faults.evidence import collect
from tests.faults.kills import TRADING, Killed, Share
from tests.faults.lanes import Lane, NotBack, process_lane, server_lane
from tests.faults.load import REQUESTS_PER_SECOND, SESSIONS, LoadStatus
from tests.faults.positions import Positions
from tests.faults.processes import Deployment, EndedByItself
from venue.journal.segment import JournalDamage
from venue.sequencer.replay import ReplayDifference, SnapshotMissing

SETTINGS = ("journal.snapshot_events=5000",)
_TURN_SECONDS = 0.01
_SECONDS_A_KILL = 3.0
_LEAST_SECONDS = 3.0
_QUIET_SECONDS = 180.0


class Outcome(NamedTuple):
    """What a round came to. evidence is None when it could not be collected."""

    killed: list[Killed]
    violations: list[Violation]
    requests: int
    events: int
    trades: int
    evidence: Evidence | None


class Load:
    """The load client's process."""

    def __init__(self, port: int, logs: Path, seed: str, rate: int) -> None:
        arguments = ["--port", str(port), "--logs", str(logs), "--seed", seed, "--rate", str(rate)]
        with (logs.parent / "load.stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.load", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._rest = b""
        self.status = LoadStatus()

    def look(self) -> None:
        """Take in what it has said. Raises EndedByItself."""
        if self._process.poll() is not None:
            raise EndedByItself(f"the load client ended with status {self._process.returncode}")
        assert self._process.stdout is not None
        try:
            said = os.read(self._process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + said).split(b"\n")
        if lines:
            self.status = msgspec.json.decode(lines[-1], type=LoadStatus)

    def tell(self, word: str) -> None:
        """`pause`, `go` or `quit`."""
        assert self._process.stdin is not None
        self._process.stdin.write(word.encode() + b"\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


class Round:
    """A venue, its load and its lanes; `run` kills, `settle` waits, `collect` gathers."""

    def __init__(self, directory: Path, seed: str, rate: int = REQUESTS_PER_SECOND) -> None:
        self.directory = directory
        self.logs = directory / "clients"
        self.deployment = Deployment(directory, SETTINGS)
        self.positions = Positions(self.deployment.data_dir)
        self.killed: list[Killed] = []
        self.ends_ns: list[tuple[int, int, bool]] = []
        self._seed = seed
        self._rate = rate
        self._load: Load | None = None

    @property
    def status(self) -> LoadStatus:
        """The load client's last word."""
        assert self._load is not None
        return self._load.status

    def run(self, share: Share) -> None:
        """Load the venue and do all kills; at the end everything runs. Raises as lanes do."""
        self.deployment.start_servers()
        self._load = Load(self.deployment.address[1], self.logs, self._seed, self._rate)
        draw = random.Random(self._seed)
        processes = self.deployment.processes
        kills = {name: share.kills_of(name, draw) for name in processes}
        seconds = max(_LEAST_SECONDS, _SECONDS_A_KILL * len(kills[TRADING]))
        lanes: list[Lane] = []
        for name in processes:
            spread = 0.0 if name == TRADING else seconds
            lanes.append(process_lane(self, name, kills[name], _own(draw), spread))
        for name in self.deployment.servers:
            count = share.at_random.get(name, 0)
            lanes.append(server_lane(self, name, count, _own(draw), seconds))
        while lanes:
            lanes = [lane for lane in lanes if not _has_ended(lane)]
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
        return collect(self.deployment, self.logs, self.ends_ns)

    def stop(self) -> None:
        """Log the clients out and stop the venue cleanly. Raises EndedByItself."""
        assert self._load is not None
        self._load.tell("quit")
        self.deployment.stop()

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
        self.deployment.end()

    def _turn(self) -> None:
        time.sleep(_TURN_SECONDS)
        assert self._load is not None
        self._load.look()

    def _waiting_for(self) -> str | None:
        if self.status.on < len(SESSIONS) or self.status.pending:
            return f"load {self.status}"
        end = self.positions.journal()
        for name in self.deployment.processes:
            if name != TRADING and self.positions.of(name) != end:
                return f"{name} is at {self.positions.of(name)}, the journal at {end}"
        return None


def play(directory: Path, seed: str, share: Share) -> Outcome:
    """A whole round. What ends it early is a violation, and then the rest is not judged."""
    with Round(directory, seed) as current:
        evidence: Evidence | None = None
        try:
            current.run(share)
            current.settle()
            evidence = current.collect()
            current.stop()
            violations = list(check(evidence))
        except (NotBack, EndedByItself) as error:
            violations = [Violation("in service", str(error))]
        except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
            violations = [Violation("I3", str(error))]
        story = evidence.journal if evidence else None
        return Outcome(
            current.killed,
            violations,
            current.status.sent,
            len(story.events) if story else 0,
            len(story.trades) if story else 0,
            evidence,
        )


def forget(directory: Path) -> None:
    """Remove a round's data."""
    shutil.rmtree(directory)


def _own(draw: random.Random) -> random.Random:
    return random.Random(draw.random())


def _has_ended(lane: Lane) -> bool:
    return next(lane, _END) is _END


_END = object()
