"""Closed loop: the most that is acknowledged a second, and what a bare QuickFIX peer manages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.configuration import write_configuration
from bench.load import Measured, median_rate, middle, run_load
from bench.options import Options
from bench.running import PURE_CORE, Running, ready_child, trading_alone, whole_venue
from bench.table import Row

IN_FLIGHT = "64"
SESSIONS = (4, 20)
TARGET = 36_000
EVERYTHING_TARGET = 30_000
BARE_SHARE = 0.65


def rows(options: Options) -> list[Row]:
    """Trading alone and with everything on, 4 and 20 sessions."""
    result = []
    for sessions in SESSIONS:
        with options.scratch("alone") as scratch, trading_alone(scratch, sessions) as running:
            alone = _runs(options, running, scratch, sessions)
        result.append(_row("trading alone", sessions, alone, TARGET))
        with options.scratch("whole") as scratch, whole_venue(scratch, sessions) as running:
            everything = _runs(options, running, scratch, sessions)
        share = median_rate(everything) / max(median_rate(alone), 1)
        row = _row("everything on", sessions, everything, EVERYTHING_TARGET)
        result.append(row._replace(measured=f"{row.measured}, {share:.2f} of alone"))
    return result


def bare_rows(options: Options) -> list[Row]:
    """The venue, trading alone, against the bare QuickFIX acceptor, run by run in turn."""
    result = []
    for sessions in SESSIONS:
        venue: list[Measured] = []
        bare: list[Measured] = []
        with (
            options.scratch("bare") as scratch,
            trading_alone(scratch, sessions) as trading,
            options.scratch("bare") as other,
            bare_acceptor(other, sessions) as acceptor,
        ):
            for _ in range(options.closed_runs):
                venue.append(_run(options, trading, scratch, sessions))
                bare.append(_run(options, acceptor, other, sessions))
        share = median_rate(venue) / max(median_rate(bare), 1)
        result.append(
            Row(
                f"against a bare QuickFIX Python acceptor, closed loop, {sessions} sessions",
                f"{BARE_SHARE} x its rate",
                f"{share:.2f} x: {median_rate(venue):,}/s of {median_rate(bare):,}/s",
                share / BARE_SHARE,
                share >= BARE_SHARE,
                middle(venue).beside(),
                [f"venue {run.text()}" for run in venue] + [f"bare {run.text()}" for run in bare],
            )
        )
    return result


def pure_rows(options: Options) -> list[Row]:
    """The source of the core, trading alone, in turn with the compiled core."""
    pure: list[Measured] = []
    compiled: list[Measured] = []
    sessions = SESSIONS[0]
    with (
        options.scratch("pure") as one,
        trading_alone(one, sessions, PURE_CORE) as slower,
        options.scratch("compiled") as other,
        trading_alone(other, sessions) as quicker,
    ):
        for _ in range(options.closed_runs):
            pure.append(_run(options, slower, one, sessions))
            compiled.append(_run(options, quicker, other, sessions))
    share = median_rate(pure) / max(median_rate(compiled), 1)
    row = _row("trading alone, core not compiled", sessions, pure, TARGET)
    return [
        row._replace(
            measured=f"{row.measured}, {share:.2f} of compiled ({median_rate(compiled):,})",
            runs=[*row.runs, *(f"compiled {run.text()}" for run in compiled)],
        )
    ]


@contextmanager
def bare_acceptor(directory: Path, sessions: int) -> Iterator[Running]:
    """`bench.bare_acceptor` as a child, with the same sessions as the venue has."""
    config = write_configuration(directory, sessions)
    argv = [sys.executable, "-m", "bench.bare_acceptor", str(config)]
    with ready_child("bare-acceptor", argv, directory) as (process, ready):
        host, _, port = ready["fix"].rpartition(":")
        yield Running(directory, config, host, int(port), process.pid)


def _runs(options: Options, running: Running, scratch: Path, sessions: int) -> list[Measured]:
    return [_run(options, running, scratch, sessions) for _ in range(options.closed_runs)]


def _run(options: Options, running: Running, scratch: Path, sessions: int) -> Measured:
    return run_load(
        running, scratch, sessions, options.closed_seconds, options.warm_up_seconds,
        "--closed", IN_FLIGHT,
    )  # fmt: skip


def _row(which: str, sessions: int, runs: list[Measured], target: int) -> Row:
    rate = median_rate(runs)
    return Row(
        f"acknowledged/s, closed loop, {IN_FLIGHT} in flight each of {sessions} sessions, {which}",
        f"{target:,}",
        f"{rate:,}",
        rate / target,
        rate >= target and not any(run.run["unanswered"] for run in runs),
        middle(runs).beside(),
        [run.text() for run in runs],
    )
