"""Limits on position, gross and net notional and daily loss: new orders, replaces, busts, days."""

import pytest

from venue.domain import commands as c

from .builders import Venue, buy, cancel, enter, replace, sell
from .outcomes import code, kinds, why


def limit(venue: Venue, name: str, value: str) -> None:
    (event,) = venue.do(c.SetLimits("ALPHA", {name: value}))
    assert kinds([event]) == ["LimitsSet"], event


def test_open_orders_count_on_their_own_side_only(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    assert code(venue.do(buy("A1", "10", "95"))) is None
    assert code(venue.do(sell("A2", "10", "105", session="ALPHA"))) is None
    assert code(venue.do(buy("A3", "1", "95"))) == "POSITION_LIMIT"
    over = venue.do(sell("A4", "1", "105", session="ALPHA"))
    assert why(over) == "POSITION_LIMIT ALPHA could hold -11 ACME, past 10"


def test_position_that_is_held_makes_room_on_the_other_side(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(sell("B1", "8", "100"), buy("A1", "8", "100"))
    assert code(venue.do(buy("A2", "3", "99"))) == "POSITION_LIMIT"
    assert code(venue.do(sell("A3", "18", "101", session="ALPHA"))) is None
    assert code(venue.do(sell("A4", "1", "101", session="ALPHA"))) == "POSITION_LIMIT"


def test_canceled_and_expired_orders_give_room_back(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(buy("A1", "10", "95"), cancel("A2", "A1"))
    assert code(venue.do(buy("A3", "10", "95"))) is None
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A4", "10", "95"))) is None


def test_position_is_kept_over_days(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(sell("B1", "8", "100"), buy("A1", "8", "100"))
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A2", "3", "99"))) == "POSITION_LIMIT"
    assert code(venue.do(buy("A3", "2", "99"))) is None


def test_replacement_counts_what_it_adds_and_a_smaller_one_always_passes(venue: Venue) -> None:
    venue.do(buy("A1", "8", "95"))
    limit(venue, "max_position", "10")
    over = venue.do(replace("A2", "A1", "11", "95"))
    assert why(over) == "POSITION_LIMIT ALPHA could hold 11 ACME, past 10"
    assert code(venue.do(replace("A3", "A1", "10", "95"))) is None
    assert code(venue.do(replace("A4", "A3", "9", "96"))) is None


def test_replacement_of_a_part_filled_order_counts_its_fills_once(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(buy("A1", "8", "100"), sell("B1", "5", "100"))
    assert code(venue.do(replace("A2", "A1", "11", "100"))) == "POSITION_LIMIT"
    assert code(venue.do(replace("A3", "A1", "10", "100"))) is None


def test_quantity_that_a_bust_gives_back_counts_as_open_again(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(buy("A1", "10", "100"), sell("B1", "4", "100"), c.BustTrade("M1"))
    use = venue.engine.state.members["ALPHA"].uses["ACME"]
    assert (use.position_lots, use.open_buy_lots) == (0, 10)
    assert code(venue.do(buy("A2", "1", "99"))) == "POSITION_LIMIT"
    venue.do_all(cancel("A3", "A1"))
    assert code(venue.do(buy("A4", "10", "99"))) is None


def test_bust_of_a_closed_order_takes_the_position_back(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(sell("B1", "10", "100"), buy("A1", "10", "100"), c.BustTrade("M1"))
    assert code(venue.do(buy("A2", "10", "99"))) is None


def test_correction_to_less_lowers_the_position(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(sell("B1", "10", "100"), buy("A1", "10", "100"))
    venue.do(c.CorrectTrade("M1", "100", "4"))
    assert code(venue.do(buy("A2", "7", "99"))) == "POSITION_LIMIT"
    assert code(venue.do(buy("A3", "6", "99"))) is None


def test_bust_may_leave_more_than_the_limit_and_then_only_less_is_taken(venue: Venue) -> None:
    limit(venue, "max_position", "10")
    venue.do_all(sell("B1", "10", "100"), buy("A1", "10", "100"))
    venue.do_all(buy("B2", "5", "99", session="BRAVO"), sell("A2", "5", "99", session="ALPHA"))
    venue.do_all(buy("A3", "5", "98"), c.BustTrade("M2"))
    use = venue.engine.state.members["ALPHA"].uses["ACME"]
    assert use.position_lots + use.open_buy_lots == 15
    assert code(venue.do(buy("A4", "1", "98"))) == "POSITION_LIMIT"
    assert code(venue.do(sell("A5", "5", "101", session="ALPHA"))) is None


@pytest.mark.parametrize("lot", ["0.00000001"])
def test_position_is_counted_in_units_of_the_instrument(venue: Venue, lot: str) -> None:
    limit(venue, "max_position", "0.5")
    assert code(venue.do(enter("A1", "1", "0.5", "50000", symbol="BTC-USD"))) is None
    over = venue.do(enter("A2", "1", lot, "50000", symbol="BTC-USD"))
    assert why(over) == "POSITION_LIMIT ALPHA could hold 0.50000001 BTC-USD, past 0.5"


def test_gross_notional_adds_instruments_at_reference_prices(venue: Venue) -> None:
    limit(venue, "max_gross_notional", "3000")
    assert code(venue.do(buy("A1", "10", "95"))) is None
    assert code(venue.do(enter("A2", "2", "20", "105", symbol="GLOBEX"))) is None
    over = venue.do(buy("A3", "1", "95"))
    assert why(over) == "GROSS_NOTIONAL_LIMIT ALPHA could hold 3100 gross, past 3000"
    # what is short in ACME may be sold as far as it could be bought
    assert code(venue.do(sell("A4", "10", "105", session="ALPHA"))) is None


def test_net_notional_lets_what_is_sold_balance_what_is_bought(venue: Venue) -> None:
    limit(venue, "max_net_notional", "1000")
    venue.do_all(
        enter("B1", "1", "20", "100", session="BRAVO", symbol="GLOBEX"),
        enter("A1", "2", "10", "100", symbol="GLOBEX"),
    )
    assert code(venue.do(buy("A2", "20", "95"))) is None
    over = venue.do(buy("A3", "1", "95"))
    assert why(over) == "NET_NOTIONAL_LIMIT ALPHA could hold 1100 net, past 1000"
    over = venue.do(sell("A4", "1", "105", session="ALPHA"))
    assert why(over) == "NET_NOTIONAL_LIMIT ALPHA could hold -1100 net, past 1000"


def lose(venue: Venue, amount: int) -> None:
    """ALPHA buys 10 at 100 and the market goes down so that they are worth `amount` less."""
    low = f"{100 - amount / 10:g}"
    venue.do_all(
        sell("L1", "10", "100", session="BRAVO"),
        buy("L1", "10", "100"),
        buy("L2", "1", low, session="BRAVO"),
        sell("L3", "1", low, session="CHARLIE"),
    )


def test_daily_loss_stops_entry_at_the_limit(venue: Venue) -> None:
    limit(venue, "max_daily_loss", "21")
    lose(venue, 20)
    assert code(venue.do(buy("A1", "1", "97"))) is None
    venue.do_all(buy("B3", "1", "97.90", session="BRAVO"), sell("C3", "1", "97.90", "CHARLIE"))
    over = venue.do(buy("A2", "1", "97"))
    assert why(over) == "DAILY_LOSS_LIMIT ALPHA has lost 21 today, 21 is the limit"
    assert code(venue.do(replace("A3", "A1", "1", "96"))) == "DAILY_LOSS_LIMIT"
    assert code(venue.do(cancel("A4", "A1"))) is None


def test_daily_loss_is_forgotten_with_the_day(venue: Venue) -> None:
    limit(venue, "max_daily_loss", "20")
    lose(venue, 20)
    assert code(venue.do(buy("A1", "1", "97"))) == "DAILY_LOSS_LIMIT"
    venue.do_all(c.EndDay(), c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A2", "1", "97"))) is None


def test_bust_takes_the_loss_of_its_trade_away(venue: Venue) -> None:
    limit(venue, "max_daily_loss", "20")
    lose(venue, 20)
    assert code(venue.do(buy("A1", "1", "97"))) == "DAILY_LOSS_LIMIT"
    venue.do(c.BustTrade("M1"))
    assert code(venue.do(buy("A2", "1", "97"))) is None


def test_loss_of_an_account_does_not_stop_the_other(venue: Venue) -> None:
    venue.do(c.SetLimits("ALPHA", {"max_daily_loss": "5"}, "A1"))
    venue.do_all(
        sell("B1", "10", "100"),
        enter("A1", "1", "10", "100", account="A1"),
        buy("B2", "1", "99", session="BRAVO"),
        sell("C1", "1", "99", session="CHARLIE"),
    )
    over = venue.do(enter("A2", "1", "1", "97", account="A1"))
    assert why(over) == "DAILY_LOSS_LIMIT ALPHA/A1 has lost 10 today, 5 is the limit"
    assert code(venue.do(enter("A3", "1", "1", "97", account="A2"))) is None
