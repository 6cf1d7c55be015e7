"""What a trader does with orders: enter, cancel, move, cancel many. Each act is a call of the API.

Unless the desk is armed, the user is asked before an order is entered or moved; never before a
cancel. An order of unknown fate is looked for by its client id until the venue says what it is.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.own_orders import OwnOrders
from venue.gateway.desk.parts.question import Question
from venue.gateway.desk.parts.ticket import Terms
from venue.gateway.order import SIDES
from venue.gateway.problems import Code, Problem

LOOK_SECONDS = 1.0
LOOKS = 60
Refused = Callable[[Terms, Problem], None]


class OrderDesk:
    """The acts of one page, on one symbol. refused: is told of each order that was refused."""

    def __init__(
        self, visit: Visit, own: OwnOrders, symbol: str, question: Question, refused: Refused
    ) -> None:
        self._visit = visit
        self._own = own
        self._symbol = symbol
        self._question = question
        self._refused = refused
        self.is_armed = False

    async def enter(self, terms: Terms) -> Problem | None:
        """Enter an order. Returns why it was not taken; None: it was, or the user has said no."""
        order = {**terms, "symbol": self._symbol}
        order.setdefault("client_order_id", f"web-{secrets.token_hex(8)}")
        if not self.is_armed and not await self._question.ask(f"{in_words(order)}?"):
            return None
        try:
            made = await self._visit.api.call("POST", "/v1/orders", order)
        except Problem as problem:
            if problem.code is Code.FATE_UNKNOWN:
                self._visit.complain(problem)
                await self._look_for(str(order["client_order_id"]))
            else:
                self._refused(order, problem)
            return problem
        self._visit.say(f"{in_words(made)}: {made['state']}")
        return None

    async def cancel(self, order_id: str) -> bool:
        """Cancel an order. Whether it was done."""
        done = await self._visit.act("DELETE", f"/v1/orders/{_segment(order_id)}")
        if done is not None:
            self._visit.say(f"{in_words(done)}: {done['state']}")
        return done is not None

    async def move(self, order_id: str, price: str) -> None:
        """Give an open order another price."""
        await self.change(order_id, {"price": price})

    async def change(self, order_id: str, changes: dict[str, str]) -> Problem | None:
        """Give an open order other terms: price, quantity, stop_price. Returns why not."""
        order = self._own.get(order_id)
        if order is None:
            return None
        said = ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in changes.items())
        asked = f"Change {in_words(order)} to {said}?"
        if not self.is_armed and not await self._question.ask(asked):
            return None
        try:
            done = await self._visit.api.call("PATCH", f"/v1/orders/{_segment(order_id)}", changes)
        except Problem as problem:
            self._refused({**order, **changes}, problem)
            return problem
        self._visit.say(f"Changed: {in_words(done)}")
        return None

    async def cancel_all(self) -> None:
        """Cancel all open orders of the symbol."""
        done = await self._visit.act("DELETE", "/v1/orders", symbol=self._symbol)
        if done is not None:
            self._visit.say(f"{done['canceled']} orders of {self._symbol} canceled")

    async def cancel_side(self, side: str) -> None:
        """Cancel the open orders of the symbol on one side. side: buy or sell, the latter of all
        kinds."""
        await self._cancel_each(
            order["order_id"]
            for order in self._own.open(self._symbol)
            if (order["side"] == "buy") == (side == "buy")
        )

    async def _cancel_each(self, order_ids: Iterable[str]) -> None:
        for order_id in [*order_ids]:
            await self.cancel(order_id)

    async def _look_for(self, client_order_id: str) -> None:
        """Ask for an order of unknown fate until the venue says what became of it."""
        path = f"/v1/orders/by-client-id/{_segment(client_order_id)}"
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_SECONDS)
            try:
                found = await self._visit.api.get(path)
            except Problem as problem:
                if problem.code is Code.NOT_FOUND:
                    self._visit.say(f"The venue knows no order {client_order_id}: it was not taken")
                    return
                continue  # it is still away
            self._visit.say(f"Found: {in_words(found)}: {found['state']}")
            return
        self._visit.complain(
            Problem(Code.FATE_UNKNOWN, f"nothing is known of {client_order_id} yet: ask the venue")
        )


def in_words(order: dict[str, Any]) -> str:
    """An order in words: side, quantity, symbol, price and type."""
    side = order.get("side", "")
    words = [side.replace("_", " ").capitalize() if side in SIDES else side]
    words += [order.get("quantity", ""), order.get("symbol", "")]
    words += [f"at {order['price']}"] if order.get("price") else []
    words += [f"stop {order['stop_price']}"] if order.get("stop_price") else []
    words += [order.get("type", "limit").replace("_", " ")]
    words += [order.get("time_in_force", "day")]
    return " ".join(str(word) for word in words if word)


def _segment(text: str) -> str:
    """One part of a path, whatever is in it."""
    return quote(text, safe="")
