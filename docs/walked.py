"""What the pictures show has happened: a small venue in memory, walked by commands.

ALPHA buys, BRAVO sells. Knows the pure core and the ledger's postings; nothing is read or written.
"""

from collections.abc import Iterator
from typing import Any

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderState
from venue.domain.types import OrdStatus, OrdType, Side, TimeInForce
from venue.engine.engine import Engine

START_NS = 1_767_600_000_000_000_000
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")
DUE = DAYS[2]
NOW, LATER = "ACME", "GLOBEX"
"""A trade in the first settles by itself, one in the second on T+2."""
_GTC, _IOC = TimeInForce.GOOD_TILL_CANCEL, TimeInForce.IMMEDIATE_OR_CANCEL

Step = tuple[OrdStatus | None, str, OrdStatus]
"""OrdStatus(39) before (None: there was no order), what happened, and OrdStatus after."""


class Walk:
    """An engine whose day is open, and all of its events so far."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.events: list[e.AnyEvent] = []
        self._commands = 0
        for symbol, days in ((NOW, "0"), (LATER, "2")):
            self.do(
                c.AddInstrument(
                    InstrumentDefinition(
                        symbol, "USD", "0.01", "1", "100", "1000", "100000", "10",
                        fee_bps="10", settlement_days=days,
                    )
                )
            )  # fmt: skip
        for name in ("ALPHA", "BRAVO"):
            self.do(c.AddMember(name, (), "1000000", 1000))
            self.do(c.AddSession(name, name))
        self.do(c.StartDay(DAYS[0]))

    def do(self, *commands: c.AnyCommand) -> None:
        """Apply them, each with what it leaves to do."""
        waiting = list(commands)
        while waiting:
            self._commands += 1
            self.events += self.engine.apply(waiting.pop(0), START_NS + self._commands)
            waiting = [*self.engine.take_follow_ups(), *waiting]

    def buy(self, name: str, qty: str, price: str = "100.00", **terms: Any) -> None:
        """ALPHA enters an order."""
        self.do(_order("ALPHA", name, Side.BUY, qty, price, **terms))

    def sell(self, name: str, qty: str, price: str = "100.00", **terms: Any) -> None:
        """BRAVO enters an order."""
        self.do(_order("BRAVO", name, Side.SELL, qty, price, **terms))

    def cancel(self, name: str) -> None:
        """ALPHA cancels an order of ACME."""
        self.do(c.CancelOrder("ALPHA", f"{name}-c", name, NOW, Side.BUY))

    def replace(self, name: str, qty: str) -> None:
        """ALPHA gives an order of ACME another quantity, and the name with an r behind it."""
        self.do(
            c.ReplaceOrder(
                "ALPHA", f"{name}r", name, NOW, Side.BUY, OrdType.LIMIT, qty, "100.00", None
            )
        )

    def last_match(self) -> str:
        """The id of the last trade."""
        return [each.match_id for each in self.events if isinstance(each, e.TradeExecuted)][-1]


def _order(
    session: str, name: str, side: Side, qty: str, price: str, symbol: str = NOW, tif: str = "0"
) -> c.EnterOrder:
    return c.EnterOrder(session, name, symbol, side, OrdType.LIMIT, tif, qty, price)


def life_of_orders() -> Walk:
    """Every step that an order can make, once or more; a test holds that there are no others."""
    walk = Walk()
    walk.buy("off-tick", "1", "100.001")
    walk.buy("a", "10")
    walk.replace("a", "12")
    walk.sell("b", "3")
    walk.do(c.CorrectTrade(walk.last_match(), "99.00"))
    walk.do(c.BustTrade(walk.last_match()))
    for name in ("c", "d"):
        walk.sell(name, "2")
    walk.replace("ar", "8")
    walk.replace("arr", "4")
    walk.do(c.CorrectTrade(walk.last_match(), "99.00"))
    walk.do(c.BustTrade(walk.last_match()))
    walk.buy("e", "5")
    walk.sell("f", "2")
    walk.sell("g", "3")
    walk.buy("h", "5")
    walk.cancel("h")
    walk.buy("i", "5")
    walk.sell("j", "2")
    walk.cancel("i")
    walk.do(c.CorrectTrade(walk.last_match(), "99.00"))
    walk.do(c.BustTrade(walk.last_match()))
    walk.buy("t", "9")
    for name in ("u", "v"):
        walk.sell(name, "2")
    walk.do(c.BustTrade(walk.last_match()))
    walk.sell("x", "2")
    walk.do(c.CorrectTrade(walk.last_match(), "100.00", "1"))
    walk.cancel("t")
    walk.buy("k", "5", tif=_IOC)
    walk.buy("l", "5", tif=_GTC)
    walk.sell("m", "2")
    walk.buy("n", "5", "90.50", tif=_GTC)
    walk.buy("o", "5", "101.00")
    walk.sell("p", "2", "101.00")
    walk.buy("q", "5", "90.00")
    walk.do(c.EndDay(), c.StartDay(DAYS[1]))
    walk.do(c.CorrectTrade(walk.last_match(), "99.00"))
    walk.do(c.BustTrade(walk.last_match()))
    return walk


def steps(events: list[e.AnyEvent]) -> list[Step]:
    """What each event has done to its orders, in their order."""
    known: dict[str, OrdStatus] = {}
    found: list[Step] = []
    for event in events:
        if isinstance(event, e.OrderRejected):
            found.append((None, type(event).__name__, OrdStatus.REJECTED))
        for order in orders_of(event):
            name = order.terms.order_id
            found.append((known.get(name), type(event).__name__, order.ord_status))
            known[name] = order.ord_status
    return found


def orders_of(event: e.AnyEvent) -> Iterator[OrderState]:
    """The orders that an event shows."""
    if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected):
        yield from (event.buy.order, event.sell.order)
    elif isinstance(order := getattr(event, "order", None), OrderState):
        yield order


def life_of_trades() -> list[e.AnyEvent]:
    """A trade that settles by itself, one that settles later, and its settlement."""
    walk = Walk()
    for symbol in (NOW, LATER):
        walk.do(
            c.Deposit("ALPHA", "USD", "1000", reference=f"money {symbol}"),
            c.Deposit("BRAVO", symbol, "4", reference=f"shares {symbol}"),
        )
        walk.buy(f"b-{symbol}", "4", symbol=symbol)
        walk.sell(f"s-{symbol}", "4", symbol=symbol)
    for day in DAYS[1:]:
        walk.do(c.EndDay(), c.StartDay(day))
    walk.do(c.SettleObligations(DUE))
    return walk.events
