"""A small venue to play commands on, and events said in one line each for whole-list comparison.

Knows the engine's commands and events only; nothing here decides what is right.
"""

from typing import Any

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderState
from venue.engine.engine import Engine
from venue.engine.state.orders import Order

START_NS = 1_767_225_600_000_000_000
SECOND_NS = 1_000_000_000
MEMBERS = {"ALPHA": ("ALPHA", "ALPHA2"), "BRAVO": ("BRAVO",), "CHARLIE": ("CHARLIE",)}
SIDES = {"buy": "1", "sell": "2"}


def instrument(symbol: str = "ACME", **fields: str) -> c.AddInstrument:
    """An instrument around 100 with a tick of 1, unless said otherwise."""
    given = {
        "currency": "USD",
        "tick_size": "1",
        "lot_size": "1",
        "reference_price": "100",
        "max_order_qty": "1000",
        "max_order_value": "100000",
        "price_collar_percent": "10",
    }
    return c.AddInstrument(InstrumentDefinition(symbol=symbol, **{**given, **fields}))


def setup_commands(*instruments: c.AddInstrument) -> list[c.AnyCommand]:
    """Instruments, three members (ALPHA with two sessions), and the first trading day."""
    commands: list[c.AnyCommand] = list(instruments or (instrument(),))
    for member, sessions in MEMBERS.items():
        commands.append(c.AddMember(member, (), "1000000", 400))
        commands += (c.AddSession(session, member) for session in sessions)
    return [*commands, c.StartDay("2026-01-05")]


class Venue:
    """An engine with ACME on its first trading day; every verb returns what happened, in lines."""

    def __init__(self, *instruments: c.AddInstrument) -> None:
        self.engine = Engine()
        self.now_ns = START_NS
        self.events: list[e.AnyEvent] = []
        for command in setup_commands(*instruments):
            self.apply(command)
        self.events.clear()

    def apply(self, command: c.AnyCommand) -> list[e.AnyEvent]:
        """Events of a command and of all that follows from it."""
        events = list(self.engine.apply(command, self.now_ns))
        while follow_ups := self.engine.take_follow_ups():
            for follow_up in follow_ups:
                events += self.engine.apply(follow_up, self.now_ns)
        self.events += events
        return events

    def do(self, command: c.AnyCommand) -> list[str]:
        """The same in lines."""
        return [line_of(event) for event in self.apply(command)]

    def buy(self, cl_ord_id: str, qty: str, price: str | None = None, **fields: Any) -> list[str]:
        """Enter a buy, a limit order for ALPHA unless said otherwise."""
        return self.do(order("buy", cl_ord_id, qty, price, **fields))

    def sell(self, cl_ord_id: str, qty: str, price: str | None = None, **fields: Any) -> list[str]:
        """Enter a sell, a limit order for BRAVO unless said otherwise."""
        return self.do(order("sell", cl_ord_id, qty, price, **{"session": "BRAVO", **fields}))

    def cancel(self, cl_ord_id: str, orig: str, side: str = "buy", **fields: Any) -> list[str]:
        """Cancel by the order's ClOrdID."""
        given = {"session": "ALPHA" if side == "buy" else "BRAVO", "symbol": "ACME", **fields}
        return self.do(
            c.CancelOrder(cl_ord_id=cl_ord_id, orig_cl_ord_id=orig, side=SIDES[side], **given)
        )

    def replace(
        self, cl_ord_id: str, orig: str, qty: str, price: str | None = None, **fields: Any
    ) -> list[str]:
        """Replace a buy of ALPHA (side="sell": a sell of BRAVO)."""
        side = fields.pop("side", "buy")
        given = {
            "session": "ALPHA" if side == "buy" else "BRAVO",
            "symbol": "ACME",
            "ord_type": "2",
            **fields,
        }
        return self.do(
            c.ReplaceOrder(
                cl_ord_id=cl_ord_id,
                orig_cl_ord_id=orig,
                side=SIDES[side],
                order_qty=qty,
                price=price,
                **given,
            )
        )

    def exposure(self, member: str = "ALPHA") -> int:
        """The member's exposure in 10^-8 of the currency."""
        return self.engine.state.members[member].exposure

    def book(self, symbol: str = "ACME") -> tuple[list[str], list[str]]:
        """Bids and asks from the best outwards, each `id:shown/leaves@price` in time order."""
        market = self.engine.state.markets[symbol]
        bids, asks = (
            [
                f"{resting.terms.order_id}:{resting.shown_lots}"
                f"/{resting.leaves_lots}@{level.price_ticks}"
                for level in side.levels()
                for resting in level
                if isinstance(resting, Order)
            ]
            for side in (market.book.bids, market.book.asks)
        )
        return bids, asks


def order(
    side: str, cl_ord_id: str, qty: str, price: str | None = None, **fields: Any
) -> c.EnterOrder:
    """A new order: limit with a price, market without, unless ord_type says otherwise."""
    given = {
        "session": "ALPHA",
        "symbol": "ACME",
        "ord_type": "1" if price is None else "2",
        **fields,
    }
    return c.EnterOrder(cl_ord_id=cl_ord_id, side=SIDES[side], order_qty=qty, price=price, **given)


def line_of(event: e.AnyEvent) -> str:
    """One line that says what happened, with OrderIDs and what is left."""
    match event:
        case e.OrderAccepted():
            return f"new {_terms(event.order)}"
        case e.OrderRejected() | e.CancelRejected():
            return f"{type(event).__name__} {event.cl_ord_id} {event.reason}"
        case e.OrderCanceled():
            why = f" {_code(event.text)}" if event.text else ""
            return f"canceled {event.order.terms.order_id} cum {event.order.cum_qty}{why}"
        case e.OrderExpired():
            return f"expired {event.order.terms.order_id} cum {event.order.cum_qty}"
        case e.OrderRestated():
            return f"restated {_terms(event.order)} {_code(event.text)}"
        case e.OrderReplaced():
            return f"replaced {_terms(event.order)}"
        case e.TradeExecuted():
            return f"trade {event.last_qty}@{event.last_px} {_sides(event)}"
        case e.TradeBusted():
            return f"busted {event.match_id} {_sides(event)}"
        case e.TradeCorrected():
            return f"corrected {event.match_id} {event.last_qty}@{event.last_px} {_sides(event)}"
        case e.MassCancelReported():
            return f"mass cancel {event.response} affected {event.affected}"
        case e.DayStarted():
            return f"day {event.trading_day} started"
        case e.DayEnded():
            return f"day {event.trading_day} ended"
        case e.CommandRefused():
            return f"refused {event.command}"
        case _:
            return type(event).__name__


def _terms(order: OrderState) -> str:
    price = f"@{order.price}" if order.price is not None else ""
    waiting = " waiting" if order.waiting else ""
    return f"{order.terms.order_id} {order.leaves_qty}/{order.order_qty}{price}{waiting}"


def _sides(trade: e.TradeExecuted | e.TradeBusted | e.TradeCorrected) -> str:
    buy, sell = trade.buy.order, trade.sell.order
    return f"{buy.terms.order_id}:{buy.leaves_qty} {sell.terms.order_id}:{sell.leaves_qty}"


def _code(text: str | None) -> str:
    return (text or "").partition(" ")[0]
