"""`venue journal show`: records in words, found by what they are about."""

from pathlib import Path

import pytest

from tests.cli.journaled import refused, run, told, trade
from tests.engine.builders import buy, enter, replace, sell
from tests.sequencer.builders import SEED, Trading
from venue.domain import commands as c

BEFORE = len(SEED) + 2
"""Records before a test's own: the seed and two logons."""


def test_records_are_shown_in_words_with_their_events(trading: Trading, data_dir: Path) -> None:
    trading.say(
        buy("A1", "5", "100", tif="1"),
        sell("B1", "2", "99.5"),
        replace("A2", "A1", "4", "101"),
        c.CancelOrder("ALPHA", "A3", "A2", "ACME", "1"),
        c.MassCancel("ALPHA", "A4", "7"),
        enter("A5", "1", "5", None, ord_type="1"),
        enter("A6", "9", "x", None, ord_type="Z"),
    )
    result = run(data_dir, "show", "--from", str(BEFORE + 1))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    requests = [line.split("  ", 1)[1] for line in lines if not line.startswith(" ")]
    assert requests == [
        "record 10  EnterOrder  ALPHA A1 buy 5 ACME @ 100 good till cancel",
        "record 11  EnterOrder  BRAVO B1 sell 2 ACME @ 99.5",
        "record 12  ReplaceOrder  ALPHA A2 replaces A1: 4 ACME @ 101",
        "record 13  CancelOrder  ALPHA A3 cancels A2 ACME",
        "record 14  MassCancel  ALPHA A4 mass cancel of all",
        "record 15  EnterOrder  ALPHA A5 buy 5 ACME market",
        "record 16  EnterOrder  ALPHA A6 side 9 x ACME OrdType Z",
    ]
    assert lines[0].startswith("2026-01-05T08:00:00.0")
    traded = lines.index(next(line for line in lines if "TradeExecuted" in line))
    assert lines[traded].startswith("    event ")
    assert "  TradeExecuted  ACME  2 @ 100  ALPHA buys from BRAVO" in lines[traded]


def test_seed_is_shown_in_words(trading: Trading, data_dir: Path) -> None:
    lines = run(data_dir, "show").stdout.splitlines()
    assert "record 1  AddInstrument  symbol ACME  currency USD  tick_size 0.01" in lines[0]
    assert any("  AddMember  member ALPHA  credit_limit 1000000000" in line for line in lines)
    assert any(line.endswith("  StartDay  trading_day 2026-01-05") for line in lines)


def test_texts_of_members_reach_no_terminal_as_control_sequences(
    trading: Trading, data_dir: Path
) -> None:
    trading.say(buy("A\x1b[2J\n", "5", "100"))
    result = run(data_dir, "show", "--from", str(BEFORE + 1))
    assert "\x1b" not in result.stdout
    assert r"A\x1b[2J\n buy 5 ACME @ 100" in result.stdout


def test_record_is_found_by_its_event_and_by_its_symbol(trading: Trading, data_dir: Path) -> None:
    trade(trading, 4)
    last_event = trading.writer.next_event_seq - 1
    (found,) = told(data_dir, "show", "--event-seq", str(last_event))["records"]
    assert last_event in [event["event_seq"] for event in found["events"]]
    about = told(data_dir, "show", "--symbol", "ACME")["records"]
    kinds = [record["command"]["type"] for record in about]
    assert kinds == ["AddInstrument", *["EnterOrder"] * 8]


def test_more_than_the_limit_says_where_to_go_on(trading: Trading, data_dir: Path) -> None:
    trade(trading, 4)
    last = trading.writer.next_seq - 1
    result = run(data_dir, "show", "--from", "3", "--limit", "2")
    assert result.stderr == "there is more: --from 5\n"
    answer = told(data_dir, "show", "--from", "3", "--to", "6", "--limit", "2")
    assert ([each["seq"] for each in answer["records"]], answer["next"]) == ([3, 4], 5)
    rest = told(data_dir, "show", "--from", str(last))
    assert ([each["seq"] for each in rest["records"]], rest["next"]) == ([last], None)


@pytest.mark.parametrize(
    "wanted", [("--from", "999"), ("--event-seq", "999"), ("--symbol", "NOPE")]
)
def test_record_that_is_not_there_is_refused(
    trading: Trading, data_dir: Path, wanted: tuple[str, str]
) -> None:
    assert refused(data_dir, "show", *wanted) == "no record on disk is like that\n"
