"""UserRequest(BE) and UserResponse(BF): a member changes its password over FIX, or asks who it is.

Blocks where a password is checked: for the worker of authentication.py. Must never repeat one.
"""

from collections.abc import Mapping
from typing import NamedTuple

from venue.fix.credentials import Credentials, Outcome, Password, UserStatus

CHANGE_PASSWORD = "3"
REQUEST_STATUS = "4"


class UserAnswer(NamedTuple):
    """body: text of the UserResponse, `35=BF` first, the rest in the order of the tags."""

    body: str
    changed: bool
    wrong_password: bool


def answer(credentials: Credentials, session: str, fields: Mapping[str, str]) -> UserAnswer:
    """Do what a logged-on session's UserRequest asks. Returns its answer."""
    outcome = _outcome(credentials, session, fields)
    return user_response(session, fields, outcome)


def user_response(session: str, fields: Mapping[str, str], outcome: Outcome) -> UserAnswer:
    """The UserResponse that says `outcome`."""
    body = (
        f"35=BF\x01553={session}\x01923={fields.get('923', '')}\x01"
        f"926={int(outcome.status)}\x01927={outcome.text}\x01"
    )
    wrong = outcome.status is UserStatus.PASSWORD_INCORRECT
    return UserAnswer(body, outcome.changed, wrong)


def _outcome(credentials: Credentials, session: str, fields: Mapping[str, str]) -> Outcome:
    if fields.get("553") != session:
        return Outcome(UserStatus.USER_NOT_RECOGNISED, "USER_UNKNOWN 553 is not this session's")
    match fields.get("924"):
        case "4":
            return Outcome(UserStatus.LOGGED_IN, "LOGGED_ON this session is logged on")
        case "3":
            old, new = fields.get("554", ""), fields.get("925", "")
            if not old or not new:
                return Outcome(UserStatus.OTHER, "FIELD_MISSING 924=3 needs 554 and 925")
            return credentials.change_password(session, Password(old), Password(new))
        case _:
            return Outcome(
                UserStatus.OTHER, "REQUEST_UNSUPPORTED 924 is 3 or 4 here: a Logon logs on"
            )
