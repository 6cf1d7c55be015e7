"""What metrics cost: closed loop with and without them, run by run in turn.

With everything on somebody scrapes all ports every few seconds, as Prometheus does.
"""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from statistics import median

from bench.closed import IN_FLIGHT
from bench.load import Measured, median_rate, run_load
from bench.options import Options
from bench.running import Running, trading_alone, whole_venue
from bench.table import Row
from venue.servers.runtime import metrics_addresses

SESSIONS = 4
MOST_COST = 0.02
"""Of the rate."""
PAIRS_A_RUN = 2
"""Pairs for each run of the closed loop: a machine's own noise is larger than what is sought."""
SCRAPE_SECONDS = 5.0
WITH = {"VENUE_METRICS__ENABLED": "true", "VENUE_METRICS__PORT": "0"}


def rows(options: Options) -> list[Row]:
    """Trading alone, where it only measures itself; and everything on, scraped."""
    found = []
    for which, start in (("trading alone", trading_alone), ("everything on", whole_venue)):
        with (
            options.scratch("without") as one,
            start(one, SESSIONS) as plain,
            options.scratch("with") as other,
            start(other, SESSIONS, WITH) as counted,
            scraped(counted) if counted.runtime is not None else nullcontext(),
        ):
            pairs = [
                (_run(options, plain), _run(options, counted))
                for _ in range(PAIRS_A_RUN * options.closed_runs)
            ]
        found.append(_row(which, pairs))
    return found


@contextmanager
def scraped(running: Running) -> Iterator[None]:
    """Somebody asks every port for its metrics, again and again. Raises OSError at the first."""
    assert running.runtime is not None
    addresses = metrics_addresses(running.runtime).values()
    stop = threading.Event()

    def scrape() -> None:
        while not stop.wait(SCRAPE_SECONDS):
            for address in addresses:
                _scrape(address)

    for address in addresses:
        _scrape(address)
    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _scrape(address: str) -> None:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        answer.read()


def _run(options: Options, running: Running) -> Measured:
    return run_load(
        running, running.data_dir.parent, SESSIONS, options.closed_seconds,
        options.warm_up_seconds, "--closed", IN_FLIGHT,
    )  # fmt: skip


def _row(which: str, pairs: list[tuple[Measured, Measured]]) -> Row:
    share = median(counted.per_second / max(plain.per_second, 1) for plain, counted in pairs)
    plain, counted = ([pair[at] for pair in pairs] for at in (0, 1))
    us_before, us_with = (median(run.trading_us for run in runs) for runs in (plain, counted))
    least = 1 - MOST_COST
    return Row(
        f"metrics on, closed loop, {SESSIONS} sessions, {which}",
        f"{least:.2f} x the rate without",
        f"{share:.3f} x: {median_rate(counted):,}/s of {median_rate(plain):,}/s; CPU a message: "
        f"trading {us_with:.1f} us of {us_before:.1f} us",
        share / least,
        share >= least,
        counted[len(counted) // 2].beside(),
        [f"without {one.text()}; with {other.text()}" for one, other in pairs],
    )
