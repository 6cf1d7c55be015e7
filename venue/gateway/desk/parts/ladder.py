"""A ladder of prices in the browser: shows rows, and emits what the user wants at a price."""

from typing import Any

from nicegui.element import Element

Told = dict[str, Any]
"""symbol, sequence, checksum, stale, and rows as `venue.gateway.desk.ladder` makes them."""
NOTHING: Told = {"symbol": "", "sequence": 0, "checksum": 0, "stale": True, "rows": []}


class Ladder(Element, component="desk_ladder.js"):
    """Emits enter (side, price), cancel (order), move (order, price) and recentre."""

    def __init__(self, label: str, *, trades: bool, first: Told) -> None:
        """label: what it is, for who cannot see it. trades: it enters and shows own orders."""
        super().__init__()
        self.props["label"] = label
        self.props["trades"] = trades
        self.props["first"] = first

    def show(self, told: Told) -> None:
        """Show this."""
        self.run_method("show", told)
