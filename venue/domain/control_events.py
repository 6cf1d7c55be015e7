"""What the operator and the configuration have done, and what the risk controls have noticed.

As in events.py: past tense, frozen, complete. Amounts are exact decimal text.
"""

from venue.domain.event import Event
from venue.domain.instruments import InstrumentDefinition


class InstrumentAdded(Event, frozen=True, tag=True):
    """An instrument was added or redefined."""

    symbol: str
    definition: InstrumentDefinition
    operator: str = ""
    reason: str = ""


class MemberAdded(Event, frozen=True, tag=True):
    """A member was added or its limits changed."""

    member: str
    accounts: tuple[str, ...]
    credit_limit: str
    max_open_orders: int
    funding: str = "credit"
    legal_name: str = ""
    operator: str = ""
    reason: str = ""


class SessionAdded(Event, frozen=True, tag=True):
    """A FIX session was entitled for a member."""

    session: str
    member: str
    cancel_on_disconnect: bool
    messages_per_second: int = 20_000
    repeated_executions: int = 0
    operator: str = ""
    reason: str = ""


class LimitsSet(Event, frozen=True, tag=True):
    """Limits of a member, or of one of its accounts, are these now; what is absent is no limit."""

    member: str
    account: str
    limits: dict[str, str]
    operator: str
    reason: str


class KycChanged(Event, frozen=True, tag=True):
    """KYC state of a member, or of one of its traders; documents: all that are noted."""

    member: str
    trader: str
    state: str
    legal_name: str
    documents: tuple[str, ...]
    operator: str
    reason: str


class SanctionsSet(Event, frozen=True, tag=True):
    """The local sanctions list is this one now."""

    names: tuple[str, ...]
    operator: str = ""
    reason: str = ""


class FourEyesSet(Event, frozen=True, tag=True):
    """These commands need a second operator from now on."""

    commands: tuple[str, ...]
    operator: str = ""
    reason: str = ""


class EntryBlocked(Event, frozen=True, tag=True):
    """No entry for a member, a session or all any more; their open orders are being canceled.

    scope and name as in the command Kill. code: KILL_SWITCH, MEMBER_SUSPENDED, KYC_NOT_APPROVED or
    REPEATED_EXECUTIONS; detail: the numbers behind it.
    """

    scope: str
    name: str
    code: str
    detail: str
    operator: str
    reason: str


class EntryRestored(Event, frozen=True, tag=True):
    """A block is lifted."""

    scope: str
    name: str
    code: str
    operator: str
    reason: str


class InstrumentHalted(Event, frozen=True, tag=True):
    """Trading in the instrument has stopped."""

    symbol: str
    operator: str
    reason: str


class InstrumentResumed(Event, frozen=True, tag=True):
    """Trading in the instrument goes on."""

    symbol: str
    operator: str
    reason: str


class InstrumentDisabled(Event, frozen=True, tag=True):
    """The instrument is out of trading; its open orders are being canceled."""

    symbol: str
    operator: str
    reason: str


class SessionEnded(Event, frozen=True, tag=True):
    """The venue logs the session out; disabled: and takes no logon of it. text: of the Logout."""

    session: str
    member: str
    text: str
    disabled: bool
    operator: str
    reason: str


class SessionEnabled(Event, frozen=True, tag=True):
    """The session may log on again."""

    session: str
    member: str
    operator: str
    reason: str


class ActionHeld(Event, frozen=True, tag=True):
    """A command waits for a second operator; `action` is its JSON."""

    action_id: str
    command: str
    action: str
    operator: str
    reason: str


class ActionApproved(Event, frozen=True, tag=True):
    """A second operator has approved; the command's own events follow."""

    action_id: str
    operator: str
    reason: str


class ActionDeclined(Event, frozen=True, tag=True):
    """The held command was forgotten."""

    action_id: str
    operator: str
    reason: str


class RiskAlerted(Event, frozen=True, tag=True):
    """Something to look at that stops nobody; code such as ORDER_TO_TRADE_RATIO."""

    member: str
    code: str
    detail: str


class FundsDeposited(Event, frozen=True, tag=True):
    """An amount of an asset came in from outside."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str = ""


class FundsWithdrawn(Event, frozen=True, tag=True):
    """An amount of an asset went out."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str
    account: str = ""


class CommandRefused(Event, frozen=True, tag=True):
    """An admin command changed nothing; detail says why."""

    command: str
    detail: str
