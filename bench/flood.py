"""What a flood costs others: one session's latency alone, and while another sends without end."""

from concurrent.futures import ThreadPoolExecutor
from statistics import median

from bench.configuration import PREFIX
from bench.load import Measured, run_load
from bench.options import Options
from bench.running import trading_alone
from bench.table import Row

SESSIONS = 11
RATE = 200
IN_FLIGHT = "256"
TIMES = 3.0
_NEIGHBOUR = f"{PREFIX}1"
"""As a prefix it makes session 11 of the one that it asks for; the flood is session 1."""
_SPARE_SECONDS = 4.0


def rows(options: Options) -> list[Row]:
    """p99 of a session at a low rate beside a flood, held against the same without, in turn."""
    alone: list[Measured] = []
    beside: list[Measured] = []
    seconds, warm_up = options.closed_seconds, options.warm_up_seconds
    with (
        options.scratch("flood") as scratch,
        trading_alone(scratch, SESSIONS) as running,
        ThreadPoolExecutor(1) as pool,
    ):
        aside = scratch / "aside"
        aside.mkdir()

        def neighbour() -> Measured:
            how = ("--rate", str(RATE))
            return run_load(running, scratch, 1, seconds, warm_up, *how, prefix=_NEIGHBOUR)

        for _ in range(options.closed_runs):
            alone.append(neighbour())
            longer = seconds + warm_up + _SPARE_SECONDS
            flood = pool.submit(run_load, running, aside, 1, longer, 0.0, "--closed", IN_FLIGHT)
            beside.append(neighbour())
            rate = flood.result().per_second
    p99s = [median(run.latency_ms("p99") for run in runs) for runs in (alone, beside)]
    times = p99s[1] / p99s[0]
    return [
        Row(
            f"p99 of a session at {RATE}/s while another floods, times that of without",
            f"{TIMES:.1f}",
            f"{times:.1f} ({p99s[1]:.2f} and {p99s[0]:.2f} ms; the flood {rate:,}/s)",
            TIMES / times,
            times <= TIMES,
            beside[-1].beside(),
            [f"alone {run.text()}" for run in alone] + [f"beside {run.text()}" for run in beside],
        )
    ]
