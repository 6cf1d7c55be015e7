"""Recovery: how fast a start executes a journal's commands again and compares every event.

Usage of one measurement: python -m bench.recovery JOURNAL_DIRECTORY
"""

import json
import sys
import time
from pathlib import Path

from bench.answers import answer_of
from bench.closed import IN_FLIGHT
from bench.load import run_load
from bench.machine import load_average
from bench.options import Options
from bench.running import PURE_CORE, trading_alone
from bench.table import Row
from venue.fix.encode import ReportEncoder
from venue.replay.replay import replay_journal

TARGET = 100_000
SESSIONS = 4
_SECONDS_MAX = 600


def rows(options: Options) -> list[Row]:
    """The journal of a closed loop, read from its first record as a start without snapshot does."""
    with options.scratch("recovery") as scratch:
        with trading_alone(scratch, SESSIONS) as running:
            seconds = options.recovery_seconds
            run_load(running, scratch, SESSIONS, seconds, 0, "--closed", IN_FLIGHT)
        argv = [sys.executable, "-m", "bench.recovery", str(running.data_dir / "journal")]
        result = [_row("", [answer_of(argv, _SECONDS_MAX) for _ in range(options.engine_runs)])]
        runs = [answer_of(argv, _SECONDS_MAX, PURE_CORE) for _ in range(options.engine_runs)]
        result.append(_row(", core not compiled", runs))
    return result


def _row(core: str, runs: list[dict[str, float]]) -> Row:
    rates = [round(run["commands"] / run["seconds"]) for run in runs]
    rate = sorted(rates)[(len(rates) - 1) // 2]
    return Row(
        f"recovery, commands/s re-executed and compared{core}",
        f"{TARGET:,}",
        f"{rate:,} of a journal of {runs[0]['commands']:,}",
        rate / TARGET,
        rate >= TARGET,
        load_average(),
        [f"{each:,}/s" for each in rates],
    )


def measure(directory: Path) -> dict[str, float]:
    """CPU and disk time of the whole way: frames, checksums, commands, comparison, sessions."""
    begin = time.perf_counter()
    replayed = replay_journal(directory, ReportEncoder().reports, from_start=True)
    return {"commands": replayed.commands, "seconds": time.perf_counter() - begin}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
