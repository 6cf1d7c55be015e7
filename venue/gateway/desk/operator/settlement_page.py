"""The page /desk/operator/settlement: what is to settle, fails, past cycles; a cycle run."""

from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, filled, rows_of, words
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Table

_DUE = (
    Column("due", "Due"),
    Column("obligations", "Obligations", True),
    Column("failed", "Of these failed", True),
)
_FAIL = (
    Column("member", "Member"),
    Column("account", "Account"),
    Column("symbol", "Symbol"),
    Column("due", "Due"),
    Column("quantity", "Quantity", True),
    Column("amount", "Amount", True),
    Column("currency", "Currency"),
    Column("cycles", "Cycles", True),
    Column("days", "Days", True),
)
_CYCLE = (
    Column("cycle", "Cycle", True),
    Column("settlement_date", "Date"),
    Column("obligations", "Obligations", True),
    Column("settled", "Settled", True),
    Column("partly", "In part", True),
    Column("failed", "Failed", True),
    Column("ended", "Ended"),
)
_RUN = (Input("settlement_date", "What is due by (empty: today)", kind="date"),)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/settlement", "Settlement", Who.OPERATOR)
    def settlement(visit: Visit) -> None:
        """What is owed, and what came of it."""
        _Settlement(visit)


class _Settlement:
    """One page's."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit)
        self._line = tag("p", "", "desk-note", id="settlement-line")
        with visit.panel("Run a cycle", "run"):
            ActForm("run-cycle", "Run a cycle of settlement", _RUN, "Settle", self._run)
        with visit.panel("To settle", "due"):
            self._due = Table("due-table", "What is to settle", _DUE, empty="Nothing.")
        with visit.panel("Fails", "fails"):
            self._fails = Table("fails-table", "Fails", _FAIL, empty="Nothing has failed.")
        with visit.panel("Past cycles", "cycles"):
            self._cycles = Table("cycles-table", "Past cycles, the last first", _CYCLE)
        self._board.look(self._read)

    async def _run(self, values: Values) -> None:
        day = values["settlement_date"] or "today"
        await self._board.command("settle run", filled(values), f"Settle what is due by {day}?")
        await self._read()

    async def _read(self) -> None:
        now = await self._board.get("settlement")
        if now is not None:
            set_text(self._line, _line(now))
            self._due.show(rows_of(now["due"], "due", *(each.key for each in _DUE)))
        fails = await self._board.get("settlement/fails")
        if fails is not None:
            names = [each.key for each in _FAIL]
            rows = rows_of(fails["fails"], "member", *names)
            for number, row in enumerate(rows):
                row["id"] = str(number)
            self._fails.show(rows)
        cycles = await self._board.get("settlement/cycles")
        if cycles is not None:
            self._cycles.show(rows_of(cycles["cycles"], "cycle", *(each.key for each in _CYCLE)))


def _line(now: Told) -> str:
    running, last = now["running"], now["last"]
    told = [f"running: {words(running)}"] if running else []
    told += [f"last: {words(last)}"] if last else []
    return "; ".join(told) or "no cycle has run"
