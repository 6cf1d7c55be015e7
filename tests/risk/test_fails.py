"""Penalties and buy-ins: who pays, who is paid, and that both are the same to the last unit."""

import msgspec

from tests.engine.builders import ACME
from venue.domain.instruments import Instrument
from venue.risk.claims import Claim, Planned, Price
from venue.risk.fails import compensations, penalties
from venue.risk.settlement_plan import COUNTERPARTY, SHORT

UNIT = 10**8
PRICE = Price(Instrument(ACME), 10_000)
BPS_10 = 10 * UNIT


def claim(member: str, quantity: int, amount: int) -> Claim:
    return Claim(member, "", "ACME", "2026-01-07", "ACME", "USD", quantity * UNIT, amount * UNIT, 0)


def failed(member: str, quantity: int, cause: str, moved: int = 0) -> Planned:
    short_of = "ACME" if cause == SHORT else ""
    return Planned(claim(member, quantity, -100 * quantity), moved * UNIT, 0, cause, short_of)


def nobody(member: str) -> bool:
    return False


def test_who_is_short_pays_and_who_waits_shares_it_by_what_he_lacks() -> None:
    group = [
        failed("ALPHA", 20, COUNTERPARTY),
        failed("BRAVO", -30, SHORT),
        failed("CHARLIE", 10, COUNTERPARTY),
        failed("DELTA", 5, "", moved=5),
        failed("ECHO", -5, "", moved=-5),
    ]
    found = penalties(group, PRICE, BPS_10, nobody)  # 10 bps of 3,000
    assert found == [2 * UNIT, -3 * UNIT, UNIT, 0, 0]


def test_only_what_is_left_counts_and_parts_of_a_unit_go_to_somebody() -> None:
    group = [failed(name, 1, COUNTERPARTY) for name in ("ALPHA", "BRAVO", "CHARLIE")]
    group.append(failed("DELTA", -4, SHORT, moved=-1))
    found = penalties(group, PRICE, 700, nobody)  # 7 x 10^-6 bps of 300
    assert found == [7, 7, 7, -21]
    found = penalties(group, PRICE, 733, nobody)
    assert sorted(found) == [-22, 7, 7, 8]


def test_prefunded_member_pays_no_penalty_and_without_a_payer_nobody_is_paid() -> None:
    group = [failed("ALPHA", 10, COUNTERPARTY), failed("BRAVO", -10, SHORT)]
    assert penalties(group, PRICE, BPS_10, lambda member: member == "BRAVO") == [0, 0]
    assert penalties(group, PRICE, 0, nobody) == [0, 0]
    both = [failed("ALPHA", 10, SHORT), failed("BRAVO", -10, SHORT)]
    assert penalties(both, PRICE, BPS_10, nobody) == [0, 0]


def test_buy_in_gives_what_the_price_has_moved() -> None:
    group = [claim("ALPHA", 10, -950), claim("BRAVO", -10, 950)]
    assert compensations(group, PRICE) == [50 * UNIT, -50 * UNIT]


def test_rounded_compensations_sum_to_zero_too() -> None:
    odd = Instrument(
        msgspec.structs.replace(ACME, symbol="ODD", tick_size="0.00001", lot_size="0.00001")
    )
    price = Price(odd, 3)
    group = [
        Claim(name, "", "ODD", "2026-01-07", "ODD", "USD", quantity, 0, 0)
        for name, quantity in (("A", 1_000), ("B", 1_000), ("C", 1_000), ("D", -3_000))
    ]
    assert sum(compensations(group, price)) == 0
