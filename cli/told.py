"""What commands print with --json where it is not just what the venue answers: by type."""

import msgspec

from venue.cli.broker.scenario import AnswerTold
from venue.cli.desk.alerts import AlertRow
from venue.cli.desk.channels import ChannelRow
from venue.cli.desk.reader import ReaderKey, ReaderRow
from venue.cli.screen.md import BarLine, TradeLine
from venue.doctor.finding import Finding
from venue.domain.overview import OrderRow
from venue.fixdata.shown import DataSession
from venue.fixdc.listener_rows import ListenerRow
from venue.health import ProcessHealth, ServerHealth
from venue.metrics.rates import Rates
from venue.reconcile.break_rows import BreakRow
from venue.replay.trade_list import TradeRow
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
