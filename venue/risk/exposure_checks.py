"""The checks of a scope's limits on what an order adds: each a small pure function.

Each states in the Refusal's detail the numbers that it compared, and whose limit it is.
"""

from venue.domain.decimal_text import format_money
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import Side
from venue.risk.exposure import Scope, Use
from venue.risk.funds import Purse


def check_open_orders(whose: str, scope: Scope) -> Refusal | None:
    """At most max_open_orders open orders."""
    most = scope.limits.max_open_orders
    if most is None or scope.open_orders < most:
        return None
    return Refusal(
        RejectReason.OPEN_ORDERS_LIMIT, f"{whose} has {scope.open_orders} open orders, the most"
    )


def check_position(whose: str, use: Use, side: Side, lots: int) -> Refusal | None:
    """Long or short in one instrument, everything open on the order's side counted as traded."""
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
    """Value of all positions, long and short added, at reference prices."""
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
    """Value of all positions, long less short, at reference prices."""
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
    """Loss of the day's trades at last prices, in 10^-8 of the currency, stays below the limit."""
    if loss < most or (loss == most == 0):
        return None
    return Refusal(
        RejectReason.DAILY_LOSS_LIMIT,
        f"{whose} has lost {format_money(loss)} today, {format_money(most)} is the limit",
    )


def check_credit(whose: str, scope: Scope, added: int) -> Refusal | None:
    """Open orders and what was bought net today, with `added` (10^-8), within credit_limit."""
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
    """What a prefunded order reserves anew (10^-8 units) is there and free."""
    if added <= purse.free or added <= 0:
        return None
    return Refusal(
        RejectReason.INSUFFICIENT_FUNDS,
        f"{format_money(added)} {purse.asset} are needed, {format_money(purse.free)} of "
        f"{format_money(purse.balance)} are free",
    )
