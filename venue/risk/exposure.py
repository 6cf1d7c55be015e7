"""Counters of what a member or an account has open and has traded. Limits are compared with them.

Only the engine changes them, while it applies one command. Positions are valued at the instrument's
reference price.
"""

from venue.domain.instruments import Instrument
from venue.domain.types import Side
from venue.risk.limits import Limits


class Use:
    """The counters of one scope in one instrument.

    position_lots: bought less sold over all days. day_lots: bought less sold today. day_cash:
    received less paid today, in 10^-8 of the currency.
    """

    __slots__ = (
        "day_cash",
        "day_lots",
        "instrument",
        "open_buy_lots",
        "open_sell_lots",
        "position_lots",
        "scope",
    )

    def __init__(self, scope: "Scope", instrument: Instrument) -> None:
        self.scope = scope
        self.instrument = instrument
        self.position_lots = 0
        self.open_buy_lots = 0
        self.open_sell_lots = 0
        self.day_lots = 0
        self.day_cash = 0

    def count_open(self, side: Side, lots: int) -> None:
        """Add to the open quantity of a side; negative lots are taken off."""
        if side is Side.BUY:
            self.open_buy_lots += lots
            assert self.open_buy_lots >= 0
        else:
            self.open_sell_lots += lots
            assert self.open_sell_lots >= 0

    def count_trade(self, side: Side, lots: int, amount: int) -> None:
        """Count a trade; negative numbers take one back. amount in 10^-8 of the currency."""
        assert lots * amount >= 0, "quantity and amount go different ways"
        if side is Side.BUY:
            self.position_lots += lots
            self.day_lots += lots
            self.day_cash -= amount
            self.scope.net_bought += amount
        else:
            self.position_lots -= lots
            self.day_lots -= lots
            self.day_cash += amount
            self.scope.net_bought -= amount

    def worst_lots(self, side: Side, lots: int) -> int:
        """Position in lots if all open orders of the side, and `lots` more, traded."""
        if side is Side.BUY:
            return self.position_lots + self.open_buy_lots + lots
        return self.position_lots - self.open_sell_lots - lots

    def notional(self, lots: int) -> int:
        """Value of a quantity at the reference price, in 10^-8 of the currency."""
        return self.instrument.amount(self.instrument.reference_ticks * lots)


class Scope:
    """The counters and limits of a member or of one of its accounts, over all instruments.

    exposure: value of the open orders of both sides. net_bought: value bought less value sold
    today. Both are in 10^-8 of the currency; amounts of different currencies are simply added.
    """

    __slots__ = ("exposure", "limits", "net_bought", "open_orders", "uses")

    def __init__(self) -> None:
        self.limits = Limits()
        self.exposure = 0
        self.net_bought = 0
        self.open_orders = 0
        self.uses: dict[str, Use] = {}

    def use_of(self, instrument: Instrument) -> Use:
        """The scope's counters in an instrument; the first call makes them."""
        use = self.uses.get(instrument.symbol)
        if use is None:
            use = self.uses[instrument.symbol] = Use(self, instrument)
            assert use.scope is self
        return use

    def worst_gross(self, added: Use | None = None, side: Side = Side.BUY, lots: int = 0) -> int:
        """Gross value of all positions at worst, in 10^-8 of the currency.

        Each instrument counts with the larger of the long and the short position that its open
        orders can lead to. `lots` more on `side` are counted in the instrument of `added`.
        """
        total = 0
        for use in self.uses.values():
            more = lots if use is added else 0
            bought = use.worst_lots(Side.BUY, more if side is Side.BUY else 0)
            sold = use.worst_lots(Side.SELL, 0 if side is Side.BUY else more)
            total += use.notional(max(abs(bought), abs(sold)))
        return total

    def worst_net(self, side: Side, added: Use | None = None, lots: int = 0) -> int:
        """Net value of all positions if all open orders of one side traded; negative is short.

        `lots` more on `side` are counted in the instrument of `added`.
        """
        return sum(
            use.notional(use.worst_lots(side, lots if use is added else 0))
            for use in self.uses.values()
        )

    def begin_day(self) -> None:
        """Set the counters of the trading day to zero."""
        assert self.exposure >= 0 and self.open_orders >= 0  # open orders go on: these stay
        self.net_bought = 0
        for use in self.uses.values():
            use.day_lots = use.day_cash = 0
