"""What the notifier counts of limits, against what the engine itself counts, over random days."""

from collections.abc import Iterator
from itertools import chain

import msgspec
import pytest

from tests.engine.builders import Venue, buy, sell, trading
from tests.engine.test_random_flow import do_all_of
from tests.marketdata.random_venue import RandomVenue, SplittingVenue
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.domain.order_state import Fill, OrderState, OrderTerms
from venue.domain.types import OrdStatus, OrdType, Phase, Side
from venue.engine.control.admin import USED
from venue.engine.state.members import Member
from venue.notify.last_prices import KEPT, LastPrices, PricesImage
from venue.notify.limits import FALL_PERCENT, LimitUse
from venue.notify.limits_image import LimitsImage
from venue.notify.rise import Rise
from venue.risk.exposure import Scope

COUNTED = tuple(USED)


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


@pytest.mark.parametrize(
    ("kind", "seed"), [(RandomVenue, 1), (RandomVenue, 2), (RandomVenue, 3), (SplittingVenue, 1)]
)
def test_use_of_every_limit_is_what_the_engine_counts(kind: type[RandomVenue], seed: int) -> None:
    venue, counted = kind(seed), LimitUse()
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


def test_positions_of_a_member_in_default_are_the_houses() -> None:
    venue, counted = trading(), LimitUse()
    for event in through_a_default(venue):
        list(counted.apply(event))
    for name in ("ALPHA", "HOUSE"):
        scope = venue.engine.state.members[name]
        used = {each: USED[each](venue.engine.state, scope) for each in COUNTED}
        assert counted.used(name) == used
    assert counted.used("HOUSE")["max_position"] == 4 * 10**8


def through_a_default(venue: Venue) -> Iterator[e.AnyEvent]:
    """Events of a venue whose member ALPHA has a position, and passes it to HOUSE."""
    commands: list[c.AnyCommand] = [
        c.AddInstrument(ACME),
        *(c.AddMember(name, (), "1000000", 100) for name in ("ALPHA", "BRAVO", "HOUSE")),
        buy("A1", "10", "99"),
        sell("B1", "4", "99"),
        c.DeclareDefault("ALPHA", operator="olga"),
        c.Approve("H1", "piet"),
    ]
    for command in commands:
        yield from do_all_of(venue, command)


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


def traded(seq: int, px: str, qty: str, buyer: str, seller: str, amount: str) -> e.TradeExecuted:
    """Each side's order is filled by it; ALPHA's are of its account ACC."""

    def fill(member: str, side: Side) -> Fill:
        account = "ACC" if member == "ALPHA" else None
        terms = OrderTerms(f"{seq}{member}", "S", member, "ACME", side, "2", "0", account=account)
        return Fill(OrderState(terms, "C", OrdStatus.FILLED, qty, "0", qty, px, px))

    sides = fill(buyer, Side.BUY), fill(seller, Side.SELL)
    return e.TradeExecuted(
        seq, seq, "ACME", f"M{seq}", "2026-01-05", px, qty, "ACME", amount, "USD", *sides
    )


def busted(seq: int, trade: e.TradeExecuted) -> e.TradeBusted:
    figures = (trade.last_px, trade.last_qty, "ACME", trade.amount, "USD", trade.buy, trade.sell)
    return e.TradeBusted(
        seq, seq, "ACME", trade.match_id, "2026-01-05", trade.event_seq, *figures, "op", ""
    )


LOSS_LIMITED = (
    e.MemberAdded(4, 4, "BRAVO", (), "10000000", None),
    e.MemberAdded(5, 5, "CHARLIE", (), "10000000", None),
    e.LimitsSet(6, 6, "ALPHA", "", {"max_daily_loss": "100"}, "op", ""),
    e.LimitsSet(7, 7, "ALPHA", "ACC", {"max_daily_loss": "200"}, "op", ""),
)


def losses(*events: e.AnyEvent) -> list[tuple[str, int, int, bool]]:
    """Account, percentage before and now, and whether it blocks."""
    return [
        (each.whose[1], each.before, each.percent, each.blocks)
        for each in rises(*LOSS_LIMITED, *events)
        if each.limit == "max_daily_loss"
    ]


def test_a_daily_loss_is_told_of_where_the_trades_of_others_move_the_price() -> None:
    mine = traded(8, "100", "10", "ALPHA", "BRAVO", "1000")
    down = traded(9, "91.5", "1", "BRAVO", "CHARLIE", "91.5")
    lower = traded(10, "89", "1", "BRAVO", "CHARLIE", "89")
    found = losses(mine, down, lower)
    assert found == [("", 0, 85, False), ("", 85, 110, True), ("ACC", 0, 55, False)]
    up = traded(11, "100", "1", "BRAVO", "CHARLIE", "100")
    again = traded(12, "90", "1", "BRAVO", "CHARLIE", "90")
    assert losses(mine, down, lower, up, again)[3:] == [("", 0, 100, True), ("ACC", 0, 50, False)]
    day = e.DayStarted(11, 11, "2026-01-06", Phase.CONTINUOUS)
    assert losses(mine, down, lower, day, msgspec.structs.replace(again, last_px="50"))[3:] == []


def test_a_busted_trade_is_no_last_price_and_no_loss() -> None:
    mine = traded(8, "100", "10", "ALPHA", "BRAVO", "1000")
    down = traded(9, "89", "1", "BRAVO", "CHARLIE", "89")
    again = traded(11, "89", "1", "BRAVO", "CHARLIE", "89")
    assert losses(mine, down, busted(10, down), again) == [
        ("", 0, 110, True), ("ACC", 0, 55, False), ("", 0, 110, True), ("ACC", 0, 55, False),
    ]  # fmt: skip
    assert losses(mine, busted(9, mine), msgspec.structs.replace(down, event_seq=10)) == []


def test_last_price_is_the_one_before_those_that_were_busted() -> None:
    instrument, prices = Instrument(ACME), LastPrices()
    trades = [traded(seq, str(seq), "1", "ALPHA", "BRAVO", "1") for seq in range(1, KEPT + 3)]
    for each in trades:
        assert prices.apply(each, instrument)
    prices = LastPrices(msgspec.json.decode(msgspec.json.encode(prices.image()), type=PricesImage))
    for each in reversed(trades[2:]):
        assert prices.apply(busted(99, each), instrument)
        assert prices.last_ticks("ACME") == (int(each.last_px) - 1) * 100
    assert not prices.apply(busted(99, trades[1]), instrument), "it is the last that is known"
    assert prices.last_ticks("GLOBEX") is None


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
