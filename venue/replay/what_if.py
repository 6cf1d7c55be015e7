"""The recorded flow under other limits: which orders would have been refused, and which taken.

Executes the recorded commands on a state of its own. Nobody knows what the members would
have done instead. Read-only.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    AnyCommand,
    Approve,
    CancelOrder,
    EnterOrder,
    FollowUp,
    ReplaceOrder,
    SetLimits,
)
from venue.domain.events import (
    AnyEvent,
    CancelRejected,
    MassCancelReported,
    OrderAccepted,
    OrderRejected,
    TradeExecuted,
)
from venue.domain.reject_reasons import RejectReason
from venue.engine.control.overrides import Override, impose, unknown
from venue.engine.engine import Engine
from venue.journal.record import Record
from venue.replay.rerun import state_before

_OTHER_IDS = 10**15
"""OrderIDs from here on are for orders that were refused when they were recorded."""

_CONFIGURES = (AddInstrument, AddMember, AddSession, SetLimits, Approve)
_MISSES_ITS_ORDER = (
    RejectReason.UNKNOWN_ORDER,
    RejectReason.ORDER_FINISHED,
    RejectReason.ORDER_MODIFIED_SINCE,
    RejectReason.ORDER_TERMS_CHANGED,
)


class Decision(msgspec.Struct, frozen=True):
    """An order or replacement that is decided otherwise. code, detail: of the refusal, then or now.

    order_id: as it was recorded; empty for an order that was refused then.
    """

    seq: int
    timestamp_ns: int
    request: str
    session: str
    cl_ord_id: str
    order_id: str
    symbol: str
    side: str
    order_qty: str
    price: str
    code: str
    detail: str


class WhatIf(msgspec.Struct):
    """The result. orders: how many new orders and replacements; from_seq and to_seq are included.

    refused: accepted then, refused under the other limits. accepted: the other way round. missed:
    how many cancels and replacements found another order state because of that.
    """

    from_seq: int
    to_seq: int = 0
    orders: int = 0
    refused: list[Decision] = []
    accepted: list[Decision] = []
    missed: int = 0
    trades_recorded: int = 0
    trades: int = 0

    def counts(self) -> dict[str, int]:
        """How many would have been refused, by code."""
        return dict(Counter(decision.code for decision in self.refused).most_common())


def what_if(
    directory: Path, overrides: Sequence[Override], from_seq: int, to_seq: int | None = None
) -> WhatIf:
    """Execute the records from `from_seq` to `to_seq`, or to the last, under these limits.

    Raises ValueError with words for the operator, JournalDamage, ReplayDifference, SnapshotMissing.
    """
    replay, records = state_before(directory, from_seq)
    state = replay.engine.state
    waiting = impose(state, overrides)  # overrides for members that the records add later
    found = WhatIf(from_seq)
    flow = _Flow(replay.engine, replay.follow_ups, replay.timestamp_ns)
    for record in records:
        if to_seq is not None and record.seq > to_seq:
            break
        found.to_seq = record.seq
        for command, events in flow.take(record):
            found.trades += sum(isinstance(event, TradeExecuted) for event in events)
            if isinstance(command, _CONFIGURES):
                waiting = impose(state, overrides)
            if command is record.command:
                _compare(found, record, events)
        found.trades_recorded += sum(isinstance(event, TradeExecuted) for event in record.events)
    if not found.to_seq:
        raise ValueError(f"there is no record {from_seq} yet: the last one is {replay.seq}")
    if waiting:
        raise ValueError(unknown(state, waiting[0]))
    return found


class _Flow:
    """Recorded commands on an engine that may decide otherwise and has follow-ups of its own."""

    def __init__(self, engine: Engine, follow_ups: list[AnyCommand], timestamp_ns: int) -> None:
        self._engine = engine
        self._left = list(follow_ups)
        self._left_since_ns = timestamp_ns
        self._next_other_id = _OTHER_IDS

    def take(self, record: Record) -> Iterator[tuple[AnyCommand, list[AnyEvent]]]:
        """Execute a record's command, and before it slices that are due. Gives each with events."""
        now_ns = record.timestamp_ns
        if isinstance(record.command, FollowUp):
            if self._left:  # as many slices as were recorded, of the work that there is now
                yield self._apply(self._left.pop(0), now_ns)
            return
        while self._left and now_ns > self._left_since_ns:  # a batch has passed
            yield self._apply(self._left.pop(0), now_ns)
        self._keep_ids(record)
        yield self._apply(record.command, now_ns)

    def _apply(self, command: AnyCommand, now_ns: int) -> tuple[AnyCommand, list[AnyEvent]]:
        events = self._engine.apply(command, now_ns)
        self._next_other_id = max(self._next_other_id, self._engine.state.next_order_id)
        left = self._engine.take_follow_ups()
        if left:
            self._left += left
            self._left_since_ns = now_ns
        return command, events

    def _keep_ids(self, record: Record) -> None:
        """Give orders and trades the ids that they had, for later commands name them."""
        state = self._engine.state
        state.next_order_id = self._next_other_id
        for event in record.events:
            if isinstance(event, OrderAccepted):
                state.next_order_id = int(event.order.terms.order_id)
                break
            if isinstance(event, MassCancelReported):
                state.next_order_id = int(event.order_id)
        for event in record.events:
            if isinstance(event, TradeExecuted):
                state.next_match_id = int(event.match_id.removeprefix("M"))
                break


def _compare(found: WhatIf, record: Record, events: list[AnyEvent]) -> None:
    command = record.command
    if not isinstance(command, EnterOrder | ReplaceOrder | CancelOrder):
        return
    then, now = _refusal(record.events), _refusal(events)
    if isinstance(command, CancelOrder) or (now is not None and now.reason in _MISSES_ITS_ORDER):
        found.missed += then is None and now is not None
        found.orders += isinstance(command, ReplaceOrder)
        return
    found.orders += 1
    if (then is None) == (now is None):
        return
    refusal = now or then
    assert refusal is not None
    decision = Decision(
        record.seq,
        record.timestamp_ns,
        type(command).__name__,
        command.session,
        command.cl_ord_id,
        _order_id(command, record.events) if then is None else "",
        command.symbol,
        command.side,
        command.order_qty or "",
        command.price or "",
        refusal.reason,
        refusal.detail,
    )
    (found.refused if then is None else found.accepted).append(decision)


def _refusal(events: list[AnyEvent]) -> OrderRejected | CancelRejected | None:
    refused = (each for each in events if isinstance(each, OrderRejected | CancelRejected))
    return next(refused, None)


def _order_id(command: EnterOrder | ReplaceOrder, events: list[AnyEvent]) -> str:
    """OrderID of the order that the command entered or replaced."""
    orders = (event.order for event in events if hasattr(event, "order"))
    own = (order for order in orders if order.cl_ord_id == command.cl_ord_id)
    order = next(own, None)
    return "" if order is None else order.terms.order_id
