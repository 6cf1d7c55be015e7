"""Fill-or-kill, MinQty, all-or-none, icebergs, post-only, self-match: whole event lists."""

import pytest

from tests.reference.build import Venue, instrument

OWN = {"self_match_id": "desk"}
CHARLIE = {"session": "CHARLIE"}


def test_fill_or_kill_fills_whole_over_several_prices() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    venue.sell("s2", "3", "101")
    assert venue.buy("b1", "5", "101", time_in_force="4") == [
        "new 3 5/5@101",
        "trade 3@100 3:2 1:0",
        "trade 2@101 3:0 2:1",
    ]


def test_fill_or_kill_that_cannot_fill_whole_does_not_fill() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    assert venue.buy("b1", "5", "101", time_in_force="4") == ["new 2 5/5@101", "canceled 2 cum 0"]
    assert venue.book() == ([], ["1:3/3@100"])


def test_fill_or_kill_counts_what_icebergs_hide() -> None:
    venue = Venue()
    venue.sell("s1", "5", "100", max_floor="2")
    assert venue.buy("b1", "5", "100", time_in_force="4") == [
        "new 2 5/5@100",
        "trade 2@100 2:3 1:3",
        "trade 2@100 2:1 1:1",
        "trade 1@100 2:0 1:0",
    ]


@pytest.mark.parametrize(
    "whole", [{"time_in_force": "4"}, {"exec_inst": "G", "time_in_force": "3"}]
)
def test_what_an_iceberg_hides_behind_an_own_order_is_out_of_reach(whole: dict[str, str]) -> None:
    """After its first slice the iceberg is behind the own order, where trading ends."""
    venue = Venue()
    venue.sell("s1", "5", "100", max_floor="2")
    venue.sell("own", "1", "100", session="ALPHA", **OWN)
    assert venue.buy("b1", "5", "100", **OWN, **whole) == ["new 3 5/5@100", "canceled 3 cum 0"]


def test_min_qty_behind_an_own_order_is_out_of_reach() -> None:
    venue = Venue()
    venue.sell("s1", "5", "100", max_floor="2")
    venue.sell("own", "1", "100", session="ALPHA", **OWN)
    assert venue.buy("b1", "5", "100", **OWN, time_in_force="3", min_qty="3") == [
        "new 3 5/5@100",
        "canceled 3 cum 0",
    ]


def test_min_qty_that_is_there_trades_and_the_rest_is_canceled() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    assert venue.buy("b1", "5", "100", time_in_force="3", min_qty="3") == [
        "new 2 5/5@100",
        "trade 3@100 2:2 1:0",
        "canceled 2 cum 3",
    ]


def test_min_qty_that_is_not_there_does_not_trade() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    assert venue.buy("b1", "5", "100", time_in_force="3", min_qty="4") == [
        "new 2 5/5@100",
        "canceled 2 cum 0",
    ]


def test_all_or_none_waits_until_its_whole_quantity_is_there() -> None:
    venue = Venue()
    assert venue.buy("b1", "5", "100", exec_inst="G") == ["new 1 5/5@100 waiting"]
    assert venue.sell("s1", "3", "99") == ["new 2 3/3@99"]
    assert venue.sell("s2", "4", "100") == [
        "new 3 4/4@100",
        "trade 3@99 1:2 2:0",
        "trade 2@100 1:0 3:2",
    ]


def test_all_or_none_orders_go_by_price_then_time() -> None:
    venue = Venue()
    venue.buy("b1", "5", "99", exec_inst="G")
    venue.buy("b2", "5", "100", exec_inst="G")
    venue.buy("b3", "5", "100", exec_inst="G")
    assert venue.sell("s1", "5", "98") == ["new 4 5/5@98", "trade 5@98 2:0 4:0"]
    assert venue.sell("s2", "5", "98") == ["new 5 5/5@98", "trade 5@98 3:0 5:0"]


def test_all_or_none_market_order_that_finds_too_little_is_canceled() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    assert venue.buy("b1", "5", exec_inst="G") == ["new 2 5/5", "canceled 2 cum 0"]


def test_all_or_none_replaced_to_what_is_there_trades() -> None:
    venue = Venue()
    venue.buy("b1", "5", "100", exec_inst="G")
    venue.sell("s1", "3", "99")
    assert venue.replace("b2", "b1", "3", "100") == ["replaced 1 3/3@100", "trade 3@99 1:0 2:0"]


def test_a_lower_quantity_keeps_the_place_of_a_waiting_all_or_none() -> None:
    venue = Venue()
    venue.buy("b1", "6", "100", exec_inst="G")
    venue.buy("b2", "5", "100", exec_inst="G")
    assert venue.replace("b1.1", "b1", "5", "100") == ["replaced 1 5/5@100 waiting"]
    assert venue.sell("s1", "5", "100") == ["new 3 5/5@100", "trade 5@100 1:0 3:0"]


def test_all_or_none_waits_behind_its_own_order_until_that_is_canceled() -> None:
    venue = Venue()
    venue.sell("own", "1", "100", session="ALPHA", **OWN)
    venue.sell("s1", "5", "100")
    assert venue.buy("b1", "5", "100", exec_inst="G", **OWN) == ["new 3 5/5@100 waiting"]
    assert venue.cancel("x", "own", "sell", session="ALPHA") == [
        "canceled 1 cum 0",
        "trade 5@100 3:0 2:0",
    ]


def test_iceberg_shows_a_slice_and_refreshes_behind_the_others() -> None:
    venue = Venue()
    venue.sell("s1", "5", "100", max_floor="2")
    venue.sell("s2", "3", "100")
    assert venue.book() == ([], ["1:2/5@100", "2:3/3@100"])
    assert venue.buy("b1", "6", "100") == [
        "new 3 6/6@100",
        "trade 2@100 3:4 1:3",
        "trade 3@100 3:1 2:0",
        "trade 1@100 3:0 1:2",
    ]
    assert venue.book() == ([], ["1:1/2@100"])


def test_replace_may_not_make_an_iceberg_of_an_order_that_is_not_offered_as_one() -> None:
    venue = Venue()
    venue.buy("b1", "5", "100", exec_inst="G")
    assert venue.replace("b2", "b1", "5", "100", max_floor="2") == [
        "CancelRejected b2 COMBINATION_NOT_OFFERED"
    ]


@pytest.mark.timeout(20)
def test_an_iceberg_has_at_most_a_hundred_slices() -> None:
    """Each slice is a trade of its own, and one order may take them all in one command."""
    venue = Venue(instrument(max_order_qty="1000000", max_order_value="1000000000"))
    assert venue.sell("s1", "101", "100", max_floor="1") == [
        "OrderRejected s1 MAX_FLOOR_OUT_OF_RANGE"
    ]
    assert venue.sell("s2", "100", "100", max_floor="1") == ["new 1 100/100@100"]
    assert venue.replace("s3", "s2", "101", "100", side="sell") == [
        "CancelRejected s3 MAX_FLOOR_OUT_OF_RANGE"
    ]
    assert len(venue.buy("b1", "100", "100")) == 1 + 100


def test_another_max_floor_takes_an_iceberg_to_the_back() -> None:
    venue = Venue()
    venue.buy("b1", "5", "100", max_floor="2")
    venue.buy("b2", "5", "100")
    assert venue.replace("b3", "b1", "5", "100", max_floor="3") == ["replaced 1 5/5@100"]
    assert venue.book() == (["2:5/5@100", "1:3/5@100"], [])


def test_post_only_rests_or_is_canceled() -> None:
    venue = Venue()
    venue.sell("s1", "3", "101")
    assert venue.buy("b1", "2", "100", exec_inst="6") == ["new 2 2/2@100"]
    assert venue.buy("b2", "2", "101", exec_inst="6") == [
        "new 3 2/2@101",
        "canceled 3 cum 0 POST_ONLY_WOULD_TAKE",
    ]


def test_post_only_replaced_to_where_it_would_take_is_canceled() -> None:
    venue = Venue()
    venue.sell("s1", "3", "101")
    venue.buy("b1", "2", "100", exec_inst="6")
    assert venue.replace("b2", "b1", "2", "101") == [
        "replaced 2 2/2@101",
        "canceled 2 cum 0 POST_ONLY_WOULD_TAKE",
    ]


def test_leftover_of_a_market_to_limit_rests_at_its_first_price() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100")
    venue.sell("s2", "3", "101")
    assert venue.buy("b1", "5", ord_type="K") == ["new 3 5/5", "trade 3@100 3:2 1:0"]
    assert venue.book() == (["3:2/2@100"], ["2:3/3@101"])


def test_market_to_limit_that_finds_nothing_is_canceled() -> None:
    assert Venue().buy("b1", "5", ord_type="K") == ["new 1 5/5", "canceled 1 cum 0"]


SMP = "SELF_MATCH_PREVENTED"


@pytest.mark.parametrize(
    ("mode", "happens"),
    [
        (None, ["new 3 5/5@101", f"canceled 3 cum 0 {SMP}"]),
        ("N", ["new 3 5/5@101", f"canceled 3 cum 0 {SMP}"]),
        ("O", ["new 3 5/5@101", f"canceled 1 cum 0 {SMP}", "trade 4@101 3:1 2:0"]),
        ("B", ["new 3 5/5@101", f"canceled 1 cum 0 {SMP}", f"canceled 3 cum 0 {SMP}"]),
        (
            "D",
            [
                "new 3 5/5@101",
                f"canceled 1 cum 0 {SMP}",
                f"restated 3 2/2@101 {SMP}",
                "trade 2@101 3:0 2:2",
            ],
        ),
    ],
)
def test_self_match_prevention(mode: str | None, happens: list[str]) -> None:
    venue = Venue()
    venue.sell("own", "3", "100", session="ALPHA2", **OWN)
    venue.sell("s1", "4", "101")
    assert venue.buy("b1", "5", "101", **OWN, self_match_mode=mode) == happens


def test_decrement_of_the_larger_resting_order_keeps_its_place() -> None:
    venue = Venue()
    venue.sell("own", "5", "100", session="ALPHA", max_floor="2", **OWN)
    venue.sell("s1", "4", "100")
    assert venue.buy("b1", "1", "100", **OWN, self_match_mode="D") == [
        "new 3 1/1@100",
        f"restated 1 4/4@100 {SMP}",
        f"canceled 3 cum 0 {SMP}",
    ]
    assert venue.book() == ([], ["1:2/4@100", "2:4/4@100"])


def test_equal_self_matches_end_both_in_decrement_mode() -> None:
    venue = Venue()
    venue.sell("own", "3", "100", session="ALPHA", **OWN)
    assert venue.buy("b1", "3", "100", **OWN, self_match_mode="D") == [
        "new 2 3/3@100",
        f"canceled 1 cum 0 {SMP}",
        f"canceled 2 cum 0 {SMP}",
    ]


def test_the_same_id_of_another_member_trades() -> None:
    venue = Venue()
    venue.sell("s1", "3", "100", **CHARLIE, **OWN)
    assert venue.buy("b1", "3", "100", **OWN) == ["new 2 3/3@100", "trade 3@100 2:0 1:0"]
