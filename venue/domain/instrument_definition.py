"""An instrument as the configuration defines it: text only; `Instrument` gives it its meaning."""

import msgspec

_NO_FEE = "0"
_TWO_DAYS = "2"
_AT_ONCE = "0"


class InstrumentDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the configuration says of an instrument; numbers as decimal text.

    max_order_qty is in units of the instrument, max_order_value in its currency,
    price_collar_percent in percent around reference_price, dynamic_collar_percent around the last
    trade price (empty: none), fee_bps in basis points of a trade's value for each side. asset is
    what a trade delivers (BTC for BTC-USD); empty: the symbol. bust_days: for how many trading days
    after its own a trade can be busted or corrected. settlement_days: how many settlement days
    after the trading day asset and money move: 0 (with the trade itself), 1 or 2. fee_schedule: the
    one that goes before fee_bps; empty: none.
    """

    symbol: str
    currency: str
    tick_size: str
    lot_size: str
    reference_price: str
    max_order_qty: str
    max_order_value: str
    price_collar_percent: str
    fee_bps: str = _NO_FEE
    asset: str = ""
    dynamic_collar_percent: str = ""
    bust_days: str = _TWO_DAYS
    settlement_days: str = _AT_ONCE
    fee_schedule: str = ""

    def __post_init__(self) -> None:
        """Have equal definitions encoded alike: what is left out is told by identity."""
        if self.fee_bps == _NO_FEE:
            msgspec.structs.force_setattr(self, "fee_bps", _NO_FEE)
        if self.bust_days == _TWO_DAYS:
            msgspec.structs.force_setattr(self, "bust_days", _TWO_DAYS)
        if self.settlement_days == _AT_ONCE:
            msgspec.structs.force_setattr(self, "settlement_days", _AT_ONCE)
