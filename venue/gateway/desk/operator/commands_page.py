"""The page /desk/operator/commands: every command there is, with its fields as JSON."""

import json
from typing import Any

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told
from venue.gateway.desk.parts.table import Button, Column, Row, Table
from venue.gateway.problems import Code, Problem

_COLUMNS = (
    Column("path", "Command"),
    Column("help", "Does"),
    Column("fields", "Fields (* needed)"),
)
_FORM = (
    Input("path", "Command", is_needed=True),
    Input("body", "Fields as JSON", "{}", is_needed=True),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/commands", "Commands", Who.OPERATOR)
    def commands(visit: Visit) -> None:
        """What has no page of its own: funds, fees, corporate actions, new members ..."""
        board = Board(visit)
        known: dict[str, Told] = {}

        async def act(values: Values) -> None:
            path = values["path"]
            try:
                body: Any = json.loads(values["body"])
            except ValueError as error:
                visit.complain(Problem(Code.BAD_REQUEST, f"the fields are no JSON: {error}"))
                return
            if path not in known or not isinstance(body, dict):
                visit.complain(Problem(Code.BAD_REQUEST, "choose a command, and give an object"))
                return
            await board.command(path, body, f"{path} {values['body']}?")

        def choose(_: str, path: str) -> None:
            needed = {each["name"]: "" for each in known[path]["fields"] if each["is_needed"]}
            form.fill(path=path, body=json.dumps(needed))

        form = ActForm("command-form", "A command", _FORM, "Do it", act)
        with visit.panel("Commands", "commands"):
            table = Table(
                "commands-table",
                "Commands",
                _COLUMNS,
                buttons=(Button("choose", "Choose"),),
                pressed=choose,
            )

        async def read() -> None:
            if known:
                return
            told = await board.get("commands")
            if told is not None:
                known.update({each["path"]: each for each in told["commands"]})
                table.show([_row(each) for each in told["commands"]])

        board.look(read)


def _row(command: Told) -> Row:
    fields = (f"{each['name']}{'*' if each['is_needed'] else ''}" for each in command["fields"])
    return {
        "id": command["path"],
        "path": command["path"],
        "help": command["help"],
        "fields": ", ".join(fields),
    }
