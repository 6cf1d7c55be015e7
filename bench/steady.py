"""Ten minutes at 10,000/s with everything on: lag of those who follow, and memory of trading."""

import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from bench.lag import FOLLOWERS, Positions, Sample, SubscriberDelay
from bench.load import Measured, run_load
from bench.options import Options
from bench.running import whole_venue
from bench.table import Row

RATE = 10_000
SESSIONS = 4
PUBLISHER_TARGET_MS = 20.0
GROWTH_MAX_SECONDS = 1.0
BEHIND_MAX_SECONDS = 2.0
"""How much more a follower may be behind in the last third than in the first."""
REPORT_BYTES = 150
"""At most what a report may leave in memory until its day is forgotten (decision 0033)."""
CATCH_UP_SECONDS_MAX = 120.0
_SUBJECT = "venue.events.TradeExecuted.SYM1"


def rows(options: Options) -> list[Row]:
    """One run, three rows."""
    with options.scratch("steady") as scratch, whole_venue(scratch, SESSIONS) as running:
        assert running.runtime is not None
        warm_up = options.warm_up_seconds
        with (
            SubscriberDelay(running.runtime.nats, _SUBJECT) as subscriber,
            Positions(running.data_dir, running.runtime) as positions,
        ):
            subscriber.from_ns = time.time_ns() + int((warm_up + 1) * 1e9)
            measured = run_load(
                running, scratch, SESSIONS, options.steady_seconds, warm_up, "--rate", str(RATE)
            )
            caught_up = positions.seconds_to_catch_up(CATCH_UP_SECONDS_MAX)
            samples = [each for each in positions.samples if each.event_seq]
    # without the client's start and end, during which nothing is sent
    loaded = _while_loaded(samples)
    return [
        _publisher_row(subscriber, measured),
        _lag_row(loaded, caught_up, measured, options.steady_seconds),
        _memory_row(loaded, measured),
    ]


def _while_loaded(samples: Sequence[Sample]) -> list[Sample]:
    """Samples between which events came, without the first tenth, in which caches fill."""
    pairs = pairwise(samples)
    moving = [now for before, now in pairs if now.event_seq > before.event_seq]
    return moving[len(moving) // 10 : -1]


def _publisher_row(subscriber: SubscriberDelay, measured: Measured) -> Row:
    delays = subscriber.delays
    p50, p99, p999 = (delays.quantile(share) / 1e6 for share in (0.5, 0.99, 0.999))
    return Row(
        f"publisher lag at {RATE:,}/s: event's timestamp to a NATS subscriber, p99",
        f"{PUBLISHER_TARGET_MS:g} ms",
        f"{p99:.1f} ms (p50 {p50:.1f}, p99.9 {p999:.1f}, max {delays.max / 1e6:.0f}; "
        f"{delays.count:,} events)",
        PUBLISHER_TARGET_MS / max(p99, 0.001),
        p99 <= PUBLISHER_TARGET_MS,
        measured.beside(),
        [measured.text()],
    )


def _lag_row(
    samples: Sequence[Sample], caught_up: dict[str, float], measured: Measured, seconds: float
) -> Row:
    """Lag in seconds of event time: events behind, divided by events a second."""
    first, last = samples[0], samples[-1]
    events_per_second = (last.event_seq - first.event_seq) / (last.at - first.at)
    third = max(len(samples) // 3, 1)
    runs, growths, ends = [], [], []
    for follower in FOLLOWERS:
        begin = median(sample.lag(follower) for sample in samples[:third]) / events_per_second
        end = median(sample.lag(follower) for sample in samples[-third:]) / events_per_second
        most = max(sample.lag(follower) for sample in samples) / events_per_second
        growths.append(end - begin)
        ends.append(end)
        runs.append(
            f"{follower}: behind {begin:.2f} s in the first third, {end:.2f} s in the last, at "
            f"most {most:.2f} s; {_caught_up(follower, caught_up)}"
        )
    worst = max(growths)
    slowest = max(caught_up, key=lambda name: caught_up[name])
    return Row(
        f"lag of {', '.join(FOLLOWERS)} over {seconds:g} s at {RATE:,}/s",
        f"at most {BEHIND_MAX_SECONDS:g} s in the last third, not growing",
        f"worst {max(ends):.2f} s in the last third, {worst:+.2f} s since the first; "
        f"last {_caught_up(slowest, caught_up)}",
        None,
        worst <= GROWTH_MAX_SECONDS
        and max(ends) <= BEHIND_MAX_SECONDS
        and caught_up[slowest] < CATCH_UP_SECONDS_MAX,
        measured.beside(),
        runs,
    )


def _caught_up(follower: str, seconds: dict[str, float]) -> str:
    """When a follower had done all, or that it had not when it was no longer waited for."""
    taken = seconds[follower]
    if taken >= CATCH_UP_SECONDS_MAX:
        return f"{follower} was still behind {taken:.0f} s after the load"
    return f"{follower} had done all {taken:.1f} s after the load"


def _memory_row(samples: Sequence[Sample], measured: Measured) -> Row:
    first, last = samples[0], samples[-1]
    run = measured.run
    reports_per_second = (run["acknowledged"] + run["fills"]) / run["seconds"]
    reports = reports_per_second * (last.at - first.at)
    grown = last.trading_rss - first.trading_rss
    each = grown / max(reports, 1)
    return Row(
        "memory of trading over minutes of steady flow, bytes a report",
        f"{REPORT_BYTES} bytes",
        f"{each:.0f} bytes: {first.trading_rss >> 20} to {last.trading_rss >> 20} MiB over "
        f"{reports:,.0f} reports in {last.at - first.at:.0f} s",
        REPORT_BYTES / max(each, 1),
        each <= REPORT_BYTES,
        "",
    )
