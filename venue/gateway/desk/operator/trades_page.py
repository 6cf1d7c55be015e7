"""The page /desk/operator/trades: trades of all members, searched, busted, corrected."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.approvals_page import Approvals
from venue.gateway.desk.operator.board import Board, filled, rows_of
from venue.gateway.desk.parts.table import Button, Column, Table

_COLUMNS = (
    Column("match_id", "Match"),
    Column("time", "Time"),
    Column("symbol", "Symbol"),
    Column("quantity", "Quantity", True),
    Column("price", "Price", True),
    Column("amount", "Amount", True),
    Column("buyer", "Buyer"),
    Column("seller", "Seller"),
    Column("settlement_date", "Settles"),
    Column("state", "State"),
)
_SEARCH = (
    Input("member", "Member"),
    Input("symbol", "Symbol"),
    Input("trading_day", "Trading day", kind="date"),
    Input("match_id", "Match"),
    Input("order_id", "OrderID"),
)
_CORRECT = (
    Input("match_id", "Match", is_needed=True),
    Input("price", "Price", is_needed=True),
    Input("quantity", "Quantity, if lower"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/trades", "Trades", Who.OPERATOR)
    def trades(visit: Visit) -> None:
        """Booked trades, and what of them waits for a second operator."""
        _Trades(visit)


class _Trades:
    """One page's."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit)
        self._search = ActForm("search", "Which trades", _SEARCH, "Search", self._look)
        with visit.panel("Trades", "trades"):
            self._table = Table(
                "trades-table",
                "Trades, the newest first",
                _COLUMNS,
                buttons=(Button("bust", "Bust"), Button("correct", "Correct")),
                empty="There is no such trade.",
                pressed=self._press,
            )
        with visit.panel("Correct a trade", "correct"):
            self._correct = ActForm(
                "correct-form", "Correct a trade", _CORRECT, "Correct", self._correct_trade
            )
        Approvals(visit, self._board)
        self._board.look(self._read)

    async def _look(self, _: Values) -> None:
        await self._read()

    async def _read(self) -> None:
        told = await self._board.get("trades", **filled(self._search.values))
        if told is None:
            return
        names = [column.key for column in _COLUMNS]
        rows = rows_of(told["trades"], "match_id", *names)
        for row in rows:
            row["no_bust"] = row["no_correct"] = row["state"] == "busted"
        self._table.show(rows)

    async def _press(self, name: str, match_id: str) -> None:
        if name == "correct":
            self._correct.fill(match_id=match_id, price="", quantity="")
            return
        await self._board.command(
            "trade bust", {"match_id": match_id}, f"Bust trade {match_id}? Both sides are told."
        )
        await self._read()

    async def _correct_trade(self, values: Values) -> None:
        question = f"Correct trade {values['match_id']} to {values['price']}?"
        await self._board.command("trade correct", filled(values), question)
        await self._read()
