"""What is asked of the running venue about its operators, and logins. Knows the domain only."""

import msgspec

from venue.admin.operator_answers import (
    LoginAnswer,
    LogoutAnswer,
    OperatorAnswer,
    OperatorsAnswer,
)
from venue.admin.request import Query, Request
from venue.domain.role import Role


class OperatorsQuery(Query[OperatorsAnswer], frozen=True, tag="operators"):
    """The operators, and who asks."""


class AddOperator(Request[OperatorAnswer], frozen=True):
    """Add an operator who is a Unix account, or has a password, or both."""

    least_role = Role.ADMIN
    name: str = msgspec.field(name="add_operator")
    role: Role
    uid: int | None = None
    password: str = ""
    operator: str = ""
    reason: str = ""
    dry_run: bool = False


class RemoveOperator(Request[OperatorAnswer], frozen=True):
    """Remove an operator; his logins end."""

    least_role = Role.ADMIN
    name: str = msgspec.field(name="remove_operator")
    operator: str = ""
    reason: str = ""
    dry_run: bool = False


class SetOperatorRole(Request[OperatorAnswer], frozen=True):
    """Give an operator another role, at once."""

    least_role = Role.ADMIN
    name: str = msgspec.field(name="set_operator_role")
    role: Role
    operator: str = ""
    reason: str = ""
    dry_run: bool = False


class SetOperatorPassword(Request[OperatorAnswer], frozen=True):
    """Set an operator's password, for which an admin is needed unless it is his own."""

    least_role = Role.ADMIN
    name: str = msgspec.field(name="set_operator_password")
    password: str
    operator: str = ""
    reason: str = ""
    dry_run: bool = False


class OperatorLogin(Request[LoginAnswer], frozen=True):
    """Begin a login by password; whoever may open the socket may try."""

    least_role = Role.VIEWER
    name: str = msgspec.field(name="log_in")
    password: str


class OperatorLogout(Request[LogoutAnswer], frozen=True):
    """End the login whose token comes with this; name: whose it is."""

    least_role = Role.VIEWER
    name: str = msgspec.field(name="log_out")


OperatorChange = AddOperator | RemoveOperator | SetOperatorRole | SetOperatorPassword
OperatorRequest = OperatorsQuery | OperatorChange | OperatorLogin | OperatorLogout
