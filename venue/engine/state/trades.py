"""A trade as the engine remembers it for busts and corrections, some trading days long."""

from venue.engine.state.orders import Order


class Trade:
    """One match. amount, and the fee of each side, are in 10^-8 of the currency.

    exec_ref_seq: event_seq of the trade, or of its latest bust or correction. trading_day: its own.
    earlier: number of the trade before it in its market, which may be forgotten; 0: of none.
    """

    __slots__ = (
        "amount",
        "busted",
        "buy",
        "earlier",
        "exec_ref_seq",
        "fee",
        "lots",
        "price_ticks",
        "sell",
        "trading_day",
    )

    def __init__(
        self,
        buy: Order,
        sell: Order,
        price_ticks: int,
        lots: int,
        amount: int,
        fee: int,
        exec_ref_seq: int,
        trading_day: str,
        earlier: int,
    ) -> None:
        self.buy = buy
        self.sell = sell
        self.price_ticks = price_ticks
        self.lots = lots
        self.amount = amount
        self.fee = fee
        self.exec_ref_seq = exec_ref_seq
        self.trading_day = trading_day
        self.earlier = earlier
        self.busted = False
