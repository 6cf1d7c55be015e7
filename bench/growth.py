"""What a command costs the engine as instruments and resting orders become many: in memory, alone.

Usage of one measurement: python -m bench.growth INSTRUMENTS RESTING LEVELS COMMANDS
"""

import sys
import time

from bench.answers import answer_of
from bench.engine_load import EngineLoad
from bench.machine import load_average
from bench.options import Options
from bench.table import Row
from venue.garbage import collect_new_objects_only
from venue.load.mix import Mix

BATCH = 64
FEW_LEVELS, MANY_LEVELS = 20, 500
"""Prices a side: of many instruments only those near the market are in use."""
SMALLEST_SHARE = 0.75
"""Within 25 %: the lowest rate against that of the smallest size."""
_SECONDS_MAX = 900


def rows(options: Options) -> list[Row]:
    """Rate over instruments at one number of resting orders, and over resting orders at five."""
    middle = options.resting_orders[1]
    instruments = {
        str(count): _rates(options, count, middle, FEW_LEVELS) for count in options.instruments
    }
    resting = {
        f"{count:,}": _rates(options, 5, count, MANY_LEVELS) for count in options.resting_orders
    }
    return [
        _row(f"instruments, {middle:,} resting orders", instruments),
        _row("resting orders, 5 instruments", resting),
    ]


def _rates(options: Options, instruments: int, resting: int, levels: int) -> list[int]:
    """Commands a second, each run in a process of its own."""
    argv = [sys.executable, "-m", "bench.growth", str(instruments), str(resting)]
    argv += [str(levels), str(options.engine_commands)]
    return [int(answer_of(argv, _SECONDS_MAX)) for _ in range(options.engine_runs)]


def _row(of_what: str, rates: dict[str, list[int]]) -> Row:
    middles = {size: sorted(runs)[(len(runs) - 1) // 2] for size, runs in rates.items()}
    first, *others = middles.values()
    share = min(others) / first
    return Row(
        f"engine, commands/s at {' / '.join(middles)} {of_what}",
        "within 25 %",
        " / ".join(f"{rate:,}" for rate in middles.values()) + f"; least {share:.0%} of the first",
        share / SMALLEST_SHARE,
        share >= SMALLEST_SHARE,
        load_average(),
        [f"{size}: {', '.join(f'{run:,}' for run in runs)}" for size, runs in rates.items()],
    )


def measure(instruments: int, resting: int, levels: int, commands: int) -> int:
    """Commands a second in a steady flow over a book that is full already.

    Only `apply` is timed, in batches, as CPU time: what else runs on the machine counts less.
    """
    collect_new_objects_only()
    load = EngineLoad(instruments, levels)
    load.fill_up(resting)
    load.send(Mix())
    timed_ns = done = 0
    warm_up = commands // 10
    while done < warm_up + commands:
        batch = load.commands(BATCH)
        begin = time.thread_time_ns()
        events = [load.apply(command) for command in batch]
        elapsed = time.thread_time_ns() - begin
        if done >= warm_up:
            timed_ns += elapsed
        done += BATCH
        for caused in events:
            load.tell(caused)
    return round((done - warm_up) * 1e9 / timed_ns)


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:5])))
