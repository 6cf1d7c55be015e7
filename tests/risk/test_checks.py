"""The single checks as pure functions: the last value that passes, the first that does not."""

import msgspec
import pytest

from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
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


NO_INST: frozenset[str] = frozenset()


@pytest.mark.parametrize("ord_type", [*OrdType, "5", "J", ""])
@pytest.mark.parametrize("time_in_force", [*TimeInForce, None, "5", ""])
@pytest.mark.parametrize("side", [*Side, "3", ""])
def test_only_what_is_offered_is_supported(
    ord_type: str, time_in_force: str | None, side: str
) -> None:
    refusal = checks.check_supported(side, ord_type, time_in_force, NO_INST, None)
    if ord_type not in ("1", "2", "3", "4", "K", "P"):
        assert said(refusal) == ("UNSUPPORTED_ORDER_TYPE", f"40={ord_type} is not offered")
    elif time_in_force not in (None, "0", "1", "2", "3", "4", "6", "7"):
        expected = f"59={time_in_force} is not offered"
        assert said(refusal) == ("UNSUPPORTED_TIME_IN_FORCE", expected)
    elif side not in ("1", "2", "5"):
        assert said(refusal) == ("UNSUPPORTED_SIDE", f"54={side} is not offered")
    else:
        assert refusal is None


@pytest.mark.parametrize("code", list("6GJKMPR"))
def test_offered_instructions_are_supported(code: str) -> None:
    assert checks.check_supported("1", "2", "0", frozenset([code]), None) is None


@pytest.mark.parametrize(
    ("codes", "unsupported", "detail"),
    [("1", None, "18=1 is not offered"), ("6z5", None, "18=5 is not offered"),
     ("", "854=1", "854=1 is not offered"), ("1", "854=1", "18=1 is not offered")],
)  # fmt: skip
def test_other_instructions_are_named(codes: str, unsupported: str | None, detail: str) -> None:
    refusal = checks.check_supported("1", "2", "0", frozenset(codes), unsupported)
    assert said(refusal) == ("UNSUPPORTED_INSTRUCTION", detail)


POSITIVE = ["1", "0.1", "00.10", "5.", ".5", "100"]
NOT_POSITIVE = ["0", "0.0", "-0", "-1", "", ".", "-", "+1", "1e1", "abc", " 1"]


@pytest.mark.parametrize("text", POSITIVE)
def test_positive_numbers_are_taken(text: str) -> None:
    assert checks.check_quantity(text) is None
    for ord_type in ("2", "4"):
        assert checks.check_price(ord_type, text) is None
    for ord_type in ("3", "4"):
        assert checks.check_stop_px(ord_type, text) is None


@pytest.mark.parametrize("text", NOT_POSITIVE)
def test_what_is_no_number_above_zero_is_named_by_its_tag(text: str) -> None:
    assert said(checks.check_quantity(text)) == (
        "QUANTITY_NOT_POSITIVE",
        f"38={text} is not above 0",
    )
    for ord_type in ("2", "4"):
        assert said(checks.check_price(ord_type, text)) == (
            "PRICE_NOT_POSITIVE",
            f"44={text} is not above 0",
        )
    for ord_type in ("3", "4"):
        assert said(checks.check_stop_px(ord_type, text)) == (
            "STOP_PX_NOT_POSITIVE",
            f"99={text} is not above 0",
        )


def test_numbers_that_are_missing_are_named() -> None:
    assert said(checks.check_quantity(None)) == ("QUANTITY_MISSING", "OrderQty(38) is required")
    for ord_type in OrdType:
        price = said(checks.check_price(ord_type.value, None))
        stop_px = said(checks.check_stop_px(ord_type.value, None))
        code = ord_type.value
        needs_price = ("PRICE_MISSING", f"40={code} needs Price(44)")
        needs_stop_px = ("STOP_PX_MISSING", f"40={code} needs StopPx(99)")
        assert price == (needs_price if code in "24" else None)
        assert stop_px == (needs_stop_px if code in "34" else None)


@pytest.mark.parametrize("text", ["100", "0", "x"])
def test_numbers_that_the_order_type_does_not_take_are_named(text: str) -> None:
    for code in "13KP":
        refusal = checks.check_price(code, text)
        assert said(refusal) == ("PRICE_NOT_ALLOWED", f"40={code} takes no Price(44)")
    for code in "12KP":
        refusal = checks.check_stop_px(code, text)
        assert said(refusal) == ("STOP_PX_NOT_ALLOWED", f"40={code} takes no StopPx(99)")


DAY = "2026-01-05"


@pytest.mark.parametrize(
    ("time_in_force", "expire_ns", "expire_date", "reason"),
    [
        ("0", None, None, None),
        ("1", None, None, None),
        ("1", 11, None, "EXPIRE_NOT_ALLOWED"),
        ("0", None, DAY, "EXPIRE_NOT_ALLOWED"),
        ("6", None, None, "EXPIRE_MISSING"),
        ("6", 11, DAY, "EXPIRE_MISSING"),
        ("6", 11, None, None),
        ("6", 10, None, "EXPIRE_IN_THE_PAST"),
        ("6", None, DAY, None),
        ("6", None, "2026-01-04", "EXPIRE_IN_THE_PAST"),
        ("6", None, "2025-12-31", "EXPIRE_IN_THE_PAST"),
        ("6", None, "2026-10-01", None),
    ],
)
def test_only_good_till_date_orders_have_an_end_and_it_is_not_past(
    time_in_force: str, expire_ns: int | None, expire_date: str | None, reason: str | None
) -> None:
    refusal = checks.check_expiry(time_in_force, expire_ns, expire_date, 10, DAY)
    assert (None if refusal is None else refusal.reason.name) == reason


@pytest.mark.parametrize(
    ("ord_type", "codes", "offset", "reason"),
    [
        ("P", "M", None, None),
        ("P", "R", "-0.01", None),
        ("P", "P6", None, None),
        ("P", "", None, "PEG_MISSING"),
        ("P", "6", "0.01", "PEG_MISSING"),
        ("P", "MR", None, "PEG_MISSING"),
        ("2", "", None, None),
        ("2", "6", None, None),
        ("2", "M", None, "PEG_NOT_ALLOWED"),
        ("1", "", "0.01", "PEG_NOT_ALLOWED"),
    ],
)
def test_pegged_orders_and_no_others_say_to_what_they_are_pegged(
    ord_type: str, codes: str, offset: str | None, reason: str | None
) -> None:
    refusal = checks.check_peg(ord_type, frozenset(codes), offset)
    assert (None if refusal is None else refusal.reason.name) == reason


def test_tick_and_lot_are_those_of_the_instrument() -> None:
    globex, btc = Instrument(GLOBEX), Instrument(BTC)
    assert checks.check_tick(globex, "44", "100.05") is None
    assert checks.check_tick(globex, "211", "-0.05") is None
    assert checks.check_tick(globex, "44", None) is None
    for tag in ("44", "99", "211"):
        assert said(checks.check_tick(globex, tag, "100.01")) == (
            "PRICE_NOT_ON_TICK",
            f"{tag}=100.01 is not a multiple of 0.05",
        )
    assert checks.check_lot(globex, "38", "20") is None
    assert checks.check_lot(globex, "38", None) is None
    assert said(checks.check_lot(globex, "38", "15")) == (
        "QUANTITY_NOT_ON_LOT",
        "38=15 is not a multiple of 10",
    )
    assert checks.check_lot(btc, "38", "0.00000001") is None
    assert said(checks.check_lot(btc, "38", "0.000000001")) == (
        "QUANTITY_NOT_ON_LOT",
        "38=0.000000001 is not a multiple of 0.00000001",
    )


@pytest.mark.parametrize(
    ("tag", "reason"), [("110", "MIN_QTY_OUT_OF_RANGE"), ("111", "MAX_FLOOR_OUT_OF_RANGE")]
)
def test_part_of_the_quantity_is_above_zero_and_at_most_all_of_it(tag: str, reason: str) -> None:
    assert checks.check_part(tag, None, "5", 0, 5) is None
    for lots in (1, 5):
        assert checks.check_part(tag, str(lots), "5", lots, 5) is None
    for text, wrong in (("0", 0), ("6", 6), ("-1", -1), ("1.5", None), ("x", None)):
        assert said(checks.check_part(tag, text, "5", wrong, 5)) == (
            reason,
            f"{tag}={text} is not above 0 and at most 38=5",
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
