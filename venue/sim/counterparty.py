"""A simulated counterparty's books: what it asked, what was answered, its open orders, its fills.

Pure bookkeeping over FIX fields. May know instruments; never sends, waits or reads a clock.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from venue.domain.decimal_text import format_money
from venue.domain.instruments import Instrument
from venue.domain.types import ExecType, OrdStatus, Side
from venue.sim.behaviours import Behaviour, OwnOrder, View
from venue.sim.intents import Cancel, Enter, Intent, Replace, encode

_LAST_TRADES = 50


@dataclass(frozen=True, slots=True)
class Trade:
    """One match as the parties were told; amount in 10^-8 of the instrument's currency."""

    match_id: str
    symbol: str
    last_px: str
    last_qty: str
    amount: int


class Tape:
    """Every match of all counterparties once, though both parties are told of it."""

    def __init__(self) -> None:
        self.trades = 0
        self.latest: deque[Trade] = deque(maxlen=_LAST_TRADES)
        self._values: dict[str, int] = {}
        self._half_told: set[str] = set()

    def add(self, trade: Trade, currency: str) -> None:
        """Count a match when the first of its parties is told; each party may be told once."""
        if trade.match_id in self._half_told:
            self._half_told.remove(trade.match_id)
            return
        self._half_told.add(trade.match_id)
        self.trades += 1
        self._values[currency] = self._values.get(currency, 0) + trade.amount
        self.latest.append(trade)

    def last(self, count: int) -> list[Trade]:
        """The latest matches, oldest first; may be called from another thread."""
        return list(self.latest.copy())[-count:]

    def traded_value(self) -> dict[str, str]:
        """Exact value by currency, as decimal text."""
        return {currency: format_money(value) for currency, value in self._values.copy().items()}


@dataclass(slots=True)
class Counts:
    """What went out and came in. refused: business rejects; earlier: PossResend(97)=Y."""

    orders: int = 0
    cancels: int = 0
    replaces: int = 0
    reports: int = 0
    fills: int = 0
    refused: int = 0
    session_rejects: int = 0
    earlier: int = 0

    @property
    def requests(self) -> int:
        """Orders, cancels and replaces together."""
        return self.orders + self.cancels + self.replaces


@dataclass(slots=True)
class Counterparty:
    """One session's party: asks its behaviour what to do and keeps account of the answers."""

    comp_id: str
    instruments: Mapping[str, Instrument]
    behaviour: Behaviour
    tape: Tape
    run_id: str
    account: str = ""
    counts: Counts = field(default_factory=Counts)
    view: View = field(default_factory=View)
    unanswered: dict[str, Intent] = field(default_factory=dict)
    _wanted: deque[Intent] = field(default_factory=deque)
    _last_number: int = 0
    _last_exec_id: int = 0

    def next_request(self, transact_time: str) -> str | None:
        """FIX text of what it wants to send next, from MsgType(35) on; None when nothing.

        From here on the request counts as unanswered.
        """
        if not self._wanted:
            self._wanted.extend(self.behaviour.decide(self.view))
        while self._wanted:
            intent = self._wanted.popleft()
            if not self._begin(intent):
                continue
            self._last_number += 1
            cl_ord_id = f"{self.run_id}-{self._last_number}"
            self.unanswered[cl_ord_id] = intent
            return encode(intent, cl_ord_id, transact_time, self.account)
        return None

    def apply(self, fields: Mapping[int, str]) -> None:
        """Follow a message from the venue; KeyError when a report lacks what every report has."""
        match fields[35]:
            case "8":
                self._apply_report(fields)
            case "9":
                self._apply_cancel_reject(fields)
            case "j":
                self.counts.refused += 1
                self._end(self.unanswered.pop(fields.get(379, ""), None))
            case "3":
                self.counts.session_rejects += 1

    def _begin(self, intent: Intent) -> bool:
        """Count an intent; an order that has a request under way, or is gone, is left alone."""
        if isinstance(intent, Enter):
            self.counts.orders += 1
            return True
        order = self.view.find(intent.orig_cl_ord_id)
        if order is not None and order.is_pending:
            return False
        if order is None and not self.behaviour.may_be_wrong:
            return False
        if order is not None:
            order.is_pending = True
        if isinstance(intent, Cancel):
            self.counts.cancels += 1
        else:
            self.counts.replaces += 1
        return True

    def _end(self, intent: Intent | None) -> None:
        if isinstance(intent, Cancel | Replace):
            order = self.view.find(intent.orig_cl_ord_id)
            if order is not None:
                order.is_pending = False

    def _apply_report(self, fields: Mapping[int, str]) -> None:
        if fields.get(97) == "Y":  # it fell due before this run
            self.counts.earlier += 1
            return
        exec_type, exec_id = fields[150], int(fields[17])
        if exec_id <= self._last_exec_id:  # ExecIDs grow: a repeat, or 0 of a status report
            return
        self._last_exec_id = exec_id
        self.counts.reports += 1
        self._end(self.unanswered.pop(fields[11], None))
        if exec_type == ExecType.REJECTED:
            self.counts.refused += 1
            return
        if exec_type == ExecType.TRADE:
            self._apply_fill(fields)
        self._follow_order(fields)

    def _apply_fill(self, fields: Mapping[int, str]) -> None:
        instrument = self.instruments[fields[55]]
        ticks, lots = instrument.ticks(fields[31]), instrument.lots(fields[32])
        if ticks is None or lots is None:
            raise ValueError(
                f"fill {fields[17]} is not in ticks and lots: {fields[31]} {fields[32]}"
            )
        self.counts.fills += 1
        self.view.last_ticks[fields[55]] = ticks
        trade = Trade(
            fields[527], fields[55], fields[31], fields[32], instrument.amount(ticks * lots)
        )
        self.tape.add(trade, instrument.currency)

    def _follow_order(self, fields: Mapping[int, str]) -> None:
        order_id = fields[37]
        instrument = self.instruments[fields[55]]
        leaves = instrument.lots(fields[151])
        price = instrument.ticks(fields[44]) if 44 in fields else None
        if (
            not leaves
            or price is None
            or fields[39] not in (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
        ):
            self.view.orders.pop(order_id, None)
            return
        self.view.orders[order_id] = OwnOrder(
            order_id=order_id,
            cl_ord_id=fields[11],
            symbol=fields[55],
            side=Side(fields[54]),
            price_ticks=price,
            leaves_lots=leaves,
            cum_lots=instrument.lots(fields[14]) or 0,
            is_pending=self._has_request_about(fields[11]),
        )

    def _has_request_about(self, cl_ord_id: str) -> bool:
        return any(
            intent.orig_cl_ord_id == cl_ord_id
            for intent in self.unanswered.values()
            if not isinstance(intent, Enter)
        )

    def _apply_cancel_reject(self, fields: Mapping[int, str]) -> None:
        if fields.get(97) == "Y":
            self.counts.earlier += 1
            return
        self.counts.reports += 1
        self.counts.refused += 1
        self._end(self.unanswered.pop(fields[11], None))
        if fields[39] not in (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED):
            self.view.orders.pop(fields[37], None)
