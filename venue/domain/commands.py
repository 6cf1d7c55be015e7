"""What may be asked of the engine: imperative, frozen, with numbers as the asker wrote them.

A command carries everything its effect depends on; time, sequence and epoch come with the record.
"""

from collections.abc import Iterable

import msgspec

from venue.domain.instruments import InstrumentDefinition


class Party(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One entry of the Parties group: PartyID(448), PartyIDSource(447), PartyRole(452)."""

    party_id: str
    party_id_source: str
    party_role: str


class Command(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=True, gc=False
):
    """Base of all commands."""


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


class ReplaceOrder(Command, frozen=True, tag=True):
    """OrderCancelReplaceRequest(G); time_in_force None keeps the order's."""

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


class MassCancel(Command, frozen=True, tag=True):
    """OrderMassCancelRequest(q): the session's open orders, by symbol (530=1) or all (530=7)."""

    session: str
    cl_ord_id: str
    request_type: str
    symbol: str | None = None
    side: str | None = None
    poss_resend: bool = False


class MassCancelRemaining(Command, frozen=True, tag=True):
    """Next slice of a mass cancel; order_id is the report's own, canceled what went before."""

    request: MassCancel
    order_id: str
    canceled: int


class CancelByOperator(Command, frozen=True, tag=True):
    """The operator cancels one order."""

    order_id: str
    operator: str = ""
    reason: str = ""


class BustTrade(Command, frozen=True, tag=True):
    """Undo a trade. match_id is SecondaryExecID(527)."""

    match_id: str
    operator: str = ""
    reason: str = ""


class CorrectTrade(Command, frozen=True, tag=True):
    """Change a trade's price, and lower its quantity where one is given."""

    match_id: str
    price: str
    quantity: str | None = None
    operator: str = ""
    reason: str = ""


class AddInstrument(Command, frozen=True, tag=True):
    """Make an instrument tradable, or change the definition of one without open orders."""

    definition: InstrumentDefinition


class AddMember(Command, frozen=True, tag=True):
    """Add a member, or change its limits. credit_limit in currency units, decimal text."""

    member: str
    accounts: tuple[str, ...]
    credit_limit: str
    max_open_orders: int


class AddSession(Command, frozen=True, tag=True):
    """Entitle a FIX session (its CompID) to enter orders for a member."""

    session: str
    member: str
    cancel_on_disconnect: bool = True


class Deposit(Command, frozen=True, tag=True):
    """Credit a member's ledger account with an amount of an asset (currency or symbol)."""

    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""


class Withdraw(Command, frozen=True, tag=True):
    """Debit a member's ledger account."""

    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""


class StartDay(Command, frozen=True, tag=True):
    """Open the trading day, an ISO date; trading goes to CONTINUOUS."""

    trading_day: str
    operator: str = ""
    reason: str = ""


class EndDay(Command, frozen=True, tag=True):
    """Close the trading day: orders of the day expire, good-till orders stay."""

    operator: str = ""
    reason: str = ""


class ExpireRemaining(Command, frozen=True, tag=True):
    """Next slice of the orders that the end of a day, or the clock, expires."""


class RestateRemaining(Command, frozen=True, tag=True):
    """Next slice of the good-till orders that a new day restates, behind `after_order_id`."""

    after_order_id: str


class LogOn(Command, frozen=True, tag=True):
    """A session has authenticated; reset: ResetSeqNumFlag(141)=Y was honoured."""

    session: str
    reset: bool = False
    cancel_on_disconnect: bool | None = None


class LogOut(Command, frozen=True, tag=True):
    """A session has ended: by Logout, socket loss or heartbeat failure, not by the venue's stop."""

    session: str


class ResetSession(Command, frozen=True, tag=True):
    """The operator takes a logged-off session's sequence numbers back to 1."""

    session: str
    operator: str = ""
    reason: str = ""


class AdvanceTime(Command, frozen=True, tag=True):
    """Something the engine has announced as due is due now."""


class CancelRemaining(Command, frozen=True, tag=True):
    """Next slice of a cancellation too large for one command (DESIGN 3)."""

    session: str


class StartVenue(Command, frozen=True, tag=True):
    """The venue has started: sessions have a grace to log on again before their orders go.

    epoch counts the starts on this journal from 1; logon_grace_ns in nanoseconds.
    """

    epoch: int
    logon_grace_ns: int


class StopEntry(Command, frozen=True, tag=True):
    """The venue is about to stop: no new orders and replaces until it has started again."""

    reason: str


TradingCommand = EnterOrder | CancelOrder | ReplaceOrder | MassCancel
ConfigurationCommand = AddInstrument | AddMember | AddSession
AdminCommand = (
    AddInstrument
    | AddMember
    | AddSession
    | Deposit
    | Withdraw
    | StartDay
    | EndDay
    | CancelByOperator
    | BustTrade
    | CorrectTrade
)
FollowUp = CancelRemaining | MassCancelRemaining | ExpireRemaining | RestateRemaining
AnyCommand = (
    TradingCommand
    | AdminCommand
    | LogOn
    | LogOut
    | ResetSession
    | AdvanceTime
    | FollowUp
    | StartVenue
    | StopEntry
)


def configuration_key(command: ConfigurationCommand) -> tuple[str, str]:
    """What a configuration command defines: two with equal keys define the same thing."""
    match command:
        case AddInstrument():
            return ("instrument", command.definition.symbol)
        case AddMember():
            return ("member", command.member)
        case AddSession():
            return ("session", command.session)


def configuration_only(commands: Iterable[Command]) -> list[ConfigurationCommand]:
    """Those of the commands that define something (a deposit does not)."""
    return [c for c in commands if isinstance(c, AddInstrument | AddMember | AddSession)]
