"""Reads what clearing keeps of settlement cycles and their fails. Read-only."""

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Engine, text

from venue.clearing.schema import SCHEMA
from venue.clearing.statements import exact_text
from venue.clock import iso

_COLUMNS = (
    "SELECT cycle, event_seq, settlement_date, obligations, settled, partly, failed, begun_ns, "
    f"ended_ns FROM {SCHEMA}.cycles"
)
_CYCLE = text(f"{_COLUMNS} WHERE cycle = :cycle")
_CYCLES = text(f"{_COLUMNS} ORDER BY cycle DESC LIMIT :most")
_FAILS = text(
    "SELECT member, account, symbol, due, quantity, asset, amount, currency, cycles, cause, "
    f"short_of, penalty FROM {SCHEMA}.fails WHERE cycle = :cycle ORDER BY event_seq"
)


class BookedCycle(NamedTuple):
    """A cycle as it is booked; ended_ns None: not all of it is yet. Times in UTC nanoseconds."""

    cycle: int
    event_seq: int
    settlement_date: str
    obligations: int
    settled: int
    partly: int
    failed: int
    begun_ns: int
    ended_ns: int | None


class BookedFail(NamedTuple):
    """What one cycle has left of an obligation; names as in ObligationFailed."""

    member: str
    account: str
    symbol: str
    due: str
    quantity: Decimal
    asset: str
    amount: Decimal
    currency: str
    cycles: int
    cause: str
    short_of: str
    penalty: Decimal


def booked_cycle(engine: Engine, cycle: int) -> BookedCycle | None:
    """The cycle of that number; None: it is not booked."""
    with engine.connect() as connection:
        row = connection.execute(_CYCLE, {"cycle": cycle}).one_or_none()
    return None if row is None else BookedCycle(*row)


def booked_cycles(engine: Engine, most: int) -> list[BookedCycle]:
    """The last cycles, the last one first."""
    with engine.connect() as connection:
        return [BookedCycle(*row) for row in connection.execute(_CYCLES, {"most": most})]


def booked_fails(engine: Engine, cycle: int) -> list[BookedFail]:
    """The fails of a cycle, in the order in which they were said."""
    with engine.connect() as connection:
        rows = connection.execute(_FAILS, {"cycle": cycle}).all()
    return [BookedFail(*row) for row in rows]


def cycle_told(cycle: BookedCycle) -> dict[str, Any]:
    """The cycle for somebody to read, times in ISO 8601."""
    ended = None if cycle.ended_ns is None else iso(cycle.ended_ns)
    facts = cycle._asdict()
    del facts["begun_ns"], facts["ended_ns"]
    return {**facts, "begun": iso(cycle.begun_ns), "ended": ended}


def fail_told(fail: BookedFail) -> dict[str, Any]:
    """The fail for somebody to read, numbers as exact text."""
    numbers = {name: exact_text(getattr(fail, name)) for name in ("quantity", "amount", "penalty")}
    return {**fail._asdict(), **numbers}
