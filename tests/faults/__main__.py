"""The long run: python -m tests.faults. Kills, acts, damage, restart; status 1 if it fails.

Parses, plays the rounds, prints. A round with a violation keeps its directory.
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults.acts import ACTS
from tests.faults.bit_flips import FlippedJournal, flip_bits
from tests.faults.figures import Done, Row, circumstances, done_rows, table, write_document
from tests.faults.kills import (
    CLEARING,
    FOLLOWERS,
    NATS,
    POINTS,
    POSTGRES,
    TRADING,
    Share,
    shares,
)
from tests.faults.planting import PLANTS, plant_all
from tests.faults.processes import are_together
from tests.faults.restart import measure_restart
from tests.faults.round import Outcome, forget, play, play_supervised
from tests.faults.torn_tails import make_tail, torn_and_started, torn_at_every_byte
from venue import logs
from venue.processes import started

DOCUMENT = Path("docs/RELIABILITY.md")
_KILLS_A_ROUND = 55
_ACTS_A_ROUND = 12
_MOST_SHOWN = 20
_RESTART_SECONDS = 5.0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", default="", help="of a run to be repeated; else a new one")
    parser.add_argument("--trading", type=int, default=200, metavar="N", help="kills at random")
    parser.add_argument("--each-point", type=int, default=25, metavar="N", help="a stop point")
    parser.add_argument("--nats", type=int, default=100, metavar="N", help="kills of nats-server")
    parser.add_argument("--followers", type=int, default=200, metavar="N")
    parser.add_argument("--postgres", type=int, default=50, metavar="N")
    parser.add_argument("--others", type=int, default=25, metavar="N", help="each other process")
    parser.add_argument("--stops", type=int, default=25, metavar="N", help="of trading, SIGTERM")
    parser.add_argument("--acts", type=int, default=20, metavar="N", help="each, on `venue run`")
    parser.add_argument("--flips", type=int, default=1000, metavar="N", help="single bits")
    parser.add_argument("--starts", type=int, default=20, metavar="N", help="on torn tails")
    parser.add_argument("--restart-events", type=int, default=100_000, metavar="N")
    parser.add_argument("--round", type=int, metavar="N", help="this one only, from 1")
    parser.add_argument("--document", action="store_true", help=f"write {DOCUMENT}")
    return parser


class _Run:
    """One long run and what it has found so far."""

    def __init__(self, given: argparse.Namespace, directory: Path) -> None:
        self.seed = given.seed or str(secrets.randbelow(1_000_000))
        self.failed = False
        self._given = given
        self._directory = directory
        self._began = time.monotonic()

    @property
    def minutes(self) -> float:
        """Since it began."""
        return (time.monotonic() - self._began) / 60

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"{self.minutes:5.1f} min  {text}", file=sys.stderr, flush=True)

    def rounds(self) -> list[Row]:
        """All rounds: of processes that run apart, then of `venue run`."""
        plays = [
            *(partial(play, share=share) for share in self._shares()),
            *(partial(play_supervised, acts=acts) for acts in self._acts()),
        ]
        rounds: list[tuple[Sequence[Done], int]] = []
        requests = events = trades = 0
        rows: list[Row] = []
        for number, play_round in enumerate(plays, 1):
            if self._given.round not in (None, number):
                continue
            directory = self._directory / f"round-{number}"
            self.say(f"round {number} of {len(plays)} begins")
            outcome = play_round(directory, f"{self.seed}/{number}")
            rounds.append((outcome.done, len(outcome.violations)))
            requests += outcome.requests
            events += outcome.events
            trades += outcome.trades
            self.say(
                f"round {number}: {len(outcome.done)} kills, {outcome.requests:,} requests, "
                f"{outcome.events:,} events, {len(outcome.violations)} violations"
            )
            if outcome.violations:
                self._tell(number, directory, [str(each) for each in outcome.violations])
                continue
            if not rows:
                rows = self._plant(outcome)
            forget(directory)
        self.say(f"{requests:,} requests, {events:,} events, {trades:,} trades in all")
        return [*done_rows(rounds), *rows]

    def _plant(self, outcome: Outcome) -> list[Row]:
        """The checker has to find all plants in sound evidence before its silence counts."""
        assert outcome.evidence is not None
        planted = plant_all(outcome.evidence, self.seed)
        self._note(planted.missed, "planted and not found")
        self._note(planted.idle_checks, "check that no plant needs")
        return [Row("planted faults that the checker found", len(PLANTS), len(planted.missed))]

    def damage(self) -> list[Row]:
        """Torn tails and flipped bits."""
        tail = make_tail(self._directory / "torn", self.seed)
        torn = torn_at_every_byte(tail)
        self.say(f"{torn.places:,} torn tails")
        started = torn_and_started(tail, self._given.starts, self.seed)
        self.say(f"{started.starts} starts on torn tails")
        flips = flip_bits(
            FlippedJournal(self._directory / "flips", self.seed), self._given.flips, self.seed
        )
        self._note([*torn.wrong, *started.wrong], "torn tail")
        self._note(flips.wrong, "bit flip")
        rows = [
            Row("last frame torn at every byte, in 3 ways", torn.places, len(torn.wrong)),
            Row("trading started on a torn tail", started.starts, len(started.wrong)),
        ]
        for (region, outcome), times in sorted(flips.outcomes.items()):
            rows.append(Row(f"bit flipped in {region}: {outcome}", times, 0))
        rows.append(Row("bits flipped in all; violation: unnoticed", flips.count, len(flips.wrong)))
        return rows

    def restart(self) -> list[Row]:
        """A start with many events behind the newest snapshot."""
        done = measure_restart(self._directory / "restart", self._given.restart_events, self.seed)
        late = done.seconds > _RESTART_SECONDS
        took = f"{done.seconds:.1f} s, {done.cpu_seconds:.1f} s of them CPU time"
        self.say(f"restart: {took}")
        self._note([took] if late else [], "restart")
        what = f"restart with {done.events:,} events behind the snapshot; violation: over 5 s"
        return [Row(what, 1, int(late), [done.seconds])]

    def _shares(self) -> list[Share]:
        given = self._given
        together = are_together()
        at_random = {process.name: given.others for process in started(together=together)}
        at_random |= {TRADING: given.trading, FOLLOWERS if together else CLEARING: given.followers}
        at_random |= {NATS: given.nats, POSTGRES: given.postgres}
        kills = given.trading + given.stops + given.each_point * len(POINTS[TRADING])
        if not kills and not any(at_random.values()):
            return []
        rounds = max(1, -(-kills // _KILLS_A_ROUND))
        return shares(at_random, given.each_point, given.stops, rounds)

    def _acts(self) -> list[list[str]]:
        """Each act so many times, in a random order, divided among rounds."""
        acts = [name for name in ACTS for _ in range(self._given.acts)]
        random.Random(self.seed).shuffle(acts)
        return [acts[at : at + _ACTS_A_ROUND] for at in range(0, len(acts), _ACTS_A_ROUND)]

    def _tell(self, number: int, directory: Path, violations: list[str]) -> None:
        (directory / "violations.txt").write_text("\n".join(violations) + "\n")
        self._note(violations, f"round {number}")
        again = " ".join([*sys.argv[1:], "--round", str(number)])
        if not self._given.seed:
            again += f" --seed {self.seed}"
        self.say(f"evidence: {directory}; again: python -m tests.faults {again}")

    def _note(self, wrong: list[str], what: str) -> None:
        self.failed |= bool(wrong)
        for text in wrong[:_MOST_SHOWN]:
            self.say(f"VIOLATION, {what}: {text}")
        if len(wrong) > _MOST_SHOWN:
            self.say(f"... and {len(wrong) - _MOST_SHOWN} more")


def main() -> int:
    """Run; exit status."""
    given = _arguments().parse_args()
    directory = Path(tempfile.mkdtemp(prefix="venue-faults-"))
    logs.configure("faults", level="error")  # what the venue says of damage is expected here
    run = _Run(given, directory)
    run.say(f"seed {run.seed}")
    rows = run.rounds()
    if given.round is None:
        rows += [*run.damage(), *run.restart()]
    text = f"{circumstances(sys.argv[1:], run.seed, run.minutes)}\n\n{table(rows)}"
    print(text)
    if run.failed:
        return 1
    if given.document:
        write_document(DOCUMENT, text)
    forget(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
