"""The page /desk/operator/approvals: what waits for a second operator, also on other pages."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.board import Board, Told, words
from venue.gateway.desk.parts.table import Button, Column, Row, Table

_COLUMNS = (
    Column("action_id", "Id"),
    Column("command", "Command"),
    Column("what", "What"),
    Column("operator", "Asked by"),
    Column("reason", "Reason"),
)
_BUTTONS = (Button("approve", "Approve"), Button("decline", "Decline"))
_SAID_ALREADY = ("type", "operator", "reason", "uid")


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/approvals", "Approvals", Who.OPERATOR)
    def approvals(visit: Visit) -> None:
        """Commands that are held. Trading refuses the approval of who has asked himself."""
        Approvals(visit, Board(visit))


class Approvals:
    """The panel of held commands."""

    def __init__(self, visit: Visit, board: Board) -> None:
        self._board = board
        with visit.panel("Waits for a second operator", "approvals"):
            self._table = Table(
                "approvals-table",
                "Commands that wait for a second operator",
                _COLUMNS,
                buttons=_BUTTONS,
                empty="No command waits for approval.",
                pressed=self._press,
            )
        board.look(self._read)

    async def _read(self) -> None:
        told = await self._board.get("approvals")
        if told is not None:
            self._table.show([_row(each) for each in told["approvals"]])

    async def _press(self, name: str, action_id: str) -> None:
        question = f"{name.capitalize()} {action_id}?"
        await self._board.command(name, {"action_id": action_id}, question)
        await self._read()


def _row(held: Told) -> Row:
    action = {key: value for key, value in held["action"].items() if key not in _SAID_ALREADY}
    told = {name: words(held[name]) for name in ("action_id", "command", "operator", "reason")}
    return {**told, "id": held["action_id"], "what": words(action)}
