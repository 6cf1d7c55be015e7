"""Verbs of fees: what a schedule says, and who trades by which.

Commands and events of each, their words, and how they are said. Effects: venue.engine.control.fees.
"""

from venue.domain.command import ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.fee_versions import NO_SCHEDULE, FeeTier
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb
from venue.domain.words import Payload, by_whom


class SetFeeSchedule(ConfigurationCommand, frozen=True, tag=True):
    """Give a fee schedule a version. Fields: venue.domain.fee_versions.FeeVersion.

    A version that counts already stays as it is; the first of a schedule may count at once.
    """

    least_role = Role.ADMIN
    schedule: str
    maker_bps: str
    taker_bps: str
    valid_from: str = ""
    tiers: tuple[FeeTier, ...] = ()
    minimum: str = "0"
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """The version of that day."""
        day = f" from {self.valid_from}" if self.valid_from else ""
        return ("fees", f"{self.schedule}{day}")


class AssignFees(ConfigurationCommand, frozen=True, tag=True):
    """Have a member trade by a fee schedule, whatever instruments have; "none": not any more.

    instrument: a symbol; empty: all in which the member has none of its own.
    """

    least_role = Role.ADMIN
    member: str
    schedule: str
    instrument: str = ""
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """The member's schedule in that instrument, or in all."""
        return ("fees of", f"{self.member} in {self.instrument or 'all'}")


class FeeScheduleSet(ControlEvent, frozen=True, tag=True):
    """A fee schedule has this version."""

    schedule: str
    maker_bps: str
    taker_bps: str
    valid_from: str
    tiers: tuple[FeeTier, ...]
    minimum: str
    operator: str
    reason: str


class FeesAssigned(ControlEvent, frozen=True, tag=True):
    """A member trades by this schedule. Empty: by the instruments' again. instrument empty: all."""

    member: str
    schedule: str
    instrument: str
    operator: str
    reason: str


def _schedule(payload: Payload) -> str:
    tiers = "".join(
        f"  from {tier['from_volume']} maker {tier['maker_bps']} taker {tier['taker_bps']}"
        for tier in payload.get("tiers", ())
    )
    minimum = payload.get("minimum", "0")
    least = "" if minimum == "0" else f"  minimum {minimum}"
    day = f"  valid from {payload['valid_from']}" if payload.get("valid_from") else ""
    rates = f"maker {payload['maker_bps']} taker {payload['taker_bps']} bps"
    return f"{payload['schedule']} {rates}{tiers}{least}{day}{by_whom(payload)}"


def _assigned(payload: Payload) -> str:
    where = payload.get("instrument") or "all instruments"
    by = payload["schedule"] or NO_SCHEDULE
    return f"{payload['member']} in {where}: {by}{by_whom(payload)}"


def _where(command: AssignFees) -> str:
    return command.instrument or "all instruments"


WORDS = {
    SetFeeSchedule: _schedule,
    AssignFees: _assigned,
    FeeScheduleSet: _schedule,
    FeesAssigned: _assigned,
}

GROUPS = {"fees": "Fees: schedules, who trades by which, what a member pays now."}

VERBS = (
    Verb(
        AssignFees,
        "fees assign",
        "Have a member trade by a fee schedule: in one instrument, or in all.",
        "venue fees assign ALPHA gold --symbol ACME",
        (
            Argument("member", "MEMBER", "For example ALPHA."),
            Argument("schedule", "SCHEDULE", "Its name; none: as the instruments have it."),
            Option("instrument", "--symbol", "SYMBOL", "In this one only; else in all."),
        ),
        done=lambda command: (
            f"fees of {command.member} in {_where(command)}: {command.schedule}, "
            "for orders from now on"
        ),
    ),
)
