"""A venue's side of market data, small: books with a random life, as FollowedBook takes them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from venue.domain.types import Phase, Side
from venue.marketdata.followed_book import FollowedBook, Update
from venue.marketdata.levels import Levels
from venue.marketdata.messages import (
    Action,
    AnyTrade,
    Definition,
    OrderByOrder,
    OrderChange,
    PublicOrder,
    Snapshot,
    Statistics,
    Status,
    Trade,
    TradeBusted,
    TradeCorrected,
)

NOW_NS = 1_795_000_000_123_000_000
TRADING_DAY = "2026-11-29"


def definition(symbol: str, tick: str = "0.01", lot: str = "0.001") -> Definition:
    """Terms with two decimals of prices and three of quantities."""
    return Definition(
        event_seq=1,
        timestamp_ns=NOW_NS,
        symbol=symbol,
        seq=1,
        asset=symbol,
        currency="USD",
        tick_size=tick,
        lot_size=lot,
        price_decimals=len(tick.partition(".")[2]),
        quantity_decimals=len(lot.partition(".")[2]),
        reference_price="100.00",
        price_collar_percent="10",
        max_order_qty="1000000",
    )


def status(
    symbol: str, phase: Phase = Phase.CONTINUOUS, *, disabled: bool = False, event_seq: int = 1
) -> Status:
    """The status of a symbol today; while it alone is halted, the venue trades."""
    return Status(
        event_seq=event_seq,
        timestamp_ns=NOW_NS,
        symbol=symbol,
        seq=1,
        trading_day=TRADING_DAY,
        phase=phase,
        disabled=disabled,
        session_phase=Phase.CONTINUOUS if phase is Phase.HALT else phase,
    )


def statistics(symbol: str, *prices: str) -> Statistics:
    """The day so far: trades at these prices, of 1 each."""
    exact = [Decimal(price) for price in prices]
    total = sum(exact, Decimal(0))
    return Statistics(
        event_seq=1,
        timestamp_ns=NOW_NS,
        symbol=symbol,
        seq=1,
        trading_day=TRADING_DAY,
        open=prices[0] if prices else None,
        high=str(max(exact)) if prices else None,
        low=str(min(exact)) if prices else None,
        last=prices[-1] if prices else None,
        volume=str(len(prices)),
        value=str(total),
        trades=len(prices),
        vwap=str(total / len(prices)) if prices else None,
    )


class Market:
    """The book of one symbol as the venue has it. `book` is what follows it."""

    def __init__(self, symbol: str = "ACME", random: Random | None = None) -> None:
        self.symbol = symbol
        self.seq = 0
        self.orders: dict[str, PublicOrder] = {}
        self.prices: list[str] = []
        self._random = random or Random(1)
        self._count = 0
        self._trades: list[str] = []
        self.book = FollowedBook([self.snapshot()])

    def snapshot(self) -> Snapshot:
        """The book as it is, on one page."""
        return Snapshot(
            symbol=self.symbol,
            epoch=1,
            seq=self.seq,
            event_seq=self.seq,
            timestamp_ns=NOW_NS,
            page=1,
            pages=1,
            checksum=self._checksum(),
            orders=tuple(self.orders.values()),
            statistics=statistics(self.symbol, *self.prices),
            status=status(self.symbol),
            definition=definition(self.symbol),
        )

    def update(self, *changes: OrderChange, trades: tuple[AnyTrade, ...] = ()) -> Update:
        """The book takes these changes, in one update."""
        for change in changes:
            if change.action is Action.DELETE:
                del self.orders[change.id]
            else:
                self.orders[change.id] = PublicOrder(
                    change.id, change.side, change.price, change.quantity
                )
        self.seq += 1
        day = None
        if trades:
            self.prices += [each.price for each in trades if isinstance(each, Trade)]
            day = statistics(self.symbol, *self.prices)
        message = OrderByOrder(
            event_seq=self.seq,
            timestamp_ns=NOW_NS,
            symbol=self.symbol,
            seq=self.seq,
            update=self.seq,
            epoch=1,
            changes=tuple(changes),
            checksum=self._checksum(),
            trades=trades,
            statistics=day,
        )
        found = self.book.apply(message)
        assert found is not None
        return found

    def new(self, side: Side, price: str, quantity: str) -> OrderChange:
        """An order that joins."""
        self._count += 1
        return OrderChange(Action.NEW, f"{self.symbol}-{self._count}", side, price, quantity)

    def gone(self, order_id: str) -> OrderChange:
        """An order that leaves."""
        order = self.orders[order_id]
        return OrderChange(Action.DELETE, order.id, order.side, order.price, order.quantity)

    def changed(self, order_id: str, quantity: str) -> OrderChange:
        """An order that keeps its place with another quantity."""
        order = self.orders[order_id]
        return OrderChange(Action.CHANGE, order.id, order.side, order.price, quantity)

    def trade(self, price: str, quantity: str = "1") -> Trade:
        """A match."""
        self._trades.append(f"M{len(self._trades) + 1}")
        return Trade(
            **self._stamp(),
            match_id=self._trades[-1],
            price=price,
            quantity=quantity,
            aggressor=Side.BUY,
        )

    def bust(self, match_id: str, price: str) -> TradeBusted:
        """A match is undone."""
        return TradeBusted(**self._stamp(), match_id=match_id, price=price, quantity="1")

    def correction(self, match_id: str, price: str, before: str) -> TradeCorrected:
        """A match has another price."""
        return TradeCorrected(
            **self._stamp(),
            match_id=match_id,
            price=price,
            quantity="1",
            previous_price=before,
            previous_quantity="1",
        )

    def at_random(self) -> Update:
        """Some of what may happen to a book, in one update."""
        random = self._random
        changes: list[OrderChange] = []
        left = [*self.orders]
        random.shuffle(left)
        for _ in range(random.randint(1, 4)):
            what = random.random()
            if what < 0.5 or not left:
                side = random.choice((Side.BUY, Side.SELL))
                ticks = random.randint(1, 15)
                price = 10_000 - ticks if side is Side.BUY else 10_000 + ticks
                changes.append(
                    self.new(side, f"{price / 100:.2f}", f"{random.randint(1, 9999) / 1000:.3f}")
                )
            elif what < 0.8:
                changes.append(self.gone(left.pop()))
            else:
                changes.append(self.changed(left.pop(), f"{random.randint(1, 999) / 1000:.3f}"))
        trades = (self.trade(f"{random.randint(9_990, 10_010) / 100:.2f}"),)
        return self.update(*changes, trades=trades if random.random() < 0.3 else ())

    def _stamp(self) -> dict[str, Any]:
        return {"event_seq": 1, "timestamp_ns": NOW_NS, "symbol": self.symbol, "seq": 1}

    def _checksum(self) -> int:
        levels = Levels()
        levels.set_decimals(2, 3)
        for order in self.orders.values():
            is_bid = order.side is Side.BUY
            levels.add(is_bid, Decimal(order.price), Decimal(order.quantity), 1)
        return levels.checksum()


class Markets:
    """As FollowedBooks: the books of some symbols."""

    def __init__(self, *symbols: str) -> None:
        self.markets = {symbol: Market(symbol) for symbol in symbols}
        self.is_complete = True

    @property
    def books(self) -> Mapping[str, FollowedBook]:
        """The books that follow the markets."""
        return _Books(self)


class _Books(Mapping[str, FollowedBook]):
    def __init__(self, markets: Markets) -> None:
        self._markets = markets.markets

    def __getitem__(self, symbol: str) -> FollowedBook:
        return self._markets[symbol].book

    def __iter__(self) -> Iterator[str]:
        return iter(self._markets)

    def __len__(self) -> int:
        return len(self._markets)
