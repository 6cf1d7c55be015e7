"""`venue book SYMBOL`: the ladder of one instrument, now, live, or as it was at an earlier moment.

Parses, calls, prints. Asks trading, which has the truth; without it, the last published depth; of
what was, the journal; what changes is followed on NATS.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from rich.live import Live
from rich.table import Table

from venue import logs
from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import BookQuery
from venue.bus.connection import connected, stop_on_signals, wait_for_stop
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse, wrong_use
from venue.cli.records.recorded import AtOption, ToOption, journal_directory, moment, replayed
from venue.cli.text.times import in_zone
from venue.clock import iso
from venue.domain.overview import LadderLevel
from venue.engine.views.ladder import levels
from venue.marketdata.broadcast import BUCKET, last_value_key, last_value_keys
from venue.marketdata.followed import FollowedBooks
from venue.marketdata.followed_book import FollowedBook
from venue.marketdata.messages import PriceLevel
from venue.servers import ServerError
from venue.servers.runtime import RuntimeInfo, find_running

WATCH_SECONDS = 0.1
LOST_SECONDS = 1.0
"""So often a book that does not change is looked at: it may not be followed any more."""
DEFAULT_LEVELS = 10
_AROUND_A_LADDER = 8
"""Lines of title, frame, heading and caption, of that between the sides, and of the cursor."""


class Ladder(msgspec.Struct, frozen=True, omit_defaults=True):
    """Levels of both sides, best first, each [price, quantity, orders]; and who said so.

    As it was: after which record and event, and when that was. As it is published: also the phase,
    the last price and the day's volume.
    """

    symbol: str
    bids: list[LadderLevel]
    asks: list[LadderLevel]
    source: str
    seq: int | None = None
    event_seq: int | None = None
    time: str | None = None
    phase: str | None = None
    last: str | None = None
    volume: str | None = None


class NoLadder(Exception):
    """There is no book to show; the text is the one line that says why."""


def book(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="Instrument, such as ACME.")],
    watch: Annotated[bool, typer.Option("--watch", help="Keep it fresh until Ctrl-C.")] = False,
    depth: Annotated[
        int, typer.Option("--depth", min=1, metavar="N", help="Price levels of each side.")
    ] = DEFAULT_LEVELS,
    at: AtOption = None,
    to_seq: ToOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Show the order book of an instrument: quantity and number of orders at each price.

    Examples:

        venue book ACME

        venue book ACME --watch

        venue book BTC-USD --depth 3 --json

        venue book ACME --at 09:30:00.25
    """
    place = data_dir_of(context, data_dir)
    if watch + (at is not None) + (to_seq is not None) > 1:
        wrong_use("of --watch, --at and --to only one can be")
    try:
        if at is not None or to_seq is not None:
            _print(ladder_then(place, symbol, depth, at, to_seq), json)
        elif watch:
            _watch(place, symbol, depth, json)
        else:
            _print(read_ladder(place, symbol, depth), json)
    except NoLadder as error:
        refuse(str(error))
    except (OSError, NatsError) as error:
        refuse(f"NATS does not answer: {error or repr(error)}")
    except KeyboardInterrupt:
        return


def read_ladder(data_dir: Path, symbol: str, depth: int) -> Ladder:
    """The book now: from trading, or, when that does not answer, as it was last published.

    Raises NoLadder.
    """
    try:
        answer = ask(data_dir, BookQuery(symbol, depth))
    except VenueUnreachable as unreachable:
        return _last_published(data_dir, symbol, depth, unreachable)
    if isinstance(answer, Refusal):
        raise NoLadder(answer.error)
    return Ladder(symbol, answer.bids[:depth], answer.asks[:depth], "trading")


def ladder_then(
    data_dir: Path, symbol: str, depth: int, at: str | None, to_seq: int | None
) -> Ladder:
    """The book as it was at that moment or after that record. Raises NoLadder."""
    directory = journal_directory(data_dir)
    to_ns = None if at is None else moment(data_dir, at)
    then = replayed(directory, to_seq, to_ns)
    markets = then.engine.state.markets
    market = markets.get(symbol)
    if market is None:
        raise NoLadder(unknown_symbol(symbol, sorted(markets)))
    return Ladder(
        symbol,
        levels(market.book.bids, market.instrument, depth),
        levels(market.book.asks, market.instrument, depth),
        "journal",
        then.seq,
        then.event_seq,
        iso(then.timestamp_ns),
    )


def ladder_table(ladder: Ladder) -> Table:
    """Asks above bids, the best prices meeting in the middle."""
    plain = ladder.source in ("trading", "journal", "published")
    note = "" if plain else f" ({ladder.source})"
    table = Table(title=f"{ladder.symbol}{note}")
    for heading in ("bid orders", "bid qty", "price", "ask qty", "ask orders"):
        table.add_column(heading, justify="center" if heading == "price" else "right")
    for price, quantity, orders in reversed(ladder.asks):
        table.add_row("", "", f"[red]{price}[/]", quantity, str(orders))
    if ladder.asks and ladder.bids:
        table.add_section()
    for price, quantity, orders in ladder.bids:
        table.add_row(str(orders), quantity, f"[green]{price}[/]", "", "")
    if not ladder.asks and not ladder.bids:
        table.add_row("", "", "empty", "", "")
    told = (("", ladder.phase), ("last ", ladder.last), ("volume ", ladder.volume))
    table.caption = "  ".join(f"{name}{value}" for name, value in told if value) or None
    return table


def _watch(data_dir: Path, symbol: str, depth: int, json: bool) -> None:
    """Show the book as trading has it, then as it is published; until Ctrl-C."""
    ladder = read_ladder(data_dir, symbol, depth)
    running = _running_in(data_dir)
    if running is None:
        raise NoLadder(f"no venue is running in {data_dir}: there is nothing to watch")
    logs.configure("venue", level="error")
    if json:
        _print(ladder, json)
        seen = [ladder]

        def tell(now: Ladder) -> None:
            if (now.bids, now.asks) != (seen[-1].bids, seen[-1].asks):
                seen[:] = [now]
                _print(now, json)

        asyncio.run(_follow(running.nats, symbol, depth, tell))
        return
    with Live(console=console(), auto_refresh=False) as live:

        def show(now: Ladder) -> None:
            shown = fitting(now, live.console.height) if live.console.is_terminal else now
            live.update(ladder_table(shown), refresh=True)

        show(ladder)
        asyncio.run(_follow(running.nats, symbol, depth, show))


async def _follow(nats_url: str, symbol: str, depth: int, show: Callable[[Ladder], None]) -> None:
    """Show a symbol's book whenever it has changed, not too often, until SIGINT or SIGTERM."""
    stop, changed = stop_on_signals(), asyncio.Event()
    books = FollowedBooks(nats_url, lambda *_: changed.set(), symbols=(symbol,), name="book-watch")
    following = asyncio.create_task(books.run(stop))
    following.add_done_callback(lambda _: changed.set())
    while not following.done():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOST_SECONDS):
                await changed.wait()
        changed.clear()
        book = books.books.get(symbol)
        if book is not None:
            show(_published(book, depth))
        await wait_for_stop(stop, WATCH_SECONDS)
    await following


def _published(book: FollowedBook, depth: int) -> Ladder:
    source = "published" if book.current else "as last published"
    ladder = Ladder(book.symbol, _rows(book.bids(depth)), _rows(book.asks(depth)), source)
    status, day = book.status, book.statistics
    return msgspec.structs.replace(
        ladder,
        phase=None if status is None else status.phase,
        last=None if day is None else day.last,
        volume=None if day is None else day.volume,
    )


def _rows(levels: Iterable[PriceLevel]) -> list[LadderLevel]:
    return [(level.price, level.quantity, level.orders) for level in levels]


def fitting(ladder: Ladder, height: int) -> Ladder:
    """The ladder with as many of the best levels as a terminal of that height has room for."""
    room = max((height - _AROUND_A_LADDER) // 2, 1)
    return msgspec.structs.replace(ladder, bids=ladder.bids[:room], asks=ladder.asks[:room])


def _print(ladder: Ladder, json: bool) -> None:
    if json:
        print_json(ladder)
    else:
        console().print(ladder_table(ladder))
        if ladder.seq is not None:
            print(
                f"after record {ladder.seq}, event {ladder.event_seq}, {in_zone(ladder.time or '')}"
            )


def _last_published(data_dir: Path, symbol: str, depth: int, why: Exception) -> Ladder:
    running = _running_in(data_dir)
    if running is None:
        raise NoLadder(str(why))
    try:
        values = asyncio.run(_read_bucket(running.nats))
    except (OSError, NatsError) as error:
        raise NoLadder(f"{why}, and NATS does not answer either") from error
    known = sorted(key.removesuffix(".depth") for key in values)
    if symbol not in known:
        text = f"{why}, and nothing was published"
        raise NoLadder(unknown_symbol(symbol, known) if known else text)
    published = msgspec.json.decode(values[last_value_key(symbol, "depth")])
    return Ladder(
        symbol,
        [(price, quantity, orders) for price, quantity, orders in published["bids"][:depth]],
        [(price, quantity, orders) for price, quantity, orders in published["asks"][:depth]],
        "as last published; trading does not answer",
    )


async def _read_bucket(nats_url: str) -> dict[str, bytes]:
    """The last published depth of every symbol, by key."""
    async with connected(nats_url, "book") as connection:
        jetstream = connection.client.jetstream()
        symbols = await published_symbols(jetstream)
        if not symbols:
            return {}
        bucket = await jetstream.key_value(BUCKET)
        keys = [last_value_key(symbol, "depth") for symbol in symbols]
        return {key: (await bucket.get(key)).value or b"" for key in keys}


async def published_symbols(jetstream: JetStreamContext) -> list[str]:
    """The symbols whose depth was published. Raises OSError and NatsError."""
    try:
        keys = await last_value_keys(jetstream)
    except NotFoundError:
        return []
    return sorted(key.removesuffix(".depth") for key in keys if key.endswith(".depth"))


def _running_in(data_dir: Path) -> RuntimeInfo | None:
    try:
        return find_running(data_dir)
    except ServerError as error:
        raise NoLadder(str(error)) from error


def unknown_symbol(symbol: str, known: list[str]) -> str:
    """Why there is no book of that symbol."""
    return f"symbol {symbol} is not traded here; there are {', '.join(known) or 'none'}"
