"""Of two faults in a new order the one declared earlier answers, for all pairs of them."""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from venue.domain.commands import EnterOrder, StopEntry
from venue.domain.events import OrderRejected
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import Phase

from .builders import ACME, DAY, Venue, buy, trading

Changes = dict[str, str | None]
VALID = buy("A1", "5", "100")


def suspend(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].suspended = True


def stop_entry(venue: Venue) -> None:
    venue.do(StopEntry("the disk is full"))


def close(venue: Venue) -> None:
    venue.engine.state.phase = Phase.CLOSED


def use_cl_ord_id(venue: Venue) -> None:
    venue.engine.state.sessions["ALPHA"].use_up("A1")


def allow_no_order(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].limits.max_open_orders = 0


def allow_no_credit(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].limits.credit_limit = 0


def restrict_accounts(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].accounts = ("X1",)


def kill(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].killed = True


def block(venue: Venue) -> None:
    venue.engine.state.sessions["ALPHA"].blocked = RejectReason.REPEATED_EXECUTIONS


def lose_kyc(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].kyc = "pending"


def owe_margin(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].margin_due_ns = venue.now_ns


def name_traders(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].traders["T1"] = "approved"


def disable(venue: Venue) -> None:
    venue.engine.state.markets["ACME"].disabled = True


def halt(venue: Venue) -> None:
    state = venue.engine.state
    state.set_own_phase(state.markets["ACME"], Phase.HALT)


def limit(name: str, text: str) -> Callable[[Venue], None]:
    def prepare(venue: Venue) -> None:
        venue.engine.state.members["ALPHA"].limits.set(name, text)

    return prepare


def lose_money(venue: Venue) -> None:
    member, market = venue.engine.state.members["ALPHA"], venue.engine.state.markets["ACME"]
    member.limits.set("max_daily_loss", "1")
    member.use_of(market.instrument).day_cash = -(10**8)
    market.last_ticks = 10_000


def trade_far_away(venue: Venue) -> None:
    market = venue.engine.state.markets["ACME"]
    market.instrument = Instrument(msgspec.structs.replace(ACME, dynamic_collar_percent="1"))
    market.last_ticks = 10_000


def empty_purse(venue: Venue) -> None:
    venue.engine.state.members["ALPHA"].funding = "prefunded"


def empty_bucket(venue: Venue) -> None:
    session = venue.engine.state.sessions["ALPHA"]
    session.entries.full_at_ns = venue.now_ns + 10**10


Prepare = Callable[[Venue], None]
FAULTS: dict[str, tuple[Changes, Prepare | None]] = {
    # a field that only another fault could make right, or make a third fault of, is named too:
    # two faults that share a field are not tried together
    "SESSION_NOT_ENTITLED": ({"session": "NOBODY"}, None),
    "KILL_SWITCH": ({}, kill),
    "REPEATED_EXECUTIONS": ({}, block),
    "MEMBER_SUSPENDED": ({}, suspend),
    "MARGIN_CALL_OVERDUE": ({}, owe_margin),
    "KYC_NOT_APPROVED": ({}, lose_kyc),
    "TRADER_NOT_APPROVED": ({}, name_traders),
    "ACCOUNT_NOT_ENTITLED": ({"account": "Y1"}, restrict_accounts),
    "UNKNOWN_SYMBOL": ({"symbol": "NOPE"}, None),
    "INSTRUMENT_DISABLED": ({}, disable),
    "INSTRUMENT_RESTRICTED": ({}, limit("restricted", "ACME")),
    "VENUE_STOPPING": ({}, stop_entry),
    "MARKET_CLOSED": ({}, close),
    "INSTRUMENT_HALTED": ({}, halt),
    "UNSUPPORTED_ORDER_TYPE": ({"ord_type": "5"}, None),
    "UNSUPPORTED_TIME_IN_FORCE": ({"time_in_force": "5"}, None),
    "UNSUPPORTED_SIDE": ({"side": "3"}, None),
    "UNSUPPORTED_INSTRUCTION": ({"unsupported": "854=1"}, None),
    "SHORT_SALE_REFUSED": ({"side": "5"}, None),
    "QUANTITY_MISSING": ({"order_qty": None}, None),
    "QUANTITY_NOT_POSITIVE": ({"order_qty": "0"}, None),
    "PRICE_MISSING": ({"price": None}, None),
    "PRICE_NOT_ALLOWED": ({"ord_type": "1", "price": "100"}, None),
    "PRICE_NOT_POSITIVE": ({"price": "0"}, None),
    "STOP_PX_MISSING": ({"ord_type": "4", "stop_px": None}, None),
    "STOP_PX_NOT_ALLOWED": ({"stop_px": "101"}, None),
    "STOP_PX_NOT_POSITIVE": ({"ord_type": "4", "stop_px": "0"}, None),
    "EXPIRE_MISSING": ({"time_in_force": "6", "expire_date": None}, None),
    "EXPIRE_NOT_ALLOWED": ({"expire_date": DAY}, None),
    "EXPIRE_IN_THE_PAST": ({"time_in_force": "6", "expire_date": "2026-01-04"}, None),
    "PEG_MISSING": ({"ord_type": "P", "price": None, "exec_inst": ""}, None),
    "PEG_NOT_ALLOWED": ({"exec_inst": "M"}, None),
    "COMBINATION_NOT_OFFERED": ({"self_match_mode": "N"}, None),
    "DUPLICATE_CL_ORD_ID": ({}, use_cl_ord_id),
    "PEG_WITHOUT_REFERENCE": (
        {"ord_type": "P", "price": None, "exec_inst": "R", "min_qty": None},
        None,
    ),
    "PRICE_NOT_ON_TICK": ({"price": "100.005"}, None),
    "QUANTITY_NOT_ON_LOT": ({"order_qty": "1.5"}, None),
    "MIN_QTY_OUT_OF_RANGE": ({"time_in_force": "3", "min_qty": "0", "max_floor": None}, None),
    "MAX_FLOOR_OUT_OF_RANGE": ({"max_floor": "0"}, None),
    "ORDER_QUANTITY_TOO_LARGE": ({"order_qty": "1000001"}, None),
    "ORDER_VALUE_TOO_LARGE": ({"order_qty": "999999"}, None),
    "PRICE_OUTSIDE_COLLAR": ({"price": "200"}, None),
    "PRICE_OUTSIDE_DYNAMIC_COLLAR": ({"price": "102"}, trade_far_away),
    "OPEN_ORDERS_LIMIT": ({}, allow_no_order),
    "POSITION_LIMIT": ({}, limit("max_position", "0")),
    "GROSS_NOTIONAL_LIMIT": ({}, limit("max_gross_notional", "0")),
    "NET_NOTIONAL_LIMIT": ({}, limit("max_net_notional", "0")),
    "DAILY_LOSS_LIMIT": ({}, lose_money),
    "CREDIT_LIMIT_EXCEEDED": ({}, allow_no_credit),
    "INSUFFICIENT_FUNDS": ({}, empty_purse),
    "THROTTLED": ({}, empty_bucket),
}
NOT_OF_NEW_ORDERS = {
    "UNKNOWN_ORDER", "ORDER_FINISHED", "ORDER_MODIFIED_SINCE", "ORDER_TERMS_CHANGED",
}  # fmt: skip


def faulty(names: tuple[str, ...]) -> tuple[Venue, EnterOrder]:
    """A venue and an order with these faults."""
    venue, order = trading(), VALID
    for name in names:
        changed, prepare = FAULTS[name]
        order = msgspec.structs.replace(order, **changed)
        if prepare is not None:
            prepare(venue)
    return venue, order


PAIRS = [
    pair
    for pair in itertools.combinations(FAULTS, 2)
    if not FAULTS[pair[0]][0].keys() & FAULTS[pair[1]][0].keys()
]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_of_two_faults_the_one_declared_earlier_answers(pair: tuple[str, str]) -> None:
    venue, order = faulty(pair)
    (event,) = venue.do(order)
    assert isinstance(event, OrderRejected)
    assert event.reason is min(map(RejectReason, pair), key=list(RejectReason).index)


def test_pairs_are_most_of_all_there_could_be() -> None:
    assert len(PAIRS) > 0.85 * len(FAULTS) * (len(FAULTS) - 1) / 2
    assert {name for pair in PAIRS for name in pair} == {*FAULTS}


def test_every_reason_of_a_new_order_has_a_fault_in_this_test() -> None:
    assert {*FAULTS} == {r.name for r in RejectReason} - NOT_OF_NEW_ORDERS
    for name in FAULTS:
        venue, order = faulty((name,))
        (event,) = venue.do(order)
        assert isinstance(event, OrderRejected) and event.reason.name == name
