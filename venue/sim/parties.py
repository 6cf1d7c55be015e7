"""Who trades what in a scenario, from the settings of the venue.

Knows settings; must never import QuickFIX.
"""

from dataclasses import dataclass

from venue.domain.instruments import InstrumentDefinition
from venue.settings.definitions import definition
from venue.settings.sections import DEMO_PASSWORD
from venue.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Party:
    """One counterparty to be: its session, password, and the Account(1) it trades for."""

    comp_id: str
    password: str
    account: str = ""


def parties_of(settings: Settings) -> list[Party]:
    """A party for every session with the demo password, with its member's first account, if any;
    those of the gateway are for people."""
    accounts = {member.name: member.accounts[:1] for member in settings.members}
    return [
        Party(session.comp_id, DEMO_PASSWORD, "".join(accounts[session.member]))
        for session in settings.sessions
        if session.enabled
        and session.kind == "trading"
        and session.has_demo_password
        and not session.is_of_gateway
    ]


def definitions_of(settings: Settings) -> list[InstrumentDefinition]:
    """What there is to trade."""
    return [definition(instrument, settings.risk) for instrument in settings.instruments]
