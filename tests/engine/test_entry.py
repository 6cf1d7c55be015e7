"""New orders: what is accepted, what trades at which price, what rests, and what ends at once."""

import msgspec

from venue.domain.commands import AddInstrument, EnterOrder, Party
from venue.domain.types import OrdStatus

from .builders import ACME, Venue, accepted, buy, canceled, enter, sell, trade, view

PARTIAL, FILLED, CANCELED = OrdStatus.PARTIALLY_FILLED, OrdStatus.FILLED, OrdStatus.CANCELED


def test_new_limit_order_rests(venue: Venue) -> None:
    assert venue.do(buy("A1", "5", "100")) == venue.stamped(
        accepted(view("1", "A1", "1", "5", "100"))
    )
    level = venue.engine.state.markets["ACME"].book.bids.best
    assert level is not None and (level.price_ticks, level.lots) == (10_000, 5)


def test_aggressor_trades_at_resting_price(venue: Venue) -> None:
    venue.do(sell("B1", "5", "99.5"))
    assert venue.do(buy("A1", "5", "101")) == venue.stamped(
        accepted(view("2", "A1", "1", "5", "101")),
        trade(
            1, "99.5", "5", "497.5",
            view("2", "A1", "1", "5", "101", leaves="0", cum="5", avg="99.5", status=FILLED),
            view("1", "B1", "2", "5", "99.5", session="BRAVO", leaves="0", cum="5", avg="99.5",
                 status=FILLED),
            aggressor="1",
        ),
    )  # fmt: skip


def test_sell_aggressor_trades_at_the_resting_bid(venue: Venue) -> None:
    venue.do(buy("A1", "2", "101"))
    assert venue.do(sell("B1", "3", "99")) == venue.stamped(
        accepted(view("2", "B1", "2", "3", "99", session="BRAVO")),
        trade(
            1, "101", "2", "202",
            view("1", "A1", "1", "2", "101", leaves="0", cum="2", avg="101", status=FILLED),
            view("2", "B1", "2", "3", "99", session="BRAVO", leaves="1", cum="2", avg="101",
                 status=PARTIAL),
            aggressor="2",
        ),
    )  # fmt: skip


def test_order_fills_over_several_levels_and_rests_with_what_is_left(venue: Venue) -> None:
    venue.do_all(sell("B1", "2", "100.5"), sell("B2", "1", "100", session="CHARLIE"))
    venue.do(sell("B3", "4", "101.5"))
    assert venue.do(buy("A1", "10", "101")) == venue.stamped(
        accepted(view("4", "A1", "1", "10", "101")),
        trade(
            1, "100", "1", "100",
            view("4", "A1", "1", "10", "101", leaves="9", cum="1", avg="100", status=PARTIAL),
            view("2", "B2", "2", "1", "100", session="CHARLIE", leaves="0", cum="1", avg="100",
                 status=FILLED),
            aggressor="1",
        ),
        trade(
            2, "100.5", "2", "201",
            view("4", "A1", "1", "10", "101", leaves="7", cum="3", avg="100.33333333",
                 status=PARTIAL),
            view("1", "B1", "2", "2", "100.5", session="BRAVO", leaves="0", cum="2", avg="100.5",
                 status=FILLED),
            aggressor="1",
        ),
    )  # fmt: skip
    best = venue.engine.state.markets["ACME"].book.bids.best
    assert best is not None and (best.price_ticks, best.lots) == (10_100, 7)


def test_orders_at_one_price_fill_in_order_of_entry(venue: Venue) -> None:
    venue.do_all(sell("B1", "3", "100"), sell("B2", "3", "100", session="CHARLIE"))
    assert venue.do(buy("A1", "4", "100")) == venue.stamped(
        accepted(view("3", "A1", "1", "4", "100")),
        trade(
            1, "100", "3", "300",
            view("3", "A1", "1", "4", "100", leaves="1", cum="3", avg="100", status=PARTIAL),
            view("1", "B1", "2", "3", "100", session="BRAVO", leaves="0", cum="3", avg="100",
                 status=FILLED),
            aggressor="1",
        ),
        trade(
            2, "100", "1", "100",
            view("3", "A1", "1", "4", "100", leaves="0", cum="4", avg="100", status=FILLED),
            view("2", "B2", "2", "3", "100", session="CHARLIE", leaves="2", cum="1", avg="100",
                 status=PARTIAL),
            aggressor="1",
        ),
    )  # fmt: skip


def test_remainder_of_an_immediate_order_is_canceled(venue: Venue) -> None:
    venue.do(sell("B1", "2", "100"))
    assert venue.do(buy("A1", "5", "100", tif="3")) == venue.stamped(
        accepted(view("2", "A1", "1", "5", "100", tif="3")),
        trade(
            1, "100", "2", "200",
            view("2", "A1", "1", "5", "100", tif="3", leaves="3", cum="2", avg="100",
                 status=PARTIAL),
            view("1", "B1", "2", "2", "100", session="BRAVO", leaves="0", cum="2", avg="100",
                 status=FILLED),
            aggressor="1",
        ),
        canceled(
            view("2", "A1", "1", "5", "100", tif="3", leaves="0", cum="2", avg="100",
                 status=CANCELED)
        ),
    )  # fmt: skip
    assert venue.engine.state.markets["ACME"].book.bids.best is None


def test_immediate_order_that_finds_nothing_is_canceled_whole(venue: Venue) -> None:
    venue.do(sell("B1", "2", "100.01"))
    assert venue.do(buy("A1", "5", "100", tif="3")) == venue.stamped(
        accepted(view("2", "A1", "1", "5", "100", tif="3")),
        canceled(view("2", "A1", "1", "5", "100", tif="3", leaves="0", status=CANCELED)),
    )


def test_market_order_on_an_empty_book_is_canceled(venue: Venue) -> None:
    order = enter("A1", "1", "5", None, ord_type="1")
    assert venue.do(order) == venue.stamped(
        accepted(view("1", "A1", "1", "5", None, ord_type="1")),
        canceled(view("1", "A1", "1", "5", None, ord_type="1", leaves="0", status=CANCELED)),
    )


def test_market_order_takes_what_there_is_and_its_remainder_is_canceled(venue: Venue) -> None:
    venue.do(buy("A1", "2", "90"))
    order = enter("B1", "2", "3", None, ord_type="1", session="BRAVO")
    assert venue.do(order) == venue.stamped(
        accepted(view("2", "B1", "2", "3", None, ord_type="1", session="BRAVO")),
        trade(
            1, "90", "2", "180",
            view("1", "A1", "1", "2", "90", leaves="0", cum="2", avg="90", status=FILLED),
            view("2", "B1", "2", "3", None, ord_type="1", session="BRAVO", leaves="1", cum="2",
                 avg="90", status=PARTIAL),
            aggressor="2",
        ),
        canceled(
            view("2", "B1", "2", "3", None, ord_type="1", session="BRAVO", leaves="0", cum="2",
                 avg="90", status=CANCELED)
        ),
    )  # fmt: skip


def test_market_order_trades_to_the_collar_and_no_further(venue: Venue) -> None:
    # no command leaves an order in the book outside the collar, so the collar moves here
    venue.do(sell("B1", "1", "110"))
    venue.engine.state.markets["ACME"].instrument.collar_high_ticks = 10_999
    order = enter("A1", "1", "1", None, ord_type="1")
    assert venue.do(order) == venue.stamped(
        accepted(view("2", "A1", "1", "1", None, ord_type="1")),
        canceled(view("2", "A1", "1", "1", None, ord_type="1", leaves="0", status=CANCELED)),
    )


def test_market_sell_within_a_collar_of_everything_is_taken(venue: Venue) -> None:
    wide = msgspec.structs.replace(ACME, symbol="WIDE", price_collar_percent="150")
    venue.do(AddInstrument(wide))
    order = enter("A1", "2", "5", None, ord_type="1", symbol="WIDE")
    assert (
        venue.do(order)[0]
        == venue.stamped(accepted(view("1", "A1", "2", "5", None, ord_type="1", symbol="WIDE")))[0]
    )


def test_instruments_do_not_trade_with_each_other(venue: Venue) -> None:
    venue.do(enter("B1", "2", "10", "100", session="BRAVO", symbol="GLOBEX"))
    assert venue.do(buy("A1", "10", "100")) == venue.stamped(
        accepted(view("2", "A1", "1", "10", "100"))
    )


def test_members_own_orders_trade_with_each_other(venue: Venue) -> None:
    venue.do(sell("A1", "1", "100", session="ALPHA2"))
    assert venue.do(buy("A1", "1", "100")) == venue.stamped(
        accepted(view("2", "A1", "1", "1", "100")),
        trade(
            1, "100", "1", "100",
            view("2", "A1", "1", "1", "100", leaves="0", cum="1", avg="100", status=FILLED),
            view("1", "A1", "2", "1", "100", session="ALPHA2", leaves="0", cum="1", avg="100",
                 status=FILLED),
            aggressor="1",
        ),
    )  # fmt: skip


def test_cash_and_fee_of_a_tiny_trade_are_rounded_once_half_away_from_zero(venue: Venue) -> None:
    btc, lot, px = "BTC-USD", "0.00000001", "50000.01"
    venue.do(enter("B1", "2", lot, px, session="BRAVO", symbol=btc))
    # 50000.01 x 0.00000001 = 0.0005000001: 0.0005; 2.5 basis points of it are 0.000000125
    assert venue.do(enter("A1", "1", lot, px, symbol=btc)) == venue.stamped(
        accepted(view("2", "A1", "1", lot, px, symbol=btc)),
        trade(
            1, px, lot, "0.0005",
            view("2", "A1", "1", lot, px, symbol=btc, leaves="0", cum=lot, avg=px, status=FILLED),
            view("1", "B1", "2", lot, px, symbol=btc, leaves="0", cum=lot, avg=px, status=FILLED,
                 session="BRAVO"),
            aggressor="1", fee="0.00000013",
        ),
    )  # fmt: skip


def test_account_capacity_and_parties_are_echoed_in_every_event(venue: Venue) -> None:
    parties = (Party("T1", "D", "12"),)
    command = EnterOrder(
        "ALPHA", "A1", "ACME", "1", "2", "3", "1", "100", "X", "A", parties, "a note"
    )
    events = venue.do(command)
    order = view("1", "A1", "1", "1", "100", tif="3")
    terms = msgspec.structs.replace(order.terms, account="X", order_capacity="A", parties=parties)
    order = msgspec.structs.replace(order, terms=terms)
    ended = msgspec.structs.replace(order, leaves_qty="0", ord_status=CANCELED)
    assert events == venue.stamped(accepted(order), canceled(ended))


def test_same_cl_ord_id_in_two_sessions_names_two_orders(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    assert venue.do(buy("A1", "1", "99", session="ALPHA2")) == venue.stamped(
        accepted(view("2", "A1", "1", "1", "99", session="ALPHA2"))
    )


def test_fills_of_both_sides_name_the_same_match(venue: Venue) -> None:
    venue.do(sell("B1", "1", "100"))
    venue.do(buy("A1", "1", "100"))
    venue.do(sell("B2", "1", "100"))
    (_, second) = venue.do(buy("A2", "1", "100"))
    assert getattr(second, "match_id", None) == "M2"
