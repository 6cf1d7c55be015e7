"""Commands of the operator and of the configuration: imperative, frozen, with numbers as text.

operator and reason say who wanted it and why; both are kept in the journal.
"""

from collections.abc import Iterable

from venue.domain.command import Command
from venue.domain.instruments import InstrumentDefinition


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
    operator: str = ""
    reason: str = ""


class AddMember(Command, frozen=True, tag=True):
    """Add a member, or change what is said of it here. credit_limit in currency, decimal text.

    funding: "credit", or "prefunded" (orders reserve what they could cost; set for good with the
    first deposit or order). kyc: state that a new member begins in; that of a known one stays.
    """

    member: str
    accounts: tuple[str, ...]
    credit_limit: str
    max_open_orders: int
    funding: str = "credit"
    legal_name: str = ""
    kyc: str = "approved"
    operator: str = ""
    reason: str = ""


class AddSession(Command, frozen=True, tag=True):
    """Entitle a FIX session (its CompID) to enter orders for a member.

    messages_per_second: of new orders and replaces; cancels have twice as many of their own.
    repeated_executions: more equal orders than these that trade in a second block it; 0: never.
    """

    session: str
    member: str
    cancel_on_disconnect: bool = True
    messages_per_second: int = 20_000
    repeated_executions: int = 0
    operator: str = ""
    reason: str = ""


class SetSanctions(Command, frozen=True, tag=True):
    """Replace the local sanctions list: legal names that may not be approved."""

    names: tuple[str, ...]
    operator: str = ""
    reason: str = ""


class SetFourEyes(Command, frozen=True, tag=True):
    """Which commands of the operator (their type names) a second operator has to approve."""

    commands: tuple[str, ...]
    operator: str = ""
    reason: str = ""


class SetLimits(Command, frozen=True, tag=True):
    """Change limits of a member, or of one of its accounts. A value of None takes a limit away.

    Names and units: venue.risk.limits.
    """

    member: str
    limits: dict[str, str | None]
    account: str = ""
    operator: str = ""
    reason: str = ""


class SetKyc(Command, frozen=True, tag=True):
    """Change the KYC state of a member, or of one of its traders: pending, approved, suspended,
    rejected. documents: what was seen, added to what is noted already."""

    member: str
    state: str
    trader: str = ""
    legal_name: str = ""
    documents: tuple[str, ...] = ()
    operator: str = ""
    reason: str = ""


class SuspendMember(Command, frozen=True, tag=True):
    """Block a member's entry and cancel its open orders, until it is resumed."""

    member: str
    operator: str = ""
    reason: str = ""


class ResumeMember(Command, frozen=True, tag=True):
    """Lift a suspension."""

    member: str
    operator: str = ""
    reason: str = ""


class Kill(Command, frozen=True, tag=True):
    """Kill switch. scope: "member", "session" or "all"; name: which one, empty for all."""

    scope: str
    name: str = ""
    operator: str = ""
    reason: str = ""


class Revive(Command, frozen=True, tag=True):
    """Take a kill back, also one by the repeated-execution throttle. Needs an operator's name."""

    scope: str
    name: str = ""
    operator: str = ""
    reason: str = ""


class HaltInstrument(Command, frozen=True, tag=True):
    """Stop trading in an instrument: no entry, no matching; cancels go on."""

    symbol: str
    operator: str = ""
    reason: str = ""


class ResumeInstrument(Command, frozen=True, tag=True):
    """Let trading in a halted instrument go on."""

    symbol: str
    operator: str = ""
    reason: str = ""


class DisableInstrument(Command, frozen=True, tag=True):
    """Take an instrument out of trading, cancel its open orders; AddInstrument brings it back."""

    symbol: str
    operator: str = ""
    reason: str = ""


class LogOutSession(Command, frozen=True, tag=True):
    """Log a FIX session out; it may log on again."""

    session: str
    operator: str = ""
    reason: str = ""


class DisableSession(Command, frozen=True, tag=True):
    """Log a FIX session out and take no logon of it."""

    session: str
    operator: str = ""
    reason: str = ""


class EnableSession(Command, frozen=True, tag=True):
    """Take logons of a disabled FIX session again."""

    session: str
    operator: str = ""
    reason: str = ""


class Approve(Command, frozen=True, tag=True):
    """A second operator has a held command executed."""

    action_id: str
    operator: str = ""
    reason: str = ""


class Decline(Command, frozen=True, tag=True):
    """An operator has a held command forgotten."""

    action_id: str
    operator: str = ""
    reason: str = ""


class Deposit(Command, frozen=True, tag=True):
    """Credit a member's ledger account with an amount of an asset (currency or symbol).

    account: Account(1) of the orders it is for; empty: of those that name none.
    """

    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""
    account: str = ""


class Withdraw(Command, frozen=True, tag=True):
    """Debit a member's ledger account, at most by what is there and not reserved."""

    member: str
    asset: str
    amount: str
    operator: str = ""
    reason: str = ""
    account: str = ""


class StartDay(Command, frozen=True, tag=True):
    """Open the trading day, an ISO date; trading goes to CONTINUOUS."""

    trading_day: str
    operator: str = ""
    reason: str = ""


class EndDay(Command, frozen=True, tag=True):
    """Close the trading day: orders of the day expire, good-till orders stay."""

    operator: str = ""
    reason: str = ""


class ResetSession(Command, frozen=True, tag=True):
    """The operator takes a logged-off session's sequence numbers back to 1."""

    session: str
    operator: str = ""
    reason: str = ""


ConfigurationCommand = AddInstrument | AddMember | AddSession | SetSanctions | SetFourEyes
ActionCommand = (
    AddInstrument
    | AddMember
    | AddSession
    | SetSanctions
    | SetFourEyes
    | SetLimits
    | SetKyc
    | SuspendMember
    | ResumeMember
    | Kill
    | Revive
    | HaltInstrument
    | ResumeInstrument
    | DisableInstrument
    | LogOutSession
    | DisableSession
    | EnableSession
    | Deposit
    | Withdraw
    | StartDay
    | EndDay
    | CancelByOperator
    | BustTrade
    | CorrectTrade
)
"""Commands of the operator that may be held for a second operator's approval."""
AdminCommand = ActionCommand | Approve | Decline


def configuration_key(command: ConfigurationCommand) -> tuple[str, str]:
    """What a configuration command defines: two with equal keys define the same thing."""
    match command:
        case AddInstrument():
            return ("instrument", command.definition.symbol)
        case AddMember():
            return ("member", command.member)
        case AddSession():
            return ("session", command.session)
        case SetSanctions():
            return ("sanctions", "")
        case SetFourEyes():
            return ("four eyes", "")


def configuration_only(commands: Iterable[Command]) -> list[ConfigurationCommand]:
    """Those of the commands that define something (a deposit does not)."""
    return [c for c in commands if isinstance(c, ConfigurationCommand)]
