"""What a counterparty may want: an order, its cancellation, its change; and their FIX text.

Knows the standard's enumerations; prices and quantities are text, as they go out.
"""

from typing import NamedTuple

from venue.domain.types import OrdType, Side, TimeInForce

SOH = "\x01"


class Enter(NamedTuple):
    """A NewOrderSingle; price None for a market order."""

    symbol: str
    side: Side
    qty: str
    price: str | None
    time_in_force: TimeInForce = TimeInForce.DAY
    more: tuple[str, ...] = ()
    """Further fields as `tag=value`, sent in this order, for groups live by it. A tag that would be
    set without them, but for MsgType and ClOrdID, is set by them alone."""


class Cancel(NamedTuple):
    """An OrderCancelRequest for the order that is known as orig_cl_ord_id."""

    symbol: str
    side: Side
    orig_cl_ord_id: str


class Replace(NamedTuple):
    """An OrderCancelReplaceRequest; qty is the whole OrderQty, with what has been filled."""

    symbol: str
    side: Side
    orig_cl_ord_id: str
    qty: str
    price: str


Intent = Enter | Cancel | Replace


def encode(intent: Intent, cl_ord_id: str, transact_time: str, account: str = "") -> str:
    """FIX text of a request from MsgType(35) on, each field ended by SOH."""
    instrument = [f"55={intent.symbol}", f"54={intent.side}", f"60={transact_time}"]
    more: tuple[str, ...] = ()
    match intent:
        case Enter():
            head = ["35=D", f"11={cl_ord_id}"]
            ord_type = OrdType.MARKET if intent.price is None else OrdType.LIMIT
            tail = [f"38={intent.qty}", f"40={ord_type}", f"59={intent.time_in_force}"]
            tail += [f"44={intent.price}"] if intent.price is not None else []
            tail += [f"1={account}"] if account else []
            more = intent.more
        case Cancel():
            head = ["35=F", f"11={cl_ord_id}", f"41={intent.orig_cl_ord_id}"]
            tail = []
        case Replace():
            head = ["35=G", f"11={cl_ord_id}", f"41={intent.orig_cl_ord_id}"]
            tail = [f"38={intent.qty}", f"40={OrdType.LIMIT}", f"44={intent.price}"]
    given = {field.partition("=")[0] for field in more}
    own = [field for field in (*instrument, *tail) if field.partition("=")[0] not in given]
    return "".join(field + SOH for field in [*head, *own, *more])
