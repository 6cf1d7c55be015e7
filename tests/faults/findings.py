"""What is compared and what comes of it: evidence in, violations out, as plain values.

Knows stories only, no process and no file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from heapq import merge
from typing import NamedTuple

import msgspec

from tests.faults.journal_story import Digest, JournalStory, Trade
from tests.faults.stories import ClientStory, Fields, exec_number

Level = tuple[str, str, str]
"""Symbol, side (1 or 2), price."""


class MemberCopy(msgspec.Struct, frozen=True, gc=False):
    """What counts of a drop copy on a member's own stream. exec_id empty: of funds that moved."""

    member_seq: int
    event_seq: int
    exec_id: str = ""


class Violation(NamedTuple):
    """What is wrong, under the name of the invariant it breaks."""

    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


@dataclass
class Evidence:
    """What was found after the load had stopped and everybody had caught up.

    clients_keep: sessions that logged on with 9001=N. book: level -> (quantity shown, orders), and
    open_orders by session, of the live venue. digests: of the live engine, then of each replay from
    the first record. copies: (event_seq, digest) of the stream, in its order. member_copies: of
    each member's own stream, in its order. crashes_ns: when trading died. reconciled: what
    `venue reconcile` finds, a line each.
    """

    clients: Mapping[str, ClientStory]
    clients_keep: frozenset[str]
    journal: JournalStory
    book: Mapping[Level, tuple[Decimal, int]]
    open_orders: Mapping[str, int]
    digests: Sequence[str]
    copies: Sequence[tuple[int, Digest]]
    ledger_trades: Sequence[Trade]
    ledger_sums: Mapping[str, Decimal]
    ledger_unreconciled: int
    audit: Sequence[tuple[int, Digest]]
    audit_problem: str | None
    member_copies: Mapping[str, Sequence[MemberCopy]]
    crashes_ns: Sequence[int]
    reconciled: Sequence[str]

    @cached_property
    def executions(self) -> list[Fields]:
        """All ExecutionReports of all clients, each once, in the order of their ExecIDs."""
        return list(merge(*(each.executions for each in self.clients.values()), key=exec_number))


Check = Callable[[Evidence], Iterator[Violation]]
"""Looks for one thing that may be wrong. Its name says what has to be true."""
