"""What commands print with --json where it is not just what the venue answers: by type."""

import msgspec

from venue.clearing.documents.day_directory import DayManifest
from venue.clearing.documents.invoice import Invoice
from venue.clearing.documents.statement import Statement
from venue.clearing.portfolio.report import AccountBalance, PositionRow
from venue.cli.broker.scenario import AnswerTold
from venue.cli.desk.alerts import AlertRow
from venue.cli.desk.channels import ChannelRow
from venue.cli.desk.margin import MarginRow
from venue.cli.desk.reader import ReaderKey, ReaderRow
from venue.cli.screen.md import BarLine, TradeLine
from venue.doctor.finding import Finding
from venue.domain.events import AnyEvent
from venue.domain.overview import OrderRow
from venue.domain.settlement_overview import CycleRow, DueRow, RunningCycleRow
from venue.domain.settlement_rules import SettlementRules
from venue.fixdata.shown import DataSession
from venue.fixdc.listener_rows import ListenerRow
from venue.health import ProcessHealth, ServerHealth
from venue.metrics.rates import Rates
from venue.reconcile.break_rows import BreakRow
from venue.replay.trade_list import TradeRow
from venue.settlement_days import SettlementDay
from venue.simulator.proxy import Step
from venue.upgrade.format import Format, NextStart


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what the command line itself puts together."""

    ok: bool


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Any command that does not do what was asked; `error` is what stands on stderr."""

    ok: bool
    error: str
    exit_status: int


class Orders(Told, frozen=True, kw_only=True):
    """Orders in order of entry."""

    orders: list[OrderRow]


class Trades(Told, frozen=True, kw_only=True):
    """Trades in order of time."""

    trades: list[TradeRow]


class PublicTrades(Told, frozen=True, kw_only=True):
    """Public trades, the oldest first."""

    trades: list[TradeLine]


class MarketDataSessions(Told, frozen=True, kw_only=True):
    """Who reads market data over FIX now."""

    sessions: list[DataSession]


class Bars(Told, frozen=True, kw_only=True):
    """Bars of an instrument, the oldest first."""

    bars: list[BarLine]


class Alerts(Told, frozen=True, kw_only=True):
    """What stands, and what alerted last."""

    standing: list[AlertRow]
    last: list[AlertRow]


class Report(msgspec.Struct, frozen=True):
    """A message to a session; fields that it does not have are empty. Codes are FIX's."""

    msg_type: str
    exec_type: str
    ord_status: str
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str
    exec_id: str
    side: str
    symbol: str
    ord_type: str
    time_in_force: str
    order_qty: str
    price: str
    last_qty: str
    last_px: str
    leaves_qty: str
    cum_qty: str
    avg_px: str
    ref_tag_id: str
    ref_msg_type: str
    session_reject_reason: str
    text: str


class Reports(Told, frozen=True, kw_only=True):
    """What a session is told of a request; earlier: what it had not read, over FIX only."""

    cl_ord_id: str
    earlier: list[Report]
    reports: list[Report]


class DayChange(msgspec.Struct, frozen=True):
    """A time of the timetable that changes something. trading_day null: no day is open.

    closed: symbols that do not trade though it is.
    """

    at: str
    trading_day: str | None
    closed: list[str]


class Day(Told, frozen=True, kw_only=True):
    """The trading day, its phase, and what the timetable does next; null where there is none."""

    trading_day: str
    phase: str
    open_orders: int
    next: DayChange | None


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


class Status(Told, frozen=True, kw_only=True):
    """How the venue is. Beside these fields stand those of trading, if it has answered."""

    healthy: bool
    fix: str
    event_seq: int | None
    processes: list[ProcessHealth]
    elsewhere: list[str]
    servers: list[ServerHealth]
    listeners: list[ListenerRow]
    unreachable: list[str]
    metrics: dict[str, str] = {}
    """HOST:PORT of each process's metrics and health; empty: metrics are off."""


class Top(Rates, frozen=True, kw_only=True):
    """Rates of the running venue between two looks."""

    ok: bool


class Examined(Told, frozen=True, kw_only=True):
    """What `venue doctor` has found; ok is false where there is an error. measured: in words."""

    findings: list[Finding]
    measured: dict[str, str]


class Checked(Told, frozen=True, kw_only=True):
    """What `venue upgrade --check` has found; ok is false where the next start is refused.

    next_start: what it comes to in all.
    """

    next_start: NextStart
    formats: list[Format]


class Simulator(Told, frozen=True, kw_only=True):
    """A running `venue sim`: who is connected, what it was told, what was not done as asked."""

    sessions: list[str]
    steps: list[Step]
    problems: list[str]


class Play(Told, frozen=True, kw_only=True):
    """A scenario that was played; answers: how many it has, with those that were skipped."""

    different: list[AnswerTold]
    answers: int
    skipped: int


class Portfolio(Told, frozen=True, kw_only=True):
    """A member's positions and balances behind event event_seq. method: fifo or average."""

    member: str
    method: str
    event_seq: int
    positions: list[PositionRow]
    balances: list[AccountBalance]


class Listeners(Told, frozen=True, kw_only=True):
    """Who listens to drop copies over FIX."""

    listeners: list[ListenerRow]


class Readers(Told, frozen=True, kw_only=True):
    """Who reads on NATS from outside."""

    readers: list[ReaderRow]


class ReaderKeyTold(ReaderKey, frozen=True, kw_only=True):
    """What a reader connects with; stream and consumer are a member's."""

    ok: bool


class Notifications(Told, frozen=True, kw_only=True):
    """Where members are told of what."""

    notifications: list[ChannelRow]


class NotificationAdded(ChannelRow, frozen=True, kw_only=True):
    """A new channel; secret: signs what goes to a webhook, shown once."""

    ok: bool
    secret: str


class Breaks(Told, frozen=True, kw_only=True):
    """What reconciliation has found."""

    breaks: list[BreakRow]


class BreakTold(BreakRow, frozen=True, kw_only=True):
    """One break."""

    ok: bool


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
