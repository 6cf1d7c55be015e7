"""What the operator is shown of the state: plain rows, numbers as exact text.

The engine's views make them, the admin socket carries them, the command line prints them.
"""

from typing import Any

import msgspec

from venue.domain.requests import Party
from venue.domain.types import OrdStatus, Side

LadderLevel = tuple[str, str, int]
"""Price, quantity, number of orders."""


class MemberRow(msgspec.Struct, frozen=True):
    """A member: KYC, blocks, funding, accounts, sessions, traders, open orders.

    margin_call: amount and currency that it is called for; margin_due_ns: until when (UTC
    nanoseconds); 0: nothing is called for.
    """

    member: str
    legal_name: str
    kyc: str
    suspended: bool
    in_default: bool
    margin_call: str
    margin_due_ns: int
    killed: bool
    funding: str
    accounts: tuple[str, ...]
    sessions: tuple[str, ...]
    traders: dict[str, str]
    documents: tuple[str, ...]
    open_orders: int


class InstrumentRow(msgspec.Struct, frozen=True):
    """An instrument: its definition, its state, last price, orders in its book."""

    symbol: str
    currency: str
    asset: str
    state: str
    tick_size: str
    lot_size: str
    reference_price: str
    last_px: str | None
    max_order_qty: str
    max_order_value: str
    price_collar_percent: str
    dynamic_collar_percent: str
    fee_bps: str
    orders_in_book: int
    bust_days: str
    fee_schedule: str = ""
    settlement_days: str = "0"


class OrderRow(msgspec.Struct, frozen=True):
    """An order as it is now; enumerations are FIX codes. waiting: it is not in the book."""

    order_id: str
    cl_ord_id: str
    session: str
    member: str
    account: str | None
    symbol: str
    side: Side
    ord_type: str
    time_in_force: str
    ord_status: OrdStatus
    order_qty: str
    leaves_qty: str
    cum_qty: str
    avg_px: str
    price: str | None
    stop_px: str | None
    waiting: bool


class OrderDetail(OrderRow, frozen=True):
    """All of an order. modified_ns: when it was last accepted or replaced (UTC nanoseconds)."""

    modified_ns: int
    order_capacity: str | None
    parties: tuple[Party, ...]
    exec_inst: str | None
    min_qty: str | None
    max_floor: str | None
    displayed_qty: str | None
    expire_ns: int | None
    expire_date: str | None
    peg_offset: str | None
    self_match_id: str | None
    self_match_mode: str | None
    day_order_qty: str | None = None
    day_cum_qty: str | None = None
    day_avg_px: str | None = None


class OrdersWanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which orders of the trading day; empty: any. open_only False: also those that have ended."""

    member: str = ""
    session: str = ""
    symbol: str = ""
    cl_ord_id: str = ""
    open_only: bool = True


class OrderPlace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Behind which order a list goes on; its first page begins behind none."""

    session: str = ""
    order_id: int = 0


class LatestTrade(msgspec.Struct, frozen=True):
    """A trade as it is now: a correction has changed it, a busted one is none."""

    match_id: str
    symbol: str
    last_px: str
    last_qty: str


class LimitRow(msgspec.Struct, frozen=True):
    """One limit. value None: there is none. used and left are None where they mean nothing.

    of: the symbol that is nearest to a limit for each instrument.
    """

    limit: str
    value: str | None
    used: str | None
    left: str | None
    of: str


class PurseRow(msgspec.Struct, frozen=True):
    """What a ledger account has of an asset, and how much of it open orders reserve.

    pending: what of the balance is still to settle, net; below zero more goes out than comes in.
    withdrawable: what of `free` may leave the venue.
    """

    account: str
    asset: str
    balance: str
    reserved: str
    free: str
    pending: str = "0"
    withdrawable: str = "0"


class FundsRow(PurseRow, frozen=True, kw_only=True):
    """A member's purse."""

    member: str


class ScopeRow(msgspec.Struct, frozen=True):
    """Limits and funds of a member, or of one of its accounts."""

    member: str
    account: str
    funding: str
    limits: tuple[LimitRow, ...]
    funds: tuple[PurseRow, ...]


class ApprovalRow(msgspec.Struct, frozen=True):
    """A command that waits for a second operator; `action` has its fields."""

    action_id: str
    command: str
    action: dict[str, Any]
    operator: str
    reason: str


class Blocks(msgspec.Struct, frozen=True):
    """What is stopped now, by whom it concerns, and how many commands wait for approval.

    blocked_sessions: code of the block by session. sessions_closed: why no session may log on.
    """

    all_killed: bool
    killed_members: tuple[str, ...]
    suspended_members: tuple[str, ...]
    unapproved_members: tuple[str, ...]
    blocked_sessions: dict[str, str]
    disabled_sessions: tuple[str, ...]
    halted_instruments: tuple[str, ...]
    disabled_instruments: tuple[str, ...]
    held_commands: int
    sessions_closed: str | None

    @property
    def are_none(self) -> bool:
        """Whether nothing is stopped and nothing waits."""
        return not any(msgspec.structs.astuple(self))
