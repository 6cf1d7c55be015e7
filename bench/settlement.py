"""Settlement of a day: trades netted by the engine, the cycle, and its entries in the ledger.

Netting is kept with each trade, and trades are booked as they come; the clock of a cycle runs for
the cycle in the engine, and for booking its events in the embedded PostgreSQL.

Usage of one measurement: python -m bench.settlement DIRECTORY TRADES MEMBERS
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.answers import answer_of
from bench.engine_load import START_NS, definition
from bench.machine import load_average
from bench.options import Options
from bench.table import Row
from venue.bus.delivered import Delivered
from venue.bus.position_file import Position
from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.clearing.worker import BATCH
from venue.domain import commands as c
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, OrderAccepted, SettlementEnded, TradeExecuted
from venue.domain.verbs.settlement import SettleObligations
from venue.engine.engine import Engine
from venue.garbage import collect_new_objects_only
from venue.servers import postgres

SYMBOLS = 5
MEMBERS = 1_000
TRADES_A_COMMAND = 10
"""Trades for each settlement command of the option that counts commands: 1,000,000 in full."""
SECONDS = 60.0
_SECONDS_MAX = 1_800
_OF_ORDERS = (OrderAccepted,)
_DAY, _DUE = "2026-01-05", "2026-01-07"


def rows(options: Options) -> list[Row]:
    """How long a cycle takes that settles all of a day's trades."""
    trades = options.engine_commands * TRADES_A_COMMAND
    with options.scratch("settlement") as scratch:
        argv = [sys.executable, "-m", "bench.settlement", str(scratch), str(trades), str(MEMBERS)]
        found = answer_of(argv, _SECONDS_MAX)
    seconds = found["cycle"] + found["booking"]
    return [
        Row(
            f"settlement of {trades:,} trades of {MEMBERS:,} members, {SYMBOLS} instruments",
            f"{SECONDS:g} s",
            f"{seconds:.1f} s: {found['cycle']:.2f} in the engine, {found['booking']:.1f} in the "
            f"ledger; {found['obligations']:,} obligations; longest slice {found['slice']:.1f} ms",
            SECONDS / seconds,
            seconds <= SECONDS,
            f"before: trading {found['trading'] - found['booked']:.0f} s, booking the trades "
            f"{found['booked']:.0f} s; {load_average()}",
        )
    ]


class _Ledger:
    """Books events in batches, numbered as they come; seconds: how long that took in all."""

    def __init__(self, repository: LedgerRepository) -> None:
        self._repository = repository
        self._waiting: list[Delivered] = []
        self._last_seq = 0
        self.seconds = 0.0

    def take(self, events: list[AnyEvent]) -> None:
        """What clearing does not book is left out: it would only be counted."""
        for event in events:
            if type(event) in _OF_ORDERS:
                continue
            self._last_seq += 1
            numbered = msgspec.structs.replace(event, event_seq=self._last_seq)
            self._waiting.append(Delivered(self._last_seq, encode(numbered)))
            if len(self._waiting) == BATCH:
                self.flush()

    def flush(self) -> None:
        """Book what waits."""
        if not self._waiting:
            return
        begin = time.perf_counter()
        self._repository.apply(self._waiting, Position(self._last_seq, journal="bench", digest="x"))
        self.seconds += time.perf_counter() - begin
        self._waiting = []


@contextmanager
def _ledger_in(directory: Path) -> Iterator[_Ledger]:
    server = postgres.start(directory)
    engine = ledger_engine(server.urls["database_url"])
    owner = ledger_engine(server.urls["database_owner_url"])
    try:
        repository = LedgerRepository(engine, owner)
        repository.open()
        yield _Ledger(repository)
    finally:
        engine.dispose()
        owner.dispose()
        server.stop()


def measure(directory: Path, trades: int, members: int) -> dict[str, float]:
    """Trade, settle, book."""
    with _ledger_in(directory) as ledger:
        return _measured(ledger, trades, members)


def _measured(ledger: _Ledger, trades: int, members: int) -> dict[str, float]:
    collect_new_objects_only()
    engine = Engine()
    now_ns = START_NS
    begin = time.perf_counter()

    def apply(command: c.AnyCommand) -> list[AnyEvent]:
        nonlocal now_ns
        now_ns += 1_000_000
        events = engine.apply(command, now_ns)
        ledger.take(events)
        return events

    symbols = [f"SYM{number}" for number in range(1, SYMBOLS + 1)]
    for symbol in symbols:
        apply(c.AddInstrument(msgspec.structs.replace(definition(symbol), settlement_days="2")))
    names = [f"M{number:04d}" for number in range(members)]
    for name in names:
        apply(c.AddMember(name, (), "1000000000000", 10_000_000))
        apply(c.AddSession(name, name))
        for symbol in symbols:
            apply(c.Deposit(name, symbol, "1000000", reference=f"{name} {symbol}"))
    apply(c.StartDay(_DAY))
    done = 0
    while done < trades:
        symbol, seller = symbols[done % SYMBOLS], names[done * 7 % members]
        buyer = names[(done * 11 + 1) % members]
        price = f"{100 + done % 5}.00"
        apply(c.EnterOrder(seller, f"s{done}", symbol, "2", "2", "0", "3", price))
        events = apply(c.EnterOrder(buyer, f"b{done}", symbol, "1", "2", "0", "3", price))
        done += sum(isinstance(event, TradeExecuted) for event in events) or 1
    ledger.flush()
    trading, booked = time.perf_counter() - begin, ledger.seconds
    settled, cycle, longest = _settled(engine, now_ns)
    ledger.take(settled)
    ledger.flush()
    ended = settled[-1]
    assert isinstance(ended, SettlementEnded) and not ended.failed, ended
    return {
        "trading": trading,
        "cycle": cycle,
        "slice": longest * 1e3,
        "booking": ledger.seconds - booked,
        "booked": booked,
        "obligations": ended.settled,
    }


def _settled(engine: Engine, now_ns: int) -> tuple[list[AnyEvent], float, float]:
    """Events of the cycle, how long it took, and its longest slice, in seconds."""
    events: list[AnyEvent] = []
    commands: list[c.AnyCommand] = [SettleObligations(_DUE)]
    total = longest = 0.0
    while commands:
        for command in commands:
            begin = time.perf_counter()
            events += engine.apply(command, now_ns)
            took = time.perf_counter() - begin
            total += took
            longest = max(longest, took)
        commands = engine.take_follow_ups()
    return events, total, longest


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
