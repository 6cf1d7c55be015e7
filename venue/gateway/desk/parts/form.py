"""A form of labelled fields in the browser."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nicegui.element import Element
from nicegui.events import GenericEventArguments


class Field(NamedTuple):
    """type: of an HTML input. autocomplete: what a browser may fill in. is_number: its keyboard."""

    name: str
    title: str
    type: str = "text"
    autocomplete: str = "off"
    is_number: bool = False


class Form(Element, component="desk_form.js"):
    """entered: is called with text, or for a checkbox True or False, by field; may be a coroutine
    function. name: its id in the browser; a field's is name-field, the button's name-enter."""

    def __init__(
        self,
        name: str,
        fields: Sequence[Field],
        button: str,
        entered: Callable[[dict[str, Any]], Any],
    ) -> None:
        super().__init__()
        self._entered = entered
        self.props["name"] = name
        self.props["fields"] = [field._asdict() for field in fields]
        self.props["button"] = button
        self.on("enter", self._enter)

    def fill(self, **values: Any) -> None:
        """Put these values in, and nothing in the other fields."""
        self.run_method("fill", values)

    def _enter(self, event: GenericEventArguments) -> Any:
        return self._entered(event.args) if isinstance(event.args, dict) else None
