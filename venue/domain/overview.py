"""What the operator is shown of the state: plain rows, numbers as exact text.

The engine's views make them, the admin socket carries them, the command line prints them.
"""

import msgspec

LadderLevel = tuple[str, str, int]
"""Price, quantity, number of orders."""


class MemberRow(msgspec.Struct, frozen=True):
    """A member: KYC, blocks, funding, accounts, sessions, traders, open orders."""

    member: str
    legal_name: str
    kyc: str
    suspended: bool
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
    """What a ledger account has of an asset, and how much of it open orders reserve."""

    account: str
    asset: str
    balance: str
    reserved: str
    free: str


class ScopeRow(msgspec.Struct, frozen=True):
    """Limits and funds of a member, or of one of its accounts."""

    member: str
    account: str
    funding: str
    limits: tuple[LimitRow, ...]
    funds: tuple[PurseRow, ...]


class ApprovalRow(msgspec.Struct, frozen=True):
    """A command that waits for a second operator; `action` is its JSON."""

    action_id: str
    command: str
    action: str
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
