"""Kraken's channels without a venue: books told by differences, orders, fills and balances."""

import json
import random
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from tests.gateway.kraken_reader import Book, read
from venue.clearing.wallet.event import WalletEvent
from venue.gateway.hub import Hub, Topic
from venue.gateway.kraken.balances import Balances
from venue.gateway.kraken.executions import Executions
from venue.gateway.kraken.names import Pair, Pairs
from venue.gateway.kraken.shown_books import DEPTHS, ShownBooks
from venue.gateway.markets import Book as MarketBook
from venue.gateway.markets import InstrumentTold, Markets
from venue.gateway.order import Fill, Order, OrderNews
from venue.gateway.orders import Orders
from venue.gateway.readings import BalanceTold
from venue.marketdata.followed_book import Update
from venue.marketdata.levels import Levels

BTC = InstrumentTold(
    "BTC-USD", "BTC", "USD", "0.01", "0.00000001", 2, 8, "50000", "10", "100"
)  # fmt: skip
UPDATE = Update(1, 1, 1)


class OneMarket:
    """A book that a test changes level by level."""

    def __init__(self) -> None:
        self.levels = Levels()
        self.levels.set_decimals(2, 8)

    def add(self, is_bid: bool, price: str, quantity: str, sign: int) -> None:
        self.levels.add(is_bid, Decimal(price), Decimal(quantity) * sign, sign)

    def require_all(self) -> None:
        return

    def instruments(self) -> list[InstrumentTold]:
        return [BTC]

    def book(self, symbol: str, depth: int) -> MarketBook:
        levels = self.levels
        return MarketBook(
            symbol, 1, levels.checksum(), levels.bids(depth), levels.asks(depth), False, 10**18
        )


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def market() -> OneMarket:
    return OneMarket()


@pytest.fixture
def pairs(hub: Hub, market: OneMarket) -> Pairs:
    return Pairs(cast(Markets, market), hub, {})


@pytest.fixture
def pair(pairs: Pairs) -> Pair:
    return pairs.of("BTC/USD")


def test_a_pair_is_found_by_all_its_names(pairs: Pairs) -> None:
    assert pairs.of("BTCUSD") is pairs.of("BTC/USD") is pairs.of("BTC-USD")
    assert pairs.assets() == ["BTC", "USD"]
    assert (pairs.of("BTCUSD").id, pairs.of("BTCUSD").least_quantity) == ("BTCUSD", "0.00000001")


@pytest.mark.parametrize("seed", range(4))
def test_every_difference_leads_to_the_book_at_every_depth(
    hub: Hub, market: OneMarket, pair: Pair, seed: int
) -> None:
    random_ = random.Random(seed)
    shown = ShownBooks(cast(Markets, market), hub)
    books = {depth: Book(depth) for depth in DEPTHS}
    orders: list[tuple[bool, str, str]] = []
    started = False
    for step in range(400):
        if orders and random_.random() < 0.45:
            market.add(*orders.pop(random_.randrange(len(orders))), -1)
        else:
            is_bid = random_.random() < 0.5
            cents = 10_000 + (-1 if is_bid else 1) * random_.randint(1, 40)
            order = (is_bid, f"{cents / 100:.2f}", f"0.{random_.randint(1, 99_999_999):08}")
            orders.append(order)
            market.add(*order, 1)
        if started:
            hub.tell(Topic.MARKET, "BTC-USD", UPDATE)
        elif step >= 15 * seed:  # one begins with a level, others with more and more
            started = True
            for depth, book in books.items():
                shown.listen(pair, depth, lambda raw, book=book: book.take(read(raw)))  # type: ignore[misc]
                book.take(read(shown.snapshot(pair, depth)))
        for depth, book in books.items():
            if started:
                levels = market.levels.bids(depth)
                assert [Decimal(level.price) for level in levels] == book.best("bids")
    assert all(book.messages > 50 for book in books.values())


def test_what_does_not_change_a_book_is_not_told_and_nobody_is_told_after_his_end(
    hub: Hub, market: OneMarket, pair: Pair
) -> None:
    shown, told = ShownBooks(cast(Markets, market), hub), list[bytes]()
    end = shown.listen(pair, 10, told.append)
    other = shown.listen(pair, 10, told.append)
    hub.tell(Topic.MARKET, "BTC-USD", UPDATE)
    assert told == []
    market.add(True, "99.00", "1", 1)
    hub.tell(Topic.MARKET, "BTC-USD", UPDATE)
    assert len(told) == 2 and told[0] is told[1]
    assert read(told[0])["data"][0]["bids"] == [{"price": "99.00", "qty": "1.00000000"}]
    end()
    end()
    market.add(True, "99.00", "1", -1)
    hub.tell(Topic.MARKET, "BTC-USD", UPDATE)
    assert len(told) == 3
    assert read(told[2])["data"][0]["bids"] == [{"price": "99.00", "qty": "0.00000000"}]
    other()
    market.add(True, "98.00", "1", 1)
    hub.tell(Topic.MARKET, "BTC-USD", UPDATE)
    assert len(told) == 3 and hub._listeners.keys() == {(Topic.MARKET, "*")}


def test_a_snapshot_with_few_asks_has_its_depth_all_the_same(
    hub: Hub, market: OneMarket, pair: Pair
) -> None:
    market.add(False, "101.00", "1", 1)
    shown = ShownBooks(cast(Markets, market), hub)
    shown.listen(pair, 25, lambda raw: None)
    asks = read(shown.snapshot(pair, 25))["data"][0]["asks"]
    assert len(asks) == 25 and [each for each in asks if Decimal(each["qty"])] == asks[:1]


# A member's own


def order(**changes: Any) -> Order:
    plain = Order(
        "1", "c1", "BTC-USD", "buy", "limit", "gtc", "2", "0", "2", "0", "new", "100",
        updated="2027-01-15T08:00:00.000Z",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def fill(exec_id: str, order_id: str = "1") -> Fill:
    return Fill(exec_id, order_id, "c1", "BTC-USD", "buy", "100", "1", "M7", "maker", "2027")


class Told:
    """Messages, as a client reads them; each has the next number."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def say(self, message: bytes) -> None:
        self.messages.append(json.loads(message))
        assert self.messages[-1]["sequence"] == len(self.messages)

    def rows(self, *names: str) -> list[tuple[Any, ...]]:
        return [
            tuple(row.get(name) for name in names) for each in self.messages for row in each["data"]
        ]


def test_executions_are_told_once_and_never_mixed(pairs: Pairs) -> None:
    told, orders = Told(), Orders()
    orders._by_id["1"] = order()
    executions = Executions(pairs, orders, told.say)
    executions.show(with_orders=True, with_fills=True)
    assert [(each["type"], len(each["data"])) for each in told.messages] == [
        ("snapshot", 1), ("snapshot", 0),
    ]  # fmt: skip
    part = order(filled="1", remaining="1", average_price="100", state="partially_filled")
    news = [
        OrderNews(1, order()),  # the venue says again what is open
        OrderNews(2, order(price="101")),
        OrderNews(3, part, fill("71")),
        OrderNews(4, part, fill("71")),  # and what was filled
        OrderNews(5, order(state="canceled", filled="1", text="MASS_CANCELED all")),
        OrderNews(6, order(state="canceled", filled="1")),
        OrderNews(7, order(order_id="2")),
        OrderNews(8, order(order_id="2", filled="2", state="filled"), fill("82", "2")),
        OrderNews(9, order(order_id="3", symbol="OTHER")),
        OrderNews(10, order(order_id="2", filled="1", state="canceled"), None, is_corrected=True),
    ]
    for each in news:
        executions.hear("ALPHA", each)
    assert told.rows("order_id", "exec_type", "order_status")[1:] == [
        ("1", "amended", "new"),
        ("1", "trade", "partially_filled"),
        ("1", "status", "partially_filled"),
        ("1", "canceled", "canceled"),
        ("2", "new", "new"),
        ("2", "trade", "filled"),
        ("2", "filled", "filled"),
        ("2", "status", "canceled"),  # a bust has taken some of it back
    ]
    assert told.rows("cum_qty")[-1] == (1.0,)
    assert told.rows("reason")[4] == ("MASS_CANCELED all",)


def event(number: int, amount: str, balance: str, **changes: Any) -> WalletEvent:
    told: dict[str, Any] = {
        "type": "TradeExecuted", "v": 1, "event_seq": number, "line": 0, "wallet_number": number,
        "timestamp_ns": 10**18, "member": "ALPHA", "account": "default", "purpose": "settled",
        "asset": "USD", "amount": amount, "balance": balance, "value_date": "2027-01-15",
        **changes,
    }  # fmt: skip
    return WalletEvent(**told)


def test_balances_begin_with_all_and_follow_the_ledger_line_by_line() -> None:
    told = Told()
    balances = Balances(told.say)
    balances.hear("ALPHA", event(1, "-5", "95"))  # while the ledger is being read
    rows = [BalanceTold("default", "USD", "95"), BalanceTold("A1", "USD", "10")]
    balances.begin(rows, is_told=True)
    balances.hear("ALPHA", event(2, "-1.5", "93.5"))
    balances.hear("ALPHA", event(3, "7", "7", purpose="unsettled"))
    balances.hear("ALPHA", event(4, "2", "2", asset="BTC", type="FundsDeposited"))
    assert [each["type"] for each in told.messages] == ["snapshot", "update", "update", "update"]
    assert told.rows("asset", "balance", "amount", "type") == [
        ("USD", 105, None, None),
        ("USD", 105, -5, "trade"),
        ("USD", 103.5, -1.5, "trade"),
        ("BTC", 2, 2, "deposit"),
    ]
