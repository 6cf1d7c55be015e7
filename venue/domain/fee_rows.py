"""What the operator is shown of fees: plain rows, numbers as exact text."""

import msgspec

from venue.domain.fee_versions import FeeTier


class FeeScheduleRow(msgspec.Struct, frozen=True):
    """A version of a schedule. counts: "now", "later", or "before": a later version goes on."""

    schedule: str
    valid_from: str
    maker_bps: str
    taker_bps: str
    tiers: tuple[FeeTier, ...]
    minimum: str
    counts: str


class FeeVolumeRow(msgspec.Struct, frozen=True):
    """What a member has traded of a currency's value.

    before_today: in the 30 trading days before, which decides the tier; today: counts from
    tomorrow.
    """

    currency: str
    before_today: str
    today: str


class MemberFeesRow(msgspec.Struct, frozen=True):
    """What a member's new orders in an instrument pay today.

    schedule: empty where there is none: then both rates are the instrument's fee_bps. of: whose
    schedule it is: "member and instrument", "member", "instrument". from_volume: of the tier in
    force, "0" below all.
    """

    symbol: str
    currency: str
    schedule: str
    of: str
    valid_from: str
    from_volume: str
    maker_bps: str
    taker_bps: str
    minimum: str
