"""The reference venue's memory, its configuration, its sessions and its trading days.

Keeps lists and works everything out anew; shares nothing with the engine but commands.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.reference.market import ReferenceMarket, RefTrade
from tests.reference.orders import Paper, RefOrder
from venue.domain import commands as c

Said = tuple[Any, ...]


class Days:
    """What the venue remembers, and what the calendar, the clock and the connections do to it."""

    def __init__(self) -> None:
        self.markets: dict[str, ReferenceMarket] = {}
        self.sessions: dict[str, str] = {}
        self.credit: dict[str, tuple[Decimal, int]] = {}
        self.used: dict[str, dict[str, RefOrder | None]] = {}
        self.on_disconnect: dict[str, bool] = {}
        self.orders: list[RefOrder] = []
        self.trades: dict[str, RefTrade] = {}
        self.days: list[str] = []
        self.day = ""
        self.is_open = False
        self.now_ns = 0
        self.event = 0
        self.next_order = 1
        self.next_match = 1
        self.happened: list[Said] = []

    def open_orders(self) -> list[RefOrder]:
        """In order of entry."""
        listed = (order for market in self.markets.values() for order in market.orders)
        return sorted(listed, key=lambda order: order.number)

    def exposure(self, member: str) -> Decimal:
        """Value of the member's open orders at their limits."""
        values = (
            order.paper.value(order.limit, order.leaves)
            for order in self.open_orders()
            if order.member == member
        )
        return sum(values, Decimal(0))

    def _say(self, *said: Any) -> None:
        self.event += 1
        self.happened.append(said)

    def _traded(self, match: RefTrade) -> int:
        number = self.next_match
        self.next_match += 1
        self.trades[f"M{number}"] = match
        match.last_event = self.event + 1
        return number

    def _add_instrument(self, command: c.AddInstrument) -> None:
        given = command.definition
        tick, lot = Decimal(given.tick_size), Decimal(given.lot_size)
        reach = Decimal(given.price_collar_percent) / 100
        reference = Decimal(given.reference_price)
        paper = Paper(
            given.symbol,
            tick,
            lot,
            -int(-reference * (1 - reach) // tick),
            int(reference * (1 + reach) // tick),
            int(Decimal(given.max_order_qty) / lot),
            Decimal(given.max_order_value),
        )
        self.markets[given.symbol] = ReferenceMarket(paper, self._say, self._traded)
        self._say("InstrumentAdded")

    def _add_member(self, command: c.AddMember) -> None:
        assert command.credit_limit is not None and command.max_open_orders is not None
        self.credit[command.member] = (Decimal(command.credit_limit), command.max_open_orders)
        self._say("MemberAdded")

    def _add_session(self, command: c.AddSession) -> None:
        self.sessions[command.session] = command.member
        self.used[command.session] = {}
        self.on_disconnect[command.session] = command.cancel_on_disconnect
        self._say("SessionAdded")

    def _start_day(self, command: c.StartDay) -> None:
        if self.is_open or command.trading_day <= self.day:
            self._say("refused", "StartDay")
            return
        self.day, self.is_open = command.trading_day, True
        self.days.append(self.day)
        named = {id(o) for m in self.trades.values() if self._is_kept(m) for o in (m.buy, m.sell)}
        self.orders = [order for order in self.orders if order.open or id(order) in named]
        for session, used in self.used.items():
            self.used[session] = {k: o for k, o in used.items() if o is not None and o.open}
        for market in self.markets.values():
            market.day, market.is_open = self.day, True
        self._say("DayStarted", self.day)
        for order in self.open_orders():
            if order.expire_date is not None and order.expire_date < self.day:
                self._market(order).expire(order)
            else:
                self._say("restated", order.view(self.day), "1", "RESTATED", False)
        self._settle_all()

    def _is_kept(self, match: RefTrade) -> bool:
        """Whether the trade is of today or one of the two trading days before."""
        return match.day in self.days[-3:]

    def _end_day(self, command: c.EndDay) -> None:
        if not self.is_open:
            self._say("refused", "EndDay")
            return
        self.is_open = False
        for market in self.markets.values():
            market.is_open = False
        self._say("DayEnded", self.day)
        self._expire(self._of_the_day)

    def _of_the_day(self, order: RefOrder) -> bool:
        if order.tif != "6":
            return order.tif != "1"
        if order.expire_date is not None:
            return order.expire_date <= self.day
        return self._is_past(order)

    def _is_past(self, order: RefOrder) -> bool:
        return order.expire_ns is not None and order.expire_ns <= self.now_ns

    def _advance_time(self, command: c.AdvanceTime) -> None:
        self._expire(self._is_past)

    def _expire(self, is_due: Callable[[RefOrder], bool]) -> None:
        for order in self.open_orders():
            if is_due(order):
                self._market(order).expire(order)
        self._settle_all()

    def _settle_all(self) -> None:
        for market in self.markets.values():
            market.settle()

    def _log_on(self, command: c.LogOn) -> None:
        self.on_disconnect[command.session] = command.cancel_on_disconnect is not False
        self._say("SessionLoggedOn")

    def _log_out(self, command: c.LogOut) -> None:
        self._say("SessionLoggedOut")
        if self.on_disconnect[command.session]:
            doomed = [o for o in self._of_session(command.session) if o.tif not in ("1", "6")]
            self._end_all(doomed, "99", "CANCEL_ON_DISCONNECT")

    def _of_session(self, session: str) -> list[RefOrder]:
        return [order for order in self.open_orders() if order.session == session]

    def _end_all(self, doomed: list[RefOrder], reason: str | None, text: str) -> None:
        for order in doomed:
            self._market(order).cancel(order, reason, text)
        settled = {order.paper.symbol: None for order in doomed}
        for symbol in settled:
            self.markets[symbol].settle()

    def _market(self, order: RefOrder) -> ReferenceMarket:
        return self.markets[order.paper.symbol]
