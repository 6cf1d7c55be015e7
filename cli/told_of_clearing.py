"""The same as told.py, of what clearing keeps: settlement, portfolios, documents, margin."""

from venue.clearing.documents.day_directory import DayManifest
from venue.clearing.documents.invoice import Invoice
from venue.clearing.documents.statement import Statement
from venue.clearing.portfolio.report import AccountBalance, PositionRow
from venue.cli.desk.margin import MarginRow
from venue.cli.told import Told
from venue.domain.events import AnyEvent
from venue.domain.settlement_overview import CycleRow, DueRow, RunningCycleRow
from venue.domain.settlement_rules import SettlementRules
from venue.settlement_days import SettlementDay


class Settlement(Told, frozen=True, kw_only=True):
    """What is to settle, by due date; null where no cycle runs, or none has been.

    With --cycle the cycle and its fails stand there instead, with --past the last cycles.
    """

    trading_day: str
    rules: SettlementRules
    due: list[DueRow]
    running: RunningCycleRow | None
    last: CycleRow | None


class SettlementRun(Told, frozen=True, kw_only=True):
    """What came of a cycle. booked: the ledger has it; false with --no-wait."""

    cycle: int
    settlement_date: str
    obligations: int
    settled: int
    partly: int
    failed: int
    bought_in: int
    booked: bool
    event_seq: int
    events: list[AnyEvent]


class SettlementCalendar(Told, frozen=True, kw_only=True):
    """Calendar days from the trading day on."""

    days: list[SettlementDay]


class Portfolio(Told, frozen=True, kw_only=True):
    """A member's positions and balances behind event event_seq. method: fifo or average."""

    member: str
    method: str
    event_seq: int
    positions: list[PositionRow]
    balances: list[AccountBalance]


class StatementTold(Statement, frozen=True, kw_only=True):
    """A member's statement of account."""

    ok: bool


class InvoiceTold(Invoice, frozen=True, kw_only=True):
    """A member's fee invoice."""

    ok: bool


class EndOfDayTold(Told, frozen=True, kw_only=True):
    """The files of a day that were written, or were there so already: then is_new is false."""

    directory: str
    is_new: bool
    manifest: DayManifest


class Margin(Told, frozen=True, kw_only=True):
    """Margin of each account."""

    margin: list[MarginRow]
