"""The plan of a cycle against a naive checker: sums, who is short, delivery against payment."""

import random
from collections import defaultdict
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.builders import ACME, BTC
from venue.domain.instruments import Instrument
from venue.risk.claims import Claim, Planned, Price
from venue.risk.settlement_plan import COUNTERPARTY, SHORT, plan_cycle

UNIT = 10**8
INSTRUMENTS = {
    "ACME": Instrument(ACME),
    "ODD": Instrument(msgspec.structs.replace(BTC, symbol="ODD", asset="BTC")),
    "ACME-BTC": Instrument(
        msgspec.structs.replace(ACME, symbol="ACME-BTC", asset="ACME", currency="BTC")
    ),
}
PRICES = {
    "ACME": Price(INSTRUMENTS["ACME"], 10_050),
    "ODD": Price(INSTRUMENTS["ODD"], 5_000_001),
    "ACME-BTC": Price(INSTRUMENTS["ACME-BTC"], 7),
}
MEMBERS = ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
PREFUNDED = ("CHARLIE", "DELTA")
Trade = tuple[str, str, str, str, int, int]
Funds = Mapping[tuple[str, str], int]

trades = st.lists(
    st.tuples(
        st.sampled_from(MEMBERS),
        st.sampled_from(MEMBERS),
        st.sampled_from(tuple(INSTRUMENTS)),
        st.sampled_from(("2026-01-07", "2026-01-08")),
        st.integers(1, 30),
        st.integers(1, 20_000),
    ),
    max_size=14,
)
funds = st.dictionaries(
    st.tuples(st.sampled_from(MEMBERS), st.sampled_from(("ACME", "BTC", "USD"))),
    st.one_of(st.integers(-5, 40).map(lambda n: n * UNIT), st.integers(-UNIT, 40 * UNIT)),
)


def claims_of(done: list[Trade]) -> list[Claim]:
    """Net obligations of trades: buyer, seller, symbol, date, lots and ticks of each."""
    net: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for buyer, seller, symbol, due, lots, ticks in done:
        instrument = INSTRUMENTS[symbol]
        units, amount = instrument.asset_units(lots), instrument.amount(ticks * lots)
        for member, sign in ((buyer, 1), (seller, -1)):
            sums = net[member, symbol, due]
            sums[0] += sign * units
            sums[1] -= sign * amount
    return [
        Claim(
            member, "", symbol, due, INSTRUMENTS[symbol].asset, INSTRUMENTS[symbol].currency,
            quantity, amount, 0,
        )
        for (member, symbol, due), (quantity, amount) in net.items()
        if quantity or amount
    ]  # fmt: skip


def planned(
    claims: list[Claim],
    settled: Funds,
    *,
    partial: bool = True,
    prices: Mapping[str, Price] = PRICES,
) -> list[Planned]:
    return plan_cycle(
        claims,
        lambda member, account, asset: settled.get((member, asset), 0),
        lambda member: member in PREFUNDED,
        prices.__getitem__,
        partial=partial,
    )


def check(claims: list[Claim], settled: Funds, plan: list[Planned], *, partial: bool) -> None:
    """What holds of every plan, reckoned from it alone."""
    assert sorted(each.claim for each in plan) == sorted(claims)
    totals: dict[tuple[str, str, str], int] = defaultdict(int)
    flows: dict[tuple[str, str], int] = defaultdict(int)
    delivers: dict[tuple[str, str], int] = defaultdict(int)
    for each in plan:
        claim = each.claim
        totals[claim.symbol, claim.due, "quantity"] += each.quantity
        totals[claim.symbol, claim.due, "amount"] += each.amount
        flows[claim.member, claim.asset] += each.quantity
        flows[claim.member, claim.currency] += each.amount
        delivers[claim.member, claim.asset] -= min(each.quantity, 0)
        assert each.quantity * claim.quantity >= 0 and abs(each.quantity) <= abs(claim.quantity)
        assert partial or each.quantity in (0, claim.quantity)
        is_whole = (each.quantity, each.amount) == (claim.quantity, claim.amount)
        assert (each.cause == "") is is_whole
        assert (each.cause == SHORT) is (each.short_of != "")
    assert not any(totals.values()), "what one gives another does not get"
    for (member, asset), flow in flows.items():
        has = max(settled.get((member, asset), 0), 0)
        if member in PREFUNDED or delivers[member, asset]:
            assert has + flow >= 0, f"{member} gives more {asset} than it has"


def check_payments(plan: list[Planned]) -> None:
    """Money follows the asset: what is left is owed at the price, to a unit for the rounding.

    Of a prefunded member it may be owed at its own price; then the others' may differ.
    """
    groups: dict[tuple[str, str], list[Planned]] = defaultdict(list)
    for each in plan:
        groups[each.claim.due, each.claim.symbol].append(each)
    for group in groups.values():
        odd = []
        for each in group:
            left = each.claim.quantity - each.quantity
            stays = each.claim.amount - each.amount
            if abs(stays + PRICES[each.claim.symbol].value(left)) > len(group):
                odd.append(each)
        assert not odd or any(keeps_price(each) for each in group), odd


def keeps_price(each: Planned) -> bool:
    """Whether a prefunded member's money and asset have moved in proportion, and not all of it."""
    claim = each.claim
    if claim.member not in PREFUNDED or each.cause != SHORT:
        return False
    whole = abs(claim.quantity)
    return abs(each.amount * whole - claim.amount * abs(each.quantity)) <= whole


@settings(max_examples=120, deadline=None)
@given(trades, funds, st.booleans(), st.randoms(use_true_random=False))
def test_plan_of_any_trades_and_funds_holds(
    done: list[Trade], settled: Funds, partial: bool, source: random.Random
) -> None:
    claims = claims_of(done)
    plan = planned(claims, settled, partial=partial)
    check(claims, settled, plan, partial=partial)
    check_payments(plan)
    shuffled = list(claims)
    source.shuffle(shuffled)
    assert planned(shuffled, settled, partial=partial) == plan, "the order of the claims counts"


@settings(max_examples=40, deadline=None)
@given(trades)
def test_where_nobody_is_short_everything_settles(done: list[Trade]) -> None:
    claims = claims_of(done)
    rich = {(member, asset): 10**20 for member in MEMBERS for asset in ("ACME", "BTC", "USD")}
    for each in planned(claims, rich, partial=False):
        assert (each.quantity, each.amount, each.cause) == (
            each.claim.quantity, each.claim.amount, "",
        )  # fmt: skip


def moved(plan: list[Planned]) -> dict[str, tuple[int, int, str]]:
    """Quantity in whole units, amount in whole units, and cause, by member."""
    return {
        each.claim.member: (each.quantity // UNIT, each.amount // UNIT, each.cause) for each in plan
    }


def test_short_seller_delivers_what_he_has_and_the_larger_receipt_comes_first() -> None:
    done = [
        ("ALPHA", "BRAVO", "ACME", "2026-01-07", 30, 10_000),
        ("DELTA", "BRAVO", "ACME", "2026-01-07", 10, 10_000),
    ]
    at_100 = {"ACME": Price(INSTRUMENTS["ACME"], 10_000)}
    settled = {("BRAVO", "ACME"): 35 * UNIT, ("DELTA", "USD"): 5_000 * UNIT}
    plan = planned(claims_of(done), settled, prices=at_100)
    assert moved(plan) == {
        "ALPHA": (30, -3_000, ""),
        "BRAVO": (-35, 3_500, SHORT),
        "DELTA": (5, -500, COUNTERPARTY),
    }


def test_what_is_left_is_owed_at_the_last_price_and_the_difference_moves_now() -> None:
    done = [("ALPHA", "BRAVO", "ACME", "2026-01-07", 10, 10_000)]
    dearer = {"ACME": Price(INSTRUMENTS["ACME"], 11_000)}
    plan = planned(claims_of(done), {}, prices=dearer)
    # 10 at 100 become 10 at 110, which ALPHA will pay more, and gets now
    assert moved(plan) == {"ALPHA": (0, 100, COUNTERPARTY), "BRAVO": (0, -100, SHORT)}


def test_what_the_cycle_brings_can_be_delivered_on() -> None:
    done = [
        ("ALPHA", "BRAVO", "ACME", "2026-01-07", 10, 10_000),
        ("CHARLIE", "ALPHA", "ACME", "2026-01-08", 10, 10_100),
    ]
    settled = {("BRAVO", "ACME"): 10 * UNIT, ("CHARLIE", "USD"): 1_010 * UNIT}
    assert all(each.cause == "" for each in planned(claims_of(done), settled))
    without = planned(claims_of(done), {("CHARLIE", "USD"): 1_010 * UNIT})
    assert all(each.quantity == 0 for each in without), "nobody has what he would deliver"


def test_prefunded_buyer_pays_no_more_than_has_come() -> None:
    done = [("DELTA", "BRAVO", "ACME", "2026-01-07", 10, 10_000)]
    at_100 = {"ACME": Price(INSTRUMENTS["ACME"], 10_000)}
    settled = {("BRAVO", "ACME"): 10 * UNIT, ("DELTA", "USD"): 450 * UNIT}
    plan = planned(claims_of(done), settled, prices=at_100)
    assert moved(plan) == {"BRAVO": (-4, 400, COUNTERPARTY), "DELTA": (4, -400, SHORT)}


def test_who_cannot_pay_the_difference_keeps_his_price_and_holds_nobody_up() -> None:
    done = [
        ("DELTA", "BRAVO", "ACME", "2026-01-07", 10, 10_000),
        ("ALPHA", "BRAVO", "ACME", "2026-01-07", 5, 10_200),
    ]
    cheaper = {"ACME": Price(INSTRUMENTS["ACME"], 9_500)}
    plan = planned(claims_of(done), {("BRAVO", "ACME"): 15 * UNIT}, prices=cheaper)
    assert moved(plan) == {
        "ALPHA": (5, -510, ""),
        "BRAVO": (-5, 510, COUNTERPARTY),  # 10 are left, at 100
        "DELTA": (0, 0, SHORT),
    }


@pytest.mark.parametrize("partial", [True, False])
def test_whole_obligations_only_where_parts_are_not_wanted(partial: bool) -> None:
    done = [
        ("ALPHA", "BRAVO", "ACME", "2026-01-07", 30, 10_000),
        ("CHARLIE", "DELTA", "ACME", "2026-01-07", 10, 10_000),
    ]
    at_100 = {"ACME": Price(INSTRUMENTS["ACME"], 10_000)}
    settled = {("BRAVO", "ACME"): 29 * UNIT, ("DELTA", "ACME"): 10 * UNIT}
    settled["CHARLIE", "USD"] = 9_999 * UNIT
    plan = moved(planned(claims_of(done), settled, partial=partial, prices=at_100))
    if partial:
        assert plan["ALPHA"][0] == 30 and plan["CHARLIE"][0] == 9
    else:
        assert plan["ALPHA"][0] == plan["BRAVO"][0] == 0
        assert plan["CHARLIE"] == (10, -1_000, "") and plan["DELTA"] == (-10, 1_000, "")
