"""The panel of one order: why it was refused or ended, its place in the queue, and other terms."""

from venue.gateway.desk.explain import Place, place, refusal_in_words, story
from venue.gateway.desk.frame import Visit
from venue.gateway.desk.order_desk import OrderDesk, in_words
from venue.gateway.desk.own_orders import OwnOrders, Told
from venue.gateway.desk.parts.form import Field, Form
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.public_orders import PublicOrders
from venue.gateway.order import OPEN
from venue.gateway.problems import Problem

LOOK_SECONDS = 1.0
_LINES = 5


class OrderPanel:
    """One of a page; shows the order that was chosen last, and follows it."""

    def __init__(self, visit: Visit, own: OwnOrders, desk: OrderDesk, public: PublicOrders) -> None:
        self._visit = visit
        self._own = own
        self._desk = desk
        self._public = public
        self._order_id = ""
        with visit.panel("Why, and where in the queue", "explain"):
            self._title = tag("p", "Press Explain beside an order.", "desk-note", id="explained")
            with tag("ul", classes="desk-story", id="story", aria_live="polite"):
                self._lines = [tag("li") for _ in range(_LINES)]
            fields = (
                Field("price", "Price", is_number=True),
                Field("quantity", "Quantity", is_number=True),
                Field("stop_price", "Stop price", is_number=True),
            )
            self._form = Form("change", fields, "Change the order", self._change)
            self._form.set_visibility(False)
        visit.every(LOOK_SECONDS, self._look)

    def choose(self, order_id: str) -> None:
        """Explain this order."""
        order = self._own.get(order_id)
        if order is None:
            return
        self._order_id = order_id
        self._form.fill(**{key: order.get(key, "") for key in ("price", "quantity", "stop_price")})
        self._look()

    def show_refusal(self, words: str, problem: Problem) -> None:
        """Explain why an order, or a change of one, was refused."""
        self._order_id = ""
        self._show(words, refusal_in_words(problem), is_open=False)

    def _look(self) -> None:
        order = self._own.get(self._order_id)
        if order is not None:
            is_open = order["state"] in OPEN
            self._show(in_words(order), story(order, self._place(order)), is_open=is_open)

    def _place(self, order: Told) -> Place | None:
        public_id = self._public.id_of(order["symbol"], order["order_id"])
        queue = self._visit.gateway.markets.queue(order["symbol"], is_buy=order["side"] == "buy")
        return place(queue, public_id) if public_id else None

    def _show(self, title: str, lines: list[str], *, is_open: bool) -> None:
        set_text(self._title, title)
        for number, line in enumerate(self._lines):
            set_text(line, lines[number] if number < len(lines) else "")
        if self._form.visible is not is_open:
            self._form.set_visibility(is_open)

    async def _change(self, values: dict[str, str]) -> None:
        order = self._own.get(self._order_id)
        if order is None:
            return
        names = ("price", "quantity", "stop_price")
        changes = {
            name: str(values[name])
            for name in names
            if values.get(name) and values[name] != order.get(name)
        }
        if changes:
            await self._desk.change(self._order_id, changes)
