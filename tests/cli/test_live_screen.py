"""The live screen fits a small terminal, aligns prices, and says what does not answer."""

import dataclasses
import io
from decimal import Decimal

import pytest
import rich.screen
from rich.console import Console

from venue.cli.screen.live_data import Book, Ledger, Trading
from venue.cli.screen.live_screen import Screen, as_line, as_screen
from venue.sim.counterparty import Counts, Trade
from venue.sim.summary import Summary

WIDTH, HEIGHT = 100, 30
SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA", "BTC-USD")
BOOK = Book("ACME", [("99.9", "100", 2), ("99", "7", 1)], [("100.01", "5", 1)])
BTC = Book("BTC-USD", [("49999.99", "0.00000001", 1)] * 3, [("50000.01", "12.5", 1)] * 3)
BIG = Decimal("-123456789012.34")
LEDGER = Ledger(
    lag=1234,
    trades=1_234_567,
    is_balanced=True,
    changes={
        member: {"USD": BIG, **{symbol: Decimal(-1_234_567) for symbol in (*SYMBOLS[:4], "BTC")}}
        for member in ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
    },
)
SCREEN = Screen(
    fix="127.0.0.1:9878",
    seconds=3671,
    hint="venue order new ACME buy 10 --price 100.00",
    price_decimals=dict.fromkeys(SYMBOLS, 2),
    free_sessions=["ALPHA"],
    parties={
        session: ("maker", Counts(orders=9_000_000, reports=12_345_678, fills=1_000_000))
        for session in ("BRAVO", "CHARLIE", "DELTA")
    },
    told=Summary(10, 20, 30, 1, 7, {"USD": "123456789012.5"}, 0, 0),
    latest=[Trade(str(number), "ACME", "100", str(number), 0) for number in range(9)],
    trading=Trading(
        phase="CONTINUOUS",
        trading_day="2026-01-31",
        event_seq=123_456_789,
        open_orders={"BRAVO": 1_000},
        logged_on=frozenset(["BRAVO", "CHARLIE"]),
        books=[BOOK, *(dataclasses.replace(BOOK, symbol=each) for each in SYMBOLS[1:4]), BTC],
    ),
    ledger=LEDGER,
)


ORDINARY = dataclasses.replace(
    SCREEN,
    parties={
        session: ("maker", Counts(orders=9_000, reports=12_345, fills=1_000))
        for session in ("BRAVO", "CHARLIE", "DELTA")
    },
    latest=[
        Trade("1", "UMBRELLA", "100.01", "100", 0),
        Trade("2", "BTC-USD", "50000", "0.1234", 0),
    ],
    ledger=dataclasses.replace(
        LEDGER,
        trades=1_234,
        changes={
            member: {"USD": Decimal("-12345.67"), **dict.fromkeys(SYMBOLS[:4], Decimal(-1_234))}
            for member in ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
        },
    ),
    trading=dataclasses.replace(SCREEN.trading, event_seq=123_456) if SCREEN.trading else None,
    hint=".venv/bin/venue order new ACME buy 10 --price 100.00",
)
"""As it is after some minutes, with five instruments and as many sessions as are shipped."""


def rendered(screen: Screen, width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO())
    with console.capture() as capture:
        console.print(as_screen(screen))
    return capture.get().splitlines()


def test_full_screen_fits_100_columns_and_30_lines() -> None:
    lines = rendered(SCREEN)
    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "…" not in text, "nothing is cut off"
    assert "-123,456,789,012.34" in text
    assert "up 61:11" in text
    assert "sums to zero" in text


def test_ordinary_screen_fits_80_columns_and_24_lines_whole() -> None:
    lines = rendered(ORDINARY, 80, 24)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "…" not in text, "nothing is cut off"
    assert all(price in text for price in ("100.01", "99.90", "49999.99", "50000.01", "12.5"))
    assert "sums to zero" in text and "-12,345.67" in text
    assert lines[-1].split("  ")[0].startswith("Join in: .venv/bin/venue order new ACME buy 10")
    assert lines[-1].endswith("  Ctrl-C stops")


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (132, 43), (80, 10), (60, 24), (40, 5)])
@pytest.mark.parametrize("screen", [SCREEN, ORDINARY], ids=["full", "ordinary"])
def test_last_line_says_how_to_stop_on_any_terminal(screen: Screen, size: tuple[int, int]) -> None:
    width, height = size
    lines = rendered(screen, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert lines[-1].endswith("Ctrl-C stops")


def test_live_screen_of_the_terminal_s_size_has_the_last_line_too() -> None:
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True)
    lines = console.render_lines(rich.screen.Screen(as_screen(SCREEN)))
    texts = ["".join(segment.text for segment in line).rstrip() for line in lines]
    assert len(texts) == 24
    assert [text.endswith("Ctrl-C stops") for text in texts if text][-1]


def test_quantity_gives_way_to_the_price() -> None:
    book = Book("BTC-USD", [("49999.99", "0.123456", 1)], [("50000.01", "1234.5678", 1)])
    assert SCREEN.trading is not None
    trading = dataclasses.replace(SCREEN.trading, books=[book] * 5)
    lines = rendered(dataclasses.replace(SCREEN, trading=trading), 80, 24)
    assert any("50000.01 1235" in line for line in lines)
    assert any("49999.99 0.12" in line for line in lines)


def test_prices_have_the_digits_of_the_tick_and_best_prices_meet() -> None:
    lines = rendered(SCREEN)
    columns = [line.split("││")[0] for line in lines if line.count("││") == 4]
    prices = [column.strip("│ ").split()[0] for column in columns if column.strip("│ ")]
    assert prices == ["100.01", "99.90", "99.00"]


def test_latest_trades_come_first_as_many_as_sessions() -> None:
    rows = [line.split("││")[-1].split("│")[-2].split() for line in rendered(SCREEN)[3:7]]
    assert [row[1] for row in rows] == ["8", "7", "6", "5"]


def test_sessions_show_who_is_logged_on_and_which_is_free() -> None:
    text = "\n".join(rendered(SCREEN))
    assert "● BRAVO" in text and "○ DELTA" in text
    assert "○ ALPHA" in text
    assert "venue order new ACME buy 10 --price 100.00" in text


def test_what_does_not_answer_is_said_and_does_not_end_the_screen() -> None:
    silent = dataclasses.replace(SCREEN, trading=None, ledger=None)
    text = "\n".join(rendered(silent))
    assert "trading does not answer" in text
    assert "the ledger does not answer" in text
    assert "trading does not answer; the ledger does not answer" in as_line(silent)


def test_ledger_that_does_not_balance_stands_out() -> None:
    broken = dataclasses.replace(SCREEN, ledger=dataclasses.replace(LEDGER, is_balanced=False))
    assert "DOES NOT BALANCE" in "\n".join(rendered(broken))
    assert "NOT BALANCED" in as_line(broken)


def test_plain_line_has_it_all() -> None:
    line = as_line(SCREEN)
    assert "\n" not in line
    assert line.startswith("3671 s; 20 requests, 30 reports, 7 trades; ACME 99.9/100.01; ")
    assert line.endswith("ledger balanced, 1234567 trades, 1234 events behind")
