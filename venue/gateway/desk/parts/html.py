"""Plain elements of HTML. Knows NiceGUI's element."""

from typing import Any

from nicegui import ui
from nicegui.element import Element


def tag(kind: str, /, text: str = "", classes: str = "", **attributes: Any) -> Element:
    """An element with text. Attributes: `aria_label` stands for aria-label, `for_` for for."""
    made = ui.element(kind).classes(classes)
    for key, value in attributes.items():
        made.props[key.rstrip("_").replace("_", "-")] = value
    if text:
        set_text(made, text)
    return made


def set_text(element: Element, text: str) -> None:
    """Give an element of `tag` another text; nothing is sent if it has it already."""
    if element._text != text:
        element._text = text
        element.update()
