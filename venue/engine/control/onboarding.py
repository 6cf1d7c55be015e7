"""Who may trade at all: KYC of members and their traders, and the local sanctions list."""

from venue.domain.commands import SetKyc, SetSanctions
from venue.domain.events import KycChanged, SanctionsSet
from venue.domain.reject_reasons import RejectReason
from venue.engine.control.blocks import block_member, block_trader
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.sanctions import is_sanctioned, sanctioned
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import APPROVED, KYC_STATES, Member

MOST_NAMES = 100_000


@effect_of(SetKyc)
def set_kyc(state: EngineState, command: SetKyc) -> None:
    """KycChanged; open orders of a member or trader that is not approved are canceled."""
    member = state.members.get(command.member)
    if member is None:
        refuse(state, command, f"member {command.member} is unknown")
        return
    if command.state not in KYC_STATES:
        refuse(state, command, f"{command.state} is none of {', '.join(KYC_STATES)}")
        return
    legal_name = command.legal_name or command.trader or member.legal_name or member.name
    if command.state == APPROVED and is_sanctioned(state, legal_name):
        refuse(state, command, f"{legal_name} is on the sanctions list")
        return
    if command.trader:
        member.traders[command.trader] = command.state
        _changed(state, command, command.state, legal_name, command.documents)
        if command.state != APPROVED:
            block_trader(state, member.name, command.trader, command.state)
        return
    was_approved = member.kyc == APPROVED
    member.kyc = command.state
    member.legal_name = legal_name
    member.documents += tuple(name for name in command.documents if name not in member.documents)
    _changed(state, command, member.kyc, legal_name, member.documents)
    if was_approved and member.kyc != APPROVED:
        block_member(state, member.name, RejectReason.KYC_NOT_APPROVED, command.operator)


@effect_of(SetSanctions)
def set_sanctions(state: EngineState, command: SetSanctions) -> None:
    """SanctionsSet; members that are on it now are suspended by KYC and their orders canceled."""
    if len(command.names) > MOST_NAMES:
        refuse(state, command, f"{len(command.names)} names are more than {MOST_NAMES}")
        return
    state.sanctions = command.names
    state.events.append(
        SanctionsSet(*state.stamp(), command.names, command.operator, command.reason)
    )
    approved = [member for member in state.members.values() if member.kyc == APPROVED]
    listed = sanctioned(state, [member.legal_name for member in approved])
    for member in approved:
        if member.legal_name in listed:
            _suspend(state, member)


def _suspend(state: EngineState, member: Member) -> None:
    member.kyc = "suspended"
    state.events.append(
        KycChanged(
            *state.stamp(),
            member.name,
            "",
            member.kyc,
            member.legal_name,
            member.documents,
            "",
            "on the sanctions list",
        )
    )
    block_member(state, member.name, RejectReason.KYC_NOT_APPROVED, "")


def _changed(
    state: EngineState,
    command: SetKyc,
    kyc: str,
    legal_name: str,
    documents: tuple[str, ...],
) -> None:
    state.events.append(
        KycChanged(
            *state.stamp(),
            command.member,
            command.trader,
            kyc,
            legal_name,
            documents,
            command.operator,
            command.reason,
        )
    )
