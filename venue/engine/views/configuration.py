"""The configuration that is in force, as the commands that would make it. Reads only."""

from venue.domain.by_name import made_of
from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    ConfigurationCommand,
    SetFourEyes,
    SetSanctions,
    SetTimetable,
    configuration_key,
)
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
            credit_limit=format_money(member.limits.credit_limit or 0),
            max_open_orders=member.limits.max_open_orders or 0,
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
        SetSanctions(state.sanctions),
        SetFourEyes(state.four_eyes),
        SetTimetable(state.timetable),
    )
    return {configuration_key(command): command for command in commands}
