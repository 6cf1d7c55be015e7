"""What is asked of the running venue on the admin socket, each kind a type that names its answer.

On the wire a question is {"query": NAME, ...}; whatever else there is has its kind as first key:
{"command": {...}}, {"reset_session": NAME, ...}. Knows the domain only.
"""

from typing import Any, get_args

import msgspec

from venue.admin import answers, funds_answers
from venue.admin.operator_requests import (
    AddOperator,
    OperatorChange,
    OperatorLogin,
    OperatorLogout,
    OperatorsQuery,
    RemoveOperator,
    SetOperatorPassword,
    SetOperatorRole,
)
from venue.admin.request import A, Query, Request, answer_type
from venue.admin.settlement_requests import FailsQuery, SettlementQuery
from venue.domain.commands import AdminCommand, ResetSession
from venue.domain.configuration import Defined
from venue.domain.overview import OrderPlace, OrdersWanted
from venue.domain.role import Role

DEPTH = 10
MOST_TRADES = 100


class NotUnderstood(Exception):
    """A request is none; the text is one line for whoever sent it."""


class StatusQuery(Query[answers.StatusAnswer], frozen=True, tag="status"):
    """How trading is."""


class BookQuery(Query[answers.BookAnswer], frozen=True, tag="book"):
    """The best price levels of an instrument's book."""

    symbol: str
    depth: int = DEPTH


class SessionsQuery(Query[answers.SessionsAnswer], frozen=True, tag="sessions"):
    """The FIX sessions."""


class SessionQuery(Query[answers.SessionAnswer], frozen=True, tag="session"):
    """One FIX session."""

    session: str


class ConfigurationQuery(Query[answers.ConfigurationAnswer], frozen=True, tag="configuration"):
    """What is in force otherwise than `wanted`; None: than what the venue was started with."""

    wanted: list[Defined] | None = None


class DefaultsQuery(Query[answers.DefaultsAnswer], frozen=True, tag="defaults"):
    """What the venue's configuration gives to what is added without saying it."""


class DigestQuery(Query[answers.DigestAnswer], frozen=True, tag="digest"):
    """Digest of the state; what waits in the inbox has had no effect yet."""


class MembersQuery(Query[answers.MembersAnswer], frozen=True, tag="members"):
    """The members."""


class InstrumentsQuery(Query[answers.InstrumentsAnswer], frozen=True, tag="instruments"):
    """The instruments."""


class OrdersQuery(Query[answers.OrdersAnswer], frozen=True, tag="orders"):
    """Orders of the trading day, a page at a time, behind the last one of the page before."""

    wanted: OrdersWanted = OrdersWanted()
    after: OrderPlace = OrderPlace()


class OrderQuery(Query[answers.OrderAnswer], frozen=True, tag="order"):
    """One order of the trading day."""

    order_id: str


class LatestTradesQuery(Query[answers.LatestTradesAnswer], frozen=True, tag="latest_trades"):
    """The last trades, `most` at most; at most MOST_TRADES."""

    most: int = MOST_TRADES


class RiskQuery(Query[answers.RiskAnswer], frozen=True, tag="risk"):
    """Limits and funds: of a member, of one of its accounts, or of all there are."""

    member: str = ""
    account: str = ""


class FundsQuery(Query[funds_answers.FundsAnswer], frozen=True, tag="funds"):
    """All purses, all at one moment."""


class FeesQuery(Query[funds_answers.FeesAnswer], frozen=True, tag="fees"):
    """The fee schedules."""


class MemberFeesQuery(Query[funds_answers.MemberFeesAnswer], frozen=True, tag="member_fees"):
    """What a member pays by them."""

    member: str


class ApprovalsQuery(Query[answers.ApprovalsAnswer], frozen=True, tag="approvals"):
    """The commands that wait for a second operator."""


class Submit(Request[answers.Done], frozen=True):
    """Execute a command of the operator; answered when its events are on disk."""

    least_role = Role.VIEWER
    command: AdminCommand

    def needs(self) -> Role:
        """As the command says."""
        return self.command.least_role


class ResetNumbers(Request[answers.SessionResetAnswer], frozen=True):
    """Take a logged-off session's numbers back to 1."""

    least_role = ResetSession.least_role
    session: str = msgspec.field(name="reset_session")
    operator: str = ""
    reason: str = ""


class SetPassword(Request[answers.SecretAnswer], frozen=True):
    """Set a session's password; at_once: the old one ends now."""

    least_role = Role.ADMIN
    session: str = msgspec.field(name="set_password")
    password: str
    must_change: bool = False
    operator: str = ""
    reason: str = ""
    at_once: bool = False
    dry_run: bool = False


class SetKey(Request[answers.SecretAnswer], frozen=True):
    """Set the public key that checks a session's signed Logons."""

    least_role = Role.ADMIN
    session: str = msgspec.field(name="set_key")
    public_key: str
    operator: str = ""
    reason: str = ""
    at_once: bool = False
    dry_run: bool = False


class ConfigureSessions(Request[answers.SessionChanges], frozen=True):
    """Bring into force what the files beside a venue.toml say of sessions."""

    least_role = Role.ADMIN
    file: str = msgspec.field(name="configure_sessions")
    dry_run: bool = False
    operator: str = ""
    reason: str = ""


AnyQuery = (
    StatusQuery
    | BookQuery
    | SessionsQuery
    | SessionQuery
    | ConfigurationQuery
    | DefaultsQuery
    | DigestQuery
    | MembersQuery
    | InstrumentsQuery
    | OrdersQuery
    | OrderQuery
    | LatestTradesQuery
    | RiskQuery
    | FundsQuery
    | FeesQuery
    | MemberFeesQuery
    | ApprovalsQuery
    | OperatorsQuery
    | SettlementQuery
    | FailsQuery
)
AnyRequest = (
    AnyQuery
    | Submit
    | ResetNumbers
    | SetPassword
    | SetKey
    | ConfigureSessions
    | OperatorChange
    | OperatorLogin
    | OperatorLogout
)
LEAST_ROLES: dict[str, Role] = {kind.__name__: kind.least_role for kind in get_args(AnyRequest)}
"""What each kind of request needs at least; of a command its own declaration counts."""

_BY_KEY: dict[str, msgspec.json.Decoder[AnyRequest]] = {
    "query": msgspec.json.Decoder(AnyQuery),
    "command": msgspec.json.Decoder(Submit),
    "reset_session": msgspec.json.Decoder(ResetNumbers),
    "set_password": msgspec.json.Decoder(SetPassword),
    "set_key": msgspec.json.Decoder(SetKey),
    "configure_sessions": msgspec.json.Decoder(ConfigureSessions),
    "add_operator": msgspec.json.Decoder(AddOperator),
    "remove_operator": msgspec.json.Decoder(RemoveOperator),
    "set_operator_role": msgspec.json.Decoder(SetOperatorRole),
    "set_operator_password": msgspec.json.Decoder(SetOperatorPassword),
    "log_in": msgspec.json.Decoder(OperatorLogin),
    "log_out": msgspec.json.Decoder(OperatorLogout),
}


def read_request(request: dict[str, Any]) -> AnyRequest:
    """The request by its type. Raises NotUnderstood, and ValueError for text that JSON has not."""
    for key, decoder in _BY_KEY.items():
        if key in request:
            try:
                return decoder.decode(msgspec.json.encode(request))
            except msgspec.ValidationError as error:
                raise NotUnderstood(f"not understood: {error}") from error
    raise NotUnderstood("a request has a query or a command")


__all__ = [
    "DEPTH",
    "LEAST_ROLES",
    "A",
    "AnyQuery",
    "AnyRequest",
    "ApprovalsQuery",
    "BookQuery",
    "ConfigurationQuery",
    "ConfigureSessions",
    "DefaultsQuery",
    "DigestQuery",
    "FailsQuery",
    "FeesQuery",
    "FundsQuery",
    "InstrumentsQuery",
    "MemberFeesQuery",
    "MembersQuery",
    "NotUnderstood",
    "Query",
    "Request",
    "ResetNumbers",
    "RiskQuery",
    "SessionsQuery",
    "SetKey",
    "SetPassword",
    "SettlementQuery",
    "StatusQuery",
    "Submit",
    "answer_type",
    "read_request",
]
