"""What a member, or one of its accounts, has open and has traded: the counters limits are held to.

Changed by the engine while it applies one command. Positions are valued at the reference price.
"""

from venue.domain.instruments import Instrument
from venue.domain.types import Side
from venue.risk.limits import Limits


class Use:
    """One scope in one instrument, in lots. position: bought less sold, over all days.

    day_lots: bought less sold today; day_cash: received less paid for it, 10^-8 of the currency.
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
        """Count open quantity that comes (or goes: negative)."""
        if side is Side.BUY:
            self.open_buy_lots += lots
        else:
            self.open_sell_lots += lots

    def count_trade(self, side: Side, lots: int, amount: int) -> None:
        """Count what was traded (or is taken back: negative)."""
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
        """Position if `lots` more and all that is open on that side traded, and nothing else."""
        if side is Side.BUY:
            return self.position_lots + self.open_buy_lots + lots
        return self.position_lots - self.open_sell_lots - lots

    def notional(self, lots: int) -> int:
        """Value of a quantity at the reference price, 10^-8 of the currency."""
        return self.instrument.amount(self.instrument.reference_ticks * lots)


class Scope:
    """A member or an account. exposure: value of open orders, both sides; net_bought: value bought
    less value sold today; both in 10^-8 of the currency, over all currencies.
    """

    __slots__ = ("exposure", "limits", "net_bought", "open_orders", "uses")

    def __init__(self) -> None:
        self.limits = Limits()
        self.exposure = 0
        self.net_bought = 0
        self.open_orders = 0
        self.uses: dict[str, Use] = {}

    def use_of(self, instrument: Instrument) -> Use:
        """Its use of an instrument, made at the first asking."""
        use = self.uses.get(instrument.symbol)
        if use is None:
            use = self.uses[instrument.symbol] = Use(self, instrument)
        return use

    def worst_gross(self, added: Use | None = None, side: Side = Side.BUY, lots: int = 0) -> int:
        """Sum over instruments of the larger notional that open orders can lead to."""
        total = 0
        for use in self.uses.values():
            more = lots if use is added else 0
            bought = use.worst_lots(Side.BUY, more if side is Side.BUY else 0)
            sold = use.worst_lots(Side.SELL, 0 if side is Side.BUY else more)
            total += use.notional(max(abs(bought), abs(sold)))
        return total

    def worst_net(self, side: Side, added: Use | None = None, lots: int = 0) -> int:
        """Notional of all positions if everything open on one side traded, signed."""
        return sum(
            use.notional(use.worst_lots(side, lots if use is added else 0))
            for use in self.uses.values()
        )

    def begin_day(self) -> None:
        """Forget what counts for a day."""
        self.net_bought = 0
        for use in self.uses.values():
            use.day_lots = use.day_cash = 0
