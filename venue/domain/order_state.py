"""An order and a fill as events show them: plain views, complete in themselves.

Prices, quantities and amounts are exact decimal text; enumerations are FIX codes.
"""

import msgspec

from venue.domain.commands import EnterOrder, Party
from venue.domain.types import OrdStatus, Side


class OrderTerms(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The terms of an order. Nothing of them changes in its life but the route."""

    order_id: str
    session: str
    member: str
    symbol: str
    side: Side
    ord_type: str
    time_in_force: str
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()
    exec_inst: str | None = None
    min_qty: str | None = None
    expire_ns: int | None = None
    expire_date: str | None = None
    peg_offset: str | None = None
    self_match_id: str | None = None
    self_match_mode: str | None = None
    route: str = ""
    """Header fields of its reports, from the latest accepted request of its own session."""


def terms_of(
    command: EnterOrder, order_id: str, session: str, member: str, symbol: str, side: Side
) -> OrderTerms:
    """Terms of a new order: each but the first five is the command's."""
    return OrderTerms(
        order_id,
        session,
        member,
        symbol,
        side,
        command.ord_type,
        command.time_in_force,
        command.account,
        command.order_capacity,
        command.parties,
        command.exec_inst or None,
        command.min_qty,
        command.expire_ns,
        command.expire_date,
        command.peg_offset,
        command.self_match_id,
        command.self_match_mode,
        command.route,
    )


class DayQuantities(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Today's part of an order from an earlier day: DayOrderQty(424), DayCumQty(425) and
    DayAvgPx(426)."""

    order_qty: str
    cum_qty: str
    avg_px: str


class OrderState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An order as it was right after the event. leaves_qty is 0 once it is finished.

    waiting: it is not in the book (an untriggered stop, a pending all-or-none, an auction order).
    """

    terms: OrderTerms
    cl_ord_id: str
    ord_status: OrdStatus
    order_qty: str
    leaves_qty: str
    cum_qty: str
    avg_px: str
    price: str | None = None
    stop_px: str | None = None
    max_floor: str | None = None
    waiting: bool = False
    day: DayQuantities | None = None
    displayed_qty: str | None = None
    """The part of leaves_qty that an iceberg shows in the book; None: all of it."""


class Fill(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One party's half of a trade; fee in the instrument's currency."""

    order: OrderState
    fee: str = "0"
