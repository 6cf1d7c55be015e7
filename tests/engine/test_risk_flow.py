"""Random flow with funds, fees, accounts, limits changed live, kills and halts: nothing goes wrong.

And when something is made to go wrong on purpose, the invariants say so.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.types import Phase
from venue.engine.control import blocks, trade_changes
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Member
from venue.engine.state.orders import Order
from venue.engine.trading import entry, placing
from venue.risk import checks
from venue.risk.exposure import Use
from venue.risk.funds import Purse

from .builders import MEMBERS, Venue
from .control_flow import ControlFlow, play
from .event_check import EventCheck
from .funded import enough, funded, funded_commands
from .invariants import check_state
from .risk_invariants import Books, check_limits, check_risk
from .test_random_flow import commands as scripts
from .test_random_flow import do_all_of

COMMANDS = 3_000


class Watched:
    """A venue, and all that is known of it from its events alone."""

    def __init__(self) -> None:
        self.venue = Venue()
        self.books = Books()
        self.check = EventCheck(1)
        for command in funded_commands(*enough()):
            self.take(do_all_of(self.venue, command))

    def play(self, flow: ControlFlow, every: int) -> None:
        """A flow, looked at after every so many commands."""
        for number, (_, events) in enumerate(play(self.venue, flow)):
            self.take(events)
            if number % every == 0:
                self.look()
        self.look()

    def take(self, events: list[e.AnyEvent]) -> None:
        """What a command has caused."""
        self.check.take(events)
        self.books.take(events)
        for event in events:
            if isinstance(event, e.OrderAccepted):
                check_limits(self.venue.engine.state, event.order.terms)

    def look(self) -> None:
        """All invariants."""
        check_state(self.venue.engine)
        check_risk(self.venue.engine.state)
        self.books.check(self.venue.engine.state)


@pytest.mark.parametrize("seed", range(3))
def test_invariants_hold_after_any_command_whatever_is_stopped_or_limited(seed: int) -> None:
    watched = Watched()
    watched.play(ControlFlow(seed, COMMANDS), every=6)
    expected = {"OrderAccepted": 500, "TradeExecuted": 150, "OrderReplaced": 30, "OrderExpired": 10}
    expected |= {"TradeBusted": 4, "TradeCorrected": 5, "FundsWithdrawn": 30, "LimitsSet": 80}
    expected |= {"EntryBlocked": 10, "EntryRestored": 8, "InstrumentHalted": 5, "KycChanged": 3}
    expected |= {"InstrumentDisabled": 2, "OrderRestated 99": 30, "CommandRefused": 50}
    least = {name: watched.check.seen[name] >= count for name, count in expected.items()}
    assert least == dict.fromkeys(expected, True), watched.check.seen


def test_random_flow_meets_every_control() -> None:
    """What it does not meet, it does not test."""
    refusals: Counter[str] = Counter()
    for seed in range(3):
        for _, events in play(funded(*enough()), ControlFlow(seed, COMMANDS)):
            for event in events:
                if isinstance(event, e.OrderRejected | e.CancelRejected):
                    refusals[event.reason.name] += 1
    expected = {"INSUFFICIENT_FUNDS", "KILL_SWITCH", "INSTRUMENT_HALTED", "TRADER_NOT_APPROVED"}
    expected |= {"INSTRUMENT_RESTRICTED", "KYC_NOT_APPROVED", "MEMBER_SUSPENDED"}
    expected |= {"OPEN_ORDERS_LIMIT", "CREDIT_LIMIT_EXCEEDED", "POSITION_LIMIT"}
    expected |= {"GROSS_NOTIONAL_LIMIT", "NET_NOTIONAL_LIMIT", "DAILY_LOSS_LIMIT"}
    expected |= {"INSTRUMENT_DISABLED", "PRICE_OUTSIDE_DYNAMIC_COLLAR", "SESSION_NOT_ENTITLED"}
    assert expected <= refusals.keys(), expected - refusals.keys()


def test_nothing_is_reserved_once_every_order_has_ended() -> None:
    watched = Watched()
    watched.play(ControlFlow(11, 800), every=100)
    for session in MEMBERS:
        watched.take(do_all_of(watched.venue, c.Kill("session", session)))
    watched.look()
    state = watched.venue.engine.state
    assert not any(order.is_open for order in state.orders.values())
    purses = [purse for member in state.members.values() for purse in member.purses.all()]
    assert len(purses) == 20 and all(purse.reserved == 0 for purse in purses)
    uses = [use for member in state.members.values() for use in member.uses.values()]
    assert all(use.open_buy_lots == use.open_sell_lots == 0 for use in uses)


@settings(max_examples=150, deadline=None)
@given(scripts)
def test_reservations_equal_what_open_orders_could_cost_after_any_commands(
    script: list[c.AnyCommand],
) -> None:
    """Hypothesis shrinks what goes wrong to the commands that lead to it."""
    venue, books = Venue(), Books()
    purses = (("ALPHA", "USD", "1500"), ("ALPHA", "ACME", "9"), ("BRAVO", "ACME", "12"))
    for command in funded_commands(*(c.Deposit(*each) for each in purses)):
        books.take(venue.do(command))
    for command in script:
        books.take(do_all_of(venue, command))
        check_risk(venue.engine.state)
    books.check(venue.engine.state)


def _fees_for_nothing(patch: pytest.MonkeyPatch) -> None:
    settle = Order.settle_trade
    patch.setattr(
        Order,
        "settle_trade",
        lambda self, lots, amount, fee, is_today=True: settle(self, lots, amount, 0, is_today),
    )


def _reservation_left(patch: pytest.MonkeyPatch) -> None:
    recount = EngineState.recount

    def forgetful(state: EngineState, order: Order) -> None:
        recount(state, order)
        if order.reserved is not None and order.leaves_lots == 0:
            order.pays_with.reserved += 1

    patch.setattr(EngineState, "recount", forgetful)


def _reserved_is_free(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Purse, "free", property(lambda purse: purse.balance))


def _price_improvement_kept(patch: pytest.MonkeyPatch) -> None:
    recount = EngineState.recount

    def stale(state: EngineState, order: Order) -> None:
        reserved = order.reserved
        recount(state, order)
        if reserved and order.reserved is not None and order.leaves_lots:
            order.pays_with.reserved += (reserved - order.reserved) // 2

    patch.setattr(EngineState, "recount", stale)


def _kill_spares_what_waits(patch: pytest.MonkeyPatch) -> None:
    candidates = blocks._candidates
    patch.setattr(
        blocks,
        "_candidates",
        lambda state, command: (o for o in candidates(state, command) if not o.waiting),
    )


def _accounts_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Member, "uses_of", lambda member, instrument, account: (member.use_of(instrument),)
    )


def _short_sales_not_held(patch: pytest.MonkeyPatch) -> None:
    count = Use.count_trade
    patch.setattr(
        Use,
        "count_trade",
        lambda use, side, lots, amount: count(use, side, 0 if side == "5" else lots, amount),
    )


def _bust_keeps_the_fee(patch: pytest.MonkeyPatch) -> None:
    settle = Order.settle_trade
    patch.setattr(
        Order,
        "settle_trade",
        lambda self, lots, amount, fee, is_today=True: settle(
            self, lots, amount, max(fee, 0), is_today
        ),
    )


def _bust_overdraws(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(trade_changes, "_refuse_overdraft", lambda *args: False)


def _trades_while_halted(patch: pytest.MonkeyPatch) -> None:
    check = checks.check_phase
    patch.setattr(entry, "check_phase", lambda phase: None if phase is Phase.HALT else check(phase))
    patch.setattr(blocks, "settle", placing.settle)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "fees for nothing": _fees_for_nothing,
    "reservation left": _reservation_left,
    "reserved is free": _reserved_is_free,
    "price improvement kept": _price_improvement_kept,
    "kill spares what waits": _kill_spares_what_waits,
    "accounts not counted": _accounts_not_counted,
    "short sales not held": _short_sales_not_held,
    "bust keeps the fee": _bust_keeps_the_fee,
    "bust overdraws": _bust_overdraws,
    "entry while halted": _trades_while_halted,
}


@pytest.mark.pure
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_made_to_go_wrong_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](monkeypatch)
    with pytest.raises(AssertionError):
        for seed in range(4):
            Watched().play(ControlFlow(seed, COMMANDS), every=2)
