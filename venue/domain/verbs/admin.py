"""Verbs of the configuration: instruments, members, sessions, and the limits of members.

Commands and events of each, and their words. Effects: venue.engine.control.admin.
"""

from venue.domain.command import ActionCommand, ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.role import Role
from venue.domain.words import Payload, by_whom, whose


class AddInstrument(ConfigurationCommand, frozen=True, tag=True):
    """Make an instrument tradable, or change the definition of one without open orders."""

    least_role = Role.ADMIN
    definition: InstrumentDefinition
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """The instrument of that symbol."""
        return ("instrument", self.definition.symbol)


class AddMember(ConfigurationCommand, frozen=True, tag=True):
    """Add a member, or change what is said of it here. credit_limit in currency, decimal text.

    A limit that is None is none.
    funding: "credit", or "prefunded" (orders reserve what they could cost; set for good with the
    first deposit or order). kyc: state that a new member begins in; that of a known one stays.
    """

    least_role = Role.ADMIN
    member: str
    accounts: tuple[str, ...]
    credit_limit: str | None
    max_open_orders: int | None
    funding: str = "credit"
    legal_name: str = ""
    kyc: str = "approved"
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """The member of that name."""
        return ("member", self.member)


class AddSession(ConfigurationCommand, frozen=True, tag=True):
    """Entitle a FIX session (its CompID) to enter orders for a member.

    messages_per_second: of new orders and replaces; cancels have twice as many of their own.
    repeated_executions: more equal orders than these that trade in a second block it; 0: never.
    """

    least_role = Role.ADMIN
    session: str
    member: str
    cancel_on_disconnect: bool = True
    messages_per_second: int = 20_000
    repeated_executions: int = 0
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """The session of that CompID."""
        return ("session", self.session)


class SetLimits(ActionCommand, frozen=True, tag=True):
    """Change limits of a member, or of one of its accounts. A value of None takes a limit away.

    Names and units: venue.risk.limits.
    """

    least_role = Role.RISK
    member: str
    limits: dict[str, str | None]
    account: str = ""
    operator: str = ""
    reason: str = ""


class InstrumentAdded(ControlEvent, frozen=True, tag=True):
    """An instrument was added or redefined."""

    symbol: str
    definition: InstrumentDefinition
    operator: str = ""
    reason: str = ""


class MemberAdded(ControlEvent, frozen=True, tag=True):
    """A member was added or its limits changed."""

    member: str
    accounts: tuple[str, ...]
    credit_limit: str | None
    max_open_orders: int | None
    funding: str = "credit"
    legal_name: str = ""
    operator: str = ""
    reason: str = ""


class SessionAdded(ControlEvent, frozen=True, tag=True):
    """A FIX session was entitled for a member."""

    session: str
    member: str
    cancel_on_disconnect: bool
    messages_per_second: int = 20_000
    repeated_executions: int = 0
    operator: str = ""
    reason: str = ""


class LimitsSet(ControlEvent, frozen=True, tag=True):
    """Limits of a member, or of one of its accounts, are these now; what is absent is no limit."""

    member: str
    account: str
    limits: dict[str, str]
    operator: str
    reason: str


def _add_instrument(payload: Payload) -> str:
    terms = payload["definition"].items()
    return "  ".join(f"{name} {value}" for name, value in terms if value) + by_whom(payload)


def _added_instrument(payload: Payload) -> str:
    terms = payload["definition"].items()
    facts = (f"{name} {value}" for name, value in terms if value and name != "symbol")
    return "  ".join(facts) + by_whom(payload)


def _added_member(payload: Payload) -> str:
    accounts = "".join(f" {name}" for name in payload["accounts"])
    return (
        f"{payload['member']} {payload.get('funding', 'credit')}"
        f"  credit_limit {_or_none(payload['credit_limit'])}"
        f"  max_open_orders {_or_none(payload['max_open_orders'])}"
        f"{'  accounts' + accounts if accounts else ''}{by_whom(payload)}"
    )


def _or_none(limit: object) -> object:
    return "none" if limit is None else limit


def _added_session(payload: Payload) -> str:
    rate = payload.get("messages_per_second")
    return (
        f"{payload['session']} of {payload['member']}"
        f"{f'  {rate} messages a second' if rate else ''}{by_whom(payload)}"
    )


def _set_limits(payload: Payload) -> str:
    limits = (f"{name} {value or 'none'}" for name, value in payload["limits"].items())
    return f"{whose(payload)}  {'  '.join(limits)}{by_whom(payload)}"


def _limits_set(payload: Payload) -> str:
    limits = "".join(f"  {name} {value}" for name, value in payload["limits"].items())
    return f"{whose(payload)}{limits or '  no limits'}{by_whom(payload)}"


WORDS = {
    AddInstrument: _add_instrument,
    SetLimits: _set_limits,
    InstrumentAdded: _added_instrument,
    MemberAdded: _added_member,
    SessionAdded: _added_session,
    LimitsSet: _limits_set,
}
