"""The load: `venue bench load` in a process of its own, and what it measured, run by run."""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.configuration import PREFIX
from bench.machine import DiskProbe, cpu_seconds, load_average
from bench.running import Running

_SPARE_SECONDS = 120.0
_CLEARED_SECONDS = 60.0


class Measured(NamedTuple):
    """One run: what the load client says, the disk and the machine meanwhile.

    trading_us: CPU of the trading process for each answered message, warm-up included.
    """

    run: dict[str, Any]
    disk: str
    busy: str
    trading_us: float

    @property
    def per_second(self) -> int:
        """Messages acknowledged in a second."""
        return int(self.run["acknowledged_per_second"])

    def latency_ms(self, quantile: str) -> float:
        """A quantile of the time from the moment due (closed loop: sent) to the answer."""
        return float(self.run["latency_us"][quantile]) / 1000

    def text(self) -> str:
        """The run in a line."""
        quantiles = (
            f"{name.replace('_', '.')} {value / 1000:.2f}"
            for name, value in self.run["latency_us"].items()
        )
        rejects = sum(self.run["rejects"].values())
        return (
            f"{self.per_second:,}/s; {', '.join(quantiles)} ms; {rejects:,} rejects, "
            f"{self.run['unanswered']} unanswered; {self.beside()}"
        )

    def beside(self) -> str:
        """What to read its figures with."""
        client_us = self.run["client_cpu_us_per_message"]
        late_ms = self.run["sent_late_us"]["p99"] / 1000
        late = f", late p99 {late_ms:.2f} ms" if self.run["offered_per_second"] else ""
        return (
            f"{self.disk}; {self.busy}; CPU a message: trading {self.trading_us:.0f} us, "
            f"{self.run['client']} client {client_us:.1f} us{late}"
        )


def run_load(
    running: Running,
    scratch: Path,
    sessions: int,
    seconds: float,
    warm_up: float,
    *how: str,
    prefix: str = PREFIX,
) -> Measured:
    """One run of the load client; `how` is --rate R or --closed N, and whatever else.

    prefix: of the sessions' names, behind which they are counted from 1.

    Raises RuntimeError when it could not load the venue; unanswered messages are in the run.
    """
    argv = [sys.executable, "-P", "-m", "venue", "bench", "load", *how, "--json"]
    argv += ["--host", running.host, "--port", str(running.port), "--user-prefix", prefix]
    argv += ["--sessions", str(sessions), "--config", str(running.config)]
    argv += ["--seconds", str(seconds), "--warm-up", str(warm_up), "--password", "demo"]
    argv += ["--ca", str(running.ca)] if running.ca is not None else []
    busy = load_average()
    before = cpu_seconds(running.pid)
    with DiskProbe(scratch) as probe:
        [run] = _answer(argv, seconds + warm_up + _SPARE_SECONDS)["runs"]
    cpu_us = (cpu_seconds(running.pid) - before) * 1e6 / max(run["answered_in_all"], 1)
    return Measured(run, probe.text(), busy, cpu_us)


def _answer(argv: list[str], seconds: float) -> dict[str, Any]:
    """What the client prints; tried again while the venue is still busy with the run before."""
    deadline = time.monotonic() + _CLEARED_SECONDS
    while True:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
        if "runs" in answer:  # status 1: something was not answered, which the run says too
            return answer
        if "already connected" not in done.stderr or time.monotonic() > deadline:
            raise RuntimeError(f"the load client failed: {done.stderr.strip()}")


def median_rate(runs: list[Measured]) -> int:
    """The middle one of the runs' rates."""
    return round(median(run.per_second for run in runs))


def middle(runs: list[Measured]) -> Measured:
    """The run whose rate is the middle one."""
    return sorted(runs, key=lambda run: run.per_second)[(len(runs) - 1) // 2]
