"""The page /desk/operator/calendar: the trading day, the timetable, and the days that settle."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, rows_of, words
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Table

LOOK_SECONDS = 5.0
_CHANGE = (
    Column("at", "At"),
    Column("trading_day", "Trading day that is open"),
    Column("closed", "Without"),
)
_DAY = (
    Column("day", "Day"),
    Column("weekday", "Weekday"),
    Column("settles", "Settles"),
    Column("t1", "T+1"),
    Column("t2", "T+2"),
)
_ACTS = ("start", "end", "reopen")
_FORM = (
    Input("act", "Do", "start", choices=_ACTS),
    Input("trading_day", "Trading day (not to end one)", kind="date"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/calendar", "Calendar", Who.OPERATOR)
    def calendar(visit: Visit) -> None:
        """Which day it is, and what comes."""
        board = Board(visit)
        line = tag("p", "", "desk-note", id="day-line")

        async def act(values: Values) -> None:
            name, day = values["act"], values["trading_day"]
            body = {} if name == "end" else {"trading_day": day}
            question = f"{name.capitalize()} the trading day {'' if name == 'end' else day}?"
            await board.command(f"day {name}", body, question)
            await read()

        with visit.panel("Trading day", "day"):
            ActForm("day-form", "Trading day", _FORM, "Do it", act)
        with visit.panel("Timetable", "timetable"):
            changes = Table(
                "changes-table",
                "What the timetable does next",
                _CHANGE,
                empty="Days start and end by hand.",
            )
        with visit.panel("Settlement days", "settlement-days"):
            days = Table("days-table", "Days that settle", _DAY)

        async def read() -> None:
            told = await board.get("calendar")
            if told is None:
                return
            set_text(line, _line(told))
            changes.show(rows_of(told["changes"], "at", *(each.key for each in _CHANGE)))
            days.show(rows_of(told["settlement_days"], "day", *(each.key for each in _DAY)))

        board.look(read, LOOK_SECONDS)


def _line(told: Told) -> str:
    following = told["next"]
    then = "" if following is None else f"; next: {words(following)}"
    return f"trading day {told['trading_day'] or 'none'}, {told['phase']}{then}"
