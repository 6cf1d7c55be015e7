"""What tracing costs: closed loop with and without it, run by run in turn.

The collector takes what it is sent and looks at none of it: what it does with it is its own cost.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from bench.closed import IN_FLIGHT
from bench.load import Measured, median_rate, run_load
from bench.options import Options
from bench.running import Running, trading_alone, whole_venue
from bench.table import Row

SESSIONS = 4
MOST_COST = 0.02
"""Of the rate, with the share that is the default."""
SHARES = {"0.01": MOST_COST, "1": None}
"""Shares of all orders, and what each may cost; None: it is told, not judged."""

Start = Callable[[Path, int, Mapping[str, str] | None], AbstractContextManager[Running]]


def rows(options: Options) -> list[Row]:
    """Trading alone, which only keeps the times of its batches; and everything on, by share."""
    with collector() as endpoint:
        return [
            _row("trading alone", MOST_COST, _pairs(options, trading_alone, endpoint, "1")),
            *(
                _row(f"everything on, {share} of all orders", most,
                     _pairs(options, whole_venue, endpoint, share))
                for share, most in SHARES.items()
            ),
        ]  # fmt: skip


@contextmanager
def collector() -> Iterator[str]:
    """A collector on loopback; its endpoint."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/traces"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Taking(BaseHTTPRequestHandler):
    """Takes everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _pairs(
    options: Options, start: Start, endpoint: str, share: str
) -> list[tuple[Measured, Measured]]:
    tracing = {
        "VENUE_TRACING__ENABLED": "true",
        "VENUE_TRACING__ENDPOINT": endpoint,
        "VENUE_TRACING__SHARE": share,
    }
    with (
        options.scratch("without") as one,
        start(one, SESSIONS, None) as plain,
        options.scratch("with") as other,
        start(other, SESSIONS, tracing) as traced,
    ):
        return [
            (_run(options, plain), _run(options, traced)) for _ in range(2 * options.closed_runs)
        ]


def _run(options: Options, running: Running) -> Measured:
    return run_load(
        running, running.data_dir.parent, SESSIONS, options.closed_seconds,
        options.warm_up_seconds, "--closed", IN_FLIGHT,
    )  # fmt: skip


def _row(which: str, most: float | None, pairs: list[tuple[Measured, Measured]]) -> Row:
    share = median(traced.per_second / max(plain.per_second, 1) for plain, traced in pairs)
    plain, traced = ([pair[at] for pair in pairs] for at in (0, 1))
    us_before, us_with = (median(run.trading_us for run in runs) for runs in (plain, traced))
    least = None if most is None else 1 - most
    return Row(
        f"tracing on, closed loop, {SESSIONS} sessions, {which}",
        "-" if least is None else f"{least:.2f} x the rate without",
        f"{share:.3f} x: {median_rate(traced):,}/s of {median_rate(plain):,}/s; CPU a message: "
        f"trading {us_with:.1f} us of {us_before:.1f} us",
        None if least is None else share / least,
        None if least is None else share >= least,
        traced[len(traced) // 2].beside(),
        [f"without {one.text()}; with {other.text()}" for one, other in pairs],
    )
