"""Members and their FIX sessions as the engine knows them: state, limits, ClOrdID memory."""

from collections.abc import Iterator

from venue.domain.fee_terms import FeeTerms
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import RejectReason
from venue.domain.verbs.onboarding import APPROVED as APPROVED
from venue.domain.verbs.onboarding import KYC_STATES as KYC_STATES
from venue.engine.state.cl_ord_ids import NO_ORDER, ClOrdIDs
from venue.engine.state.day_orders import DayOrders
from venue.engine.state.order_lists import OpenOrders
from venue.engine.state.orders import Order
from venue.engine.state.standings import Standing
from venue.risk.exposure import Scope, Use
from venue.risk.funds import Purses
from venue.risk.rates import ExcessWatch, TokenBucket

CREDIT, PREFUNDED = "credit", "prefunded"
FUNDINGS = (CREDIT, PREFUNDED)
VOLUME_DAYS = 30
"""Trading days before today whose traded value decides the tier of a fee schedule."""


class Member(Scope):
    """A trading member, its state and counters.

    accounts: the accounts that its orders may name; empty: any. by_account: counters and limits of
    each account. traders: PartyID(448) -> KYC state. killed: its kill switch is on. in_default: the
    house takes over all it has; is_moving: some of that is still to pass. margin_call: what it has
    to bring by margin_due_ns (UTC nanoseconds; 0: nothing is called for). day_messages
    and day_trades count the trading day. next_alert: number of messages from which the ratio of
    both is checked again.
    fee_schedules: the member's own by symbol, under "" that of all others. volumes: value traded by
    currency, 10^-8 of it, a number for each of the last 31 trading days, today's last; from when
    there is a fee schedule on. fee_terms: of new orders today by symbol, as far as they are known.
    """

    __slots__ = (
        "_standings",
        "accounts",
        "by_account",
        "day_messages",
        "day_trades",
        "documents",
        "fee_schedules",
        "fee_terms",
        "funding",
        "in_default",
        "is_moving",
        "killed",
        "kyc",
        "legal_name",
        "margin_call",
        "margin_due_ns",
        "name",
        "next_alert",
        "purses",
        "suspended",
        "traders",
        "volumes",
    )

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.legal_name = ""
        self.accounts: tuple[str, ...] = ()
        self.by_account: dict[str, Scope] = {}
        self._standings: dict[tuple[str, str | None, FeeTerms | None], Standing] = {}
        self.funding = CREDIT
        self.purses = Purses()
        self.suspended = False
        self.killed = False
        self.in_default = False
        self.is_moving = False
        self.margin_call = ""
        self.margin_due_ns = 0
        self.kyc = APPROVED
        self.documents: tuple[str, ...] = ()
        self.traders: dict[str, str] = {}
        self.day_messages = 0
        self.day_trades = 0
        self.next_alert = 0
        self.fee_schedules: dict[str, str] = {}
        self.fee_terms: dict[str, FeeTerms | None] = {}
        self.volumes: dict[str, list[int]] = {}

    @property
    def prefunded(self) -> bool:
        """Whether the member's orders reserve what they could cost."""
        return self.funding == PREFUNDED

    def scope_of(self, account: str) -> Scope:
        """Counters and limits of an account; the first call makes them."""
        scope = self.by_account.get(account)
        if scope is None:
            scope = self.by_account[account] = Scope()
        return scope

    def uses_of(self, instrument: Instrument, account: str | None) -> tuple[Use, ...]:
        """The counters of an order: those of its account, if it names one, and of the member."""
        own = self.use_of(instrument)
        if account is None:
            return (own,)
        return (self.scope_of(account).use_of(instrument), own)

    def standing_in(
        self, instrument: Instrument, account: str | None, fees: FeeTerms | None = None
    ) -> Standing:
        """What the member's orders with these fees share; a new one after a new definition."""
        key = (instrument.symbol, account, fees)
        standing = self._standings.get(key)
        if standing is None or standing.instrument is not instrument:
            standing = self._standings[key] = Standing(
                instrument,
                self.uses_of(instrument, account),
                self.purses.of(account, instrument.currency),
                self.purses.of(account, instrument.asset),
                fees,
            )
            assert standing.uses[-1].scope is self
        return standing

    def begin_day(self) -> None:
        """Set the counters of the trading day to zero, those of the accounts too."""
        super().begin_day()
        for scope in self.by_account.values():
            scope.begin_day()
        assert self.day_messages >= 0 and self.day_trades >= 0
        self.day_messages = self.day_trades = self.next_alert = 0
        self.fee_terms = {}
        if self.volumes:
            self._begin_volumes()

    def _begin_volumes(self) -> None:
        """Begin a number for the new day; what is older than VOLUME_DAYS before it is dropped."""
        begun = {
            currency: [*numbers[-VOLUME_DAYS:], 0] for currency, numbers in self.volumes.items()
        }
        self.volumes = {currency: numbers for currency, numbers in begun.items() if any(numbers)}

    def count_volume(self, currency: str, amount: int) -> None:
        """Count value traded today, in 10^-8 of the currency; a bust takes it back."""
        numbers = self.volumes.get(currency)
        if numbers is None:
            numbers = self.volumes[currency] = [0]
        numbers[-1] += amount
        assert len(numbers) <= VOLUME_DAYS + 1

    def volume_before_today(self, currency: str) -> int:
        """Value traded in the VOLUME_DAYS trading days before today, 10^-8 of the currency."""
        numbers = self.volumes.get(currency)
        return 0 if numbers is None else sum(numbers[:-1])


def scopes_of(member: Member) -> list[Scope]:
    """The member and its accounts."""
    return [member, *member.by_account.values()]


class Session:
    """A FIX session entitled to enter orders for one member.

    orders: those of the venue. cl_ord_ids: every ClOrdID of the trading day with its order, or with
    none where the request was refused. before: those of the day before that are not forgotten yet.
    mass_cancels: how many of
    them are under way. blocked: why it may not enter orders (KILL_SWITCH or REPEATED_EXECUTIONS),
    or None. repeats: how many equal orders have traded since repeats_since_ns. may_be_ahead: the
    venue has gone on from older data since its last logon.
    """

    __slots__ = (
        "before",
        "before_left",
        "blocked",
        "cancel_by_default",
        "cancel_on_disconnect",
        "cl_ord_ids",
        "enabled",
        "entries",
        "excess",
        "grace_ends_ns",
        "logged_on",
        "mass_cancels",
        "may_be_ahead",
        "member",
        "messages_per_second",
        "name",
        "open_orders",
        "orders",
        "removals",
        "repeated_executions",
        "repeats",
        "repeats_since_ns",
    )

    def __init__(
        self, name: str, member: Member, cancel_on_disconnect: bool, orders: DayOrders
    ) -> None:
        self.name = name
        self.orders = orders
        self.member = member
        self.cancel_by_default = cancel_on_disconnect
        self.cancel_on_disconnect = cancel_on_disconnect
        self.cl_ord_ids = ClOrdIDs()
        self.before = ClOrdIDs()
        self.before_left = 0
        """So many ClOrdIDs are still to be looked at; of those that are past none need be there."""
        self.open_orders = OpenOrders()
        self.mass_cancels = 0
        self.may_be_ahead = False
        self.logged_on = False
        self.enabled = True
        self.grace_ends_ns: int | None = None
        self.blocked: RejectReason | None = None
        self.messages_per_second = 20_000
        self.entries = TokenBucket()
        self.removals = TokenBucket()
        self.excess = ExcessWatch()
        self.repeated_executions = 0
        self.repeats: dict[tuple[str, str, int, int], int] = {}
        self.repeats_since_ns = 0

    def order_of(self, cl_ord_id: str) -> Order | None:
        """The order that has had this ClOrdID, or a request for it, on the trading day."""
        order_id = self.order_id_of(cl_ord_id)
        return self.orders.numbered(order_id) if order_id else None

    def order_id_of(self, cl_ord_id: str) -> int:
        """The same order's OrderID, or NO_ORDER."""
        return self.cl_ord_ids.get(cl_ord_id) or self._open_before(cl_ord_id)

    def has_used(self, cl_ord_id: str) -> bool:
        """Whether the ClOrdID was used on the trading day, or is of an order of before it."""
        return cl_ord_id in self.cl_ord_ids or self._open_before(cl_ord_id) != NO_ORDER

    def use_up(self, cl_ord_id: str) -> None:
        """Take the ClOrdID of a request that was refused; one that was used before stays."""
        if not self.has_used(cl_ord_id):
            self.cl_ord_ids.add(cl_ord_id, NO_ORDER)

    def begin_day(self) -> None:
        """Forget all ClOrdIDs but those of orders that are open; at once, though they stay here."""
        assert not self.before_left, "the day before is not forgotten"
        self.before, self.cl_ord_ids = self.cl_ord_ids, ClOrdIDs()
        self.before_left = len(self.before)

    def forget(self, most: int) -> int:
        """Forget ClOrdIDs of the day before, at most so many. Returns how many were looked at."""
        count = min(most, self.before_left)
        for cl_ord_id, order_id in self.before.take(count):
            if order_id and not self.orders.is_past(order_id):
                self.cl_ord_ids.add(cl_ord_id, order_id)
        self.before_left -= count
        if not self.before_left:
            self.before = ClOrdIDs()
        return count

    def open_before(self) -> Iterator[tuple[str, int]]:
        """ClOrdIDs of the day before whose orders were open when that ended, with their orders."""
        before = self.before.items()
        return ((each, number) for each, number in before if self._open_before(each))

    def _open_before(self, cl_ord_id: str) -> int:
        """OrderID, if the ClOrdID is of the day before, and its order was open when that ended."""
        if not self.before:
            return NO_ORDER
        order_id = self.before.get(cl_ord_id)
        return order_id if order_id and not self.orders.is_past(order_id) else NO_ORDER

    def begin_grace(self, ends_ns: int) -> None:
        """Its orders go then, unless it logs on before; orders that stay in any case do so."""
        waits = self.cancel_on_disconnect and bool(self.open_orders)
        self.grace_ends_ns = ends_ns if waits else None
