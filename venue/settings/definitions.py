"""The settings as the core knows them: commands that make an empty venue the configured one.

A key with the name of a command's field is copied; only the others are said here. Knows the
sections and the domain; must never look at files.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    AnyCommand,
    Deposit,
    SetFourEyes,
    SetLimits,
)
from venue.domain.configuration import Defined
from venue.domain.instruments import InstrumentDefinition
from venue.settings.sections import (
    ControlSettings,
    InstrumentSettings,
    MemberSettings,
    RiskSettings,
    Section,
    SessionSettings,
)

_Made = TypeVar("_Made", bound=msgspec.Struct)
_CALLED = {
    "max_quantity": "max_order_qty",
    "max_value": "max_order_value",
    "base_asset": "asset",
}
"""Keys that the command's field has another name for."""
_CURRENCY = "USD"
"""The currency of an instrument that an operator adds without saying it."""


def definition(instrument: InstrumentSettings, risk: RiskSettings) -> InstrumentDefinition:
    """The instrument as the core knows it, with the limits of [risk] where it has none."""
    return _made_of(
        InstrumentDefinition,
        instrument,
        risk,
        max_order_qty=instrument.max_quantity or risk.max_quantity,
        max_order_value=instrument.max_value or risk.max_value,
        asset=instrument.base_asset or "",
    )


def definitions(
    instruments: Sequence[InstrumentSettings],
    members: Sequence[MemberSettings],
    sessions: Sequence[SessionSettings],
    risk: RiskSettings,
) -> Iterator[AnyCommand]:
    """Instruments, members with their limits, sessions that may log on, deposits."""
    yield from (AddInstrument(definition(instrument, risk)) for instrument in instruments)
    yield from (_addition(member, risk) for member in members)
    for member in members:
        if member.limits:
            yield SetLimits(member.name, dict(member.limits), reason="configuration")
    for session in sessions:
        if session.enabled and session.kind == "trading":
            yield _session(session, risk)
    for member in members:
        for asset, amount in member.funds.items():
            yield Deposit(member.name, asset, amount)


def stated(
    instruments: Sequence[InstrumentSettings],
    members: Sequence[MemberSettings],
    sessions: Sequence[SessionSettings],
    risk: RiskSettings,
) -> Iterator[Defined]:
    """Instruments, members and sessions that may log on, with the fields that each entry states."""
    for instrument in instruments:
        fields = _stated(instrument, InstrumentDefinition)
        yield Defined(AddInstrument(definition(instrument, risk)), fields)
    for member in members:
        yield Defined(_addition(member, risk), _stated(member, AddMember))
    for session in sessions:
        if session.enabled and session.kind == "trading":
            yield Defined(_session(session, risk), _stated(session, AddSession))


def four_eyes(control: ControlSettings) -> SetFourEyes:
    """The commands that a second operator has to approve."""
    return SetFourEyes(tuple(sorted(set(control.four_eyes))))


def _stated(section: Section, kind: type[msgspec.Struct]) -> tuple[str, ...]:
    said = {_CALLED.get(key, key) for key in section.model_fields_set}
    return tuple(name for name in kind.__struct_fields__ if name in said)


def new_instrument(risk: RiskSettings) -> InstrumentDefinition:
    """Terms of an instrument of which nothing is said; its symbol and sizes are empty."""
    nothing = InstrumentSettings.model_construct(
        symbol="", currency=_CURRENCY, tick_size="", lot_size="", reference_price=""
    )
    return definition(nothing, risk)


def new_member(risk: RiskSettings) -> AddMember:
    """Terms of a member of which nothing is said; its name is empty."""
    return _addition(MemberSettings.model_construct(name=""), risk)


def _session(session: SessionSettings, risk: RiskSettings) -> AddSession:
    return _made_of(AddSession, session, risk, session=session.comp_id)


def _addition(member: MemberSettings, risk: RiskSettings) -> AddMember:
    return _made_of(AddMember, member, risk, member=member.name)


def _made_of(kind: type[_Made], section: Section, risk: RiskSettings, **others: Any) -> _Made:
    """A `kind` of `others` and of the keys that its other fields have the names of.

    A key that is not given is that of [risk]; what is not there either has the field's default.
    """
    for name in kind.__struct_fields__:
        if name not in others:
            value = _given(section, name)
            value = _given(risk, name) if value is None else value
            if value is not None:
                others[name] = value
    return kind(**others)


def _given(section: Section, key: str) -> Any:
    return getattr(section, key) if key in type(section).model_fields else None
