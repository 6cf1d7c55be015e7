"""All that the engine remembers, and the numbers that it gives to events, orders and trades.

Only the engine's own modules change it, while they apply one command.
"""

from collections.abc import Iterator

from sortedcontainers import SortedList

from venue.domain.commands import ActionCommand, AnyCommand
from venue.domain.events import AnyEvent
from venue.domain.fee_versions import FeeVersion
from venue.domain.order_state import OrderTerms
from venue.domain.timetable import Timetable
from venue.domain.types import Phase
from venue.engine.state.conditions import Conditions
from venue.engine.state.corporate_action import CorporateAction
from venue.engine.state.day import Day
from venue.engine.state.day_orders import DayOrders
from venue.engine.state.expiring import ExpiringOrders
from venue.engine.state.market import Market
from venue.engine.state.members import Member, Session
from venue.engine.state.obligations import Obligations
from venue.engine.state.orders import Order
from venue.engine.state.references import References
from venue.engine.state.trades import Trades

MOST_MATCHES = 256
"""Of one order at a time: some 9 ms with their reports, in which nobody else is served."""
MOST_EVENTS = 128
"""Of one command, before what it has set off goes on in the next: some 4 ms with their reports."""


class EngineState:
    """Markets, members, sessions, orders and trades of the trading day, and the counters."""

    def __init__(self) -> None:
        self.markets: dict[str, Market] = {}
        self.members: dict[str, Member] = {}
        self.sessions: dict[str, Session] = {}
        self.orders = DayOrders()
        self.trades = Trades()
        self.obligations = Obligations()
        self.expiring = ExpiringOrders()
        self.pending: dict[str, ActionCommand] = {}
        """Commands that wait for a second operator, by their ids."""
        self.references = References({})
        """Of deposits, withdrawals, transfers and reversals."""
        self.reversals = References({})
        """References of what was reversed, with the event and the reversal that did it."""
        self.fee_schedules: dict[str, tuple[FeeVersion, ...]] = {}
        """Versions of each schedule, by the day from which they count; replaced, never changed."""
        self.four_eyes: tuple[str, ...] = ()
        self.sanctions: tuple[str, ...] = ()
        self.killed = False
        self.disabled_beside: tuple[str, ...] = ()
        """Sessions beside trading, of market data and drop copies, of which no logon is taken."""
        self.noted_secrets: dict[str, int] = {}
        """When each session has last chosen a password that was noted; never changed in place."""
        self._phase = Phase.START_OF_DAY
        self.trading_day = ""
        self.timetable: Timetable | None = None
        self.timetable_ns = 0
        """The timetable's time that was followed last, or when it was set."""
        self.recent_days: tuple[str, ...] = ()
        """Trading days that trades may still be remembered of, the current one last."""
        self.is_forgetting = False
        """Slices of what the current day has forgotten are still to come."""
        self.day = Day()
        """The current one; orders that have ended before it are of another."""
        self.entry_stopped: str | None = None
        """Why the venue takes no orders until its next start; None: it takes them."""
        self.histories: tuple[str, ...] = ()
        """Origins of the histories that have begun since the journal's own beginning."""
        self.sessions_closed: str | None = None
        """Why no session may log on until an operator says so; None: they may."""
        self.logon_grace_ns = 0
        """Of the last start."""
        self.next_event_seq = 1
        self.next_order_id = 1
        self.next_match_id = 1
        self.next_action_id = 1
        self.timestamp_ns = 0
        self.next_due_ns: int | None = None
        self.events: list[AnyEvent] = []
        self.follow_ups: list[AnyCommand] = []
        self.withdrawn_to_ns = 0
        """Orders with an ExpireTime up to here are in no market; their OrderExpired may follow."""
        self.most_matches = MOST_MATCHES
        self.most_events = MOST_EVENTS
        self._begin_corporate_actions()
        self._begin_derived()

    def _begin_corporate_actions(self) -> None:
        self.corporate_action: CorporateAction | None = None
        """The one under way; None: none is."""
        self.action_ids = References({})
        """Of corporate actions: each is used once for ever."""
        self.split_day = ""
        """The last trading day behind which prices have changed by a split."""

    def _begin_derived(self) -> None:
        """Attributes that follow from the rest of the state. No image has them."""
        self.due: SortedList[int] | None = None
        """OrderIDs that expire now, with some that have ended already; None: not computed."""
        self.due_to_ns = 0
        """Orders with an ExpireTime up to here are in `due`."""
        self.to_restate: SortedList[int] = SortedList()
        """OrderIDs behind `restated_to` that the new day still has to restate."""
        self.restated_to = 0

    @property
    def phase(self) -> Phase:
        """The venue's phase: of each market that has none of its own."""
        return self._phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        assert phase is not Phase.HALT, "a market is halted, never the venue"
        self._phase = phase
        for market in self.markets.values():
            market.follow(phase)

    @property
    def under_way(self) -> str | None:
        """What moves holdings now, slice by slice, in words; None: nothing does.

        Until it is done nothing else moves them, and no day begins.
        """
        if self.corporate_action is not None:
            return f"corporate action {self.corporate_action.action_id} is under way"
        moving = next((name for name, each in self.members.items() if each.is_moving), None)
        return None if moving is None else f"what {moving} has still passes to the house"

    def set_own_phase(self, market: Market, own_phase: Phase | None) -> None:
        """Give a market a phase of its own, or (None) the venue's again."""
        market.own_phase = own_phase
        market.follow(self._phase)

    def set_closed(self, market: Market, closed: bool) -> None:
        """Say that the hours of a market's group are over, or not."""
        market.closed = closed
        market.follow(self._phase)

    def begin(self, timestamp_ns: int) -> None:
        """Start a command at `timestamp_ns`."""
        assert timestamp_ns >= self.timestamp_ns, "time goes back"
        self.timestamp_ns = timestamp_ns
        self.events = []
        self.orders.pack_finished()

    def stamp(self) -> tuple[int, int]:
        """Number the next event: its event_seq, and the command's timestamp_ns.

        Engine.apply asserts that each number that is taken has its event.
        """
        event_seq = self.next_event_seq
        self.next_event_seq = event_seq + 1
        return event_seq, self.timestamp_ns

    def new_order_id(self) -> str:
        """Use up the next OrderID(37): a number that no other order ever gets (see DayOrders)."""
        number = self.next_order_id
        self.next_order_id = number + 1
        return str(number)

    def new_match_id(self) -> str:
        """Use up the next match id, the SecondaryExecID(527) of both fills."""
        number = self.next_match_id
        self.next_match_id = number + 1
        return f"M{number}"

    def order_added(self, order: Order, session: Session) -> None:
        """Add an order that has just been accepted to all lists and counters."""
        is_highest = self.orders.add(order)
        session.open_orders.add(order, is_highest)
        for use in order.standing.uses:
            use.scope.open_orders += 1
        if order.conditions.exec_inst:
            self.markets[order.terms.symbol].watch_halt(order)
        order.modified_ns = self.timestamp_ns
        order.day = self.day
        self.recount(order)
        if order.terms.expire_ns is not None:
            self._watch_expiry(order)

    def change_terms(self, order: Order, terms: OrderTerms, conditions: Conditions) -> None:
        """Give an open order other terms and conditions; the lists of open orders follow."""
        watched = order.conditions.exec_inst or conditions.exec_inst
        order.conditions = conditions
        if watched:
            self.markets[terms.symbol].watch_halt(order)
        if terms.expire_ns == order.terms.expire_ns:
            order.terms = terms
            return
        self._forget_expiry(order)
        order.terms = terms
        self._watch_expiry(order)

    def order_finished(self, order: Order) -> None:
        """Take an order that has just ended out of the lists and counters of open orders."""
        assert not order.is_open and order.leaves_lots == 0 and order.level is None
        for use in order.standing.uses:
            use.scope.open_orders -= 1
            assert use.scope.open_orders >= 0
        self.sessions[order.terms.session].open_orders.count_ended(order)
        if order.conditions.exec_inst:
            self.markets[order.terms.symbol].on_halt.pop(int(order.terms.order_id), None)
        self.recount(order)
        if order.terms.expire_ns is not None:
            self._forget_expiry(order)
        self.orders.finish(order)

    def _watch_expiry(self, order: Order) -> None:
        expire_ns = order.terms.expire_ns
        if expire_ns is not None:
            self.expiring.add(order)
            if self.next_due_ns is None or expire_ns < self.next_due_ns:
                self.next_due_ns = expire_ns

    def _forget_expiry(self, order: Order) -> None:
        expire_ns = order.terms.expire_ns
        if expire_ns is not None:
            self.expiring.remove(order)
            if expire_ns == self.next_due_ns and expire_ns != self.expiring.first_ns:
                self.find_next_due()

    def recount(self, order: Order) -> None:
        """Bring counters and reservation to the open quantity and price that `order` has now.

        To be called after each change of either.
        """
        leaves_lots = order.leaves_lots
        price_ticks = order.price_ticks
        standing = order.standing
        more_lots = leaves_lots - order.counted_lots
        amount = standing.instrument.amount
        more = amount(price_ticks * leaves_lots) - amount(order.counted_ticks * order.counted_lots)
        for use in standing.uses:
            scope = use.scope
            scope.exposure += more
            assert scope.exposure >= 0
            use.count_open(order.side, more_lots)
        order.counted_lots = leaves_lots
        order.counted_ticks = price_ticks
        if order.reserved is not None:
            reserved = order.most_cost(price_ticks, leaves_lots) if leaves_lots else 0
            order.pays_with.reserved += reserved - order.reserved
            order.reserved = reserved

    def last_live_ticks(self, market: Market) -> int | None:
        """Price of the market's last trade that is not busted, as it is corrected."""
        number = market.last_match
        while (trade := self.trades.numbered(number)) is not None:
            if not trade.busted:
                return trade.price_ticks
            if trade.earlier >= number:
                break  # a what-if has used a number twice
            number = trade.earlier
        return market.older_ticks

    def open_orders(self) -> Iterator[Order]:
        """All open orders, session by session."""
        for session in self.sessions.values():
            yield from session.open_orders.values()

    def has_open_orders_in(self, symbol: str) -> bool:
        """Whether any order of the instrument is open."""
        return any(each.open_orders.count(symbol, None) for each in self.sessions.values())

    def find_next_due(self) -> None:
        """Set next_due_ns to the next time at which an order expires or a session's grace ends."""
        dues = [
            session.grace_ends_ns
            for session in self.sessions.values()
            if session.grace_ends_ns is not None
        ]
        if self.expiring.first_ns is not None:
            dues.append(self.expiring.first_ns)
        self.next_due_ns = due_ns = min(dues, default=None)
        assert due_ns is not None or not self.expiring, "an order would never expire"
