"""What a user is to the venue, from his application to his end. Pure.

    applied -> verified -> active <-> suspended     know-your-customer: who he is was shown
                           active <-> blocked       by hand, for safety: a lost telephone
    any but closed -> closed                         for good

Only active users log in, trade and have keys that are good.
"""

from enum import StrEnum


class State(StrEnum):
    """APPLIED: wants to be a user. VERIFIED: who he is was seen. ACTIVE: may log in. BLOCKED,
    SUSPENDED: may not, until somebody says otherwise. CLOSED: never again."""

    APPLIED = "applied"
    VERIFIED = "verified"
    ACTIVE = "active"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Act(StrEnum):
    """What an operator does about a user."""

    VERIFY = "verify"
    APPROVE = "approve"
    SUSPEND = "suspend"
    CLOSE = "close"
    BLOCK = "block"
    UNBLOCK = "unblock"


_TRANSITIONS: dict[Act, tuple[frozenset[State], State]] = {
    Act.VERIFY: (frozenset({State.APPLIED}), State.VERIFIED),
    Act.APPROVE: (frozenset({State.VERIFIED, State.SUSPENDED}), State.ACTIVE),
    Act.SUSPEND: (frozenset({State.ACTIVE, State.BLOCKED}), State.SUSPENDED),
    Act.CLOSE: (frozenset(State) - {State.CLOSED}, State.CLOSED),
    Act.BLOCK: (frozenset({State.ACTIVE, State.BLOCKED}), State.BLOCKED),
    Act.UNBLOCK: (frozenset({State.BLOCKED, State.ACTIVE}), State.ACTIVE),
}
KYC_OF: dict[Act, str] = {
    Act.APPROVE: "approved",
    Act.SUSPEND: "suspended",
    Act.CLOSE: "rejected",
}
"""KYC state that an act gives to the member that a user's application has founded."""


class NotInThisState(ValueError):
    """An act does not go with the state; text says why."""


def after(state: State, act: Act) -> State:
    """The state behind an act. Raises NotInThisState."""
    before, then = _TRANSITIONS[act]
    if state not in before:
        may = ", ".join(sorted(before))
        raise NotInThisState(f"a user who is {state} is not there for {act}: it takes {may}")
    return then
