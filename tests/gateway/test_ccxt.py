"""ccxt's client of Kraken trades on the venue: its unified calls, and the classes of its errors."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import ccxt
import httpx
import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.gateway.kraken_clients import Key, bravo_of, ccxt_of, make_key
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for

ACME = "ACME/USD"
PATIENCE = 60
"""Seconds, on a busy machine."""
Client = Callable[[Key], Any]


@pytest.fixture(scope="module")
def key(http: httpx.Client, dana: dict[str, str]) -> Key:
    return make_key(http, dana, "read", "trade")


@pytest.fixture(scope="module")
def exchange(http: httpx.Client, key: Key) -> Iterator[Any]:
    made = ccxt_of(http, key)
    made.load_markets()
    yield made
    made.session.close()


@pytest.fixture
def client(http: httpx.Client) -> Iterator[Client]:
    made: list[Any] = []

    def make(key: Key) -> Any:
        made.append(ccxt_of(http, key))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def bravo(venue: RunningVenue) -> Iterator[FixClient]:
    with bravo_of(venue) as fix:
        yield fix
        fix.logout()


def sell(bravo: FixClient, cl_ord_id: str, quantity: str, price: str, symbol: str = "ACME") -> None:
    bravo.send("D", new_order(cl_ord_id, "2", quantity, price, symbol, tif="3"))
    bravo.expect_report(cl_ord_id, "F")


def test_markets_currencies_status_and_time(exchange: Any) -> None:
    acme, btc = exchange.market(ACME), exchange.market("BTC/USD")
    assert (acme["active"], acme["precision"]) == (True, {"price": 0.01, "amount": 1})
    assert btc["precision"]["amount"] == btc["limits"]["amount"]["min"] == 1e-8
    assert {"ACME", "BTC", "USD"} <= exchange.fetch_currencies().keys()
    assert exchange.fetch_status()["status"] == "ok"
    assert abs(exchange.fetch_time() - exchange.milliseconds()) < 5_000


def test_an_order_lives_from_entry_to_end(exchange: Any) -> None:
    made = exchange.create_order(ACME, "limit", "buy", 3, 95, {"clientOrderId": "kraken-1"})
    assert (made["symbol"], made["type"], made["side"], made["price"]) == (ACME, "limit", "buy", 95)
    found = exchange.fetch_order(made["id"])
    assert (found["status"], found["amount"], found["clientOrderId"]) == ("open", 3, "kraken-1")
    assert abs(found["timestamp"] - exchange.milliseconds()) < 60_000
    exchange.edit_order(made["id"], ACME, "limit", "buy", 2, 94.5)
    (listed,) = exchange.fetch_open_orders(ACME, params={"clientOrderId": "kraken-1"})
    assert (listed["id"], listed["amount"], listed["price"]) == (made["id"], 2, 94.5)
    by_client = exchange.fetch_order(made["id"], params={"clientOrderId": "kraken-1"})
    assert by_client["id"] == made["id"]
    held = exchange.fetch_balance()["USD"]["used"]
    assert held == 189
    exchange.cancel_order(made["id"])
    (closed,) = [each for each in exchange.fetch_closed_orders() if each["id"] == made["id"]]
    assert (closed["status"], closed["remaining"]) == ("canceled", 2)
    other = exchange.create_order(ACME, "limit", "buy", 1, 95, {"clientOrderId": "kraken-2"})
    exchange.cancel_order("", params={"clientOrderId": "kraken-2"})
    assert exchange.fetch_order(other["id"])["status"] == "canceled"


def test_a_fill_is_seen_everywhere_and_booked(
    venue: RunningVenue, exchange: Any, bravo: FixClient
) -> None:
    made = exchange.create_order(ACME, "limit", "buy", 3, 101)
    sell(bravo, "k1", "3", "101.00")
    wait_for(lambda: exchange.fetch_order(made["id"])["status"] == "closed", PATIENCE)
    found = exchange.fetch_order(made["id"])
    assert (found["filled"], found["average"], found["cost"]) == (3, 101, 303)
    (of_order,) = found["trades"]
    wait_for(lambda: bool(exchange.fetch_my_trades(ACME)), PATIENCE)
    (mine,) = exchange.fetch_my_trades(ACME)
    assert (mine["id"], mine["order"], mine["price"]) == (of_order["id"], made["id"], 101)
    assert (mine["takerOrMaker"], mine["cost"], mine["side"]) == ("maker", 303, "buy")
    since = mine["timestamp"] + 60_000
    assert exchange.fetch_my_trades(ACME, since) == []
    (asked,) = exchange.fetch_order_trades(made["id"], params={"trades": [mine["id"]]})
    assert asked["id"] == mine["id"]
    booked = {
        row["asset"]: float(row["amount"])
        for row in venue.json("ledger", "balances", "ALPHA")["balances"]
    }
    balance = exchange.fetch_balance()
    assert {asset: balance[asset]["total"] for asset in booked} == booked
    entries = exchange.fetch_ledger("ACME")
    assert (entries[-1]["type"], entries[-1]["amount"]) == ("trade", 3)
    assert exchange.fetch_deposits("USD")[0]["amount"] == 10**12
    assert exchange.fetch_withdrawals() == exchange.fetch_positions() == []
    assert exchange.fetch_ledger_entry(entries[-1]["id"])["after"] == entries[-1]["after"]


def test_public_market_data_is_the_venues(
    venue: RunningVenue, exchange: Any, bravo: FixClient
) -> None:
    exchange.create_order("GLOBEX/USD", "limit", "buy", 5, 99.5)
    exchange.create_order("GLOBEX/USD", "limit", "buy", 7, 99.25)
    sell(bravo, "k2", "2", "99.50", "GLOBEX")
    bids = [[99.5, 3], [99.25, 7]]
    wait_for(lambda: [each[:2] for each in exchange.fetch_order_book("GLOBEX/USD")["bids"]] == bids)
    assert len(exchange.fetch_order_book("GLOBEX/USD", 1)["bids"]) == 1
    wait_for(lambda: exchange.fetch_ticker("GLOBEX/USD")["last"] == 99.5, PATIENCE)
    told = exchange.fetch_ticker("GLOBEX/USD")
    assert (told["bid"], told["bidVolume"], told["baseVolume"]) == (99.5, 3, 2)
    assert {ACME, "GLOBEX/USD"} <= exchange.fetch_tickers().keys()
    assert exchange.fetch_tickers(["GLOBEX/USD"]).keys() == {"GLOBEX/USD"}
    (trade,) = exchange.fetch_trades("GLOBEX/USD")
    assert (trade["price"], trade["amount"], trade["side"]) == (99.5, 2, "sell")
    assert exchange.fetch_trades("GLOBEX/USD", trade["timestamp"] - 5_000)[0]["id"] == trade["id"]
    for timeframe in ("1m", "1d"):
        candles = exchange.fetch_ohlcv("GLOBEX/USD", timeframe)
        assert (candles[0][1], sum(each[5] for each in candles)) == (99.5, 2)
    match = str(venue.json("md", "trades", "GLOBEX")["trades"][0]["match_id"])
    assert trade["id"] == match.removeprefix("M")
    exchange.cancel_all_orders()
    wait_for(lambda: exchange.fetch_open_orders() == [], PATIENCE)


def test_every_order_type_that_the_venue_takes(exchange: Any, bravo: FixClient) -> None:
    bravo.send("D", new_order("k3", "2", "4", "102.00"))
    bravo.expect_report("k3", "0")
    bought = exchange.create_order(ACME, "market", "buy", 1)
    wait_for(lambda: exchange.fetch_order(bought["id"])["status"] == "closed", PATIENCE)
    ioc = exchange.create_order(ACME, "limit", "buy", 5, 102, {"timeInForce": "IOC"})
    wait_for(lambda: exchange.fetch_order(ioc["id"])["filled"] == 3, PATIENCE)
    stop = exchange.create_order(ACME, "market", "sell", 1, None, {"stopLossPrice": 97})
    assert exchange.fetch_order(stop["id"])["stopLossPrice"] == 97
    both = exchange.create_order(ACME, "limit", "sell", 1, 96, {"stopLossPrice": 97})
    found = exchange.fetch_order(both["id"])
    assert (found["stopLossPrice"], found["price"], found["type"]) == (97, 96, "limit")
    post = exchange.create_order(ACME, "limit", "buy", 1, 95, {"postOnly": True})
    assert exchange.fetch_order(post["id"])["postOnly"]
    orders = [
        {"symbol": ACME, "type": "limit", "side": "buy", "amount": 1, "price": price}
        for price in (94, 93)
    ]
    made = exchange.create_orders(orders)
    assert len({each["id"] for each in made}) == 2
    exchange.cancel_orders([each["id"] for each in made])
    opened = {each["id"] for each in exchange.fetch_open_orders()}
    assert opened == {stop["id"], both["id"], post["id"]}
    exchange.cancel_all_orders_after(1_000)
    wait_for(lambda: exchange.fetch_open_orders() == [], PATIENCE)
    assert exchange.cancel_all_orders_after(0)["result"]["triggerTime"] == "0"


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (ccxt.InvalidOrder, ("limit", "buy", 1, 500)),
        (ccxt.InvalidOrder, ("limit", "buy", 10**7, 95)),
        (ccxt.InvalidOrder, ("market", "buy", 1, None, {"cost": 100})),
        (ccxt.InvalidOrder, ("limit", "buy", 1, 95, {"takeProfitPrice": 97})),
        (ccxt.ExchangeError, ("limit", "buy", 1, 95, {"leverage": "5"})),
        (ccxt.ExchangeError, ("limit", "buy", 1, 95, {"userref": 5})),
    ],
)
def test_what_is_refused_is_an_error_of_the_order(
    exchange: Any, error: type[Exception], arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(error) as raised:
        exchange.create_order(ACME, *arguments)
    assert "EOrder:" in str(raised.value) or "EGeneral:Invalid arguments" in str(raised.value)


def test_orders_and_pairs_that_are_not_there_or_not_ones_own(
    exchange: Any, bravo: FixClient
) -> None:
    bravo.send("D", new_order("k4", "1", "1", "94.00"))
    foreign = bravo.expect_report("k4", "0")[37]
    for order_id in (foreign, "O-1", "[x", ""):
        with pytest.raises(ccxt.OrderNotFound):
            exchange.cancel_order(order_id)
    with pytest.raises(ccxt.OrderNotFound):
        exchange.fetch_order(foreign)
    with pytest.raises(ccxt.InvalidOrder, match="EOrder:Unknown order"):
        exchange.edit_order(foreign, ACME, "limit", "buy", 1, 95)
    with pytest.raises(ccxt.BadSymbol):
        exchange.public_get_depth({"pair": "NONE"})
    with pytest.raises(ccxt.ExchangeError, match="EGeneral:Unknown method"):
        exchange.private_post_withdraw({"asset": "USD", "amount": "1", "key": "x"})


def test_what_an_operator_stops_is_told_in_krakens_words(
    venue: RunningVenue, exchange: Any
) -> None:
    for begin, end, error in (
        (("halt", "ACME"), ("resume", "ACME"), ccxt.OnMaintenance),
        (("kill", "member", "ALPHA"), ("revive", "member", "ALPHA"), ccxt.AccountSuspended),
        (
            ("risk", "set", "ALPHA", "credit_limit=5000"),
            ("risk", "set", "ALPHA", "credit_limit=1000000000"),
            ccxt.InsufficientFunds,
        ),
    ):
        assert venue.command(*begin).returncode == 0
        with pytest.raises(error):
            exchange.create_order(ACME, "limit", "buy", 100, 95)
        assert venue.command(*end).returncode == 0
    exchange.cancel_order(exchange.create_order(ACME, "limit", "buy", 1, 95)["id"])


def test_wrong_keys_replayed_nonces_and_scopes(
    http: httpx.Client, dana: dict[str, str], key: Key, client: Client, exchange: Any
) -> None:
    other = make_key(http, dana, "read")
    reader = client(other)
    assert reader.fetch_balance()["USD"]["total"] > 0
    with pytest.raises(ccxt.PermissionDenied):
        reader.create_order(ACME, "limit", "buy", 1, 95)
    with pytest.raises(ccxt.AuthenticationError):
        client({"key": "nobody", "secret": key["secret"]}).fetch_balance()
    wrong = client({"key": other["key"], "secret": key["secret"]})
    for _ in range(5):
        with pytest.raises(ccxt.AuthenticationError):
            wrong.fetch_balance()
    with pytest.raises(ccxt.DDoSProtection, match="EGeneral:Temporary lockout"):
        wrong.fetch_balance()
    replaying = client(key)
    now = exchange.milliseconds()
    replaying.nonce = lambda: now
    replaying.fetch_balance()
    with pytest.raises(ccxt.InvalidNonce):
        replaying.fetch_balance()
    native = http.post("/v1/keys", json={"scopes": ["read"]}, headers=dana).json()
    with pytest.raises(ccxt.AuthenticationError):
        client({**native, "secret": key["secret"]}).fetch_balance()
    ended = make_key(http, dana, "read")
    assert http.delete(f"/v1/keys/{ended['key']}", headers=dana).status_code == 200
    with pytest.raises(ccxt.AuthenticationError):
        client(ended).fetch_balance()


def test_an_order_of_unknown_fate_is_found_by_its_client_id(
    venue: RunningVenue, exchange: Any
) -> None:
    os.kill(venue.runtime()["processes"]["trading"], signal.SIGSTOP)
    try:
        with pytest.raises(ccxt.ExchangeNotAvailable, match="FATE_UNKNOWN"):
            exchange.create_order(ACME, "limit", "buy", 1, 95, {"clientOrderId": "limbo"})
    finally:
        os.kill(venue.runtime()["processes"]["trading"], signal.SIGCONT)

    def is_found() -> bool:
        try:
            found = exchange.private_post_queryorders({"cl_ord_id": "limbo"})
        except ccxt.ExchangeNotAvailable:
            return False
        return bool(found["result"])

    wait_for(is_found, 60)
