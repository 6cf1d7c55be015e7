"""What members ask about their orders: new, cancel, replace, mass cancel.

Numbers as the member wrote them. Knows msgspec only; all commands are in `venue.domain.commands`.
"""

import msgspec

from venue.domain.command import Command


class Party(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One entry of the Parties group: PartyID(448), PartyIDSource(447), PartyRole(452)."""

    party_id: str
    party_id_source: str
    party_role: str


class EnterOrder(Command, frozen=True, tag=True):
    """NewOrderSingle(D). Numbers are FIX decimal text; enumerations FIX codes as received."""

    session: str
    cl_ord_id: str
    symbol: str
    side: str
    ord_type: str
    time_in_force: str = "0"
    order_qty: str | None = None
    price: str | None = None
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()
    text: str | None = None
    unsupported: str | None = None
    """The first instruction of the message that the venue does not know, as `tag=value`."""
    poss_resend: bool = False
    stop_px: str | None = None
    min_qty: str | None = None
    max_floor: str | None = None
    exec_inst: str = ""
    """ExecInst(18): codes separated by blanks."""
    expire_ns: int | None = None
    """ExpireTime(126) in UTC nanoseconds."""
    expire_date: str | None = None
    """ExpireDate(432) as ISO date."""
    peg_offset: str | None = None
    self_match_id: str | None = None
    self_match_mode: str | None = None
    locate_reqd: str | None = None
    """LocateReqd(114) of a short sale."""
    route: str = ""
    """Header fields for the answers: the routing of the request, turned round (DeliverTo...)."""


class CancelOrder(Command, frozen=True, tag=True):
    """OrderCancelRequest(F)."""

    session: str
    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: str
    order_id: str | None = None
    orig_ord_mod_ms: int | None = None
    """OrigOrdModTime(586) in UTC milliseconds."""
    poss_resend: bool = False
    route: str = ""


class ReplaceOrder(Command, frozen=True, tag=True):
    """OrderCancelReplaceRequest(G); what is None, or empty, stays as it is in the order."""

    session: str
    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: str
    ord_type: str
    order_qty: str | None = None
    price: str | None = None
    time_in_force: str | None = None
    order_id: str | None = None
    unsupported: str | None = None
    orig_ord_mod_ms: int | None = None
    stop_px: str | None = None
    max_floor: str | None = None
    poss_resend: bool = False
    route: str = ""
    exec_inst: str | None = None
    min_qty: str | None = None
    expire_ns: int | None = None
    expire_date: str | None = None
    peg_offset: str | None = None
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()
    self_match_id: str | None = None
    self_match_mode: str | None = None
    locate_reqd: str | None = None
    text: str | None = None


class MassCancel(Command, frozen=True, tag=True):
    """OrderMassCancelRequest(q): the session's open orders, by symbol (530=1) or all (530=7)."""

    session: str
    cl_ord_id: str
    request_type: str
    symbol: str | None = None
    side: str | None = None
    poss_resend: bool = False
    route: str = ""
