"""The page /desk/operator/alerts: what stands, what alerted last, and alerts as they come."""

from typing import Any

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.board import Board, Told, words
from venue.gateway.desk.parts.table import Column, Row, Table
from venue.gateway.hub import Topic
from venue.gateway.users import VENUE

LOOK_SECONDS = 20.0
"""Each look reads the journal, in a process of its own; what comes meanwhile is heard."""
_COLUMNS = (
    Column("time", "Time"),
    Column("type", "Type"),
    Column("who", "Who"),
    Column("text", "What"),
    Column("over", "Over"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/alerts", "Alerts", Who.OPERATOR)
    def alerts(visit: Visit) -> None:
        """What somebody has to look at."""
        board = Board(visit, reasons=False)
        heard = False
        with visit.panel("Stands now", "standing"):
            standing = Table("standing-table", "What stands", _COLUMNS, empty="Nothing stands.")
        with visit.panel("Last alerts, the newest first", "last"):
            last = Table("last-table", "Last alerts", _COLUMNS)

        async def read() -> None:
            nonlocal heard
            heard = False
            told = await board.get("alerts")
            if told is not None:
                standing.show(_rows(told["standing"]))
                last.show(_rows(told["last"][::-1]))

        async def read_what_was_heard() -> None:
            if heard:
                await read()

        def hear(_: str, news: Any) -> None:
            nonlocal heard
            heard = True

        visit.hear(Topic.ALERTS, VENUE, hear)
        board.look(read, LOOK_SECONDS)
        board.look(read_what_was_heard)


def _rows(found: list[Told]) -> list[Row]:
    return [
        {
            **{name: words(each[name]) for name in ("time", "type", "who", "text")},
            "id": str(number),
            "over": (each["over_since"] or "yes") if each["is_over"] else "",
        }
        for number, each in enumerate(found)
    ]
