"""What the gate costs: the same load straight to trading, and by TLS through a gate, in turn."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import trustme

from bench.load import Measured, median_rate, middle, run_load
from bench.machine import cpu_seconds
from bench.options import Options
from bench.running import Running, ready_child, trading_alone
from bench.table import Row

SESSIONS = 4
RATE = 2000
ADDED_MS = 1.0
SHARE = 0.9
IN_FLIGHT = "64"
Runs = tuple[list[Measured], list[Measured]]
"""Straight to trading, and through the gate."""


def rows(options: Options) -> list[Row]:
    """Latency added at a rate, and the share of the rate that is left."""
    with (
        options.scratch("gate") as scratch,
        trading_alone(scratch, SESSIONS) as straight,
        gate_before(straight, scratch) as (through, pid),
    ):
        latency = _in_turn(options, scratch, (straight, through), "--rate", str(RATE))
        before = cpu_seconds(pid)
        rate = _in_turn(options, scratch, (straight, through), "--closed", IN_FLIGHT)
        answered = sum(run.run["answered_in_all"] for run in rate[1])
        gate_us = (cpu_seconds(pid) - before) * 1e6 / max(answered, 1)
    return [_latency_row(latency), _rate_row(rate, gate_us)]


@contextmanager
def gate_before(running: Running, directory: Path) -> Iterator[tuple[Running, int]]:
    """A gate with TLS before a trading process: how to reach it, and its pid."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    ca, chain, key = (directory / name for name in ("ca.pem", "gate.pem", "gate.key"))
    authority.cert_pem.write_to_path(str(ca))
    chain.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    argv = [sys.executable, "-P", "-m", "venue", "run", "gate", "--config", str(running.config)]
    argv += ["--data-dir", str(running.data_dir), "--set", "gate.port=0"]
    argv += ["--set", f"gate.certificate={chain}", "--set", f"gate.key={key}"]
    with ready_child("gate", argv, directory) as (process, ready):
        host, _, port = ready["fix"].rpartition(":")
        yield running._replace(host=host, port=int(port), ca=ca), process.pid


def _in_turn(
    options: Options, scratch: Path, ways: tuple[Running, Running], how: str, value: str
) -> Runs:
    """Runs straight to trading and through the gate, one after the other, by the same client."""
    measured: Runs = ([], [])
    client = ("--client", "python")  # the one that speaks TLS
    seconds, warm_up = options.closed_seconds, options.warm_up_seconds
    for _ in range(options.closed_runs):
        for runs, way in zip(measured, ways, strict=True):
            runs.append(run_load(way, scratch, SESSIONS, seconds, warm_up, how, value, *client))
    return measured


def _latency_row(measured: Runs) -> Row:
    without, through = ({name: _median_ms(runs, name) for name in ("p50", "p99")}
                        for runs in measured)  # fmt: skip
    added = through["p99"] - without["p99"]
    return Row(
        f"gate with TLS at {RATE:,}/s, {SESSIONS} sessions: p99 added",
        f"{ADDED_MS:g} ms",
        f"{added:.2f} ms: p99 {through['p99']:.2f} for {without['p99']:.2f} ms, "
        f"p50 {through['p50']:.2f} for {without['p50']:.2f} ms",
        ADDED_MS / max(added, 0.01),
        added <= ADDED_MS,
        middle(measured[1]).beside(),
        _texts(measured),
    )


def _rate_row(measured: Runs, gate_us: float) -> Row:
    without, through = map(median_rate, measured)
    share = through / max(without, 1)
    return Row(
        f"gate with TLS, closed loop, {SESSIONS} sessions",
        f"{SHARE} x the rate without",
        f"{share:.2f} x: {through:,}/s of {without:,}/s; gate {gate_us:.0f} us CPU a message",
        share / SHARE,
        share >= SHARE,
        middle(measured[1]).beside(),
        _texts(measured),
    )


def _median_ms(runs: list[Measured], quantile: str) -> float:
    return median(run.latency_ms(quantile) for run in runs)


def _texts(measured: Runs) -> list[str]:
    names = ("straight", "through the gate")
    return [
        f"{name}: {run.text()}"
        for name, runs in zip(names, measured, strict=True)
        for run in runs
    ]  # fmt: skip
