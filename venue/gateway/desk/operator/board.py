"""What the operators' pages have in common: read and shown again and again, act when asked, say.

A page acts by the API alone. Where an answer does not come its trouble stands on the page, and the
rows stay as they were.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from nicegui import ui

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.question import Question
from venue.gateway.desk.parts.table import Row
from venue.gateway.problems import Problem

API = "/v1/operator"
LOOK_SECONDS = 2.0
Told = dict[str, Any]


class Board:
    """One page's."""

    def __init__(self, visit: Visit, *, reasons: bool = True) -> None:
        """reasons: whether the page has a field for why things are done."""
        self.visit = visit
        ui.add_head_html('<link rel="stylesheet" href="/desk/static/operator.css">')
        self._question = Question()
        self._trouble = tag("p", "", "desk-note", role="status", id="trouble")
        self._troubles: dict[str, str] = {}
        """By what was to be read."""
        self._reason = (
            ActForm("reason", "Reason", [Input("reason", "Reason for what you do here")])
            if reasons
            else None
        )

    @property
    def reason(self) -> str:
        """Why, as it stands in the page's field."""
        return "" if self._reason is None else self._reason.values["reason"]

    async def get(self, path: str, **query: str) -> Told | None:
        """What the API tells; None: it does not, and its trouble stands on the page."""
        told: Told | None = None
        self._troubles.pop(path, None)
        try:
            told = await self.visit.api.get(f"{API}/{path}", **query)
        except Problem as problem:
            self._troubles[path] = f"{problem.code}: {problem.message}"
        set_text(self._trouble, "; ".join(dict.fromkeys(self._troubles.values())))
        return told

    async def command(self, path: str, body: Mapping[str, Any], question: str = "") -> bool:
        """Have a command done, asked first if there is a question. Whether it is done or held."""
        said = {"reason": self.reason, **body}
        return await self.post(f"commands/{path.replace(' ', '/')}", said, question)

    async def post(self, path: str, body: Mapping[str, Any], question: str = "") -> bool:
        """As `command`, for a path of its own."""
        if question and not await self._question.ask(question):
            return False
        told = await self.visit.act("POST", f"{API}/{path}", dict(body))
        if told is None:
            return False
        self.visit.say(str(told.get("text") or "done"))
        return True

    def look(self, read: Callable[[], Awaitable[None]], seconds: float = LOOK_SECONDS) -> None:
        """Read now, and again and again while the browser keeps up."""

        async def again() -> None:
            if self.visit.keeps_up:
                await read()

        self.visit.every(seconds, again)


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def filled(values: Values, *names: str) -> dict[str, str]:
    """The values that are not empty; names: only of these."""
    return {name: value for name, value in values.items() if value and (not names or name in names)}


def rows_of(found: Iterable[Told], key: str, *texts: str) -> list[Row]:
    """Rows named by the field `key`, with these fields as text."""
    return [{"id": str(each[key]), **{name: words(each.get(name)) for name in texts}}
            for each in found]  # fmt: skip


def words(value: Any) -> str:
    """A value of JSON for somebody to read."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(words, value))
        case dict():
            return ", ".join(f"{key} {words(each)}" for key, each in value.items() if each != "")
        case _:
            return str(value)
