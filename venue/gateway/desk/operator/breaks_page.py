"""The page /desk/operator/breaks: what reconciliation has found; assigned and closed."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, part, words
from venue.gateway.desk.parts.table import Button, Column, Row, Table

LOOK_SECONDS = 5.0
_COLUMNS = (
    Column("break_id", "Break"),
    Column("state", "State"),
    Column("since", "Since"),
    Column("owner", "Owner"),
    Column("difference", "What differs"),
    Column("history", "History"),
)
_BUTTONS = (Button("assign", "Assign"), Button("close", "Close"))
_WHICH = (Input("which", "Which", "open", choices=("open", "all there were")),)
_ASSIGN = (
    Input("break_id", "Break", is_needed=True),
    Input("owner", "Owner", is_needed=True),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/breaks", "Breaks", Who.OPERATOR)
    def breaks(visit: Visit) -> None:
        """Where the stores do not say the same."""
        board = Board(visit)

        async def press(name: str, break_id: str) -> None:
            if name == "assign":
                form.fill(break_id=break_id)
                return
            body = {"reason": board.reason}
            question = f"Close {break_id}? The reason stands above."
            await board.post(f"breaks/{part(break_id)}/close", body, question)
            await read()

        async def assign(values: Values) -> None:
            path = f"breaks/{part(values['break_id'])}/assign"
            await board.post(path, {"owner": values["owner"]})
            await read()

        async def look(_: Values) -> None:
            await read()

        which = ActForm("which", "Which breaks", _WHICH, "Look", look)
        with visit.panel("Breaks", "breaks"):
            table = Table(
                "breaks-table",
                "Breaks",
                _COLUMNS,
                buttons=_BUTTONS,
                empty="No break is open.",
                pressed=press,
            )
        with visit.panel("Assign a break", "assign"):
            form = ActForm("assign-form", "Assign a break", _ASSIGN, "Assign", assign)

        async def read() -> None:
            query = {} if which.values["which"] == "open" else {"all": "true"}
            told = await board.get("breaks", **query)
            if told is not None:
                table.show([_row(each) for each in told["breaks"]])

        board.look(read, LOOK_SECONDS)


def _row(found: Told) -> Row:
    is_open = found["state"] == "open"
    history = [f"{act['time']} {act['act']} {act['by']} {act['note']}".strip()
               for act in found["history"]]  # fmt: skip
    return {
        **{name: words(found[name]) for name in ("break_id", "state", "since", "owner")},
        "id": found["break_id"],
        "difference": words(found["difference"]),
        "history": "; ".join(history),
        "no_assign": not is_open,
        "no_close": not is_open,
    }
