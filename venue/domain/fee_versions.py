"""A version of a fee schedule as it is written: rates, tiers by volume, from which day it counts.

Text only, checked here; numbers are made of it when an order is accepted. Pure.
"""

import re
from collections.abc import Sequence

import msgspec

from venue.domain.decimal_text import format_money, parse_money, parse_scaled
from venue.domain.fee_terms import FEE_DENOMINATOR, FeeTerms
from venue.domain.iso_dates import is_date

NO_SCHEDULE = "none"
"""Said instead of a schedule: there is to be none."""
_MOST_MINIMUM = 10**17
_RATE_DECIMALS = 8
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


class FeeTier(msgspec.Struct, frozen=True):
    """Rates of who has traded `from_volume` (in the currency) or more in the 30 days before."""

    from_volume: str
    maker_bps: str
    taker_bps: str


class FeeVersion(msgspec.Struct, frozen=True):
    """What a schedule says from a trading day on, until a later version counts.

    valid_from: ISO date; empty: from the beginning. Rates in basis points of a fill's value; below
    zero: a rebate. minimum: the least that an order pays with its first fill, in the currency.
    """

    valid_from: str
    maker_bps: str
    taker_bps: str
    tiers: tuple[FeeTier, ...]
    minimum: str


def name_error(schedule: str) -> str | None:
    """Why a schedule cannot be called so, or None."""
    if _NAME.fullmatch(schedule) and schedule != NO_SCHEDULE:
        return None
    return f"fee schedule {schedule!r} is not made of up to 32 letters, digits, _, -, or is none"


def version_error(version: FeeVersion) -> tuple[str, str] | None:
    """The field that is wrong and why, in words; None where the version can count."""
    if version.valid_from and not is_date(version.valid_from):
        return "valid_from", f"{version.valid_from!r} is no date YYYY-MM-DD"
    minimum = parse_money(version.minimum)
    if minimum is None or not 0 <= minimum <= _MOST_MINIMUM:
        most = format_money(_MOST_MINIMUM)
        return "minimum", f"{version.minimum!r} is no amount from 0 to {most}"
    for each in (version, *version.tiers):
        for name in ("maker_bps", "taker_bps"):
            text: str = getattr(each, name)
            if _rate(text) is None:
                return name, f"{text!r} is no number from -10000 to 10000 with at most 8 decimals"
    return _tiers_error(version.tiers)


def _tiers_error(tiers: Sequence[FeeTier]) -> tuple[str, str] | None:
    before = 0
    for tier in tiers:
        volume = parse_money(tier.from_volume)
        if volume is None or volume <= before:
            return "tiers", f"from_volume {tier.from_volume!r} is not above that of the tier before"
        before = volume
    return None


def version_on(versions: Sequence[FeeVersion], day: str) -> FeeVersion | None:
    """The version that counts on a trading day; None before the first."""
    begun = [version for version in versions if version.valid_from <= day]
    return max(begun, key=lambda version: version.valid_from, default=None)


def tier_of(version: FeeVersion, volume: int) -> FeeTier | None:
    """The highest tier that a volume (10^-8 of the currency) reaches; None: below all of them."""
    reached = None
    for tier in version.tiers:
        from_volume = parse_money(tier.from_volume)
        assert from_volume is not None
        if from_volume <= volume:
            reached = tier
    return reached


def terms_of_version(version: FeeVersion, volume: int) -> FeeTerms:
    """The terms of who has traded `volume`; the version was checked."""
    rates = tier_of(version, volume) or version
    maker, taker = _rate(rates.maker_bps), _rate(rates.taker_bps)
    minimum = parse_money(version.minimum)
    assert maker is not None and taker is not None and minimum is not None
    return FeeTerms(maker, taker, minimum)


def _rate(text: str) -> int | None:
    rate = parse_scaled(text, _RATE_DECIMALS)
    return rate if rate is not None and abs(rate) <= FEE_DENOMINATOR else None
