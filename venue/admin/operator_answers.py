"""What the running venue answers about its operators. Knows the domain only."""

import msgspec

from venue.admin.answers import Answer
from venue.domain.role import Role


class OperatorRow(msgspec.Struct, frozen=True):
    """An operator. uid: Unix account that is his. logins: by password, that go on.

    built_in: an account that is admin as long as nothing else is said of it.
    """

    name: str
    role: Role
    uid: int | None
    has_password: bool
    logins: int
    built_in: bool


class OperatorsAnswer(Answer, frozen=True, kw_only=True):
    """The operators there are, and who asks."""

    operators: list[OperatorRow]
    you: str
    role: Role


class OperatorAnswer(Answer, frozen=True, kw_only=True):
    """An operator was added or changed, or, for a dry run, would be; role: empty if removed."""

    name: str
    role: str
    dry_run: bool


class LoginAnswer(Answer, frozen=True, kw_only=True):
    """A login begins. token: good for the account that asked, until `until`."""

    name: str
    token: str
    until: str


class LogoutAnswer(Answer, frozen=True, kw_only=True):
    """The login that asked is over."""
