"""What the notifier counts of limits, against what the engine itself counts, over random days."""

from itertools import chain

import msgspec
import pytest

from tests.marketdata.random_venue import RandomVenue
from venue.domain import events as e
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderState, OrderTerms
from venue.domain.types import OrdStatus, OrdType, Side
from venue.engine.control.admin import USED
from venue.engine.state.members import Member
from venue.notify.limits import FALL_PERCENT, LimitUse, Rise
from venue.notify.limits_image import LimitsImage
from venue.risk.exposure import Scope

COUNTED = (*(name for name in USED if name != "max_daily_loss"),)


def scopes(venue: RandomVenue) -> dict[tuple[str, str], Scope]:
    found: dict[tuple[str, str], Scope] = {}
    for member in venue.engine.state.members.values():
        found[member.name, ""] = member
        found.update({(member.name, name): each for name, each in member.by_account.items()})
    return found


def has_pegs(venue: RandomVenue, member: str) -> bool:
    """Their prices move without an event: only the engine knows what they count for now."""
    return any(
        order.terms.ord_type == OrdType.PEGGED and order.terms.member == member
        for order in venue.engine.state.open_orders()
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_use_of_every_limit_is_what_the_engine_counts(seed: int) -> None:
    venue, counted = RandomVenue(seed), LimitUse()
    compared = 0
    for number, events in enumerate(venue.run(800)):
        for event in events:
            list(counted.apply(event))
        if number % 7:
            continue
        if number % 70 == 0:  # as after a restart
            image = msgspec.json.encode(counted.image())
            counted = LimitUse.of(msgspec.json.decode(image, type=LimitsImage))
        for (member, account), scope in scopes(venue).items():
            used = counted.used(member, account)
            for name in COUNTED:
                if name == "credit_limit" and has_pegs(venue, member):
                    continue
                wanted = USED[name](venue.engine.state, scope)
                assert used[name] == wanted, (number, member, account, name)
                compared += wanted != 0
    assert compared > 500
    assert isinstance(venue.engine.state.members["ALPHA"], Member)


ACME = InstrumentDefinition(
    symbol="ACME",
    currency="USD",
    tick_size="0.01",
    lot_size="1",
    reference_price="100",
    max_order_qty="1000000",
    max_order_value="1000000000",
    price_collar_percent="10",
)


def accepted(seq: int, order_id: str, qty: str, leaves: str) -> e.OrderAccepted:
    terms = OrderTerms(order_id, "A1", "ALPHA", "ACME", Side.BUY, "2", "0", account="ACC")
    order = OrderState(terms, order_id, OrdStatus.NEW, qty, leaves, "0", "0", "100")
    return e.OrderAccepted(seq, seq, "ACME", order)


def rises(*events: e.AnyEvent) -> list[Rise]:
    use = LimitUse()
    begin = (
        e.InstrumentAdded(1, 1, "ACME", ACME),
        e.MemberAdded(2, 2, "ALPHA", ("ACC",), "10000", None),
        e.LimitsSet(3, 3, "ALPHA", "ACC", {"max_open_orders": "2"}, "op", ""),
    )
    return list(chain.from_iterable(use.apply(event) for event in (*begin, *events)))


def test_a_limit_is_told_of_when_it_is_passed_and_again_only_after_a_fall() -> None:
    found = rises(
        accepted(4, "1", "60", "60"),  # 60 % of 10000, and half of two orders
        accepted(5, "1", "70", "70"),
        accepted(6, "1", "65", "65"),  # a small fall
        accepted(7, "1", "70", "70"),
        accepted(8, "1", "50", "50"),  # a fall of 20
        accepted(9, "1", "85", "85"),
        accepted(10, "1", "85", "0"),
        accepted(11, "2", "100", "100"),
    )
    told = [(each.whose, each.limit, each.before, each.percent) for each in found]
    whole, account = ("ALPHA", ""), ("ALPHA", "ACC")
    assert FALL_PERCENT == 20
    assert told == [
        (whole, "credit_limit", 0, 60),
        (account, "max_open_orders", 0, 50),
        (whole, "credit_limit", 60, 70),
        (whole, "credit_limit", 50, 85),
        (whole, "credit_limit", 0, 100),
        (account, "max_open_orders", 0, 50),
    ]
    assert (found[-2].used, found[-2].value) == ("10000", "10000")
    assert (found[-1].used, found[-1].value) == ("1", "2")


def test_events_of_instruments_that_were_added_before_count_nothing() -> None:
    assert list(LimitUse().apply(accepted(4, "1", "60", "60"))) == []


def test_what_is_bought_in_counts_in_no_position_any_more() -> None:
    counted = LimitUse()
    owed = ("ALPHA", "A1", "ACME", "2026-01-07")
    list(counted.apply(e.InstrumentAdded(1, 2, "ACME", ACME)))
    short = e.ObligationBoughtIn(2, 3, 4, *owed, "10", "ACME", "-1000", "USD", "101", "10")
    list(counted.apply(short))
    for account in ("", "A1"):
        assert counted.used("ALPHA", account)["max_position"] == 10 * 10**8
    list(counted.apply(msgspec.structs.replace(short, quantity="-10", amount="1000")))
    assert counted.used("ALPHA")["max_position"] == 0
