"""Fees by a schedule against Decimal, reservations that cover them, and what a version may say."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_instruments import ACME, lots, priced, ticks
from venue.domain.fee_terms import FEE_DENOMINATOR, FeeTerms, scheduled_fee
from venue.domain.fee_versions import (
    FeeTier,
    FeeVersion,
    name_error,
    terms_of_version,
    tier_of,
    version_error,
    version_on,
)
from venue.domain.instruments import Instrument

rates = st.integers(min_value=-FEE_DENOMINATOR, max_value=FEE_DENOMINATOR)
terms = st.builds(FeeTerms, rates, rates, st.integers(min_value=0, max_value=10**12))
usual_rates = st.integers(min_value=-5 * 10**8, max_value=30 * 10**8)
usual = st.builds(
    FeeTerms, usual_rates, usual_rates, st.sampled_from([0, 1, 10**6, 5 * 10**8, 10**15])
)
GOLD = FeeVersion(
    "", "-0.2", "1.5", (FeeTier("1000", "-0.3", "1.2"), FeeTier("5000", "0", "1")), "0.05"
)


@given(terms, st.integers(min_value=0, max_value=10**20), st.booleans(), st.booleans())
def test_fee_is_rounded_once_and_never_more_than_the_amount(
    fees: FeeTerms, amount: int, is_taker: bool, is_first: bool
) -> None:
    rate = fees.taker if is_taker else fees.maker
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(amount) * rate / FEE_DENOMINATOR
        wanted = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    if rate > 0 and is_first:
        wanted = max(wanted, fees.minimum)
    assert scheduled_fee(fees, amount, is_taker, is_first) == min(wanted, amount)


@given(priced, ticks, st.lists(st.tuples(ticks, st.integers(1, 10**6), st.booleans())), lots, usual)
def test_reservation_covers_fees_by_any_roles_and_what_is_left(
    instrument: Instrument,
    limit: int,
    cut: list[tuple[int, int, bool]],
    rest: int,
    fees: FeeTerms,
) -> None:
    left = rest + sum(fill_lots for _, fill_lots, _ in cut)
    reserved = instrument.most_cost(limit, left, fees, True)
    is_first = True
    for price, fill_lots, is_taker in cut:
        amount = instrument.amount(min(price, limit) * fill_lots)
        left -= fill_lots
        still = instrument.most_cost(limit, left, fees, False)
        assert amount + scheduled_fee(fees, amount, is_taker, is_first) + still <= reserved
        reserved, is_first = still, False


@given(priced, ticks, lots)
def test_flat_schedule_reserves_what_fee_bps_does(
    instrument: Instrument, limit: int, quantity: int
) -> None:
    rate = instrument.fee_numerator
    flat = FeeTerms(rate, rate)
    assert instrument.most_cost(limit, quantity, flat) == instrument.most_cost(limit, quantity)
    amount = instrument.amount(limit * quantity)
    assert scheduled_fee(flat, amount, True, True) == instrument.fee(amount)


def test_who_only_gets_rebates_reserves_no_fee_and_no_minimum() -> None:
    instrument = Instrument(ACME)
    rebates = FeeTerms(-(10**8), -(10**8), 10**8)
    assert instrument.most_cost(10_000, 5, rebates) == instrument.amount(50_000)
    assert scheduled_fee(rebates, 10**10, False, True) == -(10**6)


@pytest.mark.parametrize(
    ("volume", "maker"),
    [(-1, "-0.2"), (0, "-0.2"), (999, "-0.2"), (1000, "-0.3"), (4999, "-0.3"), (5000, "0")],
)  # fmt: skip
def test_tier_is_the_highest_that_the_volume_reaches(volume: int, maker: str) -> None:
    tier = tier_of(GOLD, volume * 10**8)
    assert ("-0.2" if tier is None else tier.maker_bps) == maker


def test_terms_have_the_rates_of_the_tier_and_the_minimum_of_the_version() -> None:
    assert terms_of_version(GOLD, 0) == FeeTerms(-20_000_000, 150_000_000, 5_000_000)
    assert terms_of_version(GOLD, 6000 * 10**8) == FeeTerms(0, 100_000_000, 5_000_000)


def test_latest_version_that_has_begun_counts() -> None:
    later, latest = (
        msgspec.structs.replace(GOLD, valid_from=day) for day in ("2026-01-05", "2026-02-01")
    )
    versions = (GOLD, later, latest)
    assert version_on(versions, "2026-01-04") is GOLD
    assert version_on(versions, "2026-01-05") is version_on(versions, "2026-01-31") is later
    assert version_on(versions, "2030-01-01") is latest
    assert version_on((later, latest), "2026-01-04") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_from", "2026-02-30"), ("valid_from", "soon"), ("valid_from", "20260105"),
        ("minimum", "-1"), ("minimum", "1e2"), ("minimum", "0.000000001"), ("minimum", "9" * 12),
        ("maker_bps", "10000.1"), ("maker_bps", ""), ("taker_bps", "-10001"),
        ("taker_bps", "0.000000001"),
        ("tiers", (FeeTier("0", "1", "1"),)), ("tiers", (FeeTier("x", "1", "1"),)),
        ("tiers", (FeeTier("5", "1", "1"), FeeTier("5", "1", "1"))),
    ],
    ids=str,
)  # fmt: skip
def test_version_that_cannot_be_names_the_field(field: str, value: object) -> None:
    wrong = version_error(msgspec.structs.replace(GOLD, **{field: value}))
    assert wrong is not None and wrong[0] == field
    assert version_error(GOLD) is None


def test_rate_of_a_tier_is_checked_too() -> None:
    tiers = (FeeTier("5", "1", "many"),)
    wrong = version_error(msgspec.structs.replace(GOLD, tiers=tiers))
    assert wrong is not None and wrong[0] == "taker_bps"


@pytest.mark.parametrize("name", ["", "none", "a b", "x" * 33, "a/b", "caf\u00e9"])
def test_schedule_has_a_plain_name(name: str) -> None:
    assert name_error(name) is not None
    assert name_error("gold_2-A") is None
