"""Candles and depth as Apache ECharts draws them. Options are pure; prices stay exact text.

Colours are those that are seen on light and on dark ground.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from nicegui import ui

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.kept import Candle, Kept, clock_text
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.problems import Problem
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.messages import PriceLevel

DRAW_SECONDS = 1.0
CANDLES, TRADES = 120, 60
LEVELS = 60
_UP, _DOWN, _TEXT = "#1a9c64", "#d64550", "#808a94"
_AXIS = {"axisLabel": {"color": _TEXT}, "axisLine": {"lineStyle": {"color": _TEXT}}}
_LINE = {"splitLine": {"lineStyle": {"color": _TEXT, "opacity": 0.2}}}
Options = dict[str, Any]


def candle_options(bars: Sequence[Candle]) -> Options:
    """Candles of a minute with their volume below."""
    shown = bars[-CANDLES:]
    times = [clock_text(int(bar["start_ns"]))[:5] for bar in shown]
    prices = [[bar["open"], bar["close"], bar["low"], bar["high"]] for bar in shown]
    style = {"color": _UP, "color0": _DOWN, "borderColor": _UP, "borderColor0": _DOWN}
    return {
        "animation": False,
        "tooltip": {"trigger": "axis"},
        "grid": [
            {"left": 64, "right": 12, "top": 10, "height": "60%"},
            {"left": 64, "right": 12, "top": "76%", "height": "12%"},
        ],
        "xAxis": [
            {"type": "category", "data": times, **_AXIS},
            {"type": "category", "data": times, "gridIndex": 1, "show": False},
        ],
        "yAxis": [
            {"type": "value", "scale": True, **_AXIS, **_LINE},
            {"type": "value", "gridIndex": 1, "show": False},
        ],
        "series": [
            {"type": "candlestick", "data": prices, "itemStyle": style},
            {
                "type": "bar",
                "data": [bar["volume"] for bar in shown],
                "xAxisIndex": 1,
                "yAxisIndex": 1,
                "itemStyle": {"color": _TEXT},
            },
        ],
    }


def depth_options(bids: Sequence[PriceLevel], asks: Sequence[PriceLevel]) -> Options:
    """What stands from the best price outwards, of both sides."""
    return {
        "animation": False,
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 64, "right": 12, "top": 10, "bottom": 24},
        "xAxis": {"type": "value", "scale": True, **_AXIS, "splitLine": {"show": False}},
        "yAxis": {"type": "value", **_AXIS, **_LINE},
        "series": [
            _area("bids", _points(bids)[::-1], _UP, "start"),
            _area("asks", _points(asks), _DOWN, "end"),
        ],
    }


def _points(levels: Sequence[PriceLevel]) -> list[list[str]]:
    total, found = Decimal(0), []
    for level in levels[:LEVELS]:
        total += Decimal(level.quantity)
        found.append([level.price, decimal_text(total)])
    return found


def _area(name: str, points: list[list[str]], colour: str, step: str) -> Options:
    return {
        "name": name,
        "type": "line",
        "step": step,
        "showSymbol": False,
        "data": points,
        "lineStyle": {"color": colour},
        "itemStyle": {"color": colour},
        "areaStyle": {"color": colour, "opacity": 0.2},
    }


class Charts:
    """Both charts of a symbol, drawn once a second where anything has changed."""

    def __init__(self, visit: Visit, kept: Kept, symbol: str) -> None:
        self._visit = visit
        self._kept = kept
        self._symbol = symbol
        with visit.panel("Candles of a minute", "candles"):
            self._words = tag("p", "", "desk-note", id="past")
            self._candles = _chart(f"Candles of {symbol}", candle_options(kept.bars(symbol)))
        with visit.panel("Depth", "depth"):
            self._depth = _chart(f"Depth of {symbol}", self._depth_now())
        visit.every(DRAW_SECONDS, self._draw)

    async def read_past(self) -> None:
        """Have the trades and bars of before, which the API tells."""
        path = f"/v1/instruments/{quote(self._symbol, safe='')}"
        try:
            bars = (await self._visit.api.get(f"{path}/bars", limit=CANDLES))["bars"]
            trades = (await self._visit.api.get(f"{path}/trades", limit=TRADES))["trades"]
        except Problem as problem:
            set_text(self._words, f"Since the gateway was started. Before: {problem.message}")
            return
        self._kept.add_past(self._symbol, bars, trades)

    def _depth_now(self) -> Options:
        book = self._visit.gateway.markets.book(self._symbol, LEVELS)
        return depth_options(book.bids, book.asks)

    def _draw(self) -> None:
        if not self._visit.keeps_up:
            return
        _show(self._candles, candle_options(self._kept.bars(self._symbol)))
        _show(self._depth, self._depth_now())


def _chart(label: str, options: Options) -> ui.echart:
    made = ui.echart(options).classes("desk-chart")
    made.props["role"] = "img"
    made.props["aria-label"] = label
    return made


def _show(chart: ui.echart, options: Options) -> None:
    if chart.options != options:
        chart.props["options"] = options
        chart.update()
