"""[[fees]] of venue.toml: versions of fee schedules, and which members trade by which.

Makes the commands that the core gets from them. Must never look at files.
"""

from collections.abc import Iterator, Sequence

from pydantic import Field

from venue.domain.by_name import made_of
from venue.domain.commands import AssignFees, ConfigurationCommand, SetFeeSchedule
from venue.domain.fee_versions import FeeTier, FeeVersion, name_error, version_error
from venue.near_names import unknown
from venue.settings.errors import KeyPath
from venue.settings.sections import InstrumentSettings, MemberSettings, Section
from venue.settings.values import DecimalText, SignedText

ALL_OTHERS = "*"
"""Instead of a symbol in members.fees."""


class FeeScheduleSettings(Section):
    name: str = Field(description="name of the schedule")
    valid_from: str = Field(
        default="", description="trading day from which this version counts; else from the first"
    )
    maker_bps: SignedText = Field(
        description="fee of fills of orders that rested, in 1/100 % of the value; below 0: a rebate"
    )
    taker_bps: SignedText = Field(description="the same of orders that traded at once")
    tiers: tuple[tuple[DecimalText, SignedText, SignedText], ...] = Field(
        default=(),
        description="value traded in the 30 trading days before, and maker and taker from there on",
    )
    minimum: DecimalText = Field(
        default="0", description="least that an order pays, with its first fill; in currency"
    )


def fee_schedules(fees: Sequence[FeeScheduleSettings]) -> Iterator[ConfigurationCommand]:
    """The command for each version."""
    for each in fees:
        yield SetFeeSchedule(
            each.name,
            each.maker_bps,
            each.taker_bps,
            each.valid_from,
            tuple(FeeTier(*tier) for tier in each.tiers),
            each.minimum,
        )


def fees_of_members(members: Sequence[MemberSettings]) -> Iterator[ConfigurationCommand]:
    """The command for each schedule that a member has of its own."""
    for member in members:
        for symbol, schedule in member.fees.items():
            yield AssignFees(member.name, schedule, "" if symbol == ALL_OTHERS else symbol)


def fee_errors(
    fees: Sequence[FeeScheduleSettings],
    instruments: Sequence[InstrumentSettings],
    members: Sequence[MemberSettings],
) -> Iterator[tuple[KeyPath, str]]:
    """What cannot be of schedules, and names of schedules that there are not: the key, and why."""
    names = {each.name for each in fees}
    versions = [(each.name, each.valid_from) for each in fees]
    for index, (each, command) in enumerate(zip(fees, fee_schedules(fees), strict=True)):
        wrong_name = name_error(each.name)
        if wrong_name is not None:
            yield ("fees", index, "name"), wrong_name
        wrong = version_error(made_of(FeeVersion, command))
        if wrong is not None:
            yield ("fees", index, wrong[0]), wrong[1]
        if versions[index] in versions[:index]:
            what = f"{each.name} has a version of that day in an earlier [[fees]] too"
            yield ("fees", index, "valid_from"), what
    for index, instrument in enumerate(instruments):
        if instrument.fee_schedule and instrument.fee_schedule not in names:
            yield ("instruments", index, "fee_schedule"), unknown(instrument.fee_schedule, names)
    symbols = [instrument.symbol for instrument in instruments]
    for index, member in enumerate(members):
        for symbol, schedule in member.fees.items():
            if symbol != ALL_OTHERS and symbol not in symbols:
                yield ("members", index, "fees", symbol), unknown(symbol, symbols)
            elif schedule not in names:
                yield ("members", index, "fees", symbol), unknown(schedule, names)
