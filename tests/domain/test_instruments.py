"""Instrument arithmetic against Decimal with ROUND_HALF_UP on magnitudes; bad definitions."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.domain.instruments import Instrument, InstrumentDefinition

ACME = InstrumentDefinition(
    symbol="ACME",
    currency="USD",
    tick_size="0.01",
    lot_size="1",
    reference_price="100",
    max_order_qty="1000000",
    max_order_value="1000000000",
    price_collar_percent="10",
    fee_bps="2.5",
)
BTC = InstrumentDefinition(
    symbol="BTC-USD",
    currency="USD",
    tick_size="0.01",
    lot_size="0.00000001",
    reference_price="50000",
    max_order_qty="100",
    max_order_value="1000000000",
    price_collar_percent="10",
    fee_bps="0.3",
    asset="BTC",
)
ODD = InstrumentDefinition(
    symbol="ODD",
    currency="EUR",
    tick_size="0.00025",
    lot_size="0.00015",
    reference_price="7.77",
    max_order_qty="3000",
    max_order_value="100000",
    price_collar_percent="3.3333",
    fee_bps="1",
)
CENT = Decimal("0.00000001")
definitions = st.sampled_from([ACME, BTC, ODD])
ticks = st.integers(min_value=1, max_value=10**9)
lots = st.integers(min_value=1, max_value=10**11)


def rounded(value: Decimal) -> Decimal:
    """To 8 decimals, halves away from zero; ROUND_HALF_UP of decimal works on magnitudes."""
    return value.quantize(CENT, ROUND_HALF_UP)


@given(definitions, ticks, lots)
def test_ticks_and_lots_survive_the_way_to_text_and_back(
    definition: InstrumentDefinition, price: int, quantity: int
) -> None:
    instrument = Instrument(definition)
    assert Decimal(instrument.price_text(price)) == price * Decimal(definition.tick_size)
    assert Decimal(instrument.qty_text(quantity)) == quantity * Decimal(definition.lot_size)
    assert instrument.ticks(instrument.price_text(price)) == price
    assert instrument.lots(instrument.qty_text(quantity)) == quantity


@pytest.mark.parametrize("text", ["100.001", "100.005", "1e2", "", "x"])
def test_price_off_the_tick_or_no_number_has_no_ticks(text: str) -> None:
    instrument = Instrument(ACME)
    assert instrument.ticks(text) is None
    assert instrument.ticks(text) is None, "and still none when it comes from the cache"


def test_price_between_ticks_that_are_no_power_of_ten_has_no_ticks() -> None:
    instrument = Instrument(ODD)
    assert instrument.ticks("1.00025") == 4001
    assert instrument.ticks("1.0001") is None
    assert instrument.lots("0.0003") == 2
    assert instrument.lots("0.0002") is None


@given(definitions, ticks, lots)
def test_amount_is_rounded_once_to_eight_decimals(
    definition: InstrumentDefinition, price: int, quantity: int
) -> None:
    with localcontext() as context:
        context.prec = 80
        value = price * Decimal(definition.tick_size) * quantity * Decimal(definition.lot_size)
        expected = rounded(value).scaleb(8)
        assert Instrument(definition).amount(price * quantity) == expected
        assert Instrument(definition).amount(-price * quantity) == -expected


@given(definitions, st.integers(min_value=0, max_value=10**20))
def test_fee_is_rounded_once_to_eight_decimals(definition: InstrumentDefinition, cash: int) -> None:
    with localcontext() as context:
        context.prec = 80
        fee = rounded(Decimal(cash).scaleb(-8) * Decimal(definition.fee_bps) / 10_000)
        assert Instrument(definition).fee(cash) == fee.scaleb(8)


def test_instrument_without_fee_charges_none() -> None:
    assert Instrument(msgspec.structs.replace(ACME, fee_bps="0")).fee(10**15) == 0


@given(definitions, st.lists(st.tuples(ticks, lots), min_size=1, max_size=5))
def test_avg_px_is_the_weighted_mean_to_eight_decimals(
    definition: InstrumentDefinition, fills: list[tuple[int, int]]
) -> None:
    quantity = sum(fill_lots for _, fill_lots in fills)
    value = sum(price * fill_lots for price, fill_lots in fills)
    with localcontext() as context:
        context.prec = 80
        mean = rounded(value * Decimal(definition.tick_size) / quantity)
        assert Decimal(Instrument(definition).avg_px_text(value, quantity)) == mean


def test_avg_px_before_the_first_fill_is_zero() -> None:
    assert Instrument(ACME).avg_px_text(0, 0) == "0"


@given(
    st.sampled_from(["0.01", "0.05", "0.00025", "1"]),
    st.integers(min_value=1, max_value=10**7),
    st.integers(min_value=0, max_value=99_9999),
)
def test_collar_holds_the_ticks_within_its_percentage(
    tick: str, reference: int, ten_thousandths: int
) -> None:
    percent = Decimal(ten_thousandths).scaleb(-4)
    price = reference * Decimal(tick)
    definition = msgspec.structs.replace(
        ACME, tick_size=tick, reference_price=f"{price:f}", price_collar_percent=f"{percent:f}"
    )
    instrument = Instrument(definition)
    low = Decimal(reference) * (100 - percent) / 100
    high = Decimal(reference) * (100 + percent) / 100
    assert instrument.collar_low_ticks == low.to_integral_value(ROUND_CEILING)
    assert instrument.collar_high_ticks == high.to_integral_value(ROUND_FLOOR)


priced = st.builds(
    lambda tick, lot, fee_bps: Instrument(
        msgspec.structs.replace(
            ACME,
            tick_size=tick,
            lot_size=lot,
            fee_bps=fee_bps,
            reference_price="100",
            max_order_qty="3000",
        )
    ),
    st.sampled_from(["0.01", "0.00025", "0.5", "1", "0.00000001"]),
    st.sampled_from(["1", "10", "0.00015", "0.00000001", "0.001"]),
    st.sampled_from(["0", "0.00000001", "0.3", "2.5", "33.3333", "10000"]),
)
fills = st.lists(st.tuples(ticks, st.integers(min_value=1, max_value=10**6)), min_size=1)


@given(priced, ticks, fills, lots)
def test_reservation_covers_every_fill_and_what_is_left_however_it_is_cut(
    instrument: Instrument, limit: int, cut: list[tuple[int, int]], rest: int
) -> None:
    left = rest + sum(fill_lots for _, fill_lots in cut)
    reserved = instrument.most_cost(limit, left)
    for price, fill_lots in cut:
        amount = instrument.amount(min(price, limit) * fill_lots)
        left -= fill_lots
        still = instrument.most_cost(limit, left)
        assert amount + instrument.fee(amount) + still <= reserved
        reserved = still


@given(priced, ticks, lots, lots)
def test_reservation_of_more_or_at_a_higher_price_is_never_less(
    instrument: Instrument, limit: int, some: int, more: int
) -> None:
    reserved = instrument.most_cost(limit, some)
    assert instrument.most_cost(limit + 1, some) >= reserved
    assert instrument.most_cost(limit, some + more) >= reserved + instrument.most_cost(limit, more)
    assert instrument.most_cost(limit, 0) == 0


@given(ticks, lots)
def test_reservation_without_fee_and_rounding_is_price_times_quantity(
    limit: int, quantity: int
) -> None:
    instrument = Instrument(msgspec.structs.replace(ACME, fee_bps="0"))
    assert instrument.most_cost(limit, quantity) == instrument.amount(limit * quantity)


def test_reservation_is_used_up_to_the_last_unit_by_the_worst_cut() -> None:
    """Single lots at 50000.5: each costs 50000.5 units of 10^-8 dollars, rounded up."""
    instrument = Instrument(msgspec.structs.replace(BTC, fee_bps="0"))
    limit = instrument.ticks("50000.5")
    assert limit is not None
    assert instrument.amount(limit) == 50_001
    assert instrument.most_cost(limit, 2) == 2 * 50_001
    with_fee = Instrument(msgspec.structs.replace(BTC, fee_bps="0.3"))
    # the fee of each is 1.50003 units, rounded up to 2
    assert with_fee.fee(50_001) == 2
    assert with_fee.most_cost(limit, 2) == 2 * 50_001 + 4


def test_what_a_trade_delivers_is_the_symbol_unless_defined() -> None:
    assert Instrument(ACME).asset == "ACME"
    assert Instrument(BTC).asset == "BTC"


@pytest.mark.parametrize(
    ("field", "text"),
    [("tick_size", "0"), ("tick_size", "-0.01"), ("tick_size", "x"), ("tick_size", "0.000000001"),
     ("lot_size", "0"), ("lot_size", ""), ("lot_size", "0.000000001"), ("reference_price", "0"),
     ("reference_price", "-1"), ("reference_price", "100.001"), ("max_order_qty", "0"),
     ("max_order_qty", "1.5"), ("max_order_qty", "many"), ("max_order_value", "-1"),
     ("max_order_value", "1e9"), ("price_collar_percent", "-1"), ("price_collar_percent", "10%"),
     ("fee_bps", "-1"), ("fee_bps", "0.000000001"), ("fee_bps", "10000.1")],
)  # fmt: skip
def test_bad_definition_is_refused_with_symbol_and_field(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=rf"^ACME: .*{field}"):
        Instrument(msgspec.structs.replace(ACME, **{field: text}))
