"""The live screen: what it looks like on a terminal, and as one plain line.

Pure: from data to renderables. Fits into 100 columns and 30 lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from venue.cli.screen.live_data import Book, Ledger, Trading
from venue.domain.overview import LadderLevel
from venue.sim.counterparty import Counts, Trade
from venue.sim.summary import Summary

DEPTH = 3
LATEST_TRADES = 10
_BOX = box.ROUNDED


@dataclass(frozen=True, slots=True)
class Screen:
    """All that is shown at one moment.

    parties: kind of behaviour and counts by session. hint: a command for who wants to join in.
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


def as_screen(screen: Screen) -> RenderableType:
    """For a terminal of 100 columns and 30 lines or more."""
    top = Table.grid(expand=True, padding=(0, 1, 0, 0))
    top.add_column(ratio=2)
    top.add_column(ratio=1)
    top.add_row(_sessions(screen), _latest(screen))
    return Group(_header(screen), top, _books(screen), _ledger(screen), _footer(screen))


def as_line(screen: Screen) -> str:
    """For a log: the same in one line."""
    told, trading, ledger = screen.told, screen.trading, screen.ledger
    parts = [
        f"{screen.seconds} s",
        f"{told.requests} requests, {told.reports} reports, {told.trades} trades",
    ]
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
    line.add_column()
    line.add_column(justify="right")
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
    table = Table(box=None, expand=True, pad_edge=False)
    for name in ("session", "plays"):
        table.add_column(name, header_style="dim")
    for name in ("open", "requests", "reports", "fills"):
        table.add_column(name, justify="right", header_style="dim")
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
        table.add_row(Text(mark + session, style=style), "you", f"{open_orders:,}", "", "", "")
    return Panel(table, title="Sessions", title_align="left", box=_BOX, border_style="blue")


def _latest(screen: Screen) -> Panel:
    """As many as there are sessions beside them."""
    count = len(screen.parties) + len(screen.free_sessions)
    table = Table(box=None, expand=True, pad_edge=False)
    table.add_column("symbol", header_style="dim")
    table.add_column("quantity", justify="right", header_style="dim")
    table.add_column("price", justify="right", header_style="dim")
    rows = list(screen.latest)[-count:][::-1]
    for trade in rows:
        price = _price(trade.last_px, screen.price_decimals.get(trade.symbol, 0))
        table.add_row(trade.symbol, _quantity(trade.last_qty), price)
    for _ in range(count - len(rows)):
        table.add_row("", "", "")
    return Panel(table, title="Last trades", title_align="left", box=_BOX, border_style="blue")


def _books(screen: Screen) -> RenderableType:
    grid = Table.grid(expand=True)
    books = screen.trading.books if screen.trading else []
    for _ in books:
        grid.add_column(ratio=1)
    decimals = screen.price_decimals
    grid.add_row(*(_book(book, decimals.get(book.symbol, 0)) for book in books))
    return grid


def _book(book: Book, decimals: int) -> Panel:
    table = Table.grid(expand=True, padding=(0, 0, 0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    asks, bids = list(book.asks)[:DEPTH], list(book.bids)[:DEPTH]
    for _ in range(DEPTH - len(asks)):
        table.add_row("", "")
    for price, quantity, _orders in reversed(asks):
        table.add_row(f"[red]{_price(price, decimals)}[/]", _quantity(quantity))
    for price, quantity, _orders in bids:
        table.add_row(f"[green]{_price(price, decimals)}[/]", _quantity(quantity))
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
    table = Table(box=None, expand=True, pad_edge=False)
    table.add_column("member", header_style="dim")
    for asset in assets:
        table.add_column(asset, justify="right", header_style="dim", no_wrap=True)
    for member, held in ledger.changes.items():
        table.add_row(member, *(_change(held.get(asset, Decimal())) for asset in assets))
    sum_ = "[green]sums to zero[/]" if ledger.is_balanced else "[bold red]DOES NOT BALANCE[/]"
    progress = f"{ledger.trades:,} trades, {_behind(ledger)}"
    title = f"Ledger: changes of balances; {progress}, {sum_}"
    return Panel(table, title=title, title_align="left", box=_BOX, border_style="blue")


def _footer(screen: Screen) -> RenderableType:
    told = screen.told
    value = ", ".join(
        f"{Decimal(amount):,.2f} {currency}" for currency, amount in told.traded_value.items()
    )
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    hint = f"Join in: [bold]{escape(screen.hint)}[/]  " if screen.hint else ""
    line.add_row(f"{told.trades:,} trades, {value or '0'}", f"{hint}Ctrl-C stops")
    return line


def _best(levels: Sequence[LadderLevel]) -> str:
    return levels[0][0] if levels else "-"


def _price(text: str, decimals: int) -> str:
    """A price with as many digits behind the point as the tick has."""
    return f"{Decimal(text):.{decimals}f}" if decimals else text


def _quantity(text: str) -> str:
    """At most four digits behind the point: what is smaller does not fit beside a price."""
    rounded = Decimal(text).quantize(Decimal("0.0001"))
    return text if rounded == Decimal(text) else f"{rounded:f}" if rounded else "<0.0001"


def _change(amount: Decimal) -> str:
    if not amount:
        return "[dim]0[/]"
    digits = f"{amount:+,.2f}" if amount != amount.to_integral_value() else f"{amount:+,.0f}"
    return f"[{'green' if amount > 0 else 'red'}]{digits}[/]"


def _behind(ledger: Ledger, separator: str = ",") -> str:
    lag = "unknown how many" if ledger.lag is None else f"{ledger.lag:{separator}}"
    return f"{lag} events behind"
