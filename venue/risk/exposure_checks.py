"""The checks of a scope's limits against what an order adds: each a small pure function.

The docstring of a check says what has to hold. The Refusal's detail names whose limit it is, and
the numbers that were compared.
"""

from venue.domain.decimal_text import format_money
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import Side
from venue.risk.exposure import Scope, Use
from venue.risk.funds import Purse


def check_open_orders(whose: str, scope: Scope) -> Refusal | None:
    """The scope has fewer than max_open_orders open orders."""
    most = scope.limits.max_open_orders
    if most is None or scope.open_orders < most:
        return None
    return Refusal(
        RejectReason.OPEN_ORDERS_LIMIT, f"{whose} has {scope.open_orders} open orders, the most"
    )


def check_position(whose: str, use: Use, side: Side, lots: int) -> Refusal | None:
    """The position in one instrument stays within max_position, long or short.

    Everything open on the order's side counts as traded.
    """
    most = use.scope.limits.max_position
    if most is None or lots <= 0:
        return None
    worst = use.worst_lots(side, lots)
    if (worst if side is Side.BUY else -worst) * use.instrument.asset_units(1) <= most:
        return None
    return Refusal(
        RejectReason.POSITION_LIMIT,
        f"{whose} could hold {use.instrument.qty_text(worst)} {use.instrument.symbol}, "
        f"past {format_money(most)}",
    )


def check_gross_notional(whose: str, use: Use, side: Side, lots: int) -> Refusal | None:
    """The value of all positions, long and short added, stays within max_gross_notional.

    An order that does not raise the value passes all the same.
    """
    most = use.scope.limits.max_gross_notional
    if most is None or lots <= 0:
        return None
    worst = use.scope.worst_gross(use, side, lots)
    if worst <= most or worst <= use.scope.worst_gross():
        return None
    return Refusal(
        RejectReason.GROSS_NOTIONAL_LIMIT,
        f"{whose} could hold {format_money(worst)} gross, past {format_money(most)}",
    )


def check_net_notional(whose: str, use: Use, side: Side, lots: int) -> Refusal | None:
    """The value of all positions, long less short, stays within max_net_notional."""
    most = use.scope.limits.max_net_notional
    if most is None or lots <= 0:
        return None
    worst = use.scope.worst_net(side, use, lots)
    if (worst if side is Side.BUY else -worst) <= most:
        return None
    return Refusal(
        RejectReason.NET_NOTIONAL_LIMIT,
        f"{whose} could hold {format_money(worst)} net, past {format_money(most)}",
    )


def check_daily_loss(whose: str, loss: int, most: int) -> Refusal | None:
    """The loss of the day's trades is below the limit; both are in 10^-8 of the currency."""
    if loss < most or (loss == most == 0):
        return None
    return Refusal(
        RejectReason.DAILY_LOSS_LIMIT,
        f"{whose} has lost {format_money(loss)} today, {format_money(most)} is the limit",
    )


def check_credit(whose: str, scope: Scope, added: int) -> Refusal | None:
    """Open orders, what was bought net today, and `added` stay within credit_limit (all 10^-8)."""
    most = scope.limits.credit_limit
    if most is None or added <= 0:
        return None
    used = scope.exposure
    if scope.net_bought > 0:
        used += scope.net_bought
    if used + added <= most:
        return None
    return Refusal(
        RejectReason.CREDIT_LIMIT_EXCEEDED,
        f"{whose}: exposure {format_money(used)} and {format_money(added)} more would pass "
        f"{format_money(most)}",
    )


def check_funds(purse: Purse, added: int) -> Refusal | None:
    """The purse has free what a prefunded order reserves in addition (10^-8 units)."""
    if added <= purse.free or added <= 0:
        return None
    return Refusal(
        RejectReason.INSUFFICIENT_FUNDS,
        f"{format_money(added)} {purse.asset} are needed, {format_money(purse.free)} of "
        f"{format_money(purse.balance)} are free",
    )
