"""Lists of public things on a page: all symbols, and the tape of one."""

from decimal import Decimal
from typing import Any

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.kept import Kept
from venue.gateway.desk.ladder import change_of
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Column, Table
from venue.gateway.markets import Ticker
from venue.marketdata.day_totals import decimal_text

LOOK_SECONDS = 0.5
TAPE_ROWS = 60
_COLUMNS = (
    ("last", "Last"), ("change", "Change"), ("bid", "Bid"), ("ask", "Ask"), ("volume", "Volume"),
)  # fmt: skip


class Watchlist:
    """All symbols with their last values; each leads to its own page at `path`."""

    def __init__(self, visit: Visit, path: str, chosen: str = "") -> None:
        self._visit = visit
        self._path = path
        self._chosen = chosen
        self._cells: dict[str, dict[str, Any]] = {}
        with (
            tag("div", classes="desk-scroll", tabindex="0", role="region", aria_label="Symbols"),
            tag("table", classes="desk-table", id="symbols"),
        ):
            with tag("thead"), tag("tr"):
                tag("th", "Symbol", scope="col")
                for _, title in _COLUMNS:
                    tag("th", title, "number", scope="col")
                tag("th", "State", scope="col")
            self._body = tag("tbody")
        self._look()
        visit.every(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        markets = self._visit.gateway.markets
        for symbol in markets.symbols():
            if symbol not in self._cells:
                with self._body:
                    self._cells[symbol] = self._row(symbol)
            for key, text in _values(markets.ticker(symbol)).items():
                set_text(self._cells[symbol][key], text)

    def _row(self, symbol: str) -> dict[str, Any]:
        with tag("tr", data_symbol=symbol):
            with tag("th", scope="row"):
                here = {"aria_current": "true"} if symbol == self._chosen else {}
                tag("a", symbol, href=f"{self._path}?symbol={symbol}", **here)
            cells = {key: tag("td", "", "number", data_key=key) for key, _ in _COLUMNS}
            cells["state"] = tag("td", data_key="state")
        return cells


def _values(ticker: Ticker) -> dict[str, str]:
    statistics, status = ticker.statistics, ticker.status
    state = "" if status is None else status.phase.value.replace("_", " ").capitalize()
    if status is not None and status.disabled:
        state = "Disabled"
    return {
        "last": (statistics.last or "") if statistics else "",
        "change": change_of(statistics),
        "bid": ticker.bid.price if ticker.bid else "",
        "ask": ticker.ask.price if ticker.ask else "",
        "volume": statistics.volume if statistics else "",
        "state": state,
    }


class Tape:
    """The newest trades of a symbol; busted and corrected ones are marked."""

    def __init__(self, visit: Visit, kept: Kept, symbol: str) -> None:
        self._visit = visit
        self._kept = kept
        self._symbol = symbol
        with visit.panel("Trades", "trades"):
            self._table = Table(
                "tape",
                f"Trades of {symbol}, the newest first",
                (
                    Column("time", "Time"),
                    Column("price", "Price", True),
                    Column("quantity", "Quantity", True),
                    Column("kind", "Taker"),
                ),
                empty="Nothing has traded since the gateway was started.",
            )
        self._look()
        visit.every(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self._visit.keeps_up:
            rows = self._kept.trades(self._symbol)[:TAPE_ROWS]
            self._table.show([dict(row) for row in rows])


def spread_text(ticker: Ticker) -> str:
    """The best prices and what is between, in words."""
    if ticker.bid is None or ticker.ask is None:
        return "One side of the book is empty."
    spread = Decimal(ticker.ask.price) - Decimal(ticker.bid.price)
    return f"Bid {ticker.bid.price}, ask {ticker.ask.price}, spread {decimal_text(spread)}."
