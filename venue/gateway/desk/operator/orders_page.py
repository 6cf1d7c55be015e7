"""The page /desk/operator/orders: orders of all members, searched; cancelled; their stories."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, filled, part, words
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Button, Column, Row, Table

_COLUMNS = (
    Column("order_id", "OrderID"),
    Column("cl_ord_id", "ClOrdID"),
    Column("session", "Session"),
    Column("member", "Member"),
    Column("symbol", "Symbol"),
    Column("side_name", "Side"),
    Column("order_qty", "Quantity", True),
    Column("leaves_qty", "Left", True),
    Column("price", "Price", True),
    Column("ord_type_name", "Type"),
    Column("ord_status_name", "State"),
)
_SEARCH = (
    Input("member", "Member"),
    Input("session", "Session"),
    Input("symbol", "Symbol"),
    Input("client_order_id", "ClOrdID(11)"),
    Input("which", "Which", "open", choices=("open", "all of the day")),
)
_MASS = (
    Input("by", "All open orders of the", "member", choices=("member", "session", "symbol")),
    Input("name", "Name", is_needed=True),
)
_OPEN = ("NEW", "PARTIALLY_FILLED")


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/orders", "Orders", Who.OPERATOR)
    def orders(visit: Visit) -> None:
        """The orders of the trading day."""
        _Orders(visit)


class _Orders:
    """One page's."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit)
        self._search = ActForm("search", "Which orders", _SEARCH, "Search", self._look)
        with visit.panel("Orders", "orders"):
            buttons = (Button("cancel", "Cancel"), Button("story", "Story"))
            self._table = Table(
                "orders-table",
                "Orders in order of entry",
                _COLUMNS,
                buttons=buttons,
                empty="There is no such order.",
                pressed=self._press,
            )
            self._more = tag("p", "", "desk-note", id="orders-more")
        with visit.panel("Cancel many", "cancel-many", open_=False):
            ActForm("mass", "Cancel many orders", _MASS, "Cancel all", self._cancel_all)
        with visit.panel("Story of an order", "story"):
            self._story = tag(
                "pre",
                "",
                "desk-pre",
                id="story-text",
                tabindex="0",
                role="region",
                aria_label="Story of an order",
            )
        self._board.look(self._read)

    async def _look(self, _: Values) -> None:
        await self._read()

    async def _read(self) -> None:
        values = self._search.values
        wanted = filled(values, "member", "session", "symbol", "client_order_id")
        if values["which"] != "open":
            wanted["all"] = "true"
        told = await self._board.get("orders", **wanted)
        if told is not None:
            self._table.show([_row(each) for each in told["orders"]])
            set_text(self._more, "There are more: search for fewer." if told["next"] else "")

    async def _press(self, name: str, order_id: str) -> None:
        if name == "cancel":
            question = f"Cancel order {order_id}?"
            await self._board.command("order cancel", {"order_id": order_id}, question)
            await self._read()
            return
        told = await self._board.get(f"orders/{part(order_id)}/story")
        if told is not None:
            set_text(self._story, "\n".join(_lines(told)))

    async def _cancel_all(self, values: Values) -> None:
        by, name = values["by"], values["name"]
        question = f"Cancel all open orders of the {by} {name}?"
        await self._board.command("order cancel-all", {by: name}, question)
        await self._read()


def _row(order: Told) -> Row:
    told = {column.key: words(order.get(column.key)) for column in _COLUMNS}
    is_open = order.get("ord_status_name") in _OPEN
    return {**told, "id": order["order_id"], "no_cancel": not is_open}


def _lines(told: Told, indent: str = "") -> list[str]:
    """An object, a line a value; what is in lists and objects further in."""
    lines: list[str] = []
    for key, value in told.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, f"{indent}  ")]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{indent}{key}:")
            for each in value:
                first, *rest = _lines(each, f"{indent}    ") or [""]
                lines += [f"{indent}  - {first.strip()}", *rest]
        elif value not in (None, "", [], False):
            lines.append(f"{indent}{key}: {words(value)}")
    return lines
