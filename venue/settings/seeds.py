"""What the sections become as commands: each entry completed by what [risk] says for all.

The only place where what an entry leaves out is filled in.
"""

from venue.domain.commands import AddMember
from venue.domain.instruments import InstrumentDefinition
from venue.settings.sections import InstrumentSettings, MemberSettings, RiskSettings

_CURRENCY = "USD"
"""Of an instrument that an operator adds without saying it."""


def definition(instrument: InstrumentSettings, risk: RiskSettings) -> InstrumentDefinition:
    """The instrument as the core knows it, with the limits of [risk] where it has none."""
    return InstrumentDefinition(
        symbol=instrument.symbol,
        currency=instrument.currency,
        tick_size=instrument.tick_size,
        lot_size=instrument.lot_size,
        reference_price=instrument.reference_price,
        max_order_qty=instrument.max_quantity or risk.max_quantity,
        max_order_value=instrument.max_value or risk.max_value,
        price_collar_percent=instrument.price_collar_percent or risk.price_collar_percent,
        fee_bps=instrument.fee_bps,
        asset=instrument.base_asset or "",
        dynamic_collar_percent=instrument.dynamic_collar_percent
        or risk.dynamic_collar_percent
        or "",
    )


def addition(member: MemberSettings, risk: RiskSettings) -> AddMember:
    """The member as the core knows it, with the limits of [risk] where it has none."""
    return AddMember(
        member=member.name,
        accounts=member.accounts,
        credit_limit=member.credit_limit or risk.credit_limit,
        max_open_orders=risk.max_open_orders
        if member.max_open_orders is None
        else member.max_open_orders,
        funding=member.funding,
        legal_name=member.legal_name,
    )


def new_instrument(risk: RiskSettings) -> InstrumentDefinition:
    """Terms of an instrument of which nothing is said; its symbol and sizes are empty."""
    nothing = InstrumentSettings.model_construct(
        symbol="", currency=_CURRENCY, tick_size="", lot_size="", reference_price=""
    )
    return definition(nothing, risk)


def new_member(risk: RiskSettings) -> AddMember:
    """Terms of a member of which nothing is said; its name is empty."""
    return addition(MemberSettings.model_construct(name=""), risk)
