"""`venue chart SYMBOL`: price and volume in the terminal, of the bars that `venue md bars` has."""

import shutil
import sys

import plotext
import typer

from venue.cli.options import DataDirOption
from venue.cli.screen.md import FromOption, IntervalOption, SymbolArgument, past_bars
from venue.cli.text.times import shown_moment, zone
from venue.colors import wants_colors
from venue.marketdata.bars import BarTotals

MOST_BARS = 120
_LEAST_WIDTH, _LEAST_HEIGHT = 40, 16
_TIME = "%d/%m/%Y %H:%M"


def chart(
    context: typer.Context,
    symbol: SymbolArgument,
    interval: IntervalOption = "1m",
    begin: FromOption = "",
    data_dir: DataDirOption = None,
) -> None:
    """Price and volume of an instrument as a chart in the terminal.

    Examples:

        venue chart ACME

        venue chart ACME --interval 1h --from 2026-01-30T08:00
    """
    bars = past_bars(context, data_dir, symbol, interval, begin)[-MOST_BARS:]
    if not bars:
        typer.echo(f"{symbol} has not traded since then")
        return
    size = shutil.get_terminal_size()
    drawn = drawing(f"{symbol} {interval}", bars, size.columns, size.lines - 1)
    typer.echo(drawn if wants_colors(sys.stdout) else plotext.uncolorize(drawn))


def drawing(title: str, bars: list[BarTotals], width: int, height: int) -> str:
    """Candles above volume. The numbers on the axes are for the eye, not exact."""
    width, height = max(width, _LEAST_WIDTH), max(height, _LEAST_HEIGHT)
    times = [shown_moment(bar.start_ns).strftime(_TIME) for bar in bars]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.main().plot_size(width, height)
    plotext.subplots(2, 1)
    price, volume = plotext.subplot(1, 1), plotext.subplot(2, 1)
    price.plotsize(width, height * 2 // 3)
    price.title(f"{title}, {zone()}")
    price.date_form("d/m/Y H:M")
    candles = {
        "Open": [float(bar.open) for bar in bars],
        "Close": [float(bar.close) for bar in bars],
        "High": [float(bar.high) for bar in bars],
        "Low": [float(bar.low) for bar in bars],
    }
    price.candlestick(times, candles)
    volume.plotsize(width, height - height * 2 // 3)
    volume.date_form("d/m/Y H:M")
    volume.bar(times, [float(bar.volume) for bar in bars])
    volume.title("volume")
    return str(plotext.build())
