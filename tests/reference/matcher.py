"""The reference venue: plain and slow, written from the rules to be compared with the engine."""

from collections.abc import Callable
from typing import Any

from tests.reference import checks
from tests.reference.days import Said
from tests.reference.market import RefTrade
from tests.reference.orders import RefOrder
from tests.reference.requests import Requests
from venue.domain import commands as c


class ReferenceVenue(Requests):
    """Plays commands and gives what they cause: tuples of a kind and plain values."""

    def play(self, command: c.AnyCommand, now_ns: int) -> list[Said]:
        """What a command causes."""
        self.now_ns = now_ns
        self.happened = []
        rules: dict[type, Callable[[Any], None]] = {
            c.AddInstrument: self._add_instrument,
            c.AddMember: self._add_member,
            c.AddSession: self._add_session,
            c.StartDay: self._start_day,
            c.EndDay: self._end_day,
            c.AdvanceTime: self._advance_time,
            c.LogOn: self._log_on,
            c.LogOut: self._log_out,
            c.EnterOrder: self._enter,
            c.CancelOrder: self._cancel,
            c.ReplaceOrder: self._replace,
            c.MassCancel: self._mass_cancel,
            c.CancelByOperator: self._cancel_by_operator,
            c.BustTrade: self._bust,
            c.CorrectTrade: self._correct,
        }
        if any(self._is_past(order) for order in self.open_orders()):
            self._expire(self._is_past)
        rules[type(command)](command)
        return self.happened

    def _mass_cancel(self, command: c.MassCancel) -> None:
        number = str(self.next_order)
        self.next_order += 1
        why = None
        if command.session not in self.sessions:
            why = "99"
        elif command.request_type not in ("1", "7"):
            why = "0"
        elif command.cl_ord_id in self.used[command.session]:
            why = "99"
        elif command.request_type == "1" and command.symbol not in self.markets:
            why = "1"
        asked: list[RefOrder] = []
        if command.session in self.used:
            self.used[command.session].setdefault(command.cl_ord_id, None)
        if why is None:
            asked = [
                o
                for o in self._of_session(command.session)
                if command.request_type == "7" or o.paper.symbol == command.symbol
                if command.side in (None, o.side)
            ]
            self._end_all(asked, None, "MASS_CANCELED")
        response = "0" if why is not None else command.request_type
        self._say("mass", command.session, command.cl_ord_id, number, response, len(asked), why)

    def _cancel_by_operator(self, command: c.CancelByOperator) -> None:
        found = [o for o in self.open_orders() if str(o.number) == command.order_id]
        if found:
            self._end_all(found, "8", "CANCELED_BY_OPERATOR")
        else:
            self._say("refused", "CancelByOperator")

    def _bust(self, command: c.BustTrade) -> None:
        match = self.trades.get(command.match_id)
        if match is None or match.busted or not self._is_kept(match):
            self._say("refused", "BustTrade")
            return
        match.busted = True
        was = (match.ticks, match.lots)
        self._change_fills(match, match.ticks, 0)
        self._say_changed("busted", command.match_id, match, *was)

    def _correct(self, command: c.CorrectTrade) -> None:
        match = self.trades.get(command.match_id)
        if match is not None and not match.busted and self._is_kept(match):
            paper = match.buy.paper
            ticks = checks.units(command.price, paper.tick)
            lots = match.lots
            if command.quantity is not None:
                lots = checks.units(command.quantity, paper.lot) or 0
            is_new = (ticks, lots) != (match.ticks, match.lots)
            is_possible = ticks is not None and paper.low <= ticks <= paper.high
            if ticks is not None and is_possible and 0 < lots <= match.lots and is_new:
                was = (match.ticks, match.lots)
                self._change_fills(match, ticks, lots)
                match.ticks, match.lots = ticks, lots
                self._say_changed("corrected", command.match_id, match, ticks, lots, *was)
                return
        self._say("refused", "CorrectTrade")

    def _change_fills(self, match: RefTrade, ticks: int, lots: int) -> None:
        lost = match.lots - lots
        for order, fill in zip((match.buy, match.sell), match.fills, strict=True):
            fill.ticks, fill.lots = ticks, lots
            if order.open:
                order.status = "1" if order.filled else "0"
                order.shown = order.slice() if lost else order.shown
            elif order.status == "2" and lost:
                order.status = "4"

    def _say_changed(self, kind: str, name: str, match: RefTrade, *numbers: int) -> None:
        before, match.last_event = match.last_event, self.event + 1
        self._market(match.buy).last = self._last_price(match.buy.paper.symbol)
        sides = (match.buy.view(self.day), match.sell.view(self.day))
        self._say(kind, name, before, *numbers, *sides)
        self._market(match.buy).settle()

    def _last_price(self, symbol: str) -> int | None:
        """Of the last trade in it that stands."""
        of_symbol = [m for m in self.trades.values() if m.buy.paper.symbol == symbol]
        standing = [m.ticks for m in of_symbol if not m.busted]
        return standing[-1] if standing else None
