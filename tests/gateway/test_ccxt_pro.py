"""Kraken's WebSocket v2: ccxt.pro watches and trades; a plain reader checks every word of it."""

import asyncio
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.gateway.kraken_clients import (
    Key,
    Sides,
    Wire,
    bravo_of,
    ccxt_of,
    ccxt_pro_of,
    exact,
    flow,
    ladder,
    make_key,
    sides,
    url_of,
)
from tests.gateway.kraken_reader import Book
from tests.running_venue import RunningVenue

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "KRAKEN.md"
GLOBEX, INITECH, UMBRELLA = "GLOBEX/USD", "INITECH/USD", "UMBRELLA/USD"
BTC = "BTC/USD"
STEPS = 160
UPDATES = STEPS / 8
"""Of the book that come of them, at least."""
Kind = Any
"""A client class."""


@pytest.fixture(scope="module")
def key(http: httpx.Client, dana: dict[str, str]) -> Key:
    return make_key(http, dana, "read", "trade")


@pytest.fixture
def bravo(venue: RunningVenue) -> Iterator[FixClient]:
    with bravo_of(venue) as fix:
        yield fix
        fix.logout()


@pytest.fixture(scope="module")
def books(venue: RunningVenue) -> None:
    """Twelve levels on each side, for ccxt's check wants ten; and a trade."""
    with bravo_of(venue) as fix:
        ladder(fix, "ACME", "100.00", 12, "5", "a")
        ladder(fix, "BTC-USD", "50000.00", 12, "50", "b")
        trade(fix, "UMBRELLA", "u")
        fix.logout()


def trade(bravo: FixClient, symbol: str, name: str) -> None:
    """Two at 100.20; the buyer takes."""
    for side, tif in (("2", "0"), ("1", "3")):
        fields = new_order(f"{name}{side}", side, "2", "100.20", symbol, tif=tif)
        bravo.send("D", fields)
        bravo.expect_report(f"{name}{side}", "0")
    bravo.expect_report(f"{name}1", "F")


@pytest.fixture(scope="module")
def checked(http: httpx.Client, key: Key, books: None) -> Iterator[Kind]:
    """The client of the document, which has been run as it stands there."""
    with pytest.MonkeyPatch.context() as patch:
        found = run_snippet("ccxt.pro", http, key, patch)
    assert found["status"] == "open" and len(found["bids"]) >= 10
    yield found["CheckedKraken"]


def run_snippet(
    name: str, http: httpx.Client, key: Key, patch: pytest.MonkeyPatch
) -> dict[str, Any]:
    for what, value in (("URL", url_of(http)), ("KEY", key["key"]), ("SECRET", key["secret"])):
        patch.setenv(f"VENUE_{what}", value)
    snippets = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    (snippet,) = [each for each in snippets if f"import {name}\n" in each]
    found: dict[str, Any] = {}
    exec(snippet, found)
    return found


def test_what_the_document_says_of_ccxt_and_freqtrade_runs(
    http: httpx.Client, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run_snippet("ccxt", http, key, monkeypatch)
    assert found["status"] == "open"
    found["exchange"].session.close()
    text = DOCUMENT.read_text().replace("http://127.0.0.1:8080", url_of(http))
    (settings,) = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    told = settings["exchange"]
    assert told["name"] == "kraken"
    freqtrade = ccxt.kraken({**told["ccxt_config"], "apiKey": key["key"], "secret": key["secret"]})
    assert set(told["pair_whitelist"]) <= freqtrade.load_markets().keys()
    assert freqtrade.fetch_balance()["USD"]["total"] > 0
    freqtrade.session.close()


def test_a_socket_answers_each_request_and_lives(http: httpx.Client) -> None:
    with Wire(http) as wire:
        status = wire.next(channel="status")["data"][0]
        assert (status["system"], status["api_version"]) == ("online", "v2")
        assert wire.ask("ping")["method"] == "pong"
        for params, error in (
            ('{"channel":"book","symbol":["NONE/USD"]}', "Currency pair not supported"),
            ('{"channel":"book","symbol":["BTC/USD"],"depth":7}', "depth not supported"),
            ('{"channel":"ohlc","symbol":["BTC/USD"],"interval":2}', "Invalid arguments"),
            ('{"channel":"gossip","symbol":["BTC/USD"]}', "Subscription name invalid"),
            ('{"channel":"book"}', "must be an array"),
            ('{"channel":"executions"}', "ESession:Invalid session"),
            ('{"channel":"balances","token":"a.b"}', "ESession:Invalid session"),
        ):
            told = wire.ask("subscribe", params)
            assert not told["success"] and error in told["error"], told
        assert "Unsupported method" in wire.ask("edit_everything")["error"]
        wire.send("{")
        assert wire.next(method="")["error"] == "Malformed request"
        params = f'{{"channel":"book","symbol":["{GLOBEX}"]}}'
        assert wire.ask("subscribe", params)["result"]["symbol"] == GLOBEX
        assert wire.next(channel="book")["type"] == "snapshot"
        assert wire.ask("subscribe", params)["error"] == "Already subscribed"
        assert wire.next(channel="heartbeat")
        assert wire.ask("unsubscribe", params)["success"]
        assert not wire.ask("unsubscribe", params)["success"]


def test_every_checksum_of_a_flow_of_random_orders_is_right(
    http: httpx.Client, key: Key, bravo: FixClient, checked: Kind
) -> None:
    held = {10: Book(10), 25: Book(25)}
    with Wire(http) as ten, Wire(http) as more:
        readers = {10: ten, 25: more}
        for depth, reader in readers.items():
            params = f'{{"channel":"book","symbol":["{BTC}"],"depth":{depth}}}'
            assert reader.ask("subscribe", params)["success"]
        asyncio.run(watch(http, key, checked, bravo))
        for depth, reader in readers.items():
            final = sides(http, depth)
            while exact(held[depth]) != final:
                held[depth].take(reader.next(channel="book"))
            assert held[depth].messages > UPDATES


async def watch(http: httpx.Client, key: Key, checked: Kind, bravo: FixClient) -> None:
    """Watch the book with ccxt's own check of the checksum while orders come and go."""
    exchange = ccxt_pro_of(http, key, checked, options={"watchOrderBook": {"checksum": True}})
    try:
        async with asyncio.timeout(60):
            await exchange.watch_order_book(BTC)
            flowing = asyncio.create_task(asyncio.to_thread(flow, http, bravo, STEPS))
            seen, watching = 0, asyncio.ensure_future(exchange.watch_order_book(BTC))
            while not flowing.done() or watched(exchange) != sides(http, 10):
                await asyncio.wait({watching, flowing}, return_when=asyncio.FIRST_COMPLETED)
                if watching.done():
                    watching.result()
                    seen += 1
                    watching = asyncio.ensure_future(exchange.watch_order_book(BTC))
                elif flowing.done():
                    await asyncio.wait({watching})
            watching.cancel()
            await asyncio.gather(watching, flowing, return_exceptions=True)
            flowing.result()
        assert seen > UPDATES
    finally:
        await exchange.close()


def watched(exchange: Any) -> Sides:
    book = exchange.orderbooks[BTC]
    return [
        [(Decimal(price.text), Decimal(quantity.text)) for price, quantity in book[side]]
        for side in ("bids", "asks")
    ]


def test_trades_tickers_and_candles_are_told_as_they_happen(
    http: httpx.Client, bravo: FixClient
) -> None:
    channels = ("trade", "ticker", "ohlc")
    with Wire(http) as wire:
        for channel in channels:
            params = f'{{"channel":"{channel}","symbol":["{INITECH}"]}}'
            assert wire.ask("subscribe", params)["success"]
        assert wire.next(channel="ticker")["data"][0]["last"] is None
        trade(bravo, "INITECH", "t")
        told = {name: wire.next(channel=name, type="update")["data"][0] for name in channels}
        assert (told["trade"]["price"], told["trade"]["qty"]) == ("100.20", "2")
        assert (told["trade"]["side"], told["trade"]["symbol"]) == ("buy", INITECH)
        assert (told["ticker"]["last"], told["ticker"]["volume"]) == ("100.20", "2")
        candle = told["ohlc"]
        assert (candle["open"], candle["close"], candle["volume"]) == ("100.20", "100.20", "2")
        assert (candle["interval"], candle["trades"]) == ("1", "1")
    with Wire(http) as wire:
        for channel in channels:
            params = f'{{"channel":"{channel}","symbol":["{INITECH}"]}}'
            assert wire.ask("subscribe", params)["success"]
            snapshot = wire.next(channel=channel)
            assert snapshot["type"] == "snapshot" and snapshot["data"][0]["symbol"] == INITECH


def test_ccxt_pro_watches_all_that_is_public(http: httpx.Client, key: Key, books: None) -> None:
    async def main() -> None:
        exchange = ccxt_pro_of(http, key)
        try:
            async with asyncio.timeout(60):
                assert (await exchange.watch_ticker("ACME/USD"))["bid"] == 99.99
                assert (await exchange.watch_bids_asks(["BTC/USD"])).keys() == {"BTC/USD"}
                book = await exchange.watch_order_book("ACME/USD", 25)
                assert len(book["bids"]) == len(book["asks"]) == 12
                (one,) = await exchange.watch_trades(UMBRELLA)
                assert (one["price"], one["amount"]) == (100.2, 2)
                candles = await exchange.watch_ohlcv(UMBRELLA)
                assert float(candles[0][1]) == 100.2 and candles == sorted(candles)
        finally:
            await exchange.close()

    asyncio.run(main())


def test_ccxt_pro_trades_and_sees_its_own(http: httpx.Client, key: Key, bravo: FixClient) -> None:
    async def main() -> None:
        exchange = ccxt_pro_of(http, key)
        try:
            async with asyncio.timeout(60):
                await trade_by(exchange, bravo)
        finally:
            await exchange.close()

    asyncio.run(main())


async def trade_by(exchange: Any, bravo: FixClient) -> None:
    made = await exchange.create_order_ws(GLOBEX, "limit", "buy", 2, 99.0)
    (order,) = await exchange.watch_orders()
    assert (order["id"], order["price"], order["status"]) == (made["id"], 99.0, "open")
    edited = await exchange.edit_order_ws(made["id"], GLOBEX, "limit", "buy", 3, 99.5)
    assert edited["id"] == made["id"]
    while exchange.orders.hashmap[GLOBEX][made["id"]]["price"] != 99.5:
        await exchange.watch_orders()
    assert (await exchange.watch_balance())["USD"]["total"] > 0
    watching = asyncio.ensure_future(exchange.watch_my_trades())
    sell = new_order("w1", "2", "1", "99.50", "GLOBEX", tif="3")
    await asyncio.to_thread(bravo.send, "D", sell)
    (fill,) = await watching
    assert (fill["order"], fill["amount"], fill["takerOrMaker"]) == (made["id"], 1, "maker")
    told = await exchange.cancel_order_ws(made["id"])
    assert told["result"]["order_id"] == made["id"]
    with pytest.raises(ccxt.OrderNotFound):
        await exchange.cancel_order_ws(made["id"])
    with pytest.raises(ccxt.BadRequest, match="PRICE_OUTSIDE_COLLAR"):
        await exchange.create_order_ws(GLOBEX, "limit", "buy", 2, 500)
    other = await exchange.create_order_ws(GLOBEX, "limit", "buy", 1, 98.0)
    assert (await exchange.cancel_all_orders_ws())["result"]["count"] == 1
    while exchange.orders.hashmap[GLOBEX][other["id"]]["status"] != "canceled":
        await exchange.watch_orders()


def test_a_token_is_its_keys_and_ends_with_it(http: httpx.Client, dana: dict[str, str]) -> None:
    mine = make_key(http, dana, "read")
    reader = ccxt_of(http, mine)
    token = reader.private_post_getwebsocketstoken()["result"]["token"]
    reader.session.close()
    with Wire(http, "/auth/v2") as wire:
        told = wire.ask("subscribe", f'{{"channel":"executions","token":"{token}"}}')
        assert told["success"]
        assert wire.next(channel="executions")["sequence"] == "1"
        params = f'"order_type":"limit","side":"buy","order_qty":1,"symbol":"{GLOBEX}"'
        told = wire.ask("add_order", f'{{{params},"limit_price":95.0,"token":"{token}"}}')
        assert "EAccount:Invalid permissions" in told["error"]
        forged = ("A" if token[0] != "A" else "B") + token[1:]
        told = wire.ask("subscribe", f'{{"channel":"balances","token":"{forged}"}}')
        assert "ESession:Invalid session" in told["error"]
        assert http.delete(f"/v1/keys/{mine['key']}", headers=dana).status_code == 200
        told = wire.ask("subscribe", f'{{"channel":"balances","token":"{token}"}}')
        assert "ESession:Invalid session" in told["error"]
        with pytest.raises(ConnectionClosed) as ended:
            wire.next(channel="none")
        assert ended.value.rcvd is not None and ended.value.rcvd.code == 1008
