"""The page /desk/wallet: what the member holds, and each change of it."""

from typing import Any

from venue.clock import iso
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Row, Table
from venue.gateway.desk.positions import Positions
from venue.gateway.hub import Topic
from venue.gateway.problems import Problem

LOOK_SECONDS = 1.0
PAGE = 50
_COLUMNS = (
    Column("time", "Time"),
    Column("kind", "What"),
    Column("description", "Of"),
    Column("account", "Account"),
    Column("asset", "Asset"),
    Column("amount", "Amount", True),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/wallet", "Wallet", Who.TRADER)
    def wallet(visit: Visit) -> None:
        """Positions, balances, and the history."""
        with tag("div", classes="desk-lists"):
            Positions(visit, balances=True)
            History(visit)


class History:
    """Changes of balances, the newest first, a page at a time."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._is_changed = True
        self._pages = [""]
        """Cursors behind which the pages up to the one that is shown begin."""
        with visit.panel("History", "history"):
            self._words = tag("p", "", "desk-note", role="status", id="history-state")
            self._table = Table("history-table", "Changes of balances", _COLUMNS, empty="None.")
            with tag("div", classes="desk-buttons"):
                for name, turn in (("newer", self._newer), ("older", self._older)):
                    button = tag("button", name.capitalize(), "desk-button", type="button", id=name)
                    button.on("click", turn)
        self._next = ""
        visit.hear(Topic.WALLET, visit.member, lambda _member, _event: self._change())
        visit.every(LOOK_SECONDS, self.look)

    def _change(self) -> None:
        self._is_changed = True

    async def look(self) -> None:
        """Read again, if anything has changed."""
        if self._is_changed:
            self._is_changed = False
            await self._read()

    async def _older(self) -> None:
        if self._next:
            self._pages.append(self._next)
            await self._read()

    async def _newer(self) -> None:
        if len(self._pages) > 1:
            self._pages.pop()
        await self._read()

    async def _read(self) -> None:
        try:
            told = await self._visit.api.get("/v1/movements", behind=self._pages[-1], limit=PAGE)
        except Problem as problem:
            set_text(self._words, f"Not read: {problem.message}")
            return
        found = told["movements"]
        self._next = found[-1]["cursor"] if len(found) == PAGE else ""
        set_text(self._words, f"Page {len(self._pages)}.")
        self._table.show([_row(number, each) for number, each in enumerate(found)])


def _row(number: int, told: dict[str, Any]) -> Row:
    shown = {column.key: str(told.get(column.key, "")) for column in _COLUMNS}
    shown["time"] = iso(int(told["time_ns"]))
    return {**shown, "id": f"{told['cursor']}-{number}"}
