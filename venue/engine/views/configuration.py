"""The configuration that is in force, as the commands that would make it. Reads only."""

from collections.abc import Iterable

from venue.domain.by_name import made_of
from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    AssignFees,
    ConfigurationCommand,
    SetFeeSchedule,
    SetFourEyes,
    SetSanctions,
    SetSettlementRules,
    SetTimetable,
    configuration_key,
)
from venue.domain.configuration import Defined, Difference, changes_of
from venue.domain.decimal_text import format_money
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import APPROVED


def current_configuration(state: EngineState) -> dict[tuple[str, str], ConfigurationCommand]:
    """The command for each instrument, member, session and list in force, by configuration_key."""
    commands: list[ConfigurationCommand] = [
        AddInstrument(market.instrument.definition) for market in state.markets.values()
    ]
    commands += (
        made_of(
            AddMember,
            member,
            member=member.name,
            credit_limit=_money(member.limits.credit_limit),
            max_open_orders=member.limits.max_open_orders,
            legal_name=member.legal_name if member.legal_name != member.name else "",
            kyc=APPROVED,  # no configuration says it
        )
        for member in state.members.values()
    )
    commands += (
        made_of(
            AddSession,
            session,
            session=session.name,
            member=session.member.name,
            cancel_on_disconnect=session.cancel_by_default,
        )
        for session in state.sessions.values()
    )
    commands += (
        made_of(SetFeeSchedule, version, schedule=schedule)
        for schedule, versions in state.fee_schedules.items()
        for version in versions
    )
    commands += (
        AssignFees(member.name, schedule, symbol)
        for member in state.members.values()
        for symbol, schedule in member.fee_schedules.items()
    )
    commands += (
        SetSanctions(state.sanctions),
        SetFourEyes(state.four_eyes),
        SetTimetable(state.timetable),
        made_of(SetSettlementRules, state.obligations.rules),
    )
    return {configuration_key(command): command for command in commands}


def differences(state: EngineState, wanted: Iterable[Defined]) -> list[Difference]:
    """What is defined and not in force (yet, or any more), each beside what is."""
    current = current_configuration(state)
    found = []
    for each in wanted:
        in_force = current.get(configuration_key(each.command))
        new = each.command if in_force is None else each.over(in_force)
        difference = Difference(new, in_force)
        if any(changes_of(difference)):
            found.append(difference)
    return found


def undefined(state: EngineState, wanted: Iterable[Defined]) -> list[str]:
    """Instruments and members in force that the configuration does not define: `member DELTA`.

    Without what was taken out of trading: nothing else can be done about it.
    """
    defined = {configuration_key(each.command) for each in wanted}
    defined |= {("instrument", name) for name, market in state.markets.items() if market.disabled}
    defined |= {("member", name) for name, member in state.members.items() if member.suspended}
    in_force = [key for key in current_configuration(state) if key[0] in ("instrument", "member")]
    return [f"{kind} {name}" for kind, name in in_force if (kind, name) not in defined]


def _money(limit: int | None) -> str | None:
    return None if limit is None else format_money(limit)
