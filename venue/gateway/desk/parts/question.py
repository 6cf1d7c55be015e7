"""A question with two answers, asked over the page."""

import asyncio

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments


class Question(Element, component="desk_question.js"):
    """One of a page. A second question takes the place of the first, which is answered no."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._asked: asyncio.Future[bool] | None = None
        self.on("answer", self._answer)
        ui.context.client.on_delete(self._give_up)

    async def ask(self, text: str) -> bool:
        """Whether the user says yes. No, where he closes the page."""
        self._give_up()
        self._number += 1
        asked = self._asked = asyncio.get_running_loop().create_future()
        self.run_method("ask", self._number, text)
        answered: bool = await asked
        return answered

    def _give_up(self) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(False)

    def _answer(self, event: GenericEventArguments) -> None:
        number, yes = event.args
        if self._asked is not None and number == self._number and not self._asked.done():
            self._asked.set_result(yes is True)
