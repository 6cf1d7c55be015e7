"""The configuration that is in force, as the commands that would make it. Reads only."""

from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    ConfigurationCommand,
    SetFourEyes,
    SetSanctions,
    configuration_key,
)
from venue.domain.decimal_text import format_money
from venue.engine.state.engine_state import EngineState


def current_configuration(state: EngineState) -> dict[tuple[str, str], ConfigurationCommand]:
    """The command for each instrument, member, session and list in force, by configuration_key."""
    commands: list[ConfigurationCommand] = [
        AddInstrument(market.instrument.definition) for market in state.markets.values()
    ]
    commands += (
        AddMember(
            member.name,
            member.accounts,
            format_money(member.limits.credit_limit or 0),
            member.limits.max_open_orders or 0,
            member.funding,
            member.legal_name if member.legal_name != member.name else "",
        )
        for member in state.members.values()
    )
    commands += (
        AddSession(
            session.name,
            session.member.name,
            session.cancel_by_default,
            session.messages_per_second,
            session.repeated_executions,
        )
        for session in state.sessions.values()
    )
    commands += (SetSanctions(state.sanctions), SetFourEyes(state.four_eyes))
    return {configuration_key(command): command for command in commands}
