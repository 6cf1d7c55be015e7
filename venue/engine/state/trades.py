"""A trade of the day as the engine remembers it, for busts and corrections."""

from venue.engine.state.orders import Order


class Trade:
    """One match. amount and fee in 10^-8 of the currency; exec_ref_seq: its latest execution."""

    __slots__ = ("amount", "busted", "buy", "exec_ref_seq", "fee", "lots", "price_ticks", "sell")

    def __init__(
        self,
        buy: Order,
        sell: Order,
        price_ticks: int,
        lots: int,
        amount: int,
        fee: int,
        exec_ref_seq: int,
    ) -> None:
        self.buy = buy
        self.sell = sell
        self.price_ticks = price_ticks
        self.lots = lots
        self.amount = amount
        self.fee = fee
        self.exec_ref_seq = exec_ref_seq
        self.busted = False
