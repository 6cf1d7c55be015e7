"""An instrument as the core uses it: exact conversions between text and whole counts.

Prices are counted in ticks, quantities in lots, money in 10^-8 of the currency. Pure.
"""

from venue.domain.decimal_text import (
    MONEY_DECIMALS,
    decimals_of,
    divide_half_away,
    format_scaled,
    parse_scaled,
)
from venue.domain.fee_terms import FEE_DENOMINATOR, FeeTerms, highest_rate
from venue.domain.instrument_definition import InstrumentDefinition as InstrumentDefinition
from venue.domain.unit_texts import tables_of

MOST_BUST_DAYS = 30
"""Trades are kept in memory for so many trading days after their own, at most."""
MOST_SETTLEMENT_DAYS = 2
"""T+2 is the longest cycle."""


class Instrument:
    """Conversions and limits of one instrument, derived once from its definition.

    ticks(text), lots(text): count of a price or quantity text, None when it is no number, off the
    tick or a fraction of a lot. price_text(ticks), qty_text(lots): the decimal text of a count.
    """

    __slots__ = (
        "_amount_denominator",
        "_amount_factor",
        "_asset_factor",
        "_dynamic_collar",
        "_lot_unit",
        "_price_decimals",
        "_qty_decimals",
        "_tick_unit",
        "asset",
        "bust_days",
        "collar_high_ticks",
        "collar_low_ticks",
        "currency",
        "definition",
        "fee_numerator",
        "lots",
        "max_order_amount",
        "max_order_lots",
        "price_text",
        "qty_text",
        "reference_ticks",
        "settlement_days",
        "symbol",
        "ticks",
    )

    def __init__(self, definition: InstrumentDefinition) -> None:
        """Raise ValueError when a number of the definition is not exact in ticks, lots or 10^-8."""
        self.definition = definition
        self.symbol = definition.symbol
        self.asset = definition.asset or definition.symbol
        self.currency = definition.currency
        self._price_decimals = decimals_of(definition.tick_size)
        self._qty_decimals = decimals_of(definition.lot_size)
        self._tick_unit = _exact(definition, "tick_size", self._price_decimals)
        self._lot_unit = _exact(definition, "lot_size", self._qty_decimals)
        if self._tick_unit <= 0 or self._lot_unit <= 0:
            raise ValueError(f"{self.symbol}: tick_size and lot_size must be greater than 0")
        counts, texts = tables_of(self._price_decimals, self._tick_unit)
        self.ticks = counts.__getitem__
        self.price_text = texts.__getitem__
        counts, texts = tables_of(self._qty_decimals, self._lot_unit)
        self.lots = counts.__getitem__
        self.qty_text = texts.__getitem__
        factor = self._tick_unit * self._lot_unit
        surplus = MONEY_DECIMALS - self._price_decimals - self._qty_decimals
        self._amount_factor: int = factor * 10 ** max(surplus, 0)
        self._amount_denominator: int = 10 ** max(-surplus, 0)
        reference = self.ticks(definition.reference_price)
        max_lots = self.lots(definition.max_order_qty)
        if reference is None or reference <= 0:
            raise ValueError(
                f"{self.symbol}: reference_price must be a positive multiple of the tick"
            )
        if max_lots is None or max_lots <= 0:
            raise ValueError(f"{self.symbol}: max_order_qty must be a positive multiple of the lot")
        self.reference_ticks = reference
        self.max_order_lots = max_lots
        self.max_order_amount = _exact(definition, "max_order_value", MONEY_DECIMALS)
        collar = _exact(definition, "price_collar_percent", MONEY_DECIMALS)
        self.collar_low_ticks, self.collar_high_ticks = _band(reference, collar)
        self._dynamic_collar: int | None = None
        if definition.dynamic_collar_percent:
            self._dynamic_collar = _exact(definition, "dynamic_collar_percent", MONEY_DECIMALS)
        self.bust_days = _exact(definition, "bust_days", 0)
        if self.bust_days > MOST_BUST_DAYS:
            raise ValueError(f"{self.symbol}: bust_days must be at most {MOST_BUST_DAYS}")
        self.settlement_days = _exact(definition, "settlement_days", 0)
        if self.settlement_days > MOST_SETTLEMENT_DAYS:
            raise ValueError(
                f"{self.symbol}: settlement_days must be at most {MOST_SETTLEMENT_DAYS}"
            )
        self._asset_factor: int = self._lot_unit * 10 ** (MONEY_DECIMALS - self._qty_decimals)
        self.fee_numerator = _exact(definition, "fee_bps", 8)
        if self.fee_numerator > FEE_DENOMINATOR:
            raise ValueError(f"{self.symbol}: fee_bps must be at most 10000, all that a sale earns")

    def amount(self, ticks_times_lots: int) -> int:
        """Cash value in 10^-8 of the currency, rounded once, halves away from zero (0001)."""
        scaled = ticks_times_lots * self._amount_factor
        if self._amount_denominator == 1:
            return scaled
        return divide_half_away(scaled, self._amount_denominator)

    def dynamic_band(self, last_ticks: int | None) -> tuple[int, int] | None:
        """Lowest and highest price in ticks of the dynamic collar.

        None where the instrument has no such collar, or has not traded.
        """
        if self._dynamic_collar is None or last_ticks is None:
            return None
        return _band(last_ticks, self._dynamic_collar)

    def asset_units(self, lots: int) -> int:
        """Quantity in 10^-8 of the asset: what the ledger moves."""
        return lots * self._asset_factor

    @property
    def lot_units(self) -> int:
        """One lot in 10^-8 of the asset."""
        return self._asset_factor

    def value_of_units(self, ticks: int, units: int) -> int:
        """Value at a price of a quantity in 10^-8 of the asset, which may be a part of a lot.

        In 10^-8 of the currency, rounded once, half away from zero; signed as the quantity.
        """
        return divide_half_away(
            ticks * units * self._amount_factor, self._amount_denominator * self._asset_factor
        )

    def most_cost(
        self, ticks: int, lots: int, fees: FeeTerms | None = None, is_first: bool = True
    ) -> int:
        """The most that buying `lots` at up to `ticks` can cost with fees, 10^-8 of the currency.

        fees: the order's own; None: fee_bps. is_first: none of it has traded, so that its first
        fill may pay the minimum.

        This holds for any number of fills, each of which rounds its amount and its fee up by half a
        unit at most. After a fill, its cost and the most_cost of the rest together are not more.
        """
        rounded = self._amount_denominator != 1
        doubled = 2 * ticks * lots * self._amount_factor + lots * self._amount_denominator * rounded
        denominator = 2 * self._amount_denominator
        amount = doubled // denominator
        rate = self.fee_numerator if fees is None else highest_rate(fees)
        if rate == 0:
            return amount
        fee = (2 * doubled * rate + denominator * FEE_DENOMINATOR * lots) // (
            2 * denominator * FEE_DENOMINATOR
        )
        if fees is not None and is_first:
            fee += min(fees.minimum, amount)  # no fill costs more than its amount
        return amount + fee

    def fee(self, amount: int) -> int:
        """Fee of a side that has no schedule, in 10^-8 of the currency.

        Rounded once, half away from zero.
        """
        if self.fee_numerator == 0:
            return 0
        return divide_half_away(amount * self.fee_numerator, FEE_DENOMINATOR)

    def avg_px_text(self, ticks_times_lots: int, lots: int) -> str:
        """AvgPx(6): sum(LastPx x LastQty) / CumQty to 8 decimals, half away from zero."""
        if lots == 0:
            return "0"
        if ticks_times_lots % lots == 0:
            return self.price_text(ticks_times_lots // lots)
        scale: int = 10 ** (MONEY_DECIMALS - self._price_decimals)
        scaled = ticks_times_lots * self._tick_unit * scale
        return format_scaled(divide_half_away(scaled, lots), MONEY_DECIMALS)


def _band(middle: int, collar: int) -> tuple[int, int]:
    """Prices within `collar` (10^-8 percent) of `middle`; never below one tick."""
    low = -((-middle * (100 * 10**8 - collar)) // (100 * 10**8))
    return max(low, 1), middle * (100 * 10**8 + collar) // (100 * 10**8)


def _exact(definition: InstrumentDefinition, name: str, decimals: int) -> int:
    text: str = getattr(definition, name)
    value: int | None = parse_scaled(text, decimals) if decimals <= MONEY_DECIMALS else None
    if value is None or value < 0:
        raise ValueError(
            f"{definition.symbol}: {name} = {text!r} is not a number of 0 or more "
            f"with at most {MONEY_DECIMALS} decimals"
        )
    return value
