"""A trader's own lists: open orders, those that have ended, refusals, fills."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.own_orders import MOST_FINISHED, OwnOrders, Told
from venue.gateway.desk.parts.table import Button, Column, Row, Table
from venue.gateway.problems import Problem

DRAW_SECONDS = 0.2
Pressed = Callable[[str, str], Awaitable[None]]
"""Is called with a button's name, cancel, up, down or choose, and the OrderID or refusal."""
_ORDER = (
    Column("symbol", "Symbol"),
    Column("side", "Side"),
    Column("quantity", "Quantity", True),
    Column("filled", "Filled", True),
    Column("price", "Price", True),
    Column("stop_price", "Stop", True),
    Column("type", "Type"),
    Column("time_in_force", "Time in force"),
    Column("state", "State"),
    Column("client_order_id", "Your id"),
)
_FILL = (
    Column("time", "Time"),
    Column("symbol", "Symbol"),
    Column("side", "Side"),
    Column("quantity", "Quantity", True),
    Column("price", "Price", True),
    Column("liquidity", "Liquidity"),
    Column("client_order_id", "Your id"),
)


class Blotter:
    """The lists of one page. pressed: what is to be done with an order."""

    def __init__(self, visit: Visit, own: OwnOrders, pressed: Pressed) -> None:
        self._visit = visit
        self._own = own
        self._version = -1
        self._refusals: deque[Row] = deque(maxlen=MOST_FINISHED)
        self.problems: dict[str, Problem] = {}
        """Refusals by their row's id."""
        with visit.panel("Open orders", "orders"):
            buttons = (
                Button("cancel", "Cancel"),
                Button("up", "Up"),
                Button("down", "Down"),
                Button("choose", "Explain"),
            )
            self._open = _orders("open-orders", "Open orders", buttons, pressed)
        with visit.panel("Ended and refused", "ended"):
            self._ended = _orders("ended-orders", "Ended and refused orders", buttons[3:], pressed)
        with visit.panel("Fills", "fills"):
            self._fills = Table("fills-table", "Fills, the newest first", _FILL, empty="No fills.")
        visit.every(DRAW_SECONDS, self._draw)

    def add_refusal(self, terms: dict[str, Any], problem: Problem) -> str:
        """Add an order that was refused. Returns its row's id."""
        row_id = f"refused-{len(self.problems) + 1}"
        self.problems[row_id] = problem
        row = {"state": problem.venue_code or problem.code.value, "kind": "refused"}
        self._refusals.appendleft({**_row(terms), **row, "id": row_id})
        self._version = -1
        return row_id

    def _draw(self) -> None:
        if self._version == self._own.version or not self._visit.keeps_up:
            return
        self._version = self._own.version
        self._open.show([_row(order) for order in self._own.open()])
        self._ended.show([*self._refusals, *(_row(order) for order in self._own.finished())])
        self._fills.show([{**fill, "id": fill["exec_id"]} for fill in self._own.fills()])


def _orders(name: str, caption: str, buttons: Sequence[Button], pressed: Pressed) -> Table:
    return Table(name, caption, _ORDER, buttons=buttons, empty="No orders.", pressed=pressed)


def _row(order: Told) -> Row:
    shown = {column.key: str(order.get(column.key, "")) for column in _ORDER}
    shown["type"] = shown["type"].replace("_", " ")
    is_priced = bool(order.get("price"))
    return {
        **shown,
        "id": order.get("order_id", ""),
        "kind": order.get("state", ""),
        "label": f"{shown['side']} {shown['quantity']} {shown['symbol']} {shown['price']}".strip(),
        "no_up": not is_priced,
        "no_down": not is_priced,
    }
