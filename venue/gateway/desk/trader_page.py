"""The page /desk: a trader's ladder, ticket, orders, fills, positions, charts and alerts.

Puts the parts together; each of them does its own work. A second page, /desk/wallet, and a third,
/desk/account, are in files of their own.
"""

from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, KeyEventArguments

from venue.gateway.desk.alerts_panel import AlertsPanel
from venue.gateway.desk.blotter import Blotter
from venue.gateway.desk.book_view import BookView
from venue.gateway.desk.charts import Charts
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.kept import Kept
from venue.gateway.desk.ladder import moved
from venue.gateway.desk.listed import Who
from venue.gateway.desk.order_desk import OrderDesk, in_words
from venue.gateway.desk.order_panel import OrderPanel
from venue.gateway.desk.own_orders import OwnOrders
from venue.gateway.desk.parts.bar import Bar
from venue.gateway.desk.parts.html import tag
from venue.gateway.desk.parts.question import Question
from venue.gateway.desk.parts.ticket import Terms, Ticket
from venue.gateway.desk.positions import Positions
from venue.gateway.desk.public_orders import PublicOrders
from venue.gateway.desk.symbols import chosen
from venue.gateway.desk.watching import Tape, Watchlist
from venue.gateway.markets import InstrumentTold
from venue.gateway.problems import Problem

KEYS = (
    "B buys, S sells: the ticket. Shift and C cancels all of the symbol. L goes to the ladder:"
    " arrows choose a price, B and S enter there, X cancels, M moves, Home recentres."
)
DRAW_SECONDS = 0.2


def pages(frame: Frame, kept: Kept, key_file: Path) -> None:
    """Declare it. key_file: market data's, by which an order is found in the public book."""
    public = PublicOrders(key_file, frame.gateway.markets)

    @frame.page("/desk", "Trade", Who.TRADER)
    def trade(visit: Visit) -> None:
        """All of it, for one symbol."""
        instrument = chosen(visit)
        if instrument is not None:
            TraderPage(visit, kept, public, instrument)


class TraderPage:
    """One trader's page."""

    def __init__(
        self, visit: Visit, kept: Kept, public: PublicOrders, instrument: InstrumentTold
    ) -> None:
        self._visit = visit
        self._tick_size = instrument.tick_size
        symbol = instrument.symbol
        self._own = OwnOrders(visit)
        self._drawn = -1
        question = Question()
        self._desk = OrderDesk(visit, self._own, symbol, question, self._refused)
        tag("p", KEYS, "desk-note desk-wide", id="keys")
        with tag("div", classes="desk-columns desk-trade"):
            with tag("div", classes="desk-column"):
                with visit.panel(f"Order ticket: {symbol}", "ticket-panel"):
                    self._ticket = Ticket(
                        symbol, instrument.tick_size, instrument.lot_size, self._enter
                    )
                self._panel = OrderPanel(visit, self._own, self._desk, public)
                with visit.panel("Symbols", "watchlist"):
                    Watchlist(visit, "/desk", symbol)
            with tag("div", classes="desk-column"), visit.panel(f"Ladder: {symbol}", "book"):
                self._bar = Bar(instrument.lot_size, self._press, self._arm)
                self._view = BookView(
                    visit,
                    instrument,
                    own=lambda: self._own.open(symbol),
                    trades=True,
                )
                self._connect_ladder()
            with tag("div", classes="desk-column"):
                Tape(visit, kept, symbol)
                self._charts = Charts(visit, kept, symbol)
        with tag("div", classes="desk-lists"):
            self._blotter = Blotter(visit, self._own, self._press_order)
            self._positions = Positions(visit, balances=False)
            AlertsPanel(visit, kept)
        ui.keyboard(self._key, repeating=False)
        visit.every(DRAW_SECONDS, self._mark_own)
        visit.soon(self._charts.read_past)

    def _connect_ladder(self) -> None:
        ladder = self._view.ladder
        ladder.on("enter", self._enter_at)
        ladder.on("cancel", lambda event: self._desk.cancel(str(event.args)))
        ladder.on("move", self._move)
        ladder.on("recentre", self._view.recentre)

    def _arm(self, is_armed: bool) -> None:
        self._desk.is_armed = is_armed

    def _mark_own(self) -> None:
        """Draw the ladder again once an own order has changed."""
        if self._drawn != self._own.version:
            self._drawn = self._own.version
            self._view.touch()

    async def _enter(self, terms: Terms) -> None:
        problem = await self._desk.enter(terms)
        if problem is not None:
            self._ticket.refuse(problem.field, f"{problem.venue_code or problem.code}: {problem}")

    async def _enter_at(self, event: GenericEventArguments) -> None:
        side, price = event.args
        terms = {"side": str(side), "price": str(price), "quantity": self._bar.quantity}
        await self._desk.enter(terms)

    async def _move(self, event: GenericEventArguments) -> None:
        order_id, price = event.args
        await self._desk.move(str(order_id), str(price))

    async def _press(self, name: str) -> None:
        """A button of the ladder's bar."""
        if name == "all":
            await self._desk.cancel_all()
        elif name == "centre":
            self._view.recentre()
        else:
            await self._desk.cancel_side("buy" if name == "buys" else "sell")

    async def _press_order(self, name: str, order_id: str) -> None:
        """A button of a row of the lists."""
        order = self._own.get(order_id)
        if name == "cancel":
            await self._desk.cancel(order_id)
        elif name == "choose" and order_id in self._blotter.problems:
            self._panel.show_refusal("Refused", self._blotter.problems[order_id])
        elif name == "choose":
            self._panel.choose(order_id)
        elif order is not None and order.get("price"):
            tick_size = self._tick_of(order["symbol"])
            price = moved(order["price"], 1 if name == "up" else -1, tick_size)
            await self._desk.move(order_id, price)

    def _tick_of(self, symbol: str) -> str:
        terms = {each.symbol: each for each in self._visit.gateway.markets.instruments()}
        return terms[symbol].tick_size if symbol in terms else self._tick_size

    def _refused(self, terms: dict[str, Any], problem: Problem) -> None:
        """An order, or a change of one, was refused: it is listed, said, and explained."""
        self._blotter.add_refusal(terms, problem)
        self._visit.complain(problem)
        self._panel.show_refusal(in_words(terms), problem)

    async def _key(self, event: KeyEventArguments) -> None:
        """The page's keys, where no field has the focus."""
        modifiers = event.modifiers
        if not event.action.keydown or modifiers.ctrl or modifiers.alt or modifiers.meta:
            return
        key = event.key.name.lower()
        if key in ("b", "s"):
            self._ticket.take("buy" if key == "b" else "sell")
        elif key == "c" and modifiers.shift:
            await self._desk.cancel_all()
        elif key == "l":
            self._view.ladder.run_method("focus")
