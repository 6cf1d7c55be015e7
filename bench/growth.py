"""What a command costs the engine as instruments, resting orders and members become many.

In memory, alone. Usage of one measurement:
python -m bench.growth INSTRUMENTS RESTING LEVELS COMMANDS MEMBERS
python -m bench.growth restore RESTING
"""

import sys
import time

import msgspec

from bench.answers import answer_of
from bench.engine_load import SESSIONS, EngineLoad
from bench.machine import load_average
from bench.options import Options
from bench.table import Row
from venue.engine.engine import Engine
from venue.engine.image.capture import image_of
from venue.engine.image.restore import state_from
from venue.engine.image.state_image import EngineImage
from venue.garbage import collect_new_objects_only
from venue.load.mix import Mix

BATCH = 64
FEW_LEVELS, MANY_LEVELS = 20, 500
"""Prices a side: of many instruments only those near the market are in use."""
SMALLEST_SHARE = 0.75
"""Within 25 %: the lowest rate against that of the smallest size."""
RESTORE_SECONDS = 20.0
_SECONDS_MAX = 900


def rows(options: Options) -> list[Row]:
    """Rate over instruments at one number of resting orders, and over resting orders at five; over
    members; how long an engine of the most resting orders takes to be made of a snapshot."""
    middle = options.resting_orders[1]
    instruments = {
        str(count): _rates(options, count, middle, FEW_LEVELS) for count in options.instruments
    }
    resting = {
        f"{count:,}": _rates(options, 5, count, MANY_LEVELS) for count in options.resting_orders
    }
    least = options.resting_orders[0]
    members = {
        f"{count:,}": _rates(options, 5, least, FEW_LEVELS, count) for count in options.members
    }
    return [
        _row(f"instruments, {middle:,} resting orders", instruments),
        _row("resting orders, 5 instruments", resting),
        _row(f"members, 5 instruments, {least:,} resting orders", members),
        _restored(options.resting_orders[-1]),
    ]


def _restored(resting: int) -> Row:
    """How long a start takes to have so many resting orders again, from the bytes of an image."""
    argv = [sys.executable, "-m", "bench.growth", "restore", str(resting)]
    seconds = float(answer_of(argv, _SECONDS_MAX))
    return Row(
        f"engine of {resting:,} resting orders made of its snapshot",
        f"{RESTORE_SECONDS:g} s",
        f"{seconds:.1f} s",
        RESTORE_SECONDS / seconds,
        seconds <= RESTORE_SECONDS,
        load_average(),
    )


def _rates(
    options: Options, instruments: int, resting: int, levels: int, members: int = len(SESSIONS)
) -> list[int]:
    """Commands a second, each run in a process of its own."""
    argv = [sys.executable, "-m", "bench.growth", str(instruments), str(resting)]
    argv += [str(levels), str(options.engine_commands), str(members)]
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


def measure(instruments: int, resting: int, levels: int, commands: int, members: int) -> int:
    """Commands a second in a steady flow over a book that is full already.

    Only `apply` is timed, in batches, as CPU time: what else runs on the machine counts less.
    """
    collect_new_objects_only()
    load = EngineLoad(instruments, levels, members=members)
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


def restore(resting: int) -> float:
    """Seconds from the bytes of an image to an engine that takes commands."""
    collect_new_objects_only()
    load = EngineLoad(levels=MANY_LEVELS)
    load.fill_up(resting, remember=False)
    data = msgspec.json.encode(image_of(load.engine.state))
    del load
    begin = time.perf_counter()
    engine = Engine(state_from(msgspec.json.decode(data, type=EngineImage)))
    seconds = time.perf_counter() - begin
    assert len(engine.state.orders) == resting
    return seconds


if __name__ == "__main__":
    if sys.argv[1] == "restore":
        print(restore(int(sys.argv[2])))
    else:
        print(measure(*map(int, sys.argv[1:6])))
