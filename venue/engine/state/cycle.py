"""A settlement cycle that runs: what it is going to settle, and how far it is.

The plan is made when the cycle begins, and is not changed by what comes between its slices.
"""

from typing import NamedTuple


class Move(NamedTuple):
    """What a cycle settles of one obligation. quantity and amount: as in Obligation, signed.

    cause: why something is left, "" where nothing is; short_of: the asset that the member lacks.
    penalty: for what is left, in 10^-8 of the currency, above zero where the member gets it.
    """

    member: str
    account: str
    symbol: str
    due: str
    quantity: int
    amount: int
    cause: str
    short_of: str
    penalty: int


class EndedCycle(NamedTuple):
    """What came of a cycle. obligations: of which the rest was bought in. event_seq: its end's."""

    number: int
    settlement_date: str
    obligations: int
    settled: int
    partly: int
    failed: int
    event_seq: int


class Cycle:
    """number: from 1. obligations: how many were due when it began.

    moves: the plan; the first `done` of them are settled. settled, partly, failed: count those.
    """

    __slots__ = (
        "done",
        "failed",
        "moves",
        "number",
        "obligations",
        "partly",
        "settled",
        "settlement_date",
    )

    def __init__(
        self, number: int, settlement_date: str, obligations: int, moves: list[Move]
    ) -> None:
        self.number = number
        self.settlement_date = settlement_date
        self.obligations = obligations
        self.moves = moves
        self.done = 0
        self.settled = 0
        self.partly = 0
        self.failed = 0
