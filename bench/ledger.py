"""The ledger alone: trades a second that clearing books into the embedded PostgreSQL.

Usage of one measurement: python -m bench.ledger DIRECTORY TRADES SETTLEMENT_DAYS
"""

import json
import sys
import time
from pathlib import Path

from bench.answers import answer_of
from bench.machine import load_average
from bench.options import Options
from bench.table import Row
from venue.bus.delivered import Delivered
from venue.bus.position_file import Position
from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.clearing.worker import BATCH
from venue.domain.codec import encode
from venue.domain.events import TradeExecuted
from venue.domain.order_state import Fill, OrderState, OrderTerms
from venue.domain.types import OrdStatus, Side
from venue.servers import postgres

TARGET = 10_000
MEMBERS, SYMBOLS = 1_000, 5
_WARM_UP = 5
"""Batches before the clock runs: accounts are made, the server's caches fill."""
_SECONDS_MAX = 900


def rows(options: Options) -> list[Row]:
    """Trades that move asset and money at once, and trades that settle in two days."""
    return [_row(options, "0", "settled at once"), _row(options, "2", "to settle in two days")]


def _row(options: Options, days: str, what: str) -> Row:
    runs = []
    for _ in range(options.engine_runs):
        with options.scratch("ledger") as scratch:
            argv = [sys.executable, "-m", "bench.ledger", str(scratch)]
            runs.append(answer_of([*argv, str(options.engine_commands), days], _SECONDS_MAX))
    rates = [round(run["trades"] / run["seconds"]) for run in runs]
    rate = sorted(rates)[(len(rates) - 1) // 2]
    return Row(
        f"ledger, trades/s of two sides with fees, {what}",
        f"{TARGET:,}",
        f"{rate:,}; {runs[0]['bytes_a_trade']:,.0f} bytes a trade in the database",
        rate / TARGET,
        rate >= TARGET,
        f"{MEMBERS:,} members; {load_average()}",
        [f"{each:,}/s" for each in rates],
    )


def measure(directory: Path, count: int, settlement_days: str) -> dict[str, float]:
    """The whole way of a batch: decode, entries, balances, COPY, guards, commit."""
    due = "2026-01-07" if settlement_days == "2" else None
    warm_up = _WARM_UP * BATCH
    payloads = [encode(_trade(seq, due)) for seq in range(1, warm_up + count + 1)]
    server = postgres.start(directory)
    engine = ledger_engine(server.urls["database_url"])
    owner = ledger_engine(server.urls["database_owner_url"])
    try:
        repository = LedgerRepository(engine, owner)
        repository.open()
        begin, size = 0.0, 0.0
        for start in range(0, len(payloads), BATCH):
            if start == warm_up:
                size = _bytes_of(server.url)
                begin = time.perf_counter()
            part = payloads[start : start + BATCH]
            batch = [Delivered(start + at, payload) for at, payload in enumerate(part, start=1)]
            repository.apply(batch, Position(batch[-1].event_seq, journal="bench", digest="x"))
        seconds = time.perf_counter() - begin
        grown = _bytes_of(server.url) - size
    finally:
        engine.dispose()
        owner.dispose()
        server.stop()
    return {"trades": count, "seconds": seconds, "bytes_a_trade": grown / count}


def _bytes_of(url: str) -> float:
    engine = ledger_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT pg_database_size(current_database())"
            return float(connection.exec_driver_sql(query).scalar_one())
    finally:
        engine.dispose()


def _trade(seq: int, due: str | None) -> TradeExecuted:
    symbol = f"S{seq % SYMBOLS}"
    quantity, price = seq % 97 + 1, seq % 503 + 50
    return TradeExecuted(
        event_seq=seq,
        timestamp_ns=1_767_600_000_000_000_000 + seq * 100_000,
        symbol=symbol,
        match_id=f"M{seq}",
        trading_day="2026-01-05",
        last_px=f"{price / 100:.2f}",
        last_qty=str(quantity),
        asset=symbol,
        amount=f"{price * quantity / 100:.2f}",
        currency="USD",
        buy=_fill(seq, Side.BUY, symbol, seq * 7 % MEMBERS),
        sell=_fill(seq, Side.SELL, symbol, seq * 11 % MEMBERS),
        aggressor=Side.BUY,
        settlement_date=due,
    )


def _fill(seq: int, side: Side, symbol: str, member: int) -> Fill:
    name = f"M{member:04d}"
    terms = OrderTerms(
        order_id=f"{side}{seq}", session=name, member=name, symbol=symbol, side=side,
        ord_type="2", time_in_force="0",
    )  # fmt: skip
    state = OrderState(
        terms=terms, cl_ord_id=f"c{seq}", ord_status=OrdStatus.FILLED, order_qty="100",
        leaves_qty="0", cum_qty="100", avg_px="1", price="1",
    )  # fmt: skip
    return Fill(order=state, fee=f"0.{seq % 89 + 10}")


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
