"""The book alone against two matching engines of the package index, operation by operation."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.answers import answer_of
from bench.engine_load import FILL_UP, EngineLoad, definition
from bench.machine import ROOT, load_average
from bench.options import Options
from bench.peers import PeersMissing, peer_environment
from bench.table import Row, not_measured
from venue.domain import events as e
from venue.domain.instruments import Instrument
from venue.domain.types import Side
from venue.load.mix import Mix

PEERS = ("lightmatchingengine", "pyorderbook")
DEPTHS = ((20, 1000), (500, 10_000))
"""Price levels a side, and orders that rest on them before the measurement."""
_BATCH = 64
_SECONDS_MAX = 600

Operation = tuple[int, int, int, int, int]


def rows(options: Options) -> list[Row]:
    """Each peer at each depth, in turn with the venue's book."""
    with options.scratch("book") as scratch:
        try:
            peers = peer_environment(scratch)
        except PeersMissing as error:
            why = f"the packages cannot be had: {error}"
            return [not_measured(_figure(peer, *DEPTHS[0]), "faster", why) for peer in PEERS]
        result = []
        for levels, resting in DEPTHS:
            work = scratch / f"operations-{levels}.json"
            operations, timed_from = _operations(levels, resting, options.engine_commands)
            work.write_text(json.dumps({"operations": operations, "timed_from": timed_from}))
            runs = _run_all(options, peers, work)
            result += [_row(peer, levels, resting, runs) for peer in PEERS]
        return result


def _run_all(options: Options, peers: Path, work: Path) -> dict[str, list[dict[str, Any]]]:
    """Every book in turn, so that a bad minute hits all of them."""
    pythons = {"venue": Path(sys.executable)} | dict.fromkeys(PEERS, peers)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in pythons}
    for _ in range(options.engine_runs):
        for name, python in pythons.items():
            runs[name].append(_run(name, python, work))
    outcomes = {(run["traded"], run["resting"]) for each in runs.values() for run in each}
    if len(outcomes) != 1:
        raise RuntimeError(f"the books did not do the same: {runs}")
    return runs


def _run(name: str, python: Path, work: Path) -> dict[str, Any]:
    argv = [str(python), str(ROOT / "bench" / "book_run.py"), name, str(work)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT) if name == "venue" else ""}
    result: dict[str, Any] = answer_of(argv, _SECONDS_MAX, environment)
    return result


def _row(peer: str, levels: int, resting: int, runs: dict[str, list[dict[str, Any]]]) -> Row:
    ours, theirs = (sorted(run["us"] for run in runs[name]) for name in ("venue", peer))
    our_us, their_us = (times[(len(times) - 1) // 2] for times in (ours, theirs))
    return Row(
        _figure(peer, levels, resting),
        "faster",
        f"{our_us:.2f} us an operation, {peer} {their_us:.2f} us",
        their_us / our_us,
        our_us < their_us,
        load_average(),
        [f"{name}: {', '.join(f'{us:.2f}' for us in times)} us"
         for name, times in (("venue", ours), (peer, theirs))],
    )  # fmt: skip


def _figure(peer: str, levels: int, resting: int) -> str:
    return f"book alone against {peer}, {levels} price levels a side, {resting:,} orders resting"


def _operations(levels: int, resting: int, commands: int) -> tuple[list[Operation], int]:
    """What the load's mix does to one book, and from which operation on to time it."""
    load = EngineLoad(1, levels)
    log = _OperationLog()
    timed_from = 0
    load.send(FILL_UP)
    while len(log.operations) < resting + commands:
        if len(log.operations) >= resting and not timed_from:
            timed_from = len(log.operations)
            load.send(Mix())
        for command in load.commands(_BATCH):
            events = load.apply(command)
            load.tell(events)
            for event in events:
                log.add(event)
    return log.operations, timed_from


class _OperationLog:
    """What a book without sessions and ClOrdIDs would have been told; a replace is out and in."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._open: dict[tuple[str, str], tuple[int, int]] = {}
        self._last_number = 0
        self._instrument = Instrument(definition("SYM1"))

    def add(self, event: e.AnyEvent) -> None:
        """Trades are the books' own business."""
        if not isinstance(event, e.OrderAccepted | e.OrderReplaced | e.OrderCanceled):
            return
        order = event.order
        key = (order.terms.session, order.cl_ord_id)
        ticks = self._instrument.ticks(str(order.price))
        assert ticks is not None
        if not isinstance(event, e.OrderAccepted):
            number, old_ticks = self._open.pop((key[0], str(event.orig_cl_ord_id)))
            if isinstance(event, e.OrderReplaced) and old_ticks == ticks:
                self._open[key] = (number, ticks)  # it keeps its place
                return
            self.operations.append((0, number, 0, 0, 0))
        if not isinstance(event, e.OrderCanceled):
            self._last_number += 1
            self._open[key] = (self._last_number, ticks)
            side = 0 if order.terms.side is Side.BUY else 1
            self.operations.append((1, self._last_number, side, ticks, int(order.leaves_qty)))
