"""What may be asked of the engine: imperative, frozen, with numbers as the asker wrote them.

A command carries everything its effect depends on; time, sequence and epoch come with the record.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from venue.domain import command as base
from venue.domain.command import Command
from venue.domain.requests import CancelOrder, EnterOrder, MassCancel, Party, ReplaceOrder
from venue.domain.verbs import defined, union_of
from venue.domain.verbs.access import NoteDenial, NoteOperator, NoteSecret
from venue.domain.verbs.admin import AddInstrument, AddMember, AddSession, SetLimits
from venue.domain.verbs.approvals import Approve, Decline, SetFourEyes
from venue.domain.verbs.blocks import (
    DisableInstrument,
    HaltInstrument,
    Kill,
    ResumeInstrument,
    ResumeMember,
    Revive,
    SuspendMember,
)
from venue.domain.verbs.corporate_actions import PayDividend, SplitAsset
from venue.domain.verbs.day import EndDay, ReopenDay, SetTimetable, StartDay
from venue.domain.verbs.defaults import DeclareDefault
from venue.domain.verbs.fees import AssignFees, SetFeeSchedule
from venue.domain.verbs.funding import Deposit, ReverseFunds, TransferFunds, Withdraw
from venue.domain.verbs.histories import OpenSessions
from venue.domain.verbs.margin import CallMargin, ReleaseMargin
from venue.domain.verbs.onboarding import SetKyc, SetSanctions
from venue.domain.verbs.orders import (
    CancelByOperator,
    EnterByOperator,
    MassCancelByOperator,
    ReplaceByOperator,
)
from venue.domain.verbs.session_life import (
    DisableSession,
    EnableSession,
    LogOutSession,
    ResetSession,
)
from venue.domain.verbs.settlement import SetSettlementRules, SettleObligations
from venue.domain.verbs.trade_changes import BustTrade, CorrectTrade

if TYPE_CHECKING:
    from venue.domain.command import ActionCommand, ConfigurationCommand
    from venue.domain.command import OperatorCommand as AdminCommand
else:  # at run time: every kind there is, to be told from its JSON
    ActionCommand = union_of(base.ActionCommand)
    AdminCommand = union_of(base.OperatorCommand)
    ConfigurationCommand = union_of(base.ConfigurationCommand)

ACTIONS = tuple(sorted(kind.__name__ for kind in defined(base.ActionCommand)))
"""Names of the commands that may be held for a second operator, as in control.four_eyes."""

BEHIND_ALL_ORDERS = 1 << 62
"""An OrderID above those of all orders, now and later."""


class MassCancelRemaining(Command, frozen=True, tag=True):
    """Next slice of a mass cancel. order_id: of the final report; canceled: how many orders so far.

    The slice is of orders with an OrderID above after_order_id and below next_order_id: those from
    there on came later and stay.
    """

    request: MassCancel
    order_id: str
    canceled: int
    after_order_id: int = 0
    next_order_id: int = BEHIND_ALL_ORDERS


class ExpireRemaining(Command, frozen=True, tag=True):
    """Next slice of the orders that the end of a day, or the clock, expires."""


class RestateRemaining(Command, frozen=True, tag=True):
    """Next slice of the good-till orders that a new day restates, behind `after_order_id`."""

    after_order_id: str


class AdjustRemaining(Command, frozen=True, tag=True):
    """Next slice of what the corporate action under way changes; what is left is in the state."""


class MoveRemaining(Command, frozen=True, tag=True):
    """Next slice of what passes from a member in default: its orders end first, then all it has.

    funds and obligations: how many have passed so far.
    """

    member: str
    to_member: str
    operator: str
    reason: str
    funds: int = 0
    obligations: int = 0


class ForgetRemaining(Command, frozen=True, tag=True):
    """Next slice of what a new day forgets: ClOrdIDs first, then trades, then orders.

    Trades from match number next_match on, below before_match; orders with an OrderID above
    after_order_id and below next_order_id. What has the numbers from there on is of the new day.
    """

    next_match: int
    before_match: int
    after_order_id: int
    next_order_id: int


class SettleRemaining(Command, frozen=True, tag=True):
    """Next slice of what a settlement cycle settles: of the plan that was made when it began."""

    cycle: int


class LogOn(Command, frozen=True, tag=True):
    """A session has authenticated; reset: ResetSeqNumFlag(141)=Y was honoured."""

    session: str
    reset: bool = False
    cancel_on_disconnect: bool | None = None


class LogOut(Command, frozen=True, tag=True):
    """A session has ended: by Logout, socket loss or heartbeat failure, not by the venue's stop."""

    session: str


class AdvanceTime(Command, frozen=True, tag=True):
    """The time that the engine has given as next_due_ns has come."""


class FollowTimetable(Command, frozen=True, tag=True):
    """The timetable's time due_ns (UTC nanoseconds) has come.

    trading_day: the day that is open from then on, empty for none. closed: symbols that do not
    trade though the day is open.
    """

    due_ns: int
    trading_day: str = ""
    closed: tuple[str, ...] = ()


class CancelRemaining(Command, frozen=True, tag=True):
    """Next slice of what the end of a session cancels; numbers as in MassCancelRemaining."""

    session: str
    after_order_id: int = 0
    next_order_id: int = BEHIND_ALL_ORDERS


class CancelBlocked(Command, frozen=True, tag=True):
    """Next slice of the orders that a kill, a suspension, a halt and the like cancel.

    scope: "member", "session", "trader" (of name MEMBER/TRADER), "instrument", "halted" or "all";
    text: Text(58) of the reports. Orders from OrderID next_order_id on came later and stay.
    The slices go session by session. This one begins behind after_order_id of after_session.
    """

    scope: str
    name: str
    text: str
    next_order_id: int
    after_session: str = ""
    after_order_id: int = 0


class StartVenue(Command, frozen=True, tag=True):
    """The venue has started: sessions have a grace to log on again before their orders go.

    epoch counts the starts on this journal from 1; logon_grace_ns in nanoseconds.
    """

    epoch: int
    logon_grace_ns: int


class BeginHistory(Command, frozen=True, tag=True):
    """The venue goes on from older data: others may know what it does not. Sessions are closed.

    origin: what tells this beginning from all others. why: a
    sentence for the operator.
    """

    origin: str
    why: str


class StopEntry(Command, frozen=True, tag=True):
    """No new orders and replaces until entry is resumed, or the venue has started again."""

    reason: str


class ResumeEntry(Command, frozen=True, tag=True):
    """Take new orders and replaces again: what stopped entry has passed."""

    reason: str


TradingCommand = EnterOrder | CancelOrder | ReplaceOrder | MassCancel
FollowUp = (
    CancelBlocked
    | CancelRemaining
    | MassCancelRemaining
    | ExpireRemaining
    | ForgetRemaining
    | RestateRemaining
    | SettleRemaining
    | AdjustRemaining
    | MoveRemaining
)
AnyCommand = (
    TradingCommand
    | AdminCommand
    | LogOn
    | LogOut
    | ResetSession
    | NoteDenial
    | NoteOperator
    | NoteSecret
    | AdvanceTime
    | FollowTimetable
    | FollowUp
    | StartVenue
    | BeginHistory
    | StopEntry
    | ResumeEntry
)


def configuration_key(command: ConfigurationCommand) -> tuple[str, str]:
    """What a configuration command defines: two with equal keys define the same thing."""
    return command.key()


def configuration_only(commands: Iterable[Command]) -> list[ConfigurationCommand]:
    """Those of the commands that define something (a deposit does not)."""
    return [c for c in commands if isinstance(c, base.ConfigurationCommand)]


__all__ = [
    "BEHIND_ALL_ORDERS",
    "ActionCommand",
    "AddInstrument",
    "AddMember",
    "AddSession",
    "AdjustRemaining",
    "AdminCommand",
    "AdvanceTime",
    "AnyCommand",
    "Approve",
    "AssignFees",
    "BeginHistory",
    "BustTrade",
    "CallMargin",
    "CancelBlocked",
    "CancelByOperator",
    "CancelOrder",
    "CancelRemaining",
    "Command",
    "ConfigurationCommand",
    "CorrectTrade",
    "DeclareDefault",
    "Decline",
    "Deposit",
    "DisableInstrument",
    "DisableSession",
    "EnableSession",
    "EndDay",
    "EnterByOperator",
    "EnterOrder",
    "ExpireRemaining",
    "FollowTimetable",
    "FollowUp",
    "ForgetRemaining",
    "HaltInstrument",
    "Kill",
    "LogOn",
    "LogOut",
    "LogOutSession",
    "MassCancel",
    "MassCancelByOperator",
    "MassCancelRemaining",
    "MoveRemaining",
    "NoteDenial",
    "NoteOperator",
    "NoteSecret",
    "OpenSessions",
    "Party",
    "PayDividend",
    "ReleaseMargin",
    "ReopenDay",
    "ReplaceByOperator",
    "ReplaceOrder",
    "ResetSession",
    "RestateRemaining",
    "ResumeEntry",
    "ResumeInstrument",
    "ResumeMember",
    "ReverseFunds",
    "Revive",
    "SetFeeSchedule",
    "SetFourEyes",
    "SetKyc",
    "SetLimits",
    "SetSanctions",
    "SetSettlementRules",
    "SetTimetable",
    "SettleObligations",
    "SettleRemaining",
    "SplitAsset",
    "StartDay",
    "StartVenue",
    "StopEntry",
    "SuspendMember",
    "TradingCommand",
    "TransferFunds",
    "Withdraw",
    "configuration_key",
    "configuration_only",
]
