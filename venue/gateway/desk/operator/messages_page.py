"""The page /desk/operator/messages: a session's latest FIX messages, decoded, as they come."""

from nicegui.element import Element

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, filled, part
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Button, Column, Row, Table

LOOK_SECONDS = 1.0
MOST = "50"
_COLUMNS = (
    Column("time", "Time"),
    Column("way", "Way"),
    Column("name", "Message"),
    Column("number", "MsgSeqNum", True),
    Column("what", "Fields"),
    Column("problems", "Problems"),
)
_QUIET = {8, 9, 10, 34, 35, 49, 52, 56}
"""Tags that say nothing in a line: frame and header."""
_FIELDS = (
    Input("session", "Session", "ALPHA", is_needed=True),
    Input("way", "Way", choices=("", "in", "out")),
    Input("msg_type", "MsgType(35)"),
    Input("text", "Value, or TAG=VALUE"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/messages", "Messages", Who.OPERATOR)
    def messages(visit: Visit) -> None:
        """What a session and the venue say to each other."""
        _Messages(visit)


class _Messages:
    """One page's. What is looked for is taken from the form whenever it is read."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit, reasons=False)
        self._found: dict[str, Told] = {}
        self._sessions: list[str] = []
        self._form = ActForm("filter", "Which messages", _FIELDS, "Look", self._look)
        with visit.panel("Messages, the newest first", "fix-messages"):
            self._table = Table(
                "messages-table",
                "Messages, the newest first",
                _COLUMNS,
                buttons=(Button("open", "All fields"),),
                empty="No message is like this.",
                pressed=self._open,
            )
        with visit.panel("One message", "message"):
            self._whole: Element = tag(
                "pre",
                "",
                "desk-pre",
                id="message-fields",
                tabindex="0",
                role="region",
                aria_label="All fields of a message",
            )
        self._board.look(self._read, LOOK_SECONDS)

    async def _look(self, _: Values) -> None:
        await self._read()

    async def _read(self) -> None:
        if not self._sessions:
            told = await self._board.get("sessions")
            self._sessions = [] if told is None else [s["session"] for s in told["sessions"]]
            self._form.offer("session", self._sessions)
        values = self._form.values
        wanted = filled(values, "way", "msg_type", "text")
        session = values["session"]
        if not session:
            return
        told = await self._board.get(f"sessions/{part(session)}/messages", limit=MOST, **wanted)
        if told is None:
            return
        newest_first = told["messages"][::-1]
        self._found = {_id(each): each for each in newest_first}
        self._table.show([_row(each) for each in newest_first])

    def _open(self, _: str, row: str) -> None:
        message = self._found.get(row)
        if message is not None:
            set_text(self._whole, "\n".join(_lines(message["fields"])))


def _id(message: Told) -> str:
    return f"{message['before']} {_value(message, 34)}"


def _value(message: Told, tag_: int) -> str:
    return next((str(each["value"]) for each in message["fields"] if each["tag"] == tag_), "")


def _row(message: Told) -> Row:
    time, _, way = message["before"].rpartition(" ")
    said = [f"{each['name'] or each['tag']}={each['meaning'] or each['value']}"
            for each in message["fields"] if each["tag"] not in _QUIET]  # fmt: skip
    return {
        "id": _id(message),
        "time": time,
        "way": way,
        "name": message["name"] or message["msg_type"],
        "number": _value(message, 34),
        "what": "  ".join(said),
        "problems": "; ".join(message["problems"]),
    }


def _lines(fields: list[Told], indent: str = "") -> list[str]:
    """The fields of a message, a line each; those of groups further in."""
    lines = []
    for each in fields:
        meaning = f"  {each['meaning']}" if each["meaning"] else ""
        lines.append(f"{indent}{each['tag']:>5} {each['name'] or '?'}  {each['value']}{meaning}")
        for entry in each.get("entries", ()):
            lines += _lines(entry, f"{indent}      ")
    return lines
