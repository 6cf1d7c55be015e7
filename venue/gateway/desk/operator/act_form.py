"""A form with a few fields in a row: what is to be done, or what is to be looked for."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Values = dict[str, str]
"""What stands in each field, by its name."""


class Input(NamedTuple):
    """A field. kind: of HTML's input. choices: what it may be; none: anything."""

    name: str
    title: str
    value: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()
    is_needed: bool = False


class ActForm(Element, component="act_form.js"):
    """name: its id in the browser; a field's is NAME-FIELD, the button's NAME-send."""

    def __init__(
        self,
        name: str,
        title: str,
        fields: Sequence[Input],
        button: str = "",
        acted: Callable[[Values], Any] | None = None,
    ) -> None:
        """acted: is called with the values when it is sent; may be a coroutine function."""
        super().__init__()
        self._acted = acted
        self.values: Values = {field.name: field.value for field in fields}
        self.props["name"] = name
        self.props["title"] = title
        self.props["fields"] = [field._asdict() for field in fields]
        self.props["button"] = button
        self.on("act", self._act)
        self.on("change", self._change)

    def fill(self, **values: str) -> None:
        """Put these values in."""
        self.values.update(values)
        self.run_method("fill", values)

    def offer(self, name: str, choices: Sequence[str]) -> None:
        """Give a field other choices; what was chosen stays, if it still is one."""
        if choices and self.values[name] not in choices:
            self.values[name] = choices[0]
        self.run_method("offer", name, [*choices])

    def _act(self, event: GenericEventArguments) -> Any:
        self._change(event)
        return None if self._acted is None else self._acted(dict(self.values))

    def _change(self, event: GenericEventArguments) -> None:
        if isinstance(event.args, dict):
            said = {name: str(text) for name, text in event.args.items() if name in self.values}
            self.values.update(said)
