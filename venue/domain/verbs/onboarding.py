"""Verbs of onboarding: KYC of members and their traders, and the local sanctions list.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.onboarding.
"""

from venue.domain.command import ActionCommand, ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb
from venue.domain.words import Payload, by_whom

PENDING, APPROVED = "pending", "approved"
KYC_STATES = (PENDING, APPROVED, "suspended", "rejected")


class SetKyc(ActionCommand, frozen=True, tag=True):
    """Change the KYC state of a member, or of one of its traders: pending, approved, suspended,
    rejected. documents: what was seen, added to what is noted already."""

    least_role = Role.RISK
    member: str
    state: str
    trader: str = ""
    legal_name: str = ""
    documents: tuple[str, ...] = ()
    operator: str = ""
    reason: str = ""


class SetSanctions(ConfigurationCommand, frozen=True, tag=True):
    """Replace the local sanctions list: legal names that may not be approved."""

    least_role = Role.RISK
    names: tuple[str, ...]
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """There is one list."""
        return ("sanctions", "")


class KycChanged(ControlEvent, frozen=True, tag=True):
    """KYC state of a member, or of one of its traders; documents: all that are noted."""

    member: str
    trader: str
    state: str
    legal_name: str
    documents: tuple[str, ...]
    operator: str
    reason: str


class SanctionsSet(ControlEvent, frozen=True, tag=True):
    """The local sanctions list is this one now."""

    names: tuple[str, ...]
    operator: str = ""
    reason: str = ""


def _who(command: SetKyc) -> str:
    if command.trader:
        return f"trader {command.trader} of {command.member}"
    return f"member {command.member}"


def _ask(command: SetKyc) -> str | None:
    return None if command.state == APPROVED else f"KYC of {_who(command)}: {command.state}"


def _set_kyc(payload: Payload) -> str:
    trader = f" trader {payload['trader']}" if payload.get("trader") else ""
    documents = "".join(f"  {name}" for name in payload.get("documents", ()))
    return f"{payload['member']}{trader} {payload['state']}{documents}{by_whom(payload)}"


def _kyc_changed(payload: Payload) -> str:
    trader = f" trader {payload['trader']}" if payload["trader"] else ""
    documents = ", ".join(payload["documents"])
    return (
        f"{payload['member']}{trader} is {payload['state']}"
        f"{f'  documents {documents}' if documents else ''}{by_whom(payload)}"
    )


WORDS = {
    SetKyc: _set_kyc,
    SetSanctions: lambda payload: f"{len(payload['names'])} names{by_whom(payload)}",
    KycChanged: _kyc_changed,
    SanctionsSet: lambda payload: (
        f"{len(payload['names'])} names on the sanctions list{by_whom(payload)}"
    ),
}

VERBS = (
    Verb(
        SetKyc,
        "member kyc",
        """Set the KYC state of a member, or of one of its traders; only approved ones trade.

        A member that is approved no more has its open orders canceled.""",
        "venue member kyc ECHO approved --document 'register 2026-01-07'",
        (
            Argument("member", "MEMBER", "For example ALPHA."),
            Argument("state", "STATE", "; ".join(KYC_STATES), choices=KYC_STATES),
            Option("trader", "--trader", "T", "PartyID of one of its traders."),
            Option("documents", "--document", "D", "What was seen; may be repeated.", many=True),
            Option("legal_name", "--legal-name", "NAME", "Compared with the sanctions list."),
        ),
        done=lambda command: f"KYC of {_who(command)} is {command.state}",
        asks=_ask,
        stops=True,
    ),
)
