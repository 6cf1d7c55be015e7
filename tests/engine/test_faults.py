"""The eight faults that engines keep having: a permanent test for each, named after the fault."""

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.reference.build import Venue
from tests.reference.play import Pair, random_drafts
from venue.clearing.postings import Entry, entries_of
from venue.domain import commands as c
from venue.domain import events as e

OWN = {"self_match_id": "desk"}


def test_fault_1_tie_at_a_price_broken_against_time() -> None:
    venue = Venue()
    for number in range(1, 6):
        venue.sell(f"s{number}", "1", "100", session=("BRAVO", "CHARLIE")[number % 2])
    venue.cancel("x", "s3", "sell", session="CHARLIE")
    venue.replace("s2.1", "s2", "1", "101", side="sell")
    venue.replace("s2.2", "s2.1", "1", "100", side="sell")
    assert venue.buy("b1", "4", "100") == [
        "new 6 4/4@100",
        "trade 1@100 6:3 1:0",
        "trade 1@100 6:2 4:0",
        "trade 1@100 6:1 5:0",
        "trade 1@100 6:0 2:0",
    ]


def test_fault_2_replace_to_a_price_that_crosses_does_not_match_again() -> None:
    venue = Venue()
    venue.sell("s1", "3", "102")
    venue.sell("s2", "3", "101")
    venue.buy("b1", "4", "100")
    assert venue.replace("b2", "b1", "5", "102") == [
        "replaced 3 5/5@102",
        "trade 3@101 3:2 2:0",
        "trade 2@102 3:0 1:1",
    ]


@pytest.mark.parametrize(
    ("quantity", "price", "first"),
    [("3", "100", "1"), ("5", "100", "1"), ("6", "100", "2"), ("3", "101", "2")],
)
def test_fault_2_replace_wrongly_keeps_or_loses_its_place(
    quantity: str, price: str, first: str
) -> None:
    """Down keeps it, up loses it, and so does a new price, even one that it comes back from."""
    venue = Venue()
    venue.buy("b1", "5", "100")
    venue.buy("b2", "5", "100")
    venue.replace("b1.1", "b1", quantity, price)
    if price != "100":
        venue.replace("b1.2", "b1.1", quantity, "100")
    assert venue.book()[0][0].startswith(f"{first}:")


@pytest.mark.parametrize("how", ["request", "mass cancel", "operator", "disconnect"])
def test_fault_3_stop_that_is_not_triggered_can_not_be_canceled(how: str) -> None:
    venue = Venue()
    venue.buy("b1", "5", ord_type="3", stop_px="105")
    if how == "request":
        happened = venue.cancel("x", "b1")
    elif how == "mass cancel":
        happened = venue.do(c.MassCancel("ALPHA", "x", "7"))[:1]
    elif how == "operator":
        happened = venue.do(c.CancelByOperator("1"))
    else:
        venue.do(c.LogOn("ALPHA"))
        happened = venue.do(c.LogOut("ALPHA"))[1:]
    assert [line.partition(" cum")[0] for line in happened] == ["canceled 1"]
    assert venue.exposure() == 0
    venue.sell("s1", "1", "105")
    new, trade = venue.buy("b2", "1", "105", session="CHARLIE")
    assert (new[:3], trade[:11]) == ("new", "trade 1@105")


@pytest.mark.parametrize("mode", ["N", "O", "B", "D"])
def test_fault_4_what_self_match_prevention_leaves_rests_crossed(mode: str) -> None:
    venue = Venue()
    venue.sell("own1", "3", "99", session="ALPHA", **OWN)
    venue.sell("own2", "4", "100", session="ALPHA", **OWN)
    venue.buy("b1", "9", "100", **OWN, self_match_mode=mode)
    bids, asks = venue.book()
    assert not (bids and asks)
    left = {"N": [], "O": ["3:9/9@100"], "B": [], "D": ["3:2/2@100"]}[mode]
    assert bids == left
    assert asks == {"N": ["1:3/3@99", "2:4/4@100"], "B": ["2:4/4@100"]}.get(mode, [])


def test_fault_5_all_or_none_trades_at_a_wrong_price() -> None:
    """At each resting order's price, never beyond its limit, and never at its own better limit."""
    venue = Venue()
    venue.buy("b1", "6", "101", exec_inst="G")
    venue.sell("s1", "3", "99")
    venue.sell("s2", "2", "102")
    assert venue.book() == ([], ["2:3/3@99", "3:2/2@102"])
    assert venue.sell("s3", "3", "101") == [
        "new 4 3/3@101",
        "trade 3@99 1:3 2:0",
        "trade 3@101 1:0 4:0",
    ]
    trade = venue.events[-1]
    assert isinstance(trade, e.TradeExecuted)
    assert trade.buy.order.avg_px == "100"


def test_fault_6_iceberg_is_not_refilled() -> None:
    venue = Venue()
    venue.sell("s1", "7", "100", max_floor="3")
    shown = []
    for number in range(4):
        venue.buy(f"b{number}", "2", "100")
        shown.append(venue.book()[1])
    assert shown == [["1:1/5@100"], ["1:2/3@100"], ["1:1/1@100"], []]
    assert venue.book()[0] == ["5:1/1@100"]


def test_fault_6_iceberg_leaves_the_book_crossed() -> None:
    """An aggressor larger than a slice goes on with the next slice before a worse price."""
    venue = Venue()
    venue.sell("s1", "6", "99", max_floor="2")
    venue.sell("s2", "5", "100")
    assert venue.buy("b1", "7", "100") == [
        "new 3 7/7@100",
        "trade 2@99 3:5 1:4",
        "trade 2@99 3:3 1:2",
        "trade 2@99 3:1 1:0",
        "trade 1@100 3:0 2:4",
    ]


@pytest.mark.parametrize("seed", range(3))
def test_fault_7_reserved_exposure_stays_behind(seed: int) -> None:
    """However orders end, a member without open orders has nothing reserved."""
    pair = Pair()
    for chosen in random_drafts(seed + 500, 1000):
        assert pair.play(chosen, check=False) is None
    state, now_ns = pair.engine.state, pair.writer.now_ns
    for number, session in enumerate(state.sessions):
        pair.engine.apply(c.MassCancel(session, f"end{number}", "7"), now_ns)
    assert not any(order.is_open for order in state.orders.values())
    for member in state.members.values():
        assert (member.open_orders, member.exposure) == (0, 0), member.name


@pytest.mark.parametrize("seed", range(3))
def test_fault_8_a_partial_fill_is_never_booked(seed: int) -> None:
    """Of every order: fills reported, CumQty told and quantity posted to the ledger are one."""
    pair = Pair()
    told: dict[str, Decimal] = {}
    member_posted: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    member_filled: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    reported: defaultdict[str, Decimal] = defaultdict(Decimal)
    parts = 0
    for chosen in random_drafts(seed + 700, 1500):
        if chosen.kind in ("bust", "correct"):
            continue
        assert pair.play(chosen, check=False) is None
        for event in pair.last_events:
            if not isinstance(event, e.TradeExecuted):
                continue
            (entry,) = entries_of(event)
            _add_asset(entry, event.asset, member_posted)
            for fill, sign in ((event.buy, 1), (event.sell, -1)):
                order = fill.order
                reported[order.terms.order_id] += Decimal(event.last_qty)
                told[order.terms.order_id] = Decimal(order.cum_qty)
                parts += order.leaves_qty != "0"
                member_filled[order.terms.member, event.asset] += sign * Decimal(event.last_qty)
    assert parts > 50
    assert told == reported
    assert member_posted == member_filled


def _add_asset(entry: Entry, asset: str, posted: defaultdict[tuple[str, str], Decimal]) -> None:
    for posting in entry.postings:
        if posting.account.asset == asset:
            posted[posting.account.owner, asset] += posting.amount
