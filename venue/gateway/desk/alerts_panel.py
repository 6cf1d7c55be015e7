"""What the venue has told the member to look at, the newest first."""

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.kept import Kept
from venue.gateway.desk.parts.table import Column, Table
from venue.gateway.hub import Topic

_COLUMNS = (
    Column("time", "Time"),
    Column("type", "About"),
    Column("symbol", "Symbol"),
    Column("text", "What"),
)


class AlertsPanel:
    """One of a page."""

    def __init__(self, visit: Visit, kept: Kept) -> None:
        self._visit = visit
        self._kept = kept
        with visit.panel("Alerts", "alerts"):
            self._table = Table(
                "alerts-table",
                "Alerts, the newest first",
                _COLUMNS,
                empty="No alerts since the gateway was started.",
            )
        self._show()
        visit.hear(Topic.ALERTS, visit.member, lambda _member, _alert: self._show())

    def _show(self) -> None:
        self._table.show(self._kept.alerts(self._visit.member))
