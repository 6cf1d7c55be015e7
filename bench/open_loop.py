"""Open loop with everything on: latency from the moment due at offered rates, and its picture."""

from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.load import Measured, run_load
from bench.machine import ROOT
from bench.options import Options
from bench.running import Running, whole_venue
from bench.table import Row
from venue.load.picture import latency_picture

SESSIONS = 4
RUNS_SHARE = 0.8
"""Of the runs that have to reach the target: 4 of 5."""
PICTURE_RATES = (1000, 2500, 5000, 7500, 10_000, 12_500, 15_000, 17_500, 20_000)
PICTURE = ROOT / "docs" / "latency.svg"


class Target(NamedTuple):
    """Milliseconds by quantile at an offered rate. is_long: one run of minutes, for in minutes
    segments, snapshots, collector and write-back come in turn; else several short ones."""

    rate: int
    limits_ms: dict[str, float]
    is_long: bool = False


TARGETS = (
    Target(2_500, {"p50": 0.5, "p99": 3.0, "p99_9": 15.0}, is_long=True),
    Target(10_000, {"p50": 0.8, "p99": 5.0, "p99_9": 20.0}),
    Target(15_000, {"p99": 15.0}),
)


def rows(options: Options) -> list[Row]:
    """Each target rate, a number of times, on one venue."""
    with options.scratch("open") as scratch, whole_venue(scratch, SESSIONS) as running:
        return [
            _row(target, _runs(options, running, scratch, target), options) for target in TARGETS
        ]


def draw_picture(options: Options, file: Path = PICTURE) -> list[Row]:
    """Latency against offered rate, as a row that says where the picture is."""
    points = []
    with options.scratch("picture") as scratch, whole_venue(scratch, SESSIONS) as running:
        for rate in PICTURE_RATES:
            measured = run_load(
                running, scratch, SESSIONS, options.picture_seconds, options.warm_up_seconds,
                "--rate", str(rate),
            )  # fmt: skip
            points.append((rate, measured.run["latency_us"]))
            if measured.run["unanswered"]:
                break
    title = f"Latency from the moment due, everything on, {SESSIONS} sessions"
    file.write_text(latency_picture(points, title))
    measured_text = f"{file.name}, {len(points)} rates to {points[-1][0]:,}/s"
    return [Row("latency against offered rate, picture", "", measured_text, None, None)]


def _runs(options: Options, running: Running, scratch: Path, target: Target) -> list[Measured]:
    seconds = _seconds(options, target)
    return [
        run_load(
            running, scratch, SESSIONS, seconds, options.warm_up_seconds,
            "--rate", str(target.rate),
        )
        for _ in range(1 if target.is_long else options.open_runs)
    ]  # fmt: skip


def _seconds(options: Options, target: Target) -> float:
    return options.long_seconds if target.is_long else options.open_seconds


def _row(target: Target, runs: list[Measured], options: Options) -> Row:
    names = list(target.limits_ms)
    middles = {name: median(run.latency_ms(name) for run in runs) for name in names}
    good = sum(_is_met(run, target) for run in runs)
    shown = ", ".join(name.replace("_", ".") for name in names)
    return Row(
        f"open loop at {target.rate:,}/s, {_seconds(options, target):g} s, {SESSIONS} sessions, "
        f"everything on: {shown}",
        " / ".join(f"{limit:g}" for limit in target.limits_ms.values())
        + (" ms" if target.is_long else " ms in 4 of 5 runs"),
        " / ".join(f"{middles[name]:.2f}" for name in names)
        + (" ms" if target.is_long else f" ms, median; {good} of {len(runs)} runs"),
        min(limit / middles[name] for name, limit in target.limits_ms.items()),
        good >= RUNS_SHARE * len(runs),
        _middle(runs).beside(),
        [run.text() for run in runs],
    )


def _is_met(run: Measured, target: Target) -> bool:
    return not run.run["unanswered"] and all(
        run.latency_ms(name) <= limit for name, limit in target.limits_ms.items()
    )


def _middle(runs: list[Measured]) -> Measured:
    return sorted(runs, key=lambda run: run.latency_ms("p99"))[(len(runs) - 1) // 2]
