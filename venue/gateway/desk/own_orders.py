"""A member's orders and fills as one page knows them: read once, then followed on the hub.

Each order has the number of its newest change, so that what is read late never goes before what
was heard. What the session has missed is read again when its line is back.
"""

from typing import Any

import msgspec
import structlog

from venue.gateway.desk.frame import Visit
from venue.gateway.hub import Topic
from venue.gateway.order import OPEN, OrderNews
from venue.gateway.problems import Code, Problem

MOST_FINISHED, MOST_FILLS = 50, 100
_LOOK_SECONDS = 1.0
_log = structlog.get_logger("gateway")
Told = dict[str, Any]
"""An order, or a fill, as the API tells it."""


class OwnOrders:
    """version: grows with each change, so that a page knows whether to draw again."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._orders: dict[str, Told] = {}
        self._fills: dict[str, Told] = {}
        self._is_to_be_read = True
        self.version = 0
        visit.hear(Topic.ORDERS, visit.member, self._hear)
        visit.hear(Topic.LINES, visit.member, self._hear_line)
        visit.every(_LOOK_SECONDS, self.read)

    async def read(self) -> None:
        """Read what is open, and the fills, if that is to be done."""
        if not self._is_to_be_read:
            return
        try:
            orders = await self._read_open()
            fills = (await self._visit.api.get("/v1/fills", limit=MOST_FILLS))["fills"]
        except Problem as problem:
            if problem.code not in (Code.AWAY, Code.TOO_MANY):
                self._is_to_be_read = False  # it will not be otherwise a second later
                self._visit.complain(problem)
            return
        self._is_to_be_read = False
        gone = {each["order_id"] for each in self.open()} - {each["order_id"] for each in orders}
        for order_id in gone:
            await self._read_one(order_id)
        for order in orders:
            self._take(order)
        for fill in reversed(fills):
            self._fills[fill["exec_id"]] = fill
        self.version += 1

    async def _read_open(self) -> list[Told]:
        """All pages of the open orders."""
        orders: list[Told] = []
        behind: str | None = ""
        while behind is not None:
            page = await self._visit.api.get("/v1/orders", behind=behind)
            orders += page["orders"]
            behind = page["next"]
        return orders

    async def _read_one(self, order_id: str) -> None:
        """An order that was open here and is not any more."""
        try:
            self._take(await self._visit.api.get(f"/v1/orders/{order_id}"))
        except Problem as problem:
            _log.warning("desk_order_unknown", order=order_id, why=problem.message)
            self._orders.pop(order_id, None)

    def get(self, order_id: str) -> Told | None:
        """An order, if it is known here."""
        return self._orders.get(order_id)

    def open(self, symbol: str = "") -> list[Told]:
        """Open orders, the oldest first."""
        return [
            order
            for order in self._orders.values()
            if order["state"] in OPEN and symbol in ("", order["symbol"])
        ]

    def finished(self) -> list[Told]:
        """Orders that have ended since the page was opened, the newest first."""
        return [order for order in self._orders.values() if order["state"] not in OPEN][::-1]

    def fills(self) -> list[Told]:
        """Executions, the newest first."""
        return [*self._fills.values()][: -MOST_FILLS - 1 : -1]

    def _hear(self, _: str, news: OrderNews) -> None:
        self._take(msgspec.to_builtins(news.order))
        if news.fill is not None:
            self._fills[news.fill.exec_id] = msgspec.to_builtins(news.fill)
            while len(self._fills) > MOST_FILLS:
                del self._fills[next(iter(self._fills))]
        self.version += 1

    def _hear_line(self, _: str, trouble: str) -> None:
        self._is_to_be_read = not trouble
        self.version += 1

    def _take(self, order: Told) -> None:
        known = self._orders.get(order["order_id"])
        if known is not None and known.get("number", 0) > order.get("number", 0):
            return
        if known is not None and order["state"] not in OPEN:
            del self._orders[order["order_id"]]  # the newest that have ended come last
        self._orders[order["order_id"]] = order
        finished = [key for key, each in self._orders.items() if each["state"] not in OPEN]
        for order_id in finished[:-MOST_FINISHED]:
            del self._orders[order_id]
