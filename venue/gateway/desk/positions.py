"""Positions with profit and loss, and balances, as the API tells them; read again when they change.

Knows `GET /v1/portfolio`. Where the ledger is away the last ones stand, and the page says so.
"""

from typing import Any

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Row, Table
from venue.gateway.hub import Topic
from venue.gateway.order import OrderNews
from venue.gateway.problems import Problem

LOOK_SECONDS = 1.0
AGAIN_LOOKS = 5
"""Marks move without the member's doing: it is read again after so many looks."""
_POSITIONS = (
    Column("account", "Account"),
    Column("symbol", "Symbol"),
    Column("quantity", "Quantity", True),
    Column("average_cost", "Average cost", True),
    Column("mark", "Mark", True),
    Column("unrealised_pnl", "Unrealised", True),
    Column("realised_pnl", "Realised", True),
    Column("fees", "Fees", True),
    Column("currency", "Currency"),
)
_BALANCES = (
    Column("account", "Account"),
    Column("asset", "Asset"),
    Column("settled", "Settled", True),
    Column("unsettled", "Unsettled", True),
    Column("reserved", "Reserved", True),
    Column("free", "Free", True),
)


class Positions:
    """Panels of one page. balances: with what is held of each asset too."""

    def __init__(self, visit: Visit, *, balances: bool) -> None:
        self._visit = visit
        self._is_changed = True
        self._looks = 0
        with visit.panel("Positions and profit", "positions"):
            self._words = tag("p", "", "desk-note", id="positions-state", role="status")
            self._positions = Table("positions-table", "Positions", _POSITIONS, empty="None.")
        self._balances: Table | None = None
        if balances:
            with visit.panel("Balances", "balances"):
                self._balances = Table("balances-table", "Balances", _BALANCES, empty="None.")
        visit.hear(Topic.ORDERS, visit.member, self._hear_order)
        visit.hear(Topic.WALLET, visit.member, lambda _member, _event: self._change())
        visit.every(LOOK_SECONDS, self.look)

    def _hear_order(self, _: str, news: OrderNews) -> None:
        if news.fill is not None:
            self._change()

    def _change(self) -> None:
        self._is_changed = True

    async def look(self) -> None:
        """Read again, if it is time."""
        self._looks += 1
        if not self._visit.keeps_up or not (self._is_changed or self._looks >= AGAIN_LOOKS):
            return
        self._is_changed, self._looks = False, 0
        try:
            told = await self._visit.api.get("/v1/portfolio")
        except Problem as problem:
            set_text(self._words, f"Not read: {problem.message}")
            return
        set_text(self._words, f"As booked behind event {told['event_seq']}.")
        self._positions.show([_row(each, _POSITIONS) for each in told["positions"]])
        if self._balances is not None:
            self._balances.show([_row(each, _BALANCES) for each in told["balances"]])


def _row(told: dict[str, Any], columns: tuple[Column, ...]) -> Row:
    """A row of what was told; what is null is unknown."""
    shown = {each.key: "-" if told[each.key] is None else str(told[each.key]) for each in columns}
    return {**shown, "id": "/".join(shown[each.key] for each in columns[:2])}
