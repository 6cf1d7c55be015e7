"""The single checks as pure functions: the last value that passes, the first that does not."""

import msgspec
import pytest

from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import OrdType, Phase, Side, TimeInForce
from venue.risk import checks

from ..engine.builders import ACME, BTC, GLOBEX

INSTRUMENT = Instrument(ACME)
UNITS = 10**8


def said(refusal: Refusal | None) -> tuple[str, str] | None:
    """Reason and detail of a refusal."""
    return None if refusal is None else (refusal.reason.name, refusal.detail)


@pytest.mark.parametrize("phase", list(Phase))
def test_phase_check_lets_continuous_trading_pass_only(phase: Phase) -> None:
    assert (checks.check_phase(phase) is None) == (phase is Phase.CONTINUOUS)


@pytest.mark.parametrize("ord_type", list(OrdType))
@pytest.mark.parametrize("time_in_force", list(TimeInForce))
@pytest.mark.parametrize("side", list(Side))
def test_only_what_is_offered_is_supported(
    ord_type: OrdType, time_in_force: TimeInForce, side: Side
) -> None:
    refusal = checks.check_supported(side.value, ord_type.value, time_in_force.value, None)
    if ord_type.value not in "12":
        assert said(refusal) == ("UNSUPPORTED_ORDER_TYPE", f"40={ord_type.value} is not offered")
    elif time_in_force.value not in "03":
        expected = f"59={time_in_force.value} is not offered"
        assert said(refusal) == ("UNSUPPORTED_TIME_IN_FORCE", expected)
    elif side.value not in "12":
        assert said(refusal) == ("UNSUPPORTED_SIDE", f"54={side.value} is not offered")
    else:
        assert refusal is None


def test_absent_time_in_force_is_supported() -> None:
    assert checks.check_supported("1", "2", None, None) is None


@pytest.mark.parametrize("text", ["1", "0.1", "00.10", "5.", ".5", "100"])
def test_positive_numbers_are_present(text: str) -> None:
    assert checks.check_numbers_present("2", text, text) is None
    assert checks.check_numbers_present("1", text, None) is None


@pytest.mark.parametrize("text", ["0", "0.0", "-0", "-1", "", ".", "-", "+1", "1e1", "abc", " 1"])
def test_what_is_no_number_above_zero_is_named_as_quantity_and_as_price(text: str) -> None:
    assert said(checks.check_numbers_present("2", text, "1")) == (
        "QUANTITY_NOT_POSITIVE",
        f"38={text} is not above 0",
    )
    assert said(checks.check_numbers_present("2", "1", text)) == (
        "PRICE_NOT_POSITIVE",
        f"44={text} is not above 0",
    )


def test_tick_and_lot_are_those_of_the_instrument() -> None:
    globex, btc = Instrument(GLOBEX), Instrument(BTC)
    assert checks.check_tick(globex, "100.05") is None
    assert said(checks.check_tick(globex, "100.01")) == (
        "PRICE_NOT_ON_TICK",
        "44=100.01 is not a multiple of 0.05",
    )
    assert checks.check_lot(globex, "20") is None
    assert said(checks.check_lot(globex, "15")) == (
        "QUANTITY_NOT_ON_LOT",
        "38=15 is not a multiple of 10",
    )
    assert checks.check_lot(btc, "0.00000001") is None
    assert said(checks.check_lot(btc, "0.000000001")) == (
        "QUANTITY_NOT_ON_LOT",
        "38=0.000000001 is not a multiple of 0.00000001",
    )


def test_quantity_and_value_pass_up_to_their_limits() -> None:
    assert checks.check_max_quantity(INSTRUMENT, 1_000_000) is None
    assert said(checks.check_max_quantity(INSTRUMENT, 1_000_001)) == (
        "ORDER_QUANTITY_TOO_LARGE",
        "38=1000001 is more than 1000000",
    )
    assert checks.check_max_value(INSTRUMENT, 50_000_000 * UNITS) is None
    assert said(checks.check_max_value(INSTRUMENT, 50_000_000 * UNITS + 1)) == (
        "ORDER_VALUE_TOO_LARGE",
        "50000000.00000001 USD is more than 50000000",
    )


def test_collar_includes_both_ends() -> None:
    for ticks in (9_000, 11_000):
        assert checks.check_collar(INSTRUMENT, ticks) is None
    for ticks, text in ((8_999, "89.99"), (11_001, "110.01")):
        assert said(checks.check_collar(INSTRUMENT, ticks)) == (
            "PRICE_OUTSIDE_COLLAR",
            f"44={text} is outside 90 to 110",
        )


def test_collar_between_ticks_is_cut_to_the_ticks_inside() -> None:
    definition = msgspec.structs.replace(GLOBEX, reference_price="99.95")
    instrument = Instrument(definition)  # 89.955 to 109.945
    assert checks.check_collar(instrument, instrument.ticks("90") or 0) is None
    refusal = checks.check_collar(instrument, instrument.ticks("89.95") or 0)
    assert said(refusal) == ("PRICE_OUTSIDE_COLLAR", "44=89.95 is outside 90 to 109.9")


def test_one_more_open_order_must_fit() -> None:
    assert checks.check_open_orders(4, 5) is None
    assert said(checks.check_open_orders(5, 5)) == (
        "OPEN_ORDERS_LIMIT",
        "5 open orders are the most",
    )
    assert checks.check_open_orders(0, 0) is not None


@pytest.mark.parametrize(
    ("exposure", "added", "limit", "passes"),
    [(0, 10, 10, True), (4, 6, 10, True), (4, 7, 10, False), (0, 1, 0, False), (20, 0, 10, True),
     (20, -5, 10, True), (20, 1, 10, False)],
)  # fmt: skip
def test_credit_passes_up_to_the_limit_and_always_where_nothing_is_added(
    exposure: int, added: int, limit: int, passes: bool
) -> None:
    refusal = checks.check_credit(exposure * UNITS, added * UNITS, limit * UNITS)
    assert (refusal is None) == passes
    if refusal is not None:
        assert refusal.reason is RejectReason.CREDIT_LIMIT_EXCEEDED
        assert refusal.detail == f"exposure {exposure} and {added} more would pass {limit}"
