"""What a resting order costs in memory: an engine in a process of its own, full and empty.

Usage of one measurement: python -m bench.memory RESTING
"""

import gc
import os
import sys

from bench.answers import answer_of
from bench.engine_load import EngineLoad
from bench.machine import rss_bytes
from bench.options import Options
from bench.table import Row
from venue.garbage import collect_new_objects_only

TARGET_BYTES = 600
RESTING = 100_000
_SECONDS_MAX = 300


def rows(options: Options) -> list[Row]:
    """Resident bytes for each of 100,000 resting orders, above those of the empty engine."""
    runs = [_bytes_an_order() for _ in range(options.engine_runs)]
    middle = sorted(runs)[(len(runs) - 1) // 2]
    return [
        Row(
            f"memory a resting order, engine alone, {RESTING:,} orders",
            f"{TARGET_BYTES} bytes",
            f"{middle:,} bytes",
            TARGET_BYTES / middle,
            middle <= TARGET_BYTES,
            "",
            [f"{run:,} bytes" for run in runs],
        )
    ]


def _bytes_an_order() -> int:
    argv = [sys.executable, "-m", "bench.memory", str(RESTING)]
    return int(answer_of(argv, _SECONDS_MAX))


def measure(resting: int) -> int:
    """Bytes an order: the engine's own, and not what the benchmark remembers of it."""
    collect_new_objects_only()
    load = EngineLoad()
    load.fill_up(1000)  # caches and code are there before
    gc.collect()
    before = rss_bytes(os.getpid())
    load.fill_up(resting, remember=False)
    gc.collect()
    assert load.resting == 1000 + resting
    return round((rss_bytes(os.getpid()) - before) / resting)


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
