"""`venue explain`: an order's story as it was, its own side only."""

from pathlib import Path

import msgspec
import pytest

from tests.cli.operator_desk import Desk
from tests.engine.builders import DAY, buy, cancel, enter, replace, sell
from tests.sequencer.builders import Trading
from venue.domain import commands as c

NEXT_DAY = "2026-01-06"


@pytest.fixture
def desk(trading: Trading) -> Desk:
    return Desk(trading.directory.parent)


def places(answer: dict[str, object]) -> list[tuple[object, ...]]:
    queue = answer["queue"]
    assert isinstance(queue, list)
    return [(each["price"], each["orders_ahead"], each["quantity_ahead"]) for each in queue]


def operate(trading: Trading, *commands: c.AnyCommand) -> None:
    for command in commands:
        trading.put(command)
    trading.sequencer.drain()
    trading.port.take()


def test_story_goes_from_entry_over_fills_to_the_end(trading: Trading, desk: Desk) -> None:
    trading.say(buy("mine", "10", "100"), sell("theirs", "4", "100"))
    trading.say(cancel("stop", "mine"))
    operate(trading, c.BustTrade("M1", "ann", "wrong price"))
    answer = desk.json("explain", "mine")
    assert (answer["order_id"], answer["session"], answer["symbol"]) == ("1", "ALPHA", "ACME")
    kinds = [[event["type"] for event in step["events"]] for step in answer["steps"]]
    assert kinds == [["OrderAccepted"], ["TradeExecuted"], ["OrderCanceled"], ["TradeBusted"]]
    asked = [step["asked"].get("type") for step in answer["steps"]]
    assert asked == ["EnterOrder", None, "CancelOrder", "BustTrade"]
    assert answer["steps"][3]["asked"] == {
        "type": "BustTrade", "operator": "ann", "reason": "wrong price",
    }  # fmt: skip
    (fill,) = answer["fills"]
    assert (fill["match_id"], fill["last_px"], fill["last_qty"], fill["role"], fill["busted"]) == (
        "M1", "100", "4", "resting", True,
    )  # fmt: skip
    assert answer["order"]["cum_qty"] == "0"
    assert desk.json("explain", "1") == answer
    assert desk.json("explain", "stop")["order_id"] == "1"


def test_counterparty_is_nowhere_in_it(trading: Trading, desk: Desk) -> None:
    trading.say(buy("mine", "10", "100"), sell("theirs", "4", "100"), sell("again", "9", "100"))
    operate(trading, c.CorrectTrade("M2", "99.99", "5", "ann", "typo"))
    for output in (desk.done("explain", "mine"), desk.done("explain", "mine", "--json")):
        assert "M1" in output and "M2" in output and "typo" in output
        for secret in ("BRAVO", "theirs", "again", '"order_id":"2"', '"order_id":"3"'):
            assert secret not in output
    aggressor = desk.json("explain", "again")
    assert [fill["role"] for fill in aggressor["fills"]] == ["aggressor"]
    assert "ALPHA" not in desk.done("explain", "again", "--json")
    assert aggressor["fills"][0]["last_px"] == "99.99", "as it is since the correction"


def test_queue_place_changes_with_those_ahead(trading: Trading, desk: Desk) -> None:
    trading.say(buy("first", "5", "100"), buy("second", "7", "100"), buy("mine", "10", "100"))
    trading.say(buy("behind", "3", "100"), sell("s1", "2", "100"))
    trading.say(cancel("x", "second"), sell("s2", "5", "100"), sell("s3", "8", "100"))
    answer = desk.json("explain", "mine")
    assert places(answer) == [
        ("100", 2, "12"),
        ("100", 2, "10"),
        ("100", 1, "3"),
        ("100", 0, "0"),
        (None, None, None),
    ]
    text = desk.done("explain", "mine")
    assert "in the queue at 100: 2 orders and 12 ahead" in text
    assert "first in the queue at 100" in text and "not in the book" in text
    assert "now filled: 10 of 10 filled at 100, 0 open" in text


def test_replacement_that_loses_priority_goes_to_the_back(trading: Trading, desk: Desk) -> None:
    trading.say(buy("mine", "5", "100"), buy("other", "7", "100"))
    trading.say(replace("mine2", "mine", "4", "100"), replace("mine3", "mine2", "6", "100"))
    trading.say(replace("mine4", "mine3", "6", "99"))
    answer = desk.json("explain", "mine3")
    assert places(answer) == [("100", 0, "0"), ("100", 1, "7"), ("99", 0, "0")]
    names = [step["asked"]["cl_ord_id"] for step in answer["steps"]]
    assert names == ["mine", "mine2", "mine3", "mine4"]
    assert answer["order"]["ord_status"] == "0"


def test_hidden_quantity_ahead_is_not_told(trading: Trading, desk: Desk) -> None:
    iceberg = msgspec.structs.replace(sell("ice", "100", "101"), max_floor="10")
    trading.say(iceberg, sell("mine", "5", "101", "ALPHA"), buy("b", "10", "101", "BRAVO"))
    assert places(desk.json("explain", "mine")) == [("101", 1, "10"), ("101", 0, "0")]


def test_refused_order_has_the_check_and_the_numbers_it_saw(trading: Trading, desk: Desk) -> None:
    trading.say(buy("high", "5", "120"))
    answer = desk.json("explain", "high")
    assert (answer["order_id"], answer["order"], answer["queue"]) == (None, None, [])
    (event,) = answer["steps"][0]["events"]
    assert (event["reason"], event["ord_rej_reason"], event["detail"]) == (
        "PRICE_OUTSIDE_COLLAR", "99", "44=120 is outside 90 to 110",
    )  # fmt: skip
    text = desk.done("explain", "high")
    assert "refused by PRICE_OUTSIDE_COLLAR: 44=120 is outside 90 to 110  (103=99)" in text


def test_refused_requests_about_an_order_are_of_its_story(trading: Trading, desk: Desk) -> None:
    trading.say(buy("mine", "5", "100"), buy("mine", "6", "100"), replace("r", "mine", "5", "150"))
    answer = desk.json("explain", "mine")
    codes = [event.get("reason") for step in answer["steps"] for event in step["events"]]
    assert codes == [None, "DUPLICATE_CL_ORD_ID", "PRICE_OUTSIDE_COLLAR"]
    assert "about mine  refused by PRICE_OUTSIDE_COLLAR" in desk.done("explain", "mine")
    trading.say(cancel("nothing", "never"))
    about_nothing = desk.json("explain", "nothing")
    assert about_nothing["steps"][0]["events"][0]["reason"] == "UNKNOWN_ORDER"


def test_clordid_of_several_sessions_asks_which(trading: Trading, desk: Desk) -> None:
    trading.say(buy("same", "5", "90"), sell("same", "5", "110"))
    line = desk.refused("explain", "same")
    assert line.startswith("same names 2 orders, choose by --session, --day, 37= or 11=: ")
    assert f"order 1 (ALPHA, {DAY}, 11=same), order 2 (BRAVO, {DAY}, 11=same)" in line
    assert desk.json("explain", "same", "--session", "BRAVO")["order_id"] == "2"


def test_clordid_of_several_days_asks_which(trading: Trading, desk: Desk) -> None:
    trading.say(buy("daily", "5", "90"), enter("gtc", "1", "5", "91", tif="1"))
    operate(trading, c.EndDay(), c.StartDay(NEXT_DAY))
    trading.say(buy("daily", "5", "92"))
    assert f"order 3 (ALPHA, {NEXT_DAY}, 11=daily)" in desk.refused("explain", "daily")
    assert desk.json("explain", "daily", "--day", DAY)["order_id"] == "1"
    assert desk.json("explain", "daily", "--day", NEXT_DAY)["order_id"] == "3"
    lasting = desk.json("explain", "gtc")
    assert (lasting["order_id"], lasting["trading_days"]) == ("2", [DAY, NEXT_DAY])
    never = desk.refused("explain", "daily", "--day", "2026-01-07")
    assert never.startswith("no order is known as daily; there is order 1 ")


def test_number_that_is_an_orderid_and_a_clordid_is_told_apart_by_its_tag(
    trading: Trading, desk: Desk
) -> None:
    trading.say(buy("2", "5", "90"), sell("other", "5", "110"))
    assert "2 names 2 orders" in desk.refused("explain", "2")
    assert desk.json("explain", "37=2")["session"] == "BRAVO"
    assert desk.json("explain", "11=2")["order_id"] == "1"


def test_story_begins_before_a_snapshot_and_the_queue_can_be_left_out(
    trading: Trading, desk: Desk
) -> None:
    trading.say(buy("ahead", "5", "100"), buy("mine", "5", "100"))
    assert desk.run("journal", "snapshot").exit_code == 0
    trading.say(sell("s", "7", "100"))
    answer = desk.json("explain", "mine")
    assert places(answer) == [("100", 1, "5"), ("100", 0, "0")]
    assert len(answer["steps"]) == 2
    assert desk.json("explain", "mine", "--no-queue")["queue"] == []


def test_orders_ended_by_the_operator_say_who_and_why(trading: Trading, desk: Desk) -> None:
    trading.say(buy("mine", "5", "100"))
    operate(trading, c.Kill("member", "ALPHA", "ann", "runaway"))
    text = desk.done("explain", "mine")
    assert "Kill by ann: runaway" in text and "KILL_SWITCH runaway" in text


def test_names_with_terminal_codes_are_shown_harmless(trading: Trading, desk: Desk) -> None:
    trading.say(buy("evil\x1b[2J", "5", "100"))
    assert "\x1b" not in desk.done("explain", "1")


def test_unknown_is_one_line(trading: Trading, desk: Desk, tmp_path: Path) -> None:
    trading.say(buy("mine", "5", "100"))
    assert desk.refused("explain", "4711") == "no order is known as 4711"
    assert desk.refused("explain", "mine", "--session", "BRAVO").startswith(
        "no order is known as mine; there is order 1 (ALPHA, "
    )
    nowhere = tmp_path / "nowhere"
    assert Desk(nowhere).refused("explain", "1") == f"no journal in {nowhere}"
