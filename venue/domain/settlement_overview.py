"""Rows of what the operator is told of settlement. Data only; amounts are exact decimal text."""

import msgspec


class DueRow(msgspec.Struct, frozen=True):
    """All that is due on one date: how many obligations, and how many of them have failed."""

    due: str
    obligations: int
    failed: int


class CycleRow(msgspec.Struct, frozen=True):
    """A cycle: of its obligations settled in full, in part, and not at all; the rest was bought in.

    event_seq: of its end.
    """

    cycle: int
    settlement_date: str
    obligations: int
    settled: int
    partly: int
    failed: int
    event_seq: int


class RunningCycleRow(msgspec.Struct, frozen=True):
    """A cycle that runs: how many obligations are done, of how many."""

    cycle: int
    settlement_date: str
    done: int
    obligations: int


class FailRow(msgspec.Struct, frozen=True):
    """What is left of an obligation behind a cycle that should have settled it.

    quantity and amount: signed, above zero it comes to the member. cycles: in how many it has
    failed. days: calendar days from its due date to the trading day.
    """

    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    cycles: int
    days: int
