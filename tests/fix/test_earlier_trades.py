"""Busts and corrections of trades of earlier days, as both sides are told of them."""

from pathlib import Path

from tests.fix.scenario import (
    BUST,
    CANCELED,
    CORRECT,
    RESTATED,
    TRADE,
    Life,
    end_day,
    facts,
    next_report,
    operate,
    start_day,
)
from venue.admin.client import call


def test_trade_of_an_earlier_day_is_corrected_and_busted(life: Life, data_dir: Path) -> None:
    life.enter(tif="1")
    life.trade("4")
    life.expect_fill("1", "10 4 6", "4")
    for _ in range(2):
        end_day(data_dir)
        start_day(data_dir)
        day = {424: "6", 425: "0", 426: "0"}
        life.expect(RESTATED, "1", "10 4 6", code="RESTATED", more={378: "1", **day})
    life.trade("2")
    assert facts(next_report(life.client), 150, 424, 425, 426) == [TRADE, "6", "2", "100"]
    match_id = life.match_ids[0]
    operate(data_dir, "CorrectTrade", match_id=match_id, price="99", quantity="3", reason="error")
    report = next_report(life.other)
    assert facts(report, 150, 527, 39, 14, 424, 425) == [CORRECT, match_id, "4", "3", "1", "0"]
    report = next_report(life.client)
    assert facts(report, 150, 14, 151, 6, 31) == [CORRECT, "5", "5", "99.4", "99"]
    assert facts(report, 424, 425, 426) == ["7", "2", "100"]
    operate(data_dir, "BustTrade", match_id=match_id, reason="error")
    assert facts(next_report(life.other), 150, 39, 14) == [BUST, "4", "0"]
    report = next_report(life.client)
    assert facts(report, 150, 39, 14, 151, 6) == [BUST, "1", "2", "8", "100"]
    assert facts(report, 424, 425, 426) == ["10", "2", "100"]
    life.cancel("z", "x")
    assert facts(next_report(life.client), 150, 14, 424, 425) == [CANCELED, "2", "10", "2"]


def test_trade_is_not_kept_for_ever(life: Life, data_dir: Path) -> None:
    life.enter()
    life.trade("10")
    life.expect_fill("2", "10 10 0", "10")
    for _ in range(3):
        end_day(data_dir)
        start_day(data_dir)
    command = {"type": "BustTrade", "match_id": life.match_ids[0], "reason": "error"}
    error = call(data_dir, {"command": command})["error"]
    assert error == f"trade {life.match_ids[0]} is unknown, or too old to be changed"
