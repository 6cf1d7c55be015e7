"""Credit: what open orders use, what gives it back, and what the day's purchases keep using."""

import pytest

from venue.domain.decimal_text import parse_money
from venue.domain.events import OrderAccepted

from .builders import Venue, buy, cancel, enter, rejected, replace, sell


def exposure(venue: Venue, member: str = "ALPHA") -> int:
    return venue.engine.state.members[member].exposure


def money(text: str) -> int:
    amount = parse_money(text)
    assert amount is not None
    return amount


def taken(venue: Venue, cl_ord_id: str, qty: str) -> bool:
    """Whether a bid of this quantity at 100 is accepted."""
    return isinstance(venue.do(buy(cl_ord_id, qty, "100"))[0], OrderAccepted)


def test_orders_are_accepted_up_to_the_limit_and_refused_over_it(venue: Venue) -> None:
    venue.limit("1000")
    venue.do(buy("A1", "4", "100"))
    over = buy("A2", "6", "100.01")
    assert venue.do(over) == venue.stamped(
        rejected(
            over, "CREDIT_LIMIT_EXCEEDED", "ALPHA: exposure 400 and 600.06 more would pass 1000"
        )
    )
    assert taken(venue, "A3", "6")
    assert exposure(venue) == money("1000")


def test_both_sides_and_all_sessions_of_a_member_use_its_credit(venue: Venue) -> None:
    venue.do(buy("A1", "4", "95"))
    venue.do(sell("A1", "2", "105", session="ALPHA2"))
    venue.do(enter("A2", "2", "0.5", "50000", symbol="BTC-USD"))
    assert exposure(venue) == money("380") + money("210") + money("25000")
    assert exposure(venue, "BRAVO") == 0


def test_cancel_gives_credit_back(venue: Venue) -> None:
    venue.limit("1000")
    venue.do_all(buy("A1", "10", "100"), cancel("A2", "A1"))
    assert exposure(venue) == 0
    assert taken(venue, "A3", "10")


def test_lower_replacement_gives_credit_back(venue: Venue) -> None:
    venue.limit("1000")
    venue.do_all(buy("A1", "10", "100"), replace("A2", "A1", "3", "100"))
    assert exposure(venue) == money("300")
    assert taken(venue, "A3", "7") and not taken(venue, "A4", "1")


def test_replacement_at_what_is_filled_gives_all_credit_back(venue: Venue) -> None:
    venue.do_all(buy("A1", "10", "100"), sell("B1", "4", "100"), replace("A2", "A1", "4", "100"))
    assert exposure(venue) == 0


def test_fill_gives_back_the_value_at_the_orders_own_price(venue: Venue) -> None:
    venue.do_all(sell("B1", "4", "99"), buy("A1", "10", "100"))
    assert exposure(venue) == money("600")
    assert exposure(venue, "BRAVO") == 0


def test_what_was_bought_today_keeps_using_credit_until_sold(venue: Venue) -> None:
    venue.limit("1000")
    venue.do_all(sell("B1", "8", "100"), buy("A1", "8", "100"))
    assert exposure(venue) == 0
    assert taken(venue, "A2", "2") and not taken(venue, "A3", "1")
    venue.do_all(cancel("A4", "A2"), buy("B2", "8", "100", session="BRAVO"))
    for number in range(4):
        venue.do(sell(f"A5-{number}", "2", "100", session="ALPHA"))
    assert taken(venue, "A6", "10")


def test_what_was_sold_today_earns_no_credit(venue: Venue) -> None:
    venue.limit("1000")
    venue.do_all(buy("B1", "5", "100", session="BRAVO"), sell("A1", "5", "100", session="ALPHA"))
    assert taken(venue, "A2", "10") and not taken(venue, "A3", "1")


@pytest.mark.parametrize("ord_type", ["1", "2"])
def test_order_that_ends_at_once_leaves_no_exposure(venue: Venue, ord_type: str) -> None:
    price = None if ord_type == "1" else "100"
    venue.do(enter("A1", "1", "5", price, ord_type=ord_type, tif="3"))
    assert exposure(venue) == 0
    assert venue.engine.state.members["ALPHA"].open_orders == 0


def test_market_order_needs_credit_at_the_collar(venue: Venue) -> None:
    venue.limit("1099.99")
    order = enter("A1", "1", "10", None, ord_type="1")
    assert venue.do(order) == venue.stamped(
        rejected(
            order, "CREDIT_LIMIT_EXCEEDED", "ALPHA: exposure 0 and 1100 more would pass 1099.99"
        )
    )
    venue.limit("1100")
    assert isinstance(venue.do(enter("A2", "1", "10", None, ord_type="1"))[0], OrderAccepted)


def test_open_orders_are_counted_until_they_end(venue: Venue) -> None:
    member = venue.engine.state.members["ALPHA"]
    venue.do_all(buy("A1", "1", "99"), buy("A2", "1", "98"), buy("A3", "1", "97"))
    assert member.open_orders == 3
    venue.do(cancel("A4", "A3"))
    assert member.open_orders == 2
    venue.do(sell("B1", "2", "98"))
    assert (member.open_orders, member.exposure) == (0, 0)
