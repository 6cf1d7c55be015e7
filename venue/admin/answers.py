"""What the running venue answers on the admin socket, one type for each kind of request.

On the wire all have `ok`: true, but for a Refusal. Knows the domain only.
"""

import msgspec

from venue.domain.commands import AddMember
from venue.domain.configuration import Difference
from venue.domain.events import AnyEvent
from venue.domain.instruments import InstrumentDefinition
from venue.domain.margin_rules import MarginRules
from venue.domain.overview import (
    ApprovalRow,
    Blocks,
    InstrumentRow,
    LadderLevel,
    LatestTrade,
    MemberRow,
    OrderDetail,
    OrderPlace,
    OrderRow,
    ScopeRow,
)
from venue.domain.timetable import Timetable


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base: the venue has done, or says, what it was asked."""

    ok: bool = True


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The venue does not do it; error is one line for the operator."""

    ok: bool = False
    error: str


class Connection(msgspec.Struct, frozen=True):
    """Where a session that is on comes from, since when, and when it was last heard of."""

    address: str
    secure: bool
    since: str
    last_message: str
    bytes_unread: int


class SessionRow(msgspec.Struct, frozen=True):
    """A FIX session; next_in and next_out are the next MsgSeqNum each way.

    kind: trading, marketdata or dropcopy; the latter two have no orders and no rate.
    blocked: code of what stops its entry. connection: None while it is not on.
    """

    session: str
    member: str
    logged_on: bool
    next_in: int
    next_out: int
    open_orders: int
    cancel_on_disconnect: bool
    enabled: bool
    blocked: str | None
    messages_per_second: int
    repeated_executions: int
    connection: Connection | None
    kind: str = "trading"


class RefusedLogon(msgspec.Struct, frozen=True):
    """A logon that was refused: when, from where, and why."""

    time: str
    address: str
    why: str


class SessionEnd(msgspec.Struct, frozen=True):
    """The venue has ended a session: when, and the text of its Logout."""

    time: str
    why: str


class RecoveryFacts(msgspec.Struct, frozen=True):
    """How the start came to its state. cut: a torn tail that was cut off, in words.

    clock: what was odd about the system's clock beside the journal's last time, in words. origin:
    how the journal came to its directory, if it did not begin there.
    """

    seconds: float
    commands: int
    snapshot: str | None
    cut: str | None
    clock: str | None = None
    origin: str | None = None


class SnapshotPlace(msgspec.Struct, frozen=True):
    """After which record and event, and when it was written (UTC nanoseconds)."""

    seq: int
    event_seq: int
    timestamp_ns: int


class Incident(msgspec.Struct, frozen=True):
    """A message that broke its session."""

    time: str
    session: str
    address: str
    error: str


class StatusAnswer(Answer, frozen=True, kw_only=True):
    """The state of trading; seq and event_seq are the last ones on disk.

    troubles: what somebody has to look at, a line each.
    histories: origins of those that have begun since the journal's own beginning.
    """

    phase: str
    trading_day: str
    seq: int
    event_seq: int
    open_orders: int
    blocks: Blocks
    histories: tuple[str, ...]
    uptime_seconds: float
    recovery: RecoveryFacts
    troubles: list[str]
    last_snapshot: SnapshotPlace | None
    incidents: list[Incident]
    sessions: list[SessionRow]
    timetable: Timetable | None = None


class BookAnswer(Answer, frozen=True, kw_only=True):
    """Levels of both sides, best first."""

    symbol: str
    bids: list[LadderLevel]
    asks: list[LadderLevel]


class SessionsAnswer(Answer, frozen=True, kw_only=True):
    """The FIX sessions there are."""

    sessions: list[SessionRow]


class SessionAnswer(Answer, frozen=True, kw_only=True):
    """One FIX session. refused_logons: the last ones since its process has started.

    unread: reports that its client has not read, as far as its machine has confirmed; with those
    that a reset of the numbers took theirs from. Of drop copies: those not proven to be read.
    ended: how the venue has last ended it, since its process has started. subscriptions, conflated:
    of market data. position: the last event of which a listener was sent all copies.
    """

    session: SessionRow
    unread: int
    refused_logons: list[RefusedLogon]
    ended: SessionEnd | None = None
    subscriptions: int = 0
    conflated: bool = False
    position: int | None = None


class ConfigurationAnswer(Answer, frozen=True, kw_only=True):
    """What is defined and not in force.

    undefined: instruments and members in force that the configuration does not define.
    """

    differences: list[Difference]
    undefined: list[str] = []


class DefaultsAnswer(Answer, frozen=True, kw_only=True):
    """What a new instrument and a new member have where nothing is said of them.

    margin: its rules; None: there is no margin.
    """

    instrument: InstrumentDefinition
    member: AddMember
    margin: MarginRules | None = None


class DigestAnswer(Answer, frozen=True, kw_only=True):
    """Digest of the state after record `seq`."""

    seq: int
    event_seq: int
    digest: str


class MembersAnswer(Answer, frozen=True, kw_only=True):
    """The members there are."""

    members: list[MemberRow]


class InstrumentsAnswer(Answer, frozen=True, kw_only=True):
    """The instruments there are."""

    instruments: list[InstrumentRow]


class OrdersAnswer(Answer, frozen=True, kw_only=True):
    """A page of orders, and where to go on; None: these were the last."""

    orders: list[OrderRow]
    next: OrderPlace | None


class OrderAnswer(Answer, frozen=True, kw_only=True):
    """All of one order."""

    order: OrderDetail


class LatestTradesAnswer(Answer, frozen=True, kw_only=True):
    """The last trades, the last one last."""

    trades: list[LatestTrade]


class RiskAnswer(Answer, frozen=True, kw_only=True):
    """Limits and funds of each member or account that was asked for, behind event `event_seq`."""

    risk: list[ScopeRow]
    event_seq: int = 0


class ApprovalsAnswer(Answer, frozen=True, kw_only=True):
    """The commands that wait for a second operator."""

    approvals: list[ApprovalRow]


class Done(Answer, frozen=True, kw_only=True):
    """A command was executed or held; its events are on disk.

    still_open: orders that a block has yet to cancel, None where it cancels none.
    """

    events: list[AnyEvent]
    still_open: int | None


class SessionResetAnswer(Answer, frozen=True, kw_only=True):
    """The numbers that the session begins with again."""

    session: str
    next_in: int
    next_out: int


class SecretAnswer(Answer, frozen=True, kw_only=True):
    """A password or key was set; text: code in capitals, then a sentence."""

    session: str
    text: str


class SessionChanges(Answer, frozen=True, kw_only=True):
    """What the files say otherwise than what is in force. waiting: keys that take a new start."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    waiting: list[str]
