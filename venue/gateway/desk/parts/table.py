"""A table of rows with buttons. Rows are dicts of text; a row's `id` names it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Row = dict[str, Any]


class Column(NamedTuple):
    """key: in the rows. is_number: to the right, digits below each other."""

    key: str
    title: str
    is_number: bool = False


class Button(NamedTuple):
    """A button in each row that has no `no_<name>`. name: what is pressed; title: what it says."""

    name: str
    title: str


class Table(Element, component="desk_table.js"):
    """name: its id in the browser. caption: what it is, for who cannot see it."""

    def __init__(
        self,
        name: str,
        caption: str,
        columns: Sequence[Column],
        *,
        buttons: Sequence[Button] = (),
        empty: str = "None.",
        pressed: Callable[[str, str], Any] | None = None,
    ) -> None:
        """pressed: is called with a button's name and the row's id; may be a coroutine function."""
        super().__init__()
        self._shown: list[Row] | None = None
        self._pressed = pressed
        self.props["name"] = name
        self.props["caption"] = caption
        self.props["columns"] = [each._asdict() for each in columns]
        self.props["buttons"] = [each._asdict() for each in buttons]
        self.props["empty"] = empty
        self.on("press", self._press)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows; nothing is sent where they are those that are shown."""
        told = [*rows]
        if told != self._shown:
            self._shown = told
            self.run_method("show", told)

    def _press(self, event: GenericEventArguments) -> Any:
        if self._pressed is None:
            return None
        name, row = event.args
        return self._pressed(str(name), str(row))
