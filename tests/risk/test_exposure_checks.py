"""Limits of a scope: accepted at the limit, refused just over it, with both numbers said."""

import msgspec
import pytest

from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal
from venue.domain.types import Side
from venue.risk import exposure_checks as checks
from venue.risk.exposure import Scope, Use
from venue.risk.funds import Purse

from ..engine.builders import ACME

UNITS = 10**8
OTHER = msgspec.structs.replace(ACME, symbol="OTHER")


def said(refusal: Refusal | None) -> tuple[str, str] | None:
    return None if refusal is None else (refusal.reason.value, refusal.detail)


def use_with(limit: str, value: str, position: int = 0, buys: int = 0, sells: int = 0) -> Use:
    scope = Scope()
    scope.limits.set(limit, value)
    use = scope.use_of(Instrument(ACME))
    use.position_lots, use.open_buy_lots, use.open_sell_lots = position, buys, sells
    return use


def test_one_more_open_order_must_fit() -> None:
    scope = use_with("max_open_orders", "5").scope
    scope.open_orders = 4
    assert checks.check_open_orders("ALPHA", scope) is None
    scope.open_orders = 5
    assert said(checks.check_open_orders("ALPHA", scope)) == (
        "OPEN_ORDERS_LIMIT",
        "ALPHA has 5 open orders, the most",
    )


@pytest.mark.parametrize(
    ("side", "position", "lots", "passes"),
    [(Side.BUY, 3, 5, True), (Side.BUY, 3, 6, False), (Side.SELL, -3, 6, True),
     (Side.SELL, -3, 7, False), (Side.SELL_SHORT, -3, 7, False), (Side.BUY, 99, -1, True)],
)  # fmt: skip
def test_position_counts_what_is_open_on_the_side_of_the_order(
    side: Side, position: int, lots: int, passes: bool
) -> None:
    use = use_with("max_position", "10", position, buys=2, sells=1)
    refusal = checks.check_position("ALPHA", use, side, lots)
    assert (refusal is None) == passes


def test_position_refusal_says_what_could_be_held() -> None:
    use = use_with("max_position", "10", 3, buys=2)
    assert said(checks.check_position("ALPHA", use, Side.BUY, 6)) == (
        "POSITION_LIMIT",
        "ALPHA could hold 11 ACME, past 10",
    )


def test_gross_notional_adds_long_and_short_and_lets_what_lowers_it_pass() -> None:
    use = use_with("max_gross_notional", "1500", position=-5)
    other = use.scope.use_of(Instrument(OTHER))
    other.position_lots = 8
    assert checks.check_gross_notional("ALPHA", use, Side.SELL, 2) is None
    assert said(checks.check_gross_notional("ALPHA", use, Side.SELL, 3)) == (
        "GROSS_NOTIONAL_LIMIT",
        "ALPHA could hold 1600 gross, past 1500",
    )
    use.scope.limits.set("max_gross_notional", "100")
    assert checks.check_gross_notional("ALPHA", use, Side.BUY, 5) is None


def test_net_notional_lets_long_and_short_cancel() -> None:
    use = use_with("max_net_notional", "500", position=-5)
    use.scope.use_of(Instrument(OTHER)).position_lots = 8
    assert checks.check_net_notional("ALPHA", use, Side.BUY, 2) is None
    assert said(checks.check_net_notional("ALPHA", use, Side.BUY, 3)) == (
        "NET_NOTIONAL_LIMIT",
        "ALPHA could hold 600 net, past 500",
    )


@pytest.mark.parametrize(
    ("loss", "limit", "passes"), [(9, 10, True), (10, 10, False), (-5, 0, True), (0, 0, True)]
)
def test_daily_loss_stops_at_the_limit(loss: int, limit: int, passes: bool) -> None:
    refusal = checks.check_daily_loss("ALPHA", loss * UNITS, limit * UNITS)
    assert (refusal is None) == passes


@pytest.mark.parametrize(
    ("exposure", "added", "limit", "passes"),
    [(0, 10, 10, True), (4, 6, 10, True), (4, 7, 10, False), (0, 1, 0, False), (20, 0, 10, True),
     (20, -5, 10, True), (20, 1, 10, False)],
)  # fmt: skip
def test_credit_passes_up_to_the_limit_and_always_where_nothing_is_added(
    exposure: int, added: int, limit: int, passes: bool
) -> None:
    scope = Scope()
    scope.limits.credit_limit = limit * UNITS
    scope.exposure = exposure * UNITS
    refusal = checks.check_credit("ALPHA", scope, added * UNITS)
    assert (refusal is None) == passes
    if refusal is not None:
        assert said(refusal) == (
            "CREDIT_LIMIT_EXCEEDED",
            f"ALPHA: exposure {exposure} and {added} more would pass {limit}",
        )


def test_funds_must_be_there_and_free() -> None:
    purse = Purse("", "USD")
    purse.balance, purse.reserved = 10 * UNITS, 4 * UNITS
    assert checks.check_funds(purse, 6 * UNITS) is None
    assert said(checks.check_funds(purse, 6 * UNITS + 1)) == (
        "INSUFFICIENT_FUNDS",
        "6.00000001 USD are needed, 6 of 10 are free",
    )
