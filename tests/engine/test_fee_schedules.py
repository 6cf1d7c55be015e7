"""Fee schedules: who pays what as maker and taker, by which version and tier, and what is reserved.

ACME has 10 basis points of fee_bps, where no schedule counts.
"""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.commands import EnterOrder
from venue.domain.fee_versions import FeeTier
from venue.engine.image.digest import state_digest
from venue.engine.views import fees as views

from .builders import DAY, Venue, buy, cancel, enter, replace, sell
from .funded import FEES, funded, purse
from .outcomes import kinds, refusal, why
from .test_image import through_bytes
from .test_random_flow import do_all_of

GOLD = c.SetFeeSchedule("gold", "-1", "5")
LATER = "2026-01-06"


def fees_of(events: list[e.AnyEvent]) -> list[tuple[str, str]]:
    """The buyer's and the seller's fee of each trade."""
    return [(x.buy.fee, x.sell.fee) for x in events if isinstance(x, e.TradeExecuted)]


def new_day(venue: Venue, day: str = LATER) -> None:
    for command in (c.EndDay(), c.StartDay(day)):
        do_all_of(venue, command)


def other_sells(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return sell(cl_ord_id, qty, price, session="CHARLIE")


def other_buys(cl_ord_id: str, qty: str, price: str) -> EnterOrder:
    return buy(cl_ord_id, qty, price, session="CHARLIE")


@pytest.fixture
def venue() -> Venue:
    """All members trade by gold."""
    venue = funded(c.Deposit("ALPHA", "USD", "100000"), c.Deposit("ALPHA", "ACME", "500"))
    venue.do_all(GOLD, *(c.AssignFees(name, "gold") for name in ("ALPHA", "BRAVO", "CHARLIE")))
    return venue


def test_maker_gets_a_rebate_and_taker_pays_whichever_side_they_are(venue: Venue) -> None:
    venue.do(other_sells("C1", "10", "100"))
    assert fees_of(venue.do(buy("A1", "10", "100"))) == [("0.5", "-0.1")]
    venue.do(other_buys("C2", "10", "100"))
    assert fees_of(venue.do(sell("A2", "10", "100", session="ALPHA"))) == [("-0.1", "0.5")]
    # bought for 1000 and 0.5 of fee, sold for 1000 less 0.5
    assert purse(venue, "ALPHA", "USD") == ("99999", "0")
    assert purse(venue, "CHARLIE", "USD") == ("0.2", "0")


def test_sides_without_a_schedule_pay_the_fee_of_the_instrument() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "5000"))
    venue.do_all(GOLD, c.AssignFees("ALPHA", "gold"), other_sells("C1", "10", "100"))
    assert fees_of(venue.do(buy("A1", "10", "100"))) == [("0.5", "1")]


def test_members_own_schedule_for_the_instrument_goes_before_all_others() -> None:
    venue = funded()
    for number, name in enumerate(("of_instrument", "of_member", "of_both"), 1):
        venue.do(c.SetFeeSchedule(name, str(number), str(number)))
    venue.do(c.AddInstrument(msgspec.structs.replace(FEES, fee_schedule="of_instrument")))

    def paid(number: int) -> str:
        venue.do(other_buys(f"C{number}", "10", "100"))
        ((_, fee),) = fees_of(venue.do(sell(f"C{number}s", "10", "100", session="CHARLIE")))
        return fee

    assert paid(1) == "0.1"
    venue.do(c.AssignFees("CHARLIE", "of_member"))
    assert paid(2) == "0.2"
    venue.do(c.AssignFees("CHARLIE", "of_both", "ACME"))
    assert paid(3) == "0.3"
    venue.do(c.AssignFees("CHARLIE", "none", "ACME"))
    assert paid(4) == "0.2"
    venue.do(c.AssignFees("CHARLIE", "none"))
    assert paid(5) == "0.1"


def test_tier_follows_the_volume_of_the_days_before_and_not_of_today(venue: Venue) -> None:
    venue.do(c.SetFeeSchedule("silver", "2", "4", tiers=(FeeTier("2000", "1", "3"),)))
    venue.do(c.AssignFees("ALPHA", "silver"))
    for number in range(3):
        venue.do(other_sells(f"C{number}", "10", "100"))
        assert fees_of(venue.do(buy(f"A{number}", "10", "100"))) == [("0.4", "-0.1")]
    new_day(venue)
    venue.do(other_sells("D1", "10", "100"))
    assert fees_of(venue.do(buy("B1", "10", "100"))) == [("0.3", "-0.1")]
    found = views.member_fees(venue.engine.state, "ALPHA")
    assert found is not None
    (volume,), (acme, *_) = found
    assert (volume.before_today, volume.today) == ("3000", "1000")
    assert (acme.schedule, acme.of, acme.from_volume) == ("silver", "member", "2000")


def test_volume_is_forgotten_after_thirty_trading_days(venue: Venue) -> None:
    venue.do_all(other_sells("C1", "10", "100"), buy("A1", "10", "100"))
    member = venue.engine.state.members["ALPHA"]
    for day in range(30):
        new_day(venue, f"2026-02-{day + 1:02}" if day < 28 else f"2026-03-{day - 27:02}")
        assert member.volume_before_today("USD") == 1000 * 10**8
    new_day(venue, "2026-03-03")
    assert member.volume_before_today("USD") == 0 and member.volumes == {}


def test_bust_takes_volume_off_the_day_on_which_it_is_made(venue: Venue) -> None:
    venue.do_all(other_sells("C1", "10", "100"), buy("A1", "10", "100"))
    new_day(venue)
    venue.do(c.CorrectTrade("M1", "99"))
    member = venue.engine.state.members["ALPHA"]
    assert member.volumes == {"USD": [1000 * 10**8, -10 * 10**8]}
    venue.do(c.BustTrade("M1"))
    assert member.volumes == {"USD": [1000 * 10**8, -1000 * 10**8]}


def test_version_counts_from_its_day_and_orders_keep_the_terms_of_their_entry(
    venue: Venue,
) -> None:
    venue.do(c.SetFeeSchedule("gold", "2", "7", LATER))
    venue.do(sell("C1", "10", "100", session="CHARLIE", tif="1"))
    new_day(venue)
    venue.do(sell("C2", "10", "100", session="CHARLIE", tif="1"))
    assert fees_of(venue.do(buy("A1", "20", "100"))) == [("0.7", "-0.1"), ("0.7", "0.2")]


def test_replaced_order_keeps_its_terms_too(venue: Venue) -> None:
    venue.do(other_sells("C1", "10", "101"))
    venue.do(c.AssignFees("CHARLIE", "none"))
    venue.do(replace("C2", "C1", "10", "100", "2", session="CHARLIE"))
    assert fees_of(venue.do(buy("A1", "10", "100"))) == [("0.5", "-0.1")]


def test_schedule_that_does_not_count_yet_is_passed_over() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "5000"))
    venue.do_all(c.SetFeeSchedule("next", "0", "0", LATER), c.AssignFees("ALPHA", "next"))
    venue.do(other_sells("C1", "10", "100"))
    assert fees_of(venue.do(buy("A1", "10", "100"))) == [("1", "1")]
    new_day(venue)
    venue.do(other_sells("C2", "10", "100"))
    assert fees_of(venue.do(buy("A2", "10", "100"))) == [("0", "1")]


def test_minimum_is_paid_with_the_first_fill_and_never_exceeds_it(venue: Venue) -> None:
    venue.do_all(c.SetFeeSchedule("least", "0", "5", minimum="2"), c.AssignFees("ALPHA", "least"))
    for number, qty in enumerate(("10", "20", "30")):
        venue.do(other_sells(f"C{number}", qty, "100"))
    first, *others = fees_of(venue.do(buy("A1", "60", "100")))
    assert first == ("2", "-0.1")
    assert others == [("1", "-0.2"), ("1.5", "-0.3")]
    penny = msgspec.structs.replace(FEES, symbol="PENNY", reference_price="0.5")
    venue.do(c.AddInstrument(penny))
    venue.do(enter("C9", "2", "1", "0.5", symbol="PENNY", session="CHARLIE"))
    assert fees_of(venue.do(enter("A9", "1", "1", "0.5", symbol="PENNY"))) == [("0.5", "-0.00005")]


def test_prefunded_buy_reserves_the_higher_rate_and_the_minimum_until_it_trades() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "1002.50000004"))
    venue.do_all(c.SetFeeSchedule("least", "-1", "5", minimum="2"), c.AssignFees("ALPHA", "least"))
    needed = "1002.50000005"
    assert why(venue.do(buy("A1", "10", "100"))) == (
        f"INSUFFICIENT_FUNDS {needed} USD are needed, 1002.50000004 of 1002.50000004 are free"
    )
    venue.do(c.Deposit("ALPHA", "USD", "0.00000001"))
    venue.do(buy("A2", "10", "100"))
    assert purse(venue, "ALPHA", "USD") == (needed, needed)
    venue.do(other_sells("C1", "4", "100"))  # it rests: a rebate, no minimum
    assert purse(venue, "ALPHA", "USD") == ("602.54000005", "600.30000003")
    venue.do(c.BustTrade("M1"))
    assert purse(venue, "ALPHA", "USD") == (needed, needed), "its first fill is still to come"


def test_bust_that_would_need_the_minimum_again_is_refused_where_it_is_gone() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "1002.50000005"))
    venue.do_all(c.SetFeeSchedule("least", "-1", "5", minimum="2"), c.AssignFees("ALPHA", "least"))
    venue.do_all(buy("A2", "10", "100"), other_sells("C1", "4", "100"))
    venue.do(c.Withdraw("ALPHA", "USD", "2.24000002"))
    assert (
        refusal(venue.do(c.BustTrade("M1"))) == "ALPHA is prefunded and lacks 2.24000002 USD for it"
    )
    venue.do(c.Deposit("ALPHA", "USD", "2.24000002"))
    assert kinds(venue.do(c.BustTrade("M1"))) == ["TradeBusted"]
    assert purse(venue, "ALPHA", "USD") == ("1002.50000005", "1002.50000005")


def test_correction_says_both_fees_as_they_were_and_are(venue: Venue) -> None:
    venue.do_all(other_sells("C1", "10", "100"), buy("A1", "10", "100"))
    (event,) = venue.do(c.CorrectTrade("M1", "98", "5"))
    assert isinstance(event, e.TradeCorrected)
    assert (event.buy.fee, event.sell.fee) == ("0.245", "-0.049")
    assert (event.previous_fee, event.previous_sell_fee) == ("0.5", "-0.1")
    busted, *_ = venue.do(c.BustTrade("M1"))
    assert isinstance(busted, e.TradeBusted)
    assert (busted.buy.fee, busted.sell.fee) == ("0.245", "-0.049")
    assert purse(venue, "ALPHA", "USD") == ("100000", "0")
    assert purse(venue, "CHARLIE", "USD") == ("0", "0")


def test_fees_are_paid_at_once_where_the_trade_settles_later(venue: Venue) -> None:
    venue.do(c.AddInstrument(msgspec.structs.replace(FEES, settlement_days="2")))
    venue.do_all(other_sells("C1", "10", "100"), buy("A1", "10", "100"))
    cash = venue.engine.state.members["ALPHA"].purses.of("", "USD")
    assert (cash.balance, cash.settled) == (98_999_50_000_000, 99_999_50_000_000)
    venue.do(c.CorrectTrade("M1", "98"))
    assert cash.settled == 99_999_51_000_000
    venue.do(c.BustTrade("M1"))
    assert (cash.balance, cash.settled) == (100_000 * 10**8, 100_000 * 10**8)


def test_what_counts_already_cannot_be_changed_and_the_same_can_be_said_again(
    venue: Venue,
) -> None:
    assert kinds(venue.do(GOLD)) == ["FeeScheduleSet"]
    for day in ("", DAY, "2026-01-01"):
        detail = refusal(venue.do(c.SetFeeSchedule("gold", "0", "0", day)))
        assert detail is not None and "counts already and stays" in detail
    assert kinds(venue.do(c.SetFeeSchedule("gold", "0", "0", LATER))) == ["FeeScheduleSet"]
    assert kinds(venue.do(c.SetFeeSchedule("gold", "0", "1", LATER))) == ["FeeScheduleSet"]
    rows = views.schedules(venue.engine.state)
    assert [(row.valid_from, row.taker_bps, row.counts) for row in rows] == [
        ("", "5", "now"),
        (LATER, "1", "later"),
    ]


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (c.SetFeeSchedule("none", "0", "0"), "fee schedule 'none' is not made of"),
        (c.SetFeeSchedule("x", "0", "y"), "taker_bps of x: 'y' is no number from -10000 to 10000"),
        (c.SetFeeSchedule("x", "0", "0", "never"), "valid_from of x: 'never' is no date"),
        (c.AssignFees("NOPE", "gold"), "member NOPE is unknown"),
        (c.AssignFees("ALPHA", "gold", "NOPE"), "NOPE is not traded here"),
        (c.AssignFees("ALPHA", "iron"), "fee schedule 'iron' is unknown; there are gold"),
        (c.AddInstrument(msgspec.structs.replace(FEES, fee_schedule="iron")),
         "fee schedule iron is unknown"),
    ],
    ids=lambda each: str(each)[:40],
)  # fmt: skip
def test_what_names_nothing_is_refused(venue: Venue, command: c.AnyCommand, detail: str) -> None:
    found = refusal(venue.do(command))
    assert found is not None and found.startswith(detail)


def test_orders_keep_their_terms_in_a_snapshot(venue: Venue) -> None:
    venue.do(sell("C1", "10", "100", session="CHARLIE", tif="1"))
    venue.do_all(c.AssignFees("CHARLIE", "none"), buy("A1", "4", "100"))
    restored = Venue()
    restored.engine, restored.now_ns = through_bytes(venue.engine), venue.now_ns
    assert state_digest(restored.engine.state) == state_digest(venue.engine.state)
    for each in (venue, restored):
        assert fees_of(each.do(buy("A2", "6", "100"))) == [("0.3", "-0.06")]
        each.do(c.CorrectTrade("M1", "99"))
        new_day(each)
    assert state_digest(restored.engine.state) == state_digest(venue.engine.state)


def test_venue_without_a_schedule_counts_no_volume() -> None:
    venue = funded(c.Deposit("ALPHA", "USD", "5000"))
    venue.do_all(other_sells("C1", "10", "100"), buy("A1", "10", "100"))
    state = venue.engine.state
    assert not any(member.volumes or member.fee_terms for member in state.members.values())
    venue.do_all(cancel("A2", "A1"), GOLD, other_sells("C2", "10", "100"), buy("A3", "10", "100"))
    assert state.members["ALPHA"].volumes == {"USD": [1000 * 10**8]}
