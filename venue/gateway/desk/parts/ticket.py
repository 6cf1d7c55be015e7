"""An order ticket in the browser: the terms that the API takes, as text."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Terms = dict[str, Any]
"""A new order as `POST /v1/orders` takes it, without the symbol."""


class Ticket(Element, component="desk_ticket.js"):
    """entered: is called with the terms; may be a coroutine function."""

    def __init__(
        self, symbol: str, tick_size: str, quantity: str, entered: Callable[[Terms], Any]
    ) -> None:
        super().__init__()
        self._entered = entered
        self.props["symbol"] = symbol
        self.props["tick_size"] = tick_size
        self.props["quantity"] = quantity
        self.on("enter", self._enter)

    def fill(self, **terms: str) -> None:
        """Put these terms in."""
        self.run_method("fill", terms)

    def take(self, side: str) -> None:
        """Choose a side, and have the keyboard begin at the quantity."""
        self.run_method("take", side)

    def refuse(self, field: str, trouble: str) -> None:
        """Say beside the form why the order was not taken. field: which one it is about."""
        self.run_method("refuse", field, trouble)

    def _enter(self, event: GenericEventArguments) -> Any:
        terms = event.args
        return self._entered(terms) if isinstance(terms, dict) else None
