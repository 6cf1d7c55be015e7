"""Real sockets of /v1/stream without a venue behind them: who is let in, who is let go, and why."""

import json
import socket as sockets
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.gateway.stream_client import StreamClient
from tests.gateway.streams.local import PASSWORD, LocalGateway, local_gateway
from tests.servers.conditions import wait_for
from venue.gateway.hub import Topic
from venue.gateway.scopes import Scope
from venue.gateway.streams.socket import (
    MESSAGE_MAX,
    POLICY,
    TOO_LARGE,
    UNAUTHORIZED,
    UNSUPPORTED,
)
from venue.gateway.users import State

PAGE = "https://desk.example.com"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    directory = tmp_path_factory.mktemp("sockets")
    with local_gateway(directory, allowed_origins=(PAGE,)) as gateway:
        wait_for(lambda: can_connect(gateway), 20)
        yield gateway


@pytest.fixture
def client(gateway: LocalGateway) -> Iterator[StreamClient]:
    with StreamClient(gateway.url) as client:
        assert client.hear()["type"] == "ready"
        yield client


def can_connect(gateway: LocalGateway) -> bool:
    try:
        sockets.create_connection(("127.0.0.1", gateway.port), 1).close()
    except OSError:
        return False
    return True


def refusal(
    gateway: LocalGateway, url: str = "", *, token: str = "", origin: str = ""
) -> tuple[int, dict[str, Any]]:
    """Status and body of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        StreamClient(url or gateway.url, token, origin=origin)
    response = refused.value.response
    return response.status_code, json.loads(response.body)


def number_of_sockets(gateway: LocalGateway) -> int:
    streams = gateway.streams
    assert streams is not None
    return len(streams.sockets)


def test_page_of_another_origin_is_not_let_in(gateway: LocalGateway) -> None:
    for origin in ("https://evil.example", "null", f"{PAGE}.evil.example", PAGE.upper()):
        status, told = refusal(gateway, origin=origin)
        assert (status, told["code"], told["field"]) == (403, "FORBIDDEN", "Origin")
    with StreamClient(gateway.url, origin=PAGE) as client:
        assert client.hear()["type"] == "ready"


def test_token_in_the_url_or_one_that_is_not_good_opens_nothing(gateway: LocalGateway) -> None:
    status, told = refusal(gateway, f"{gateway.url}?token={gateway.token()}")
    assert (status, told["code"]) == (400, "BAD_REQUEST")
    for text in ("Bearer x.y.z", "Basic ZGFuYTp4", f"Bearer {gateway.token(left_seconds=-60)}"):
        status, told = refusal(gateway, token=text)
        assert (status, told["code"]) == (401, "UNAUTHENTICATED")


def test_token_in_the_header_or_in_the_first_message(
    gateway: LocalGateway, client: StreamClient
) -> None:
    with StreamClient(gateway.url, gateway.token()) as own:
        assert own.hear()["user"] == "dana"
        assert own.subscribe("orders")["is_complete"] is False
    answer = client.ask("authenticate", token=gateway.token())
    assert (answer["type"], answer["user"], answer["member"]) == ("authenticated", "dana", "ALPHA")
    assert client.subscribe("fills")["fills"] == []


def test_nothing_of_a_member_is_said_without_a_token(client: StreamClient) -> None:
    for channel in ("orders", "fills", "balances", "wallet", "alerts"):
        answer = client.ask("subscribe", channel=channel)
        assert (answer["type"], answer["code"]) == ("error", "UNAUTHENTICATED")
    for op, more in (
        ("enter", {"order": {"symbol": "ACME", "side": "buy", "quantity": "1", "price": "1"}}),
        ("replace", {"order_id": "1", "change": {"quantity": "1"}}),
        ("cancel", {"order_id": "1"}),
        ("cancel_all", {}),
    ):
        assert client.ask(op, **more)["code"] == "UNAUTHENTICATED"
    assert client.ask("subscribe", channel="book", symbol="ACME")["type"] == "subscribed"


def test_scope_is_needed_and_another_user_s_token_is_refused(
    gateway: LocalGateway, client: StreamClient
) -> None:
    scopes = frozenset({Scope.READ})
    rita = gateway.do(lambda: gateway.users.add("rita", "BRAVO", scopes, PASSWORD, 1))
    client.ask("authenticate", token=gateway.token(user=rita))
    assert client.ask("cancel_all")["code"] == "FORBIDDEN"
    assert client.ask("authenticate", token=gateway.token())["code"] == "CONFLICT"
    assert client.ask("subscribe", channel="orders")["code"] == "FORBIDDEN", "BRAVO has no session"
    assert client.ask("subscribe", channel="alerts")["type"] == "subscribed"


def test_wrong_tokens_end_the_socket(client: StreamClient) -> None:
    codes = [client.ask("authenticate", token="x.y.z")["code"] for _ in range(4)]
    assert codes == ["UNAUTHENTICATED"] * 4
    client.send('{"op": "authenticate", "token": "x.y.z"}')
    assert client.ended()[0] == UNAUTHORIZED


def test_when_the_token_expires_the_member_s_channels_end_and_public_ones_go_on(
    gateway: LocalGateway, client: StreamClient
) -> None:
    client.subscribe("book", symbol="ACME")
    client.ask("authenticate", token=gateway.token(left_seconds=2))
    client.subscribe("alerts")
    assert client.until_type("ended")["code"] == "UNAUTHENTICATED"
    assert client.ask("cancel_all")["code"] == "UNAUTHENTICATED"
    gateway.step()
    client.until_type("book.update")
    client.ask("authenticate", token=gateway.token())
    client.subscribe("alerts")


def test_next_token_keeps_the_member_s_channels(
    gateway: LocalGateway, client: StreamClient
) -> None:
    client.ask("authenticate", token=gateway.token(left_seconds=2))
    client.subscribe("alerts")
    answer = client.ask("authenticate", token=gateway.token())
    assert answer["expires"] > time.time() + 60
    wait_for(lambda: time.time() > answer["expires"] - 597, 20)
    assert client.ask("ping")["type"] == "pong"
    assert not [said for said in client.said if said["type"] == "ended"]


def test_login_that_ends_closes_its_sockets_and_no_others(gateway: LocalGateway) -> None:
    first, second = gateway.token(), gateway.token()
    with StreamClient(gateway.url, first) as ended, StreamClient(gateway.url, second) as other:
        family = gateway.tokens.checked(first, time.time_ns()).family
        gateway.do(lambda: gateway.tokens.end(family, time.time_ns()))
        assert ended.ended() == (UNAUTHORIZED, "the login has ended")
        assert other.ask("ping")["type"] == "pong"
        gateway.do(lambda: gateway.hub.tell(Topic.LOGINS, "dana", ""))
        assert other.ended()[0] == UNAUTHORIZED


def test_blocked_user_is_out(gateway: LocalGateway) -> None:
    eve = gateway.do(
        lambda: gateway.users.add("eve", "ALPHA", frozenset({Scope.READ}), PASSWORD, 1)
    )
    with StreamClient(gateway.url, gateway.token(user=eve)) as client:
        gateway.do(lambda: gateway.users.set_state("eve", State.BLOCKED))
        assert client.ended()[0] == UNAUTHORIZED


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", ""),
        ("nonsense", ""),
        ("[]", ""),
        ('{"op": "shutdown"}', "op"),
        ('{"op": "subscribe", "channel": "everything"}', "channel"),
        ('{"op": "subscribe", "channel": "book", "symbol": 7}', "symbol"),
        ('{"op": "subscribe", "channel": "book", "depth": 5000}', "depth"),
        ('{"op": "subscribe", "channel": "book", "member": "BRAVO"}', "member"),
        ('{"op": "cancel"}', "order_id"),
        ('{"op": "cancel_all", "symbol": "ACME", "symbol": "BETA"}', ""),
        ('{"op": "cancel", "order_id": "1\\n"}', "order_id"),
        ('{"op": "cancel_all", "symbol": "AC\\u0001ME"}', "symbol"),
        ('{"op": "ping", "id": "' + "x" * 65 + '"}', "id"),
        ("[" * 5_000, ""),
    ],
)
def test_what_is_no_request_is_refused(client: StreamClient, text: str, field: str) -> None:
    client.send(text)
    said = client.until_type("error")
    assert (said["code"], said.get("field", "")) == ("BAD_REQUEST", field)
    assert client.ask("ping")["type"] == "pong"


def test_id_of_a_request_that_is_none_comes_back(client: StreamClient) -> None:
    client.send('{"op": "enter", "id": "mine", "order": {"symbol": "ACME", "side": "hold"}}')
    said = client.until_type("error")
    assert (said["id"], said["field"]) == ("mine", "order.side")


def test_binary_and_long_messages_end_the_socket(gateway: LocalGateway) -> None:
    for message, code in ((b"{}", UNSUPPORTED), ("x" * (MESSAGE_MAX + 1), TOO_LARGE)):
        with StreamClient(gateway.url) as client:
            client._socket.send(message)
            assert client.ended()[0] == code


def test_too_many_messages_are_refused_and_then_end_the_socket(client: StreamClient) -> None:
    for _ in range(400):
        client.send('{"op": "ping", "id": "p"}')
    assert client.ended()[0] == POLICY
    kinds = [said["type"] for said in client.said]
    assert kinds.count("pong") >= 100
    refused = next(said for said in client.said if said["type"] == "error")
    assert (refused["code"], refused["retry_after"], refused["id"]) == ("TOO_MANY", 1, "p")


def test_subscriptions_are_found_left_and_not_doubled(
    gateway: LocalGateway, client: StreamClient
) -> None:
    client.subscribe("book", symbol="ACME", depth=5)
    again = client.ask("subscribe", channel="book", symbol="ACME", depth=5)
    assert again["code"] == "CONFLICT"
    client.subscribe("book", symbol="ACME", depth=6)
    assert client.ask("unsubscribe", channel="book", symbol="ACME", depth=5)["depth"] == 5
    assert client.ask("unsubscribe", channel="trades", symbol="ACME")["code"] == "NOT_FOUND"
    heard = len(client.said)
    gateway.step()
    assert client.until_type("book.update")["depth"] == 6
    client.ask("ping")
    assert {said.get("depth", 6) for said in client.said[heard:]} == {6}
    for channel, more in (("status", {"symbol": "ACME"}), ("ticker", {"depth": 3})):
        answer = client.ask("subscribe", channel=channel, **more)
        assert answer["code"] == "BAD_REQUEST"


def test_what_is_stale_is_said_to_who_is_there_and_to_who_comes(
    gateway: LocalGateway, client: StreamClient
) -> None:
    snapshot = client.subscribe("status")
    assert (snapshot["market_data"], snapshot["trading"]) == ("current", "away")
    gateway.markets.is_current = False
    said = client.until_type("stale")
    assert (said["part"], said["stale"]) == ("market_data", True) and said["why"]
    with StreamClient(gateway.url) as late:
        assert late.until_type("stale")["part"] == "market_data"
    gateway.markets.is_current = True
    assert client.until_type("stale") == {
        "type": "stale", "part": "market_data", "stale": False, "why": "",
    }  # fmt: skip


def test_trouble_of_the_venue_is_said_to_its_member(
    gateway: LocalGateway, client: StreamClient
) -> None:
    client.ask("authenticate", token=gateway.token())
    assert client.until_type("stale") == {
        "type": "stale", "part": "orders", "stale": True, "why": "not logged on yet",
    }  # fmt: skip
    gateway.do(lambda: gateway.hub.tell(Topic.LINES, "BRAVO", "gone"))
    gateway.do(lambda: gateway.hub.tell(Topic.LINES, "ALPHA", ""))
    assert client.until_type("stale")["stale"] is False


def test_orders_are_refused_at_once_while_the_venue_is_away(
    gateway: LocalGateway, client: StreamClient
) -> None:
    client.ask("authenticate", token=gateway.token())
    order = {"symbol": "ACME", "side": "buy", "quantity": "1", "price": "1"}
    assert client.ask("enter", order=order)["code"] == "AWAY"
    assert client.ask("cancel", order_id="7")["code"] == "NOT_FOUND"
    assert client.ask("cancel_all")["code"] == "AWAY"


def test_sockets_of_an_address_and_of_a_user_are_bounded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("bounded")
    with local_gateway(directory, sockets_per_address=3, sockets_per_user=1) as gateway:
        wait_for(lambda: can_connect(gateway), 20)
        with StreamClient(gateway.url, gateway.token()):
            status, told = refusal(gateway, token=gateway.token())
            assert (status, told["code"]) == (429, "TOO_MANY")
            with StreamClient(gateway.url) as second, StreamClient(gateway.url):
                assert second.ask("authenticate", token=gateway.token())["code"] == "TOO_MANY"
                assert refusal(gateway)[0] == 429
        wait_for(lambda: number_of_sockets(gateway) == 0)
        with StreamClient(gateway.url, gateway.token()) as client:
            assert client.hear()["user"] == "dana"
