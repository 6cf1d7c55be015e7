"""The WebSocket of a running venue: books and trades as they are, trading, fills and money."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.gateway.stream_client import Said, StreamClient
from tests.gateway.streams.book_client import BookClient
from tests.gateway.users import log_in
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.bus.alerts import Alert, publish_alert
from venue.bus.connection import connected

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "stream.py"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def url(http: httpx.Client) -> str:
    return f"{str(http.base_url).replace('http', 'ws', 1).rstrip('/')}/v1/stream"


@pytest.fixture
def stream(url: str, http: httpx.Client) -> Iterator[StreamClient]:
    with StreamClient(url, log_in(http)["access_token"]) as client:
        yield client


@pytest.fixture(scope="module")
def bravo(venue: RunningVenue) -> FixClient:
    client = venue.client("BRAVO")
    client.logon()
    return client


def order(**changes: object) -> dict[str, object]:
    return {"symbol": "ACME", "side": "buy", "quantity": "2", "price": "95.00", **changes}


def sell(bravo: FixClient, quantity: str, price: str) -> str:
    """BRAVO sells to whoever buys there; the trade's match_id."""
    cl_ord_id = f"b{next(_numbers)}"
    bravo.send("D", new_order(cl_ord_id, "2", quantity, price))
    return bravo.expect_report(cl_ord_id, "F", 20)[527]


def is_trade(match_id: str, state: str = "") -> Callable[[Said], bool]:
    def is_so(said: Said) -> bool:
        trade = said.get("trade", {})
        return (trade.get("match_id"), trade.get("state")) == (match_id, state)

    return is_so


def gapless(said: list[Said], channel: str) -> bool:
    numbers: list[int] = [each["number"] for each in said if each["type"].startswith(f"{channel}.")]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_public_channels_follow_a_trade_and_its_bust(
    venue: RunningVenue, http: httpx.Client, stream: StreamClient, bravo: FixClient
) -> None:
    book = BookClient()
    book.take(stream.subscribe("book", symbol="ACME"))
    before = len(stream.said)
    for channel in ("trades", "ticker", "bars"):
        stream.subscribe(channel, symbol="ACME")
    symbols = {each["symbol"] for each in stream.subscribe("status")["symbols"]}
    assert symbols >= {"ACME", "BTC-USD"}
    stream.ask("enter", order=order(price="101.00"))
    match_id = sell(bravo, "2", "101.00")
    stream.find(is_trade(match_id))
    stream.find(lambda said: said["type"] == "bars.update")
    last = stream.find(lambda said: said["type"] == "ticker.update" and said["last"] == "101")
    assert last["volume"] != "0"
    assert venue.command("trade", "bust", match_id).returncode == 0
    assert stream.find(is_trade(match_id, "busted"))["trade"]["price"] == "101"
    assert all(gapless(stream.said, channel) for channel in ("trades", "ticker", "bars"))
    told = http.get("/v1/instruments/ACME/book").json()
    stream.find(lambda said: said.get("sequence", 0) >= told["sequence"] - 1)
    for said in [*stream.said[before:]]:
        if said["type"].startswith("book."):
            book.take(said)
    assert book.own_checksum() == book.checksum == told["checksum"]
    assert [list(level) for level in book.side("bids")] == told["bids"]


def test_trading_on_the_socket_is_told_with_its_fills_and_money(
    stream: StreamClient, bravo: FixClient
) -> None:
    assert stream.subscribe("orders")["is_complete"] is True
    stream.subscribe("fills")
    held = stream.subscribe("balances")["balances"]
    stream.subscribe("wallet")
    answer = stream.ask("enter", order=order(price="102.00", client_order_id="socket-1"))
    made = answer["order"]
    assert (answer["type"], made["state"], made["client_order_id"]) == ("order", "new", "socket-1")
    match_id = sell(bravo, "1", "102.00")
    fill = stream.find(lambda said: said["type"] == "fills.update")["fill"]
    assert (fill["match_id"], fill["quantity"], fill["order_id"]) == (
        match_id, "1", made["order_id"],
    )  # fmt: skip

    def is_partial(said: Said) -> bool:
        order = said.get("order", {})
        return (said["type"], order.get("state")) == ("orders.update", "partially_filled")

    assert stream.find(is_partial)["order"]["order_id"] == made["order_id"]
    changed = stream.ask("replace", order_id=made["order_id"], change={"price": "94.00"})
    assert (changed["order"]["price"], changed["order"]["remaining"]) == ("94", "1")
    assert stream.ask("cancel", order_id=made["order_id"])["order"]["state"] == "canceled"
    event = stream.find(lambda said: said["type"] == "wallet.update")["event"]
    assert event["member"] == "ALPHA"
    balance = stream.find(lambda said: said["type"] == "balances.update")["balance"]
    assert (balance["asset"], balance["balance"]) == (event["asset"], event["balance"])
    assert {each["asset"] for each in held} >= {"USD", "ACME"}
    assert all(gapless(stream.said, each) for each in ("orders", "fills", "balances", "wallet"))


def test_refusals_have_the_venue_s_code_and_all_orders_are_cancelled(stream: StreamClient) -> None:
    refused = stream.ask("enter", order=order(price="500.00"))
    assert (refused["type"], refused["code"]) == ("error", "REFUSED")
    assert refused["venue_code"] == "PRICE_OUTSIDE_COLLAR"
    for number in range(3):
        stream.ask("enter", order=order(client_order_id=f"all-{number}"))
    assert stream.ask("enter", order=order(client_order_id="all-0"))["code"] == "CONFLICT"
    assert stream.ask("cancel_all", symbol="ACME")["canceled"] >= 3
    assert stream.subscribe("orders")["orders"] == []


def test_who_comes_back_goes_on_where_he_was(
    url: str, http: httpx.Client, stream: StreamClient
) -> None:
    first = stream.subscribe("orders")
    stream.ask("enter", order=order())
    stream.find(lambda said: said["type"] == "orders.update")
    stream.close()
    with StreamClient(url, log_in(http)["access_token"]) as again:
        place = {"epoch": first["epoch"], "number": first["number"]}
        answer = again.ask("subscribe", channel="orders", **place)
        assert answer["resumed"] is True
        assert again.until_type("orders.update")["number"] == first["number"] + 1
        answer = again.ask("subscribe", channel="fills", epoch="of before", number=1)
        assert answer["resumed"] is False and again.until_type("fills.snapshot")
        again.ask("cancel_all")


def test_who_may_only_read_cannot_trade(url: str, http: httpx.Client) -> None:
    with StreamClient(url, log_in(http, "rita")["access_token"]) as client:
        assert client.subscribe("orders")["type"] == "orders.snapshot"
        assert client.ask("enter", order=order())["code"] == "FORBIDDEN"


def test_alerts_of_the_member_are_told_and_not_those_of_others(
    venue: RunningVenue, stream: StreamClient
) -> None:
    stream.subscribe("alerts")

    async def alert() -> None:
        async with connected(venue.runtime()["nats"], "test") as connection:
            for member in ("BRAVO", "ALPHA"):
                told = Alert(
                    type="TestAlert", timestamp_ns=time.time_ns(), consumer="test", event_seq=0,
                    error=f"for {member}", member=member,
                )  # fmt: skip
                await publish_alert(connection.client.jetstream(), told)

    asyncio.run(alert())
    update = stream.until_type("alerts.update")
    while update["alert"]["type"] != "TestAlert":
        update = stream.until_type("alerts.update")
    assert update["alert"]["error"] == "for ALPHA"


def test_revoked_login_ends_its_socket(url: str, http: httpx.Client) -> None:
    told = log_in(http)
    with StreamClient(url, told["access_token"]) as client:
        client.subscribe("orders")
        http.post("/oauth/revoke", data={"token": told["refresh_token"]})
        assert client.ended() == (3000, "the login has ended")


def test_user_blocked_by_the_operator_is_out(
    venue: RunningVenue, url: str, http: httpx.Client
) -> None:
    with StreamClient(url, log_in(http, "rita")["access_token"]) as client:
        assert venue.command("user", "block", "rita").returncode == 0
        assert client.ended()[0] == 3000
    assert venue.command("user", "unblock", "rita").returncode == 0


def test_document_is_served(http: httpx.Client) -> None:
    assert http.get("/v1/asyncapi.json").json()["asyncapi"] == "3.0.0"


def test_example_follows_the_book(url: str, stream: StreamClient) -> None:
    arguments = [sys.executable, str(EXAMPLE), url, "GLOBEX"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        first = json.loads(process.stdout.readline())
        stream.ask("enter", order=order(symbol="GLOBEX", price="99.01"))
        line = json.loads(process.stdout.readline())
        assert (line["number"], line["bid"]) == (first["number"] + 1, "99.01")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        stream.ask("cancel_all")


def test_deaths_behind_the_gateway_are_said_and_nothing_is_lost(
    venue: RunningVenue, http: httpx.Client, stream: StreamClient, bravo: FixClient
) -> None:
    book = BookClient()
    book.take(stream.subscribe("book", symbol="ACME"))
    begun = len(stream.said)
    stream.subscribe("trades", symbol="ACME")
    stream.subscribe("wallet")
    info = venue.runtime()
    os.kill(info["servers"]["nats"], signal.SIGKILL)
    for part in ("market_data", "account"):
        stream.find(is_stale(part, stale=True))
    stream.ask("enter", order=order(price="103.00"))
    match_id = sell(bravo, "2", "103.00")
    stream.find(is_trade(match_id), 60)
    for part in ("market_data", "account"):
        stream.find(is_stale(part, stale=False), 60)
    stream.find(lambda said: said.get("event", {}).get("type") == "TradeExecuted", 60)
    assert gapless(stream.said, "trades") and gapless(stream.said, "wallet")

    def is_the_same() -> bool:
        told = http.get("/v1/instruments/ACME/book").json()
        stream.ask("ping")
        said = [each for each in stream.said[begun:] if each["type"].startswith("book.")]
        return bool(said) and said[-1]["checksum"] == told["checksum"] and not told["stale"]

    wait_for(is_the_same, 30)
    for said in [*stream.said[begun:]]:
        if said["type"].startswith("book."):
            book.take(said)
    assert book.own_checksum() == book.checksum
    venue.disconnect_clients()
    os.kill(info["processes"]["trading"], signal.SIGKILL)
    stream.find(is_stale("orders", stale=True), 60)
    stream.find(is_stale("orders", stale=False), 60)
    assert stream.ask("enter", order=order())["type"] == "order"


def is_stale(part: str, *, stale: bool) -> Callable[[Said], bool]:
    def is_so(said: Said) -> bool:
        return (said["type"], said.get("part"), said.get("stale")) == ("stale", part, stale)

    return is_so
