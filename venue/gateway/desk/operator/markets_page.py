"""The page /desk/operator/markets: instruments, halted and resumed; the kill switches."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, rows_of
from venue.gateway.desk.parts.table import Button, Column, Table

_COLUMNS = (
    Column("symbol", "Symbol"),
    Column("state", "State"),
    Column("last_px", "Last", True),
    Column("reference_price", "Reference", True),
    Column("orders_in_book", "Orders", True),
    Column("price_collar_percent", "Collar %", True),
    Column("max_order_qty", "Largest order", True),
)
_BUTTONS = (Button("halt", "Halt"), Button("resume", "Resume"))
_ALL = "all"
_SWITCH = (
    Input("act", "Do", "kill", choices=("kill", "revive")),
    Input("scope", "What", "member", choices=("member", "session", _ALL)),
    Input("name", "Name (not for all)"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/markets", "Markets", Who.OPERATOR)
    def markets(visit: Visit) -> None:
        """What is traded, and how to stop it."""
        board = Board(visit)

        async def press(name: str, symbol: str) -> None:
            what = "Halt" if name == "halt" else "Let trading go on in"
            await board.command(name, {"symbol": symbol}, f"{what} {symbol}?")
            await read()

        async def switch(values: Values) -> None:
            act, scope, name = values["act"], values["scope"], values["name"]
            body = {} if scope == _ALL else {"name": name}
            what = "everybody" if scope == _ALL else f"{scope} {name}"
            stops = " No order enters, open ones are canceled." if act == "kill" else ""
            await board.command(f"{act} {scope}", body, f"{act.capitalize()} {what}?{stops}")

        with visit.panel("Instruments", "instruments"):
            table = Table(
                "instruments-table", "Instruments", _COLUMNS, buttons=_BUTTONS, pressed=press
            )
        with visit.panel("Kill switch", "kill"):
            ActForm("kill-switch", "Kill switch", _SWITCH, "Do it", switch)

        async def read() -> None:
            told = await board.get("instruments")
            if told is None:
                return
            rows = rows_of(told["instruments"], "symbol", *(each.key for each in _COLUMNS))
            for row in rows:
                row["no_halt"] = row["state"] in ("halted", "disabled")
                row["no_resume"] = row["state"] != "halted"
            table.show(rows)

        board.look(read)
