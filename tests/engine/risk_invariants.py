"""What must hold of limits, funds and blocks: counters of every scope against a recount, purses
against the ledger's own postings, reservations against what open orders could cost.

Recomputed from the written numbers; shares no arithmetic with the engine.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from math import floor

from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EXACT, AccountKind, entries_of
from venue.domain import events as e
from venue.domain.order_state import OrderTerms
from venue.domain.types import Phase
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import APPROVED, Member, scopes_of
from venue.engine.state.orders import Order
from venue.risk.exposure import Scope

UNITS = 10**8
_PurseKey = tuple[str, str, str]


class Books:
    """Balances as clearing will book them, and positions as the fills make them."""

    def __init__(self) -> None:
        self.balances: dict[_PurseKey, Decimal] = defaultdict(Decimal)
        self.totals: dict[str, Decimal] = defaultdict(Decimal)
        self.positions: dict[tuple[str, str | None, str], Decimal] = defaultdict(Decimal)
        self._traded: dict[str, Decimal] = {}

    def take(self, events: Iterable[e.AnyEvent]) -> None:
        """Next events in order."""
        for event in events:
            for entry in entries_of(event):
                for account, amount in entry.postings:
                    key = (account.owner, account.sub_account, account.asset)
                    self.totals[account.asset] = EXACT.add(self.totals[account.asset], amount)
                    if account.kind is AccountKind.MEMBER:
                        self.balances[key] = EXACT.add(self.balances[key], amount)
            if isinstance(event, e.TradeExecuted | e.TradeBusted | e.TradeCorrected):
                self._count(event)

    def _count(self, event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected) -> None:
        now = Decimal(0) if isinstance(event, e.TradeBusted) else Decimal(event.last_qty)
        change = now - self._traded.get(event.match_id, Decimal(0))
        self._traded[event.match_id] = now
        for order, sign in ((event.buy.order, 1), (event.sell.order, -1)):
            terms = order.terms
            for account in {None, terms.account}:
                self.positions[terms.member, account, terms.symbol] += sign * change

    def check(self, state: EngineState) -> None:
        """Purses and positions of the engine are these, and nothing came from nowhere."""
        assert not any(self.totals.values()), "what one gains another does not give"
        found = {
            (name, purse.account or DEFAULT_SUB_ACCOUNT, purse.asset): purse.balance
            for name, member in state.members.items()
            for purse in member.purses.all()
            if purse.balance
        }
        booked = {key: amount.scaleb(8) for key, amount in self.balances.items() if amount}
        assert found == booked
        for member in state.members.values():
            for account, scope in _named_scopes(member):
                for symbol, use in scope.uses.items():
                    lots = use.position_lots * Decimal(use.instrument.definition.lot_size)
                    assert lots == self.positions[member.name, account, symbol]


def check_risk(state: EngineState) -> None:
    """Counters, reservations and blocks are right between two commands."""
    open_orders = [order for order in state.orders.values() if order.is_open]
    for member in state.members.values():
        for account, scope in _named_scopes(member):
            _check_scope(state, member, account, scope, open_orders)
        _check_purses(member, open_orders)
    for order in open_orders:
        _check_not_blocked(state, order)


def check_limits(state: EngineState, accepted: OrderTerms) -> None:
    """After a new order was accepted, its account and its member are within their limits."""
    member = state.members[accepted.member]
    scopes: list[Scope] = [member]
    if accepted.account is not None:
        assert accepted.account in member.by_account, "what an account has open is not counted"
        scopes.append(member.by_account[accepted.account])
    for scope in scopes:
        limits, use = scope.limits, scope.uses[accepted.symbol]
        lot = use.instrument.asset_units(1)
        worst = use.position_lots + use.open_buy_lots
        if accepted.side != "1":
            worst = use.open_sell_lots - use.position_lots
        assert limits.max_position is None or worst * lot <= limits.max_position
        assert limits.max_open_orders is None or scope.open_orders <= limits.max_open_orders
        credit = scope.exposure + max(scope.net_bought, 0)
        assert limits.credit_limit is None or credit <= limits.credit_limit
        assert not {accepted.symbol, f"{accepted.symbol}:{_way(accepted)}"} & {*limits.restricted}


def _way(terms: OrderTerms) -> str:
    return "buy" if terms.side == "1" else "sell"


def most_cost(order: Order) -> int:
    """What the open quantity could take, however it is cut into fills; 10^-8 units."""
    definition = order.instrument.definition
    state = order.state()
    quantity = Fraction(state.leaves_qty)
    if order.terms.side != "1":
        return floor(quantity * UNITS)
    limit = _limit(order)
    lots = quantity / Fraction(definition.lot_size)
    amount = limit * quantity * UNITS
    lot_value = Fraction(definition.tick_size) * Fraction(definition.lot_size) * UNITS
    if lot_value.denominator != 1:
        amount += lots / 2
    fees = order.standing.fees
    rate = Fraction(definition.fee_bps)
    if fees is not None:
        rate = Fraction(max(fees.maker, fees.taker, 0), UNITS)
    if not rate:
        return floor(amount)
    least = 0
    if fees is not None and not Fraction(state.cum_qty):
        least = min(fees.minimum, floor(amount))
    return floor(amount) + floor(amount * rate / 10_000 + lots / 2) + least


def _limit(order: Order) -> Fraction:
    """The highest price a buy trades at."""
    definition = order.instrument.definition
    reach = Fraction(definition.price_collar_percent) / 100
    tick = Fraction(definition.tick_size)
    collar = floor(Fraction(definition.reference_price) * (1 + reach) / tick) * tick
    price = order.state().price
    if order.terms.ord_type in "3P":
        return collar
    if price is None:  # a market order that waits for an auction, bounded when it was entered
        return order.price_ticks * tick
    return Fraction(price)


def _named_scopes(member: Member) -> list[tuple[str | None, Scope]]:
    names: list[str | None] = [None, *member.by_account]
    return list(zip(names, scopes_of(member), strict=True))


def _check_scope(
    state: EngineState,
    member: Member,
    account: str | None,
    scope: Scope,
    open_orders: list[Order],
) -> None:
    def mine(order: Order) -> bool:
        terms = order.terms
        return terms.member == member.name and account in (None, terms.account)

    own = [order for order in open_orders if mine(order)]
    assert scope.open_orders == len(own)
    assert scope.exposure == sum(
        order.instrument.amount(order.price_ticks * order.leaves_lots) for order in own
    )
    net = 0
    for symbol, use in scope.uses.items():
        there = [order for order in own if order.terms.symbol == symbol]
        buys, sells = (
            sum(order.leaves_lots for order in there if order.is_buy is buy)
            for buy in (True, False)
        )
        assert (use.open_buy_lots, use.open_sell_lots) == (buys, sells)
        assert use.instrument is state.markets[symbol].instrument
        day_lots, day_cash = _today(state, symbol, mine)
        assert (use.day_lots, use.day_cash) == (day_lots, day_cash)
        net -= day_cash
    assert scope.net_bought == net
    assert {order.terms.symbol for order in own} <= scope.uses.keys()


def _today(state: EngineState, symbol: str, mine: Callable[[Order], bool]) -> tuple[int, int]:
    lots = cash = 0
    for trade in state.trades.values():
        if trade.busted or trade.symbol != symbol:
            continue
        if trade.trading_day != state.trading_day:
            continue
        for order_id, sign in ((trade.buy, 1), (trade.sell, -1)):
            if mine(state.orders[order_id]):
                lots += sign * trade.lots
                cash -= sign * trade.amount
    return lots, cash


def _check_purses(member: Member, open_orders: list[Order]) -> None:
    reserved: dict[tuple[str, str], int] = defaultdict(int)
    for order in open_orders:
        if order.terms.member == member.name and member.prefunded:
            asset = order.instrument.currency if order.is_buy else order.instrument.asset
            reserved[order.terms.account or "", asset] += most_cost(order)
    for purse in member.purses.all():
        assert purse.reserved == reserved.pop((purse.account, purse.asset), 0)
        assert not member.prefunded or purse.balance >= purse.reserved >= 0
    assert not reserved


def _check_not_blocked(state: EngineState, order: Order) -> None:
    session, market = state.sessions[order.terms.session], state.markets[order.terms.symbol]
    member = session.member
    assert not (state.killed or member.killed or session.blocked or member.suspended)
    assert member.kyc == APPROVED and not market.disabled
    assert not (market.own_phase is Phase.HALT and "K" in order.conditions.exec_inst)
    named = [party.party_id for party in order.terms.parties if party.party_role in ("11", "12")]
    assert all(member.traders.get(trader, APPROVED) == APPROVED for trader in named)
