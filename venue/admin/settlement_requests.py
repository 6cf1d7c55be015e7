"""What is asked of the running venue about settlement, and its answers. Knows the domain only."""

from venue.admin.answers import Answer
from venue.admin.request import Query
from venue.domain.settlement_overview import CycleRow, DueRow, FailRow, RunningCycleRow
from venue.domain.settlement_rules import SettlementRules


class SettlementAnswer(Answer, frozen=True, kw_only=True):
    """What is to settle, by due date; the cycle that runs and the last that is done, if any.

    trading_day: empty before the first one.
    """

    trading_day: str
    rules: SettlementRules
    due: list[DueRow]
    running: RunningCycleRow | None
    last: CycleRow | None


class FailsAnswer(Answer, frozen=True, kw_only=True):
    """What has failed and is still owed, the oldest first."""

    fails: list[FailRow]


class SettlementQuery(Query[SettlementAnswer], frozen=True, tag="settlement"):
    """What is to settle."""


class FailsQuery(Query[FailsAnswer], frozen=True, tag="fails"):
    """What has failed: of a member, or of all."""

    member: str = ""
