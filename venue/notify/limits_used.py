"""What is used of each limit, of the counters of a member or an account. Pure.

As risk counts it; a loss at last prices that are counted from events.
"""

from collections.abc import Callable

from venue.domain.types import Side
from venue.notify.last_prices import LastPrices
from venue.risk.exposure import Scope

DAILY_LOSS = "max_daily_loss"


def _daily_loss(scope: Scope, prices: LastPrices) -> int:
    """Loss of today's trades at last prices, without fees, in 10^-8; negative: a gain."""
    gain = 0
    for symbol, use in scope.uses.items():
        last_ticks = prices.last_ticks(symbol)
        if last_ticks is not None:
            gain += use.day_cash + use.instrument.amount(last_ticks * use.day_lots)
    return -gain


USED: dict[str, Callable[[Scope, LastPrices], int]] = {
    "credit_limit": lambda scope, _: scope.exposure + max(scope.net_bought, 0),
    "max_open_orders": lambda scope, _: scope.open_orders,
    "max_position": lambda scope, _: max(
        (
            max(use.worst_lots(Side.BUY, 0), -use.worst_lots(Side.SELL, 0))
            * use.instrument.asset_units(1)
            for use in scope.uses.values()
        ),
        default=0,
    ),
    "max_gross_notional": lambda scope, _: scope.worst_gross(),
    "max_net_notional": lambda scope, _: max(
        scope.worst_net(Side.BUY), -scope.worst_net(Side.SELL)
    ),
    DAILY_LOSS: _daily_loss,
}
"""What a scope uses of a limit, in the limit's own units."""
