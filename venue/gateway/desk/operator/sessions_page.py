"""The page /desk/operator/sessions: who is on from where, numbers; log out, disable, reset."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, part
from venue.gateway.desk.parts.table import Button, Column, Row, Table

_COLUMNS = (
    Column("session", "Session"),
    Column("member", "Member"),
    Column("kind", "Kind"),
    Column("state", "State"),
    Column("address", "Address"),
    Column("since", "Since"),
    Column("next_in", "Next in", True),
    Column("next_out", "Next out", True),
    Column("open_orders", "Open orders", True),
    Column("blocked", "No entry"),
)
_BUTTONS = (
    Button("logout", "Log out"),
    Button("disable", "Disable"),
    Button("enable", "Enable"),
    Button("reset", "Reset numbers"),
)
_STAYS, _ENDS = "stays for a time", "ends now"
_ASKED = {
    "logout": "Log out {0}?",
    "disable": "Disable {0}? It is logged out and may not log on.",
    "reset": "Take the numbers of {0} back to 1, both ways?",
}


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/sessions", "Sessions", Who.OPERATOR)
    def sessions(visit: Visit) -> None:
        """The FIX sessions that trade."""
        board = Board(visit)

        async def press(name: str, session: str) -> None:
            question = _ASKED.get(name, "").format(session)
            if name == "reset":
                body = {"reason": board.reason}
                await board.post(f"sessions/{part(session)}/reset", body, question)
            else:
                await board.command(f"session {name}", {"session": session}, question)
            await read()

        with visit.panel("Sessions", "sessions"):
            table = Table(
                "sessions-table", "FIX sessions", _COLUMNS, buttons=_BUTTONS, pressed=press
            )
        _password(visit, board)

        async def read() -> None:
            told = await board.get("sessions")
            if told is not None:
                table.show([_row(each) for each in told["sessions"]])

        board.look(read)


def _password(visit: Visit, board: Board) -> None:
    """A form for a session's password, which is never shown again."""

    async def set_password(values: Values) -> None:
        session = values["session"]
        body = {
            "password": values["password"],
            "at_once": values["old"] == _ENDS,
            "reason": board.reason,
        }
        question = f"Give {session} another password?"
        if await board.post(f"sessions/{part(session)}/password", body, question):
            form.fill(password="")

    with visit.panel("Password of a session", "password", open_=False):
        fields = (
            Input("session", "Session", is_needed=True),
            Input("password", "New password", kind="password", is_needed=True),
            Input("old", "The old one", _STAYS, choices=(_STAYS, _ENDS)),
        )
        form = ActForm("set-password", "Password of a session", fields, "Set", set_password)


def _row(session: Told) -> Row:
    on = session["connection"] or {}
    state = "logged on" if session["logged_on"] else "logged off"
    names = ("session", "member", "kind", "next_in", "next_out", "open_orders")
    return {
        **{name: str(session[name]) for name in names},
        "id": session["session"],
        "state": state if session["enabled"] else f"{state}, disabled",
        "address": on.get("address", ""),
        "since": on.get("since", ""),
        "blocked": session["blocked"] or "",
        "no_logout": not session["logged_on"],
        "no_disable": not session["enabled"],
        "no_enable": session["enabled"],
        "no_reset": session["logged_on"],
    }
