"""The live screen: what it looks like on a terminal, and as one plain line.

Pure: from data to renderables. Fits into 80 columns and 24 lines. On a smaller terminal the last
line, which says how to stop, still is the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from venue.cli.screen.live_data import Book, Ledger, Trading
from venue.domain.overview import LadderLevel
from venue.sim.counterparty import Counts, Trade
from venue.sim.summary import Summary

DEPTH = 3
LATEST_TRADES = 10
_AROUND_A_BOOK = 4
"""Characters of its frame, behind its numbers, and between them."""
_BOX = box.ROUNDED
_STOPS = "Ctrl-C stops"


@dataclass(frozen=True, slots=True)
class Screen:
    """All that is shown at one moment.

    parties: kind of behaviour and counts by session, of a demo. free_sessions: the others, with
    what their column says. hint: a command for who wants to join in.
    """

    fix: str
    seconds: int
    hint: str
    price_decimals: Mapping[str, int]
    free_sessions: Sequence[str]
    parties: Mapping[str, tuple[str, Counts]]
    told: Summary
    latest: Sequence[Trade]
    trading: Trading | None
    ledger: Ledger | None
    free_word: str = "you"


def as_screen(screen: Screen) -> RenderableType:
    """For a terminal of any size."""
    return _Fitted(screen)


class _Fitted:
    """As much of it as fits above the last line."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        screen, width = self._screen, options.max_width
        height = options.height or options.size.height
        top = Table.grid(expand=True, padding=(0, 1, 0, 0))
        top.add_column(ratio=7)
        top.add_column(ratio=4)
        top.add_row(_sessions(screen), _latest(screen))
        whole = Group(_header(screen), top, _books(screen, width), _ledger(screen))
        lines = console.render_lines(whole, options.reset_height())
        for line in lines[: max(height - 1, 0)]:
            yield from line
            yield Segment.line()
        yield _footer(screen, width)


def as_line(screen: Screen) -> str:
    """For a log: the same in one line."""
    told, trading, ledger = screen.told, screen.trading, screen.ledger
    parts = [f"{screen.seconds} s"]
    if screen.parties:
        sent = f"{told.requests} requests, {told.reports} reports, {told.trades} trades"
        parts.append(sent)
    if trading is None:
        parts.append("trading does not answer")
    else:
        parts += [f"{book.symbol} {_best(book.bids)}/{_best(book.asks)}" for book in trading.books]
    if ledger is None:
        parts.append("the ledger does not answer")
    else:
        balanced = "balanced" if ledger.is_balanced else "NOT BALANCED"
        parts.append(f"ledger {balanced}, {ledger.trades} trades, {_behind(ledger, '')}")
    return "; ".join(parts)


def _header(screen: Screen) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True)
    line.add_column(justify="right", no_wrap=True)
    trading = screen.trading
    state = (
        f"{trading.trading_day} {trading.phase}  event {trading.event_seq:,}"
        if trading
        else "[bold red]trading does not answer[/]"
    )
    up = f"{screen.seconds // 60}:{screen.seconds % 60:02}"
    line.add_row(f"[bold]venue[/]  FIX 4.4 on {screen.fix}  up {up}", state)
    return line


def _sessions(screen: Screen) -> Panel:
    table = Table(box=None, expand=True, pad_edge=False, collapse_padding=True)
    for name in ("session", "plays"):
        table.add_column(name, header_style="dim", no_wrap=True)
    for name in ("open", "requests", "reports", "fills"):
        table.add_column(name, justify="right", header_style="dim", no_wrap=True)
    trading = screen.trading
    for session, (kind, counts) in screen.parties.items():
        is_on = trading is not None and session in trading.logged_on
        open_orders = trading.open_orders.get(session, 0) if trading else 0
        table.add_row(
            Text(("● " if is_on else "○ ") + session, style="green" if is_on else "red"),
            kind,
            f"{open_orders:,}",
            f"{counts.requests:,}",
            f"{counts.reports:,}",
            f"{counts.fills:,}",
        )
    for session in screen.free_sessions:
        is_on = trading is not None and session in trading.logged_on
        open_orders = trading.open_orders.get(session, 0) if trading else 0
        mark = "● " if is_on else "○ "
        style = "green" if is_on else "dim"
        table.add_row(
            Text(mark + session, style=style), screen.free_word, f"{open_orders:,}", "", "", ""
        )
    return Panel(table, title="Sessions", title_align="left", box=_BOX, border_style="blue")


def _latest(screen: Screen) -> Panel:
    """As many as there are sessions beside them."""
    count = len(screen.parties) + len(screen.free_sessions)
    table = Table(box=None, expand=True, pad_edge=False, collapse_padding=True)
    table.add_column("symbol", header_style="dim", no_wrap=True)
    table.add_column("qty", justify="right", header_style="dim", no_wrap=True)
    table.add_column("price", justify="right", header_style="dim", no_wrap=True)
    rows = list(screen.latest)[-count:][::-1]
    for trade in rows:
        price = _price(trade.last_px, screen.price_decimals.get(trade.symbol, 0))
        table.add_row(trade.symbol, _quantity(trade.last_qty), price)
    for _ in range(count - len(rows)):
        table.add_row("", "", "")
    return Panel(table, title="Last trades", title_align="left", box=_BOX, border_style="blue")


def _books(screen: Screen, width: int) -> RenderableType:
    grid = Table.grid(expand=True)
    books = screen.trading.books if screen.trading else []
    room = width // max(len(books), 1) - _AROUND_A_BOOK
    for _ in books:
        grid.add_column(ratio=1)
    decimals = screen.price_decimals
    grid.add_row(*(_book(book, decimals.get(book.symbol, 0), room) for book in books))
    return grid


def _book(book: Book, decimals: int, room: int) -> Panel:
    """room: characters of price and quantity together."""
    table = Table.grid(expand=True, padding=(0, 0, 0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    asks, bids = list(book.asks)[:DEPTH], list(book.bids)[:DEPTH]
    for _ in range(DEPTH - len(asks)):
        table.add_row("", "")
    shown = {price: _price(price, decimals) for price, _, _orders in (*asks, *bids)}
    left = room - max(map(len, shown.values()), default=0)
    for price, quantity, _orders in reversed(asks):
        table.add_row(f"[red]{shown[price]}[/]", _quantity(quantity, left))
    for price, quantity, _orders in bids:
        table.add_row(f"[green]{shown[price]}[/]", _quantity(quantity, left))
    for _ in range(DEPTH - len(bids)):
        table.add_row("", "")
    return Panel(
        table,
        title=book.symbol,
        title_align="left",
        box=_BOX,
        border_style="blue",
        padding=(0, 1, 0, 0),
    )


def _ledger(screen: Screen) -> Panel:
    ledger = screen.ledger
    if ledger is None:
        return Panel(
            "[red]the ledger does not answer[/]", title="Ledger", title_align="left", box=_BOX
        )
    assets = sorted({asset for held in ledger.changes.values() for asset in held})
    assets.sort(key=lambda asset: asset != "USD")
    table = Table(box=None, expand=True, pad_edge=False, collapse_padding=True)
    table.add_column("changes of", header_style="dim", no_wrap=True)
    for asset in assets:
        table.add_column(asset, justify="right", header_style="dim", no_wrap=True)
    for member, held in ledger.changes.items():
        table.add_row(member, *(_change(held.get(asset, Decimal())) for asset in assets))
    sum_ = "[green]sums to zero[/]" if ledger.is_balanced else "[bold red]DOES NOT BALANCE[/]"
    progress = f"{ledger.trades:,} trades, {_behind(ledger)}"
    title = f"Ledger {sum_}: {progress}"
    return Panel(table, title=title, title_align="left", box=_BOX, border_style="blue")


def _footer(screen: Screen, width: int) -> RenderableType:
    """What was traded, and the hint for who wants to join in, as far as they fit; how to stop."""
    told = screen.told
    value = ", ".join(
        f"{Decimal(amount):,.2f} {currency}" for currency, amount in told.traded_value.items()
    )
    traded = f"{told.trades:,} trades{', ' if value else ''}{value}"
    hint = Text.assemble("Join in: ", (screen.hint, "bold")) if screen.hint else Text()
    room = width - len(_STOPS) - 2
    if screen.hint and len(traded) + 2 + len(hint) > room:
        traded = ""
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True, ratio=1)
    line.add_column(no_wrap=True, justify="right", min_width=len(_STOPS))
    left = Text(traded)
    if screen.hint:
        gap = max(room - len(traded) - len(hint), 0) if traded else 0
        left.append(" " * gap).append_text(hint)
    left.truncate(max(room, 0), overflow="ellipsis")
    line.add_row(left, _STOPS)
    return line


def _best(levels: Sequence[LadderLevel]) -> str:
    return levels[0][0] if levels else "-"


def _price(text: str, decimals: int) -> str:
    """A price with as many digits behind the point as the tick has."""
    return f"{Decimal(text):.{decimals}f}" if decimals else text


def _quantity(text: str, room: int | None = None) -> str:
    """At most four digits behind the point, and fewer where there is no room beside a price."""
    exact, shown = Decimal(text), text
    for digits in range(4, -1, -1):
        step = Decimal(1).scaleb(-digits)
        rounded = exact.quantize(step)
        shown = text if rounded == exact else f"{rounded:f}" if rounded else f"<{step:f}"
        if room is None or len(shown) <= room:
            break
    return shown


def _change(amount: Decimal) -> str:
    if not amount:
        return "[dim]0[/]"
    digits = f"{amount:+,.2f}" if amount != amount.to_integral_value() else f"{amount:+,.0f}"
    return f"[{'green' if amount > 0 else 'red'}]{digits}[/]"


def _behind(ledger: Ledger, separator: str = ",") -> str:
    lag = "unknown how many" if ledger.lag is None else f"{ledger.lag:{separator}}"
    return f"{lag} events behind"
