"""What an event costs beside trading: processor of each process, the sinks together and apart."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.lag import Positions
from bench.load import run_load
from bench.machine import all_cpu_ns, load_average
from bench.options import Options
from bench.running import whole_venue
from bench.table import Row
from venue.journal.durable import read_position
from venue.servers.runtime import RuntimeInfo

RATE = 500
"""So few that a machine which does other things too bears it."""
SESSIONS = 4
TARGET_US = 60.0
_CATCH_UP_SECONDS = 60.0
_SETTING = "VENUE_PROCESSES__FOLLOWERS"

Costs = Mapping[str, float]
"""Microseconds an event, by process and server."""


def rows(options: Options) -> list[Row]:
    """One row; its runs say what each process costs."""
    measured: dict[str, list[Costs]] = {"apart": [], "together": []}
    runs = []
    for number in range(options.closed_runs):
        for how, costs in measured.items():  # in turn: a busy minute is in both
            with options.scratch(f"beside-{how}-{number}") as scratch:
                costs.append(_measure(options, scratch, how))
            runs.append(f"{how}: {_text(costs[-1])}; {load_average()}")
    together, apart = (_middle(measured[how]) for how in ("together", "apart"))
    return [
        Row(
            f"processor beside trading, an event, everything on at {RATE}/s",
            f"{TARGET_US:g} us",
            f"{together:.0f} us, sinks apart {apart:.0f} us",
            TARGET_US / together,
            together <= TARGET_US,
            load_average(),
            runs,
        )
    ]


def _measure(options: Options, scratch: Path, how: str) -> Costs:
    """Under load, from where all have caught up until they have caught up again."""
    with whole_venue(scratch, SESSIONS, {_SETTING: how}) as running:
        runtime = running.runtime
        assert runtime is not None
        before, first = _used(runtime), _event_seq(running.data_dir)
        run_load(running, scratch, SESSIONS, options.beside_seconds, 1.0, "--rate", str(RATE))
        with Positions(running.data_dir, runtime) as positions:
            taken = positions.seconds_to_catch_up(_CATCH_UP_SECONDS)
        if max(taken.values()) >= _CATCH_UP_SECONDS:
            raise RuntimeError(f"they did not catch up: {taken}")
        time.sleep(1.0)  # what is gathered once in a while is done too
        events = _event_seq(running.data_dir) - first
        return {name: (ns - before[name]) / events / 1e3 for name, ns in _used(runtime).items()}


def _used(runtime: RuntimeInfo) -> dict[str, int]:
    return {name: all_cpu_ns(pid) for name, pid in {**runtime.processes, **runtime.servers}.items()}


def _event_seq(data_dir: Path) -> int:
    return read_position(data_dir / "journal")[0]


def _beside(costs: Costs) -> float:
    return sum(cost for name, cost in costs.items() if name != "trading")


def _middle(runs: Sequence[Costs]) -> float:
    return median(map(_beside, runs))


def _text(costs: Costs) -> str:
    each = ", ".join(f"{name} {cost:.1f}" for name, cost in costs.items())
    return f"{_beside(costs):.1f} us beside trading ({each})"
