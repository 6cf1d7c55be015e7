"""`venue book --at` and `--to`: the book as it was, and symbols that were not there."""

from pathlib import Path

from tests.cli.replaying import refused, run, seq_of, told
from tests.engine.builders import buy, sell
from tests.sequencer.builders import Trading
from venue.clock import iso


def test_book_is_shown_as_it_was(trading: Trading, data_dir: Path) -> None:
    trading.say(buy("A1", "5", "99"))
    first, then = seq_of(trading), iso(trading.now)
    trading.say(buy("A2", "5", "98"), sell("B1", "7", "99"), sell("B2", "1", "101"))
    assert told(data_dir, "book", "ACME", "--to", str(first)) == {
        "ok": True,
        "symbol": "ACME",
        "bids": [["99", "5", 1]],
        "asks": [],
        "source": "journal",
        "seq": first,
        "event_seq": told(data_dir, "replay", "--to", str(first))["event_seq"],
        "time": then,
    }
    assert told(data_dir, "book", "ACME", "--at", then)["bids"] == [["99", "5", 1]]
    now = told(data_dir, "book", "ACME", "--at", "23:59")
    assert (now["bids"], now["asks"]) == ([["98", "5", 1]], [["99", "2", 1], ["101", "1", 1]])
    assert told(data_dir, "book", "ACME", "--at", "23:59", "--depth", "1")["asks"] == [
        ["99", "2", 1]
    ]


def test_book_as_it_was_looks_like_the_book_now_and_a_line(
    trading: Trading, data_dir: Path
) -> None:
    trading.say(buy("A1", "5", "99"))
    result = run(data_dir, "book", "ACME", "--to", str(seq_of(trading)))
    *table, line = result.stdout.splitlines()
    assert table[0].strip() == "ACME" and any(" 99 " in row for row in table)
    assert line.startswith(f"after record {seq_of(trading)}, event ") and line.endswith("Z")


def test_book_of_a_symbol_that_was_not_there_yet_is_refused(
    trading: Trading, data_dir: Path
) -> None:
    line = refused(data_dir, "book", "GLOBEX", "--to", "3")
    assert line == "symbol GLOBEX is not traded here; there are ACME\n"
    for wrong in (("--to", "3", "--watch"), ("--to", "3", "--at", "09:30")):
        assert "only one can be" in refused(data_dir, "book", "ACME", *wrong, status=2)
