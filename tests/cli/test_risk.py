"""`venue risk`: limits with their use, dry runs of orders, and recorded flow under other limits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter, logged_on
from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order, replace
from tests.running import RunningTrading


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("risk")) as running:
        yield running


@pytest.fixture(scope="module")
def clients(trading: RunningTrading) -> Iterator[list[FixClient]]:
    """ALPHA, which bought 4 at 100 and has 6 of it and 10 at 99 open, and BRAVO, which sold."""
    for alpha, bravo in logged_on(trading, "ALPHA", "BRAVO"):
        enter(alpha, BUY, "10", "100")
        enter(bravo, SELL, "4", "100")
        enter(alpha, BUY, "10", "99", extra=((1, "A1"),))
        yield [alpha, bravo]


@pytest.fixture(scope="module")
def desk(trading: RunningTrading, clients: list[FixClient]) -> Desk:
    return Desk(trading.data_dir)


def test_show_has_each_limit_and_what_is_used_of_it(desk: Desk) -> None:
    limits = desk.limits("ALPHA")
    used = {name: each["used"] for name, each in limits.items()}
    assert used == {
        "credit_limit": "1990",
        "max_gross_notional": "2000",
        "max_net_notional": "2000",
        "max_daily_loss": "0",
        "max_position": "20",
        "max_open_orders": "2",
        "order_to_trade_ratio": "2",
        "restricted": None,
    }
    assert limits["credit_limit"]["left"] == "999999998010"
    assert limits["max_position"]["of"] == "ACME"
    account = desk.limits("ALPHA/A1")
    assert (account["max_open_orders"]["used"], account["max_position"]["used"]) == ("1", "10")
    assert "order_to_trade_ratio" not in account


def test_set_changes_takes_away_and_keeps_the_others(desk: Desk) -> None:
    line = desk.done("risk", "set", "ALPHA", "max_position=50", "max_daily_loss=1000")
    assert line == "limits of ALPHA: max_position 50, max_daily_loss 1000"
    desk.done("risk", "set", "ALPHA", "max_daily_loss=none", "restricted=GLOBEX INITECH:buy")
    limits = {name: each["value"] for name, each in desk.limits("ALPHA").items()}
    assert limits["max_position"] == "50" and limits["max_daily_loss"] is None
    assert limits["restricted"] == "GLOBEX INITECH:buy"
    assert limits["credit_limit"] == "1000000000000"
    left = desk.limits("ALPHA")["max_position"]["left"]
    assert left == "30"
    desk.done("risk", "set", "ALPHA", "max_position=none", "restricted=none")


def test_limit_may_be_what_is_used_and_not_less(desk: Desk) -> None:
    desk.done("risk", "set", "ALPHA", "max_position=20", "credit_limit=1990")
    less = desk.refused("risk", "set", "ALPHA", "max_position=19")
    assert less == "max_position = 19 is below what is used now, 20"
    desk.done("risk", "set", "ALPHA", "max_position=none", "credit_limit=1000000000000")


def test_table_lists_what_is_set_for_all_and_everything_for_one(desk: Desk) -> None:
    every, one = desk.done("risk", "show"), desk.done("risk", "show", "ALPHA")
    assert "BRAVO" in every and "max_daily_loss" not in every
    assert "max_daily_loss" in one and "BRAVO" not in one
    assert "20 ACME" in one and "balance" in one


def test_dry_run_takes_an_order_at_the_limit_and_names_the_check_just_over_it(desk: Desk) -> None:
    accepted = desk.json("risk", "dry-run", "ACME", "buy", "10", "--price", "110")
    assert [event["type"] for event in accepted["events"]] == ["OrderAccepted"]
    line = desk.refused("risk", "dry-run", "ACME", "buy", "10", "--price", "110.01")
    assert line == (
        "would be rejected, 103=99: PRICE_OUTSIDE_COLLAR 44=110.01 is outside 90 to 110"
    )
    desk.done("risk", "set", "ALPHA", "max_position=25")
    assert desk.done("risk", "dry-run", "ACME", "buy", "5", "--price", "95")
    over = desk.refused("risk", "dry-run", "ACME", "buy", "6", "--price", "95")
    assert over == ("would be rejected, 103=3: POSITION_LIMIT ALPHA could hold 26 ACME, past 25")
    desk.done("risk", "set", "ALPHA", "max_position=none")


def test_dry_run_shows_the_trades_that_would_follow_and_enters_nothing(desk: Desk) -> None:
    before = desk.everything()
    market = ("risk", "dry-run", "ACME", "sell", "12", "--type", "market", "--session", "BRAVO")
    lines = desk.done(*market).splitlines()
    words = [line.split()[2] for line in lines[:-1]]
    assert words == ["OrderAccepted", "TradeExecuted", "TradeExecuted"]
    assert "6 @ 100" in lines[1] and "6 @ 99" in lines[2]
    assert desk.everything() == before


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("NOPE buy 1 --price 5", "UNKNOWN_SYMBOL"),
        ("ACME buy 1 --price 100 --session NOPE", "SESSION_NOT_ENTITLED"),
        ("ACME buy -5 --price 100", "QUANTITY_NOT_POSITIVE"),
        ("ACME buy 1.5 --price 100", "QUANTITY_NOT_ON_LOT"),
        ("ACME short 1 --price 100", "SHORT_SALE_REFUSED"),
        ("ACME buy 1 --price 100 --tag 40=P", "PRICE_NOT_ALLOWED"),
        ("ACME buy 1 --price 100 --tag 111=5", "MAX_FLOOR_OUT_OF_RANGE"),
    ],
)
def test_dry_run_answers_as_the_venue_would(desk: Desk, typed: str, code: str) -> None:
    assert f" {code} " in desk.refused("risk", "dry-run", *typed.split())


def test_dry_run_of_a_refused_order_has_its_code_in_json(desk: Desk) -> None:
    result = desk.run("risk", "dry-run", "ACME", "buy", "1", "--price", "100.001", "--json")
    answer: dict[str, Any] = json.loads(result.stdout)
    assert (result.exit_code, answer["ok"]) == (1, False)
    assert answer["refused"] == {
        "code": "PRICE_NOT_ON_TICK",
        "103": "99",
        "detail": "44=100.001 is not a multiple of 0.01",
    }


def test_replay_under_other_limits_lists_who_would_have_been_refused_and_why(
    trading: RunningTrading, desk: Desk, clients: list[FixClient]
) -> None:
    alpha, _ = clients
    from_seq = desk.json("journal", "stats")["records"] + 1
    entered = [enter(alpha, BUY, qty, "91") for qty in ("5", "6", "7")]
    big = entered[2]
    alpha.send("G", replace("r" + big[11], big[11], BUY, "8", "91"))
    alpha.expect_report("r" + big[11], "5")
    alpha.send("F", cancel("c" + big[11], "r" + big[11], BUY))
    alpha.expect_report("c" + big[11], "4")
    replay = ("risk", "replay", "--from", str(from_seq), "--set")
    answer = desk.json(*replay, "ACME:max_quantity=6")
    assert [(each["cl_ord_id"], each["code"], each["detail"]) for each in answer["refused"]] == [
        (big[11], "ORDER_QUANTITY_TOO_LARGE", "38=7 is more than 6")
    ]
    assert answer["refused"][0]["order_id"] == big[37]
    assert (answer["counts"], answer["orders"]) == ({"ORDER_QUANTITY_TOO_LARGE": 1}, 4)
    assert answer["missed"] == 2, "the replacement and the cancel of the order that was not there"
    at_the_limit = desk.json(*replay, "ACME:max_quantity=8")
    assert (at_the_limit["refused"], at_the_limit["missed"]) == ([], 0)
    of_bravo = desk.json(*replay, "BRAVO:max_open_orders=1")
    assert of_bravo["refused"] == []
    text = desk.done(*replay, "ACME:max_quantity=6")
    assert "1 more would have been refused (ORDER_QUANTITY_TOO_LARGE 1), 0 more accepted" in text
    assert "38=7 is more than 6" in text


def test_replay_under_wider_limits_lists_what_would_have_been_accepted(
    desk: Desk, clients: list[FixClient]
) -> None:
    alpha, _ = clients
    from_seq = desk.json("journal", "stats")["records"] + 1
    refused = enter(alpha, BUY, "5", "115")
    assert refused[58].startswith("PRICE_OUTSIDE_COLLAR")
    answer = desk.json(
        "risk", "replay", "--from", str(from_seq), "--set", "ACME:price_collar_percent=15"
    )
    assert [each["cl_ord_id"] for each in answer["accepted"]] == [refused[11]]
    assert answer["accepted"][0]["code"] == "PRICE_OUTSIDE_COLLAR"
    assert answer["trades_recorded"] == 0


def test_replay_from_the_first_record_has_the_limit_from_when_its_member_was_added(
    desk: Desk,
) -> None:
    answer = desk.json("risk", "replay", "--set", "ALPHA:credit_limit=999", "--from", "1")
    assert answer["refused"][0]["detail"] == "ALPHA: exposure 0 and 1000 more would pass 999"
    assert answer["trades"] < answer["trades_recorded"]


def test_throttle_of_a_session_can_be_tried_out(desk: Desk, clients: list[FixClient]) -> None:
    alpha, _ = clients
    from_seq = desk.json("journal", "stats")["records"] + 1
    names = [f"rate{number}" for number in range(6)]
    for name in names:
        alpha.send("D", new_order(name, BUY, "1", "91"))
    alpha.expect_report(names[-1], "0")
    answer = desk.json(
        "risk", "replay", "--from", str(from_seq), "--set", "ALPHA:messages_per_second=1"
    )
    assert answer["counts"].keys() == {"THROTTLED"} and answer["refused"]
