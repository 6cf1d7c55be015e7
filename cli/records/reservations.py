"""What open orders reserve, asked of the running venue, with the event behind which it counts.

So that the ledger can be read as of that event: balances and reservations are of one moment then.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import RiskQuery
from venue.clearing.balances import NotBookedYet
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT
from venue.domain.decimal_text import parse_money

WAIT_SECONDS = 5.0
"""How long clearing may take to come to an event that trading has named."""
_PAUSE_SECONDS = 0.05
T = TypeVar("T")


class Reservations(NamedTuple):
    """reserved: in 10^-8, by ledger account and asset; behind event `event_seq`."""

    event_seq: int
    reserved: dict[tuple[str, str], int]


def reservations_of(data_dir: Path, member: str) -> Reservations | None:
    """What the member's open orders reserve now; None: trading does not answer, or has no such
    member."""
    try:
        answer = ask(data_dir, RiskQuery(member))
    except VenueUnreachable:
        return None
    if isinstance(answer, Refusal):
        return None
    reserved: dict[tuple[str, str], int] = {}
    for purse in answer.risk[0].funds:
        units = parse_money(purse.reserved)
        assert units is not None, purse
        reserved[purse.account or DEFAULT_SUB_ACCOUNT, purse.asset] = units
    return Reservations(answer.event_seq, reserved)


class AtOnce(NamedTuple, Generic[T]):
    """What was read, and what open orders reserve at the same event; None: why, in words."""

    read: T
    reserved: dict[tuple[str, str], int] | None
    why_not: str = ""


def with_reservations(
    data_dir: Path, member: str, at: int | None, read: Callable[[int | None], T]
) -> AtOnce[T]:
    """What `read` gives as of an event: of `at`, without reservations, or where trading is now.

    As of what is booked, without reservations, where trading does not answer, or clearing does not
    come there in WAIT_SECONDS. Raises NotBookedYet of `at`.
    """
    if at is not None:
        return AtOnce(read(at), None, "of a moment that was it is not known")
    asked = reservations_of(data_dir, member)
    if asked is None:
        return AtOnce(read(None), None, "trading does not say it")
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return AtOnce(read(asked.event_seq), asked.reserved)
        except NotBookedYet as error:
            if time.monotonic() >= until:
                return AtOnce(read(None), None, str(error))
        time.sleep(_PAUSE_SECONDS)
