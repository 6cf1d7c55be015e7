"""Answers for the operator: fee schedules, and what a member pays by them. Changes nothing."""

from venue.domain.by_name import made_of
from venue.domain.decimal_text import format_money
from venue.domain.fee_rows import FeeScheduleRow, FeeVolumeRow, MemberFeesRow
from venue.domain.fee_versions import FeeVersion, tier_of, version_on
from venue.domain.instruments import Instrument
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Member
from venue.engine.trading.fees import schedule_in_force


def schedules(state: EngineState) -> list[FeeScheduleRow]:
    """Each version of each schedule, those of one behind each other by their days."""
    rows = []
    for name, versions in sorted(state.fee_schedules.items()):
        now = version_on(versions, state.trading_day)
        rows += [
            made_of(FeeScheduleRow, each, schedule=name, counts=_counts(each, now))
            for each in versions
        ]
    return rows


def _counts(version: FeeVersion, now: FeeVersion | None) -> str:
    if now is None or version.valid_from > now.valid_from:
        return "later"
    return "now" if version is now else "before"


def member_fees(
    state: EngineState, name: str
) -> tuple[list[FeeVolumeRow], list[MemberFeesRow]] | None:
    """What a member has traded, and what its new orders pay today; None: it is unknown."""
    member = state.members.get(name)
    if member is None:
        return None
    volumes = [
        FeeVolumeRow(
            currency, format_money(member.volume_before_today(currency)), format_money(numbers[-1])
        )
        for currency, numbers in member.volumes.items()
    ]
    rows = [_row(state, member, market.instrument) for market in state.markets.values()]
    return volumes, rows


def _row(state: EngineState, member: Member, instrument: Instrument) -> MemberFeesRow:
    symbol, currency = instrument.symbol, instrument.currency
    found = schedule_in_force(state, member, instrument)
    if found is None:
        rate = instrument.definition.fee_bps
        return MemberFeesRow(symbol, currency, "", "", "", "0", rate, rate, "0")
    version = found.version
    tier = tier_of(version, member.volume_before_today(currency))
    rates = version if tier is None else tier
    return MemberFeesRow(
        symbol,
        currency,
        found.schedule,
        found.of,
        version.valid_from,
        "0" if tier is None else tier.from_volume,
        rates.maker_bps,
        rates.taker_bps,
        version.minimum,
    )
