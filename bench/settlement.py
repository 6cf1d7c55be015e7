"""Settlement of a day: trades netted by the engine, the cycle, and its entries in the ledger.

Netting is kept with each trade; the clock runs for the cycle in the engine, and for booking its
events in the embedded PostgreSQL.

Usage of one measurement: python -m bench.settlement DIRECTORY TRADES MEMBERS
"""

import json
import sys
import time
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
from venue.domain.events import AnyEvent, SettlementEnded, TradeExecuted
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
            f"trading {found['trading']:.0f} s before; {load_average()}",
        )
    ]


def measure(directory: Path, trades: int, members: int) -> dict[str, float]:
    """Trade, settle, book."""
    collect_new_objects_only()
    engine = Engine()
    now_ns = START_NS
    begin = time.perf_counter()

    def apply(command: c.AnyCommand) -> list[AnyEvent]:
        nonlocal now_ns
        now_ns += 1_000_000
        return engine.apply(command, now_ns)

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
    trading = time.perf_counter() - begin
    settled, cycle, longest = _settled(engine, now_ns)
    booking = _booked(directory, settled)
    ended = settled[-1]
    assert isinstance(ended, SettlementEnded) and not ended.failed, ended
    return {
        "trading": trading,
        "cycle": cycle,
        "slice": longest * 1e3,
        "booking": booking,
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


def _booked(directory: Path, events: list[AnyEvent]) -> float:
    """Seconds that clearing takes to book them, numbered from 1."""
    numbered = [
        encode(msgspec.structs.replace(event, event_seq=at)) for at, event in enumerate(events, 1)
    ]
    server = postgres.start(directory)
    engine = ledger_engine(server.urls["database_url"])
    owner = ledger_engine(server.urls["database_owner_url"])
    try:
        repository = LedgerRepository(engine, owner)
        repository.open()
        begin = time.perf_counter()
        for start in range(0, len(numbered), BATCH):
            part = numbered[start : start + BATCH]
            batch = [Delivered(start + at, payload) for at, payload in enumerate(part, start=1)]
            repository.apply(batch, Position(batch[-1].event_seq, journal="bench", digest="x"))
        return time.perf_counter() - begin
    finally:
        engine.dispose()
        owner.dispose()
        server.stop()


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
