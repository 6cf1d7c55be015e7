"""The ladder's bar in the browser: how much a click enters, armed or not, and buttons."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments


class Bar(Element, component="desk_bar.js"):
    """quantity: what a click enters, as text. pressed: is called with buys, sells, all, centre."""

    def __init__(
        self, quantity: str, pressed: Callable[[str], Any], armed: Callable[[bool], None]
    ) -> None:
        super().__init__()
        self.quantity = quantity
        self._pressed = pressed
        self._armed = armed
        self.props["first"] = quantity
        self.on("set", self._set)
        self.on("press", lambda event: self._pressed(str(event.args)))

    def _set(self, event: GenericEventArguments) -> None:
        quantity, is_armed = event.args
        self.quantity = str(quantity)
        self._armed(is_armed is True)
