"""The gateway in front of a running venue: log in, trade with a FIX session, read, be refused."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fix_message import new_order
from tests.gateway.users import add_user, log_in
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.gateway.signatures import KEY, SIGNATURE, TIMESTAMP, sign


def order(**changes: object) -> dict[str, object]:
    return {"symbol": "ACME", "side": "buy", "quantity": "3", "price": "95.00", **changes}


def enter(http: httpx.Client, who: dict[str, str], **changes: object) -> dict[str, Any]:
    found = http.post("/v1/orders", json=order(**changes), headers=who)
    assert found.status_code == 201, found.text
    told: dict[str, Any] = found.json()
    return told


def test_an_order_trades_with_a_fix_session_and_is_booked(
    venue: RunningVenue, http: httpx.Client, dana: dict[str, str]
) -> None:
    made = enter(http, dana, price="101.00", client_order_id="first")
    assert (made["state"], made["remaining"]) == ("new", "3")
    bravo = venue.client("BRAVO")
    bravo.logon()
    bravo.send("D", new_order("s1", "2", "2", "101.00"))
    bravo.expect_report("s1", "F")
    path = f"/v1/orders/{made['order_id']}"
    wait_for(lambda: http.get(path, headers=dana).json().get("filled") == "2")
    by_client_id = http.get("/v1/orders/by-client-id/first", headers=dana).json()
    assert by_client_id["order_id"] == made["order_id"]
    (fill,) = http.get("/v1/fills", headers=dana).json()["fills"]
    assert (fill["price"], fill["quantity"], fill["liquidity"]) == ("101", "2", "maker")
    wait_for(lambda: http.get("/v1/trades", headers=dana).json().get("trades"), 20)
    (trade,) = http.get("/v1/trades", headers=dana).json()["trades"]
    assert (trade["match_id"], trade["side"]) == (fill["match_id"], "buy")
    balances = http.get("/v1/balances", headers=dana).json()["balances"]
    booked = venue.json("ledger", "balances", "ALPHA")["balances"]
    assert {(row["asset"], row["amount"]) for row in balances} == {
        (row["asset"], row["amount"]) for row in booked
    }
    assert http.delete(path, headers=dana).json()["state"] == "canceled"


def test_an_order_is_changed_listed_and_cancelled(http: httpx.Client, dana: dict[str, str]) -> None:
    made = enter(http, dana, client_order_id="changed")
    path = f"/v1/orders/{made['order_id']}"
    changed = http.patch(path, json={"quantity": "2", "price": "94.50"}, headers=dana).json()
    assert (changed["quantity"], changed["price"]) == ("2", "94.5")
    assert changed["client_order_id"] == "changed"
    listed = http.get("/v1/orders", headers=dana).json()["orders"]
    assert made["order_id"] in [each["order_id"] for each in listed]
    assert http.delete("/v1/orders", headers=dana).json()["canceled"] == len(listed)
    wait_for(lambda: http.get("/v1/orders", headers=dana).json().get("orders") == [])


def test_orders_come_in_pages(http: httpx.Client, dana: dict[str, str]) -> None:
    made = [enter(http, dana)["order_id"] for _ in range(5)]

    def paged(state: str) -> list[list[str]]:
        found: list[list[str]] = []
        behind: str | None = ""
        while behind is not None:
            asked = {"state": state, "symbol": "ACME", "limit": "2", "behind": behind}
            told = http.get("/v1/orders", params=asked, headers=dana).json()
            found.append([each["order_id"] for each in told["orders"]])
            behind = told["next"]
        return found

    assert paged("open") == [made[:2], made[2:4], made[4:]]
    for order_id in made:
        assert http.delete(f"/v1/orders/{order_id}", headers=dana).status_code == 200
    assert paged("open") == [[]]
    finished = [order_id for page in paged("finished") for order_id in page]
    assert finished[:5] == made[::-1] and len(set(finished)) == len(finished)
    wrong = {"state": "filled"}
    assert http.get("/v1/orders", params=wrong, headers=dana).json()["field"] == "state"


def test_a_refusal_has_the_venue_s_own_code(http: httpx.Client, dana: dict[str, str]) -> None:
    found = http.post("/v1/orders", json=order(price="500.00"), headers=dana)
    told = found.json()
    assert (found.status_code, told["code"]) == (422, "REFUSED")
    assert told["venue_code"] == "PRICE_OUTSIDE_COLLAR"
    unknown = http.post("/v1/orders", json=order(symbol="NONE"), headers=dana)
    assert unknown.status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": 3}, "quantity"),
        ({"side": "hold"}, "side"),
        ({"price": "95.00\x0140=1"}, "price"),
        ({"symbol": "AC\x01ME"}, "symbol"),
        ({"client_order_id": "a\x01b"}, "client_order_id"),
        ({"member": "BRAVO"}, "member"),
        ({"session": "BRAVO"}, "session"),
    ],
)
def test_what_is_no_order_is_refused_before_it_becomes_fix(
    http: httpx.Client, dana: dict[str, str], changes: dict[str, object], field: str
) -> None:
    found = http.post("/v1/orders", json=order(**changes), headers=dana)
    assert found.status_code == 400 and found.json()["field"] == field


def test_a_client_order_id_is_used_once(http: httpx.Client, dana: dict[str, str]) -> None:
    enter(http, dana, client_order_id="once")
    again = http.post("/v1/orders", json=order(client_order_id="once"), headers=dana)
    assert (again.status_code, again.json()["field"]) == (409, "client_order_id")


def test_an_idempotency_key_gives_the_first_answer_to_the_byte(
    http: httpx.Client, dana: dict[str, str]
) -> None:
    headers = {**dana, "Idempotency-Key": "key-1"}
    first = http.post("/v1/orders", json=order(), headers=headers)
    second = http.post("/v1/orders", json=order(), headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content and second.headers["idempotent-replay"] == "true"
    other = http.post("/v1/orders", json=order(quantity="4"), headers=headers)
    assert other.status_code == 409


def test_who_may_only_read_cannot_trade(http: httpx.Client) -> None:
    rita = {"Authorization": f"Bearer {log_in(http, 'rita')['access_token']}"}
    assert http.get("/v1/balances", headers=rita).status_code == 200
    found = http.post("/v1/orders", json=order(), headers=rita)
    assert (found.status_code, found.json()["code"]) == (403, "FORBIDDEN")
    narrowed = log_in(http, scope="read")["access_token"]
    headers = {"Authorization": f"Bearer {narrowed}"}
    assert http.delete("/v1/orders", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}, {KEY: "nobody"}],
)
def test_without_a_good_token_nothing_is_told(http: httpx.Client, headers: dict[str, str]) -> None:
    found = http.get("/v1/orders", headers=headers)
    assert found.status_code == 401 and found.headers["www-authenticate"] == "Bearer"


def test_a_revoked_login_ends_at_once(http: httpx.Client) -> None:
    told = log_in(http)
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert http.get("/v1/me", headers=headers).json()["member"] == "ALPHA"
    assert http.post("/oauth/revoke", data={"token": told["refresh_token"]}).status_code == 200
    assert http.get("/v1/me", headers=headers).status_code == 401


def test_refresh_tokens_rotate_and_a_replay_ends_the_login(http: httpx.Client) -> None:
    first = log_in(http)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = http.post("/oauth/token", data=form).json()
    assert http.post("/oauth/token", data=form).status_code == 401
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert http.get("/v1/me", headers=headers).status_code == 401


def test_a_robot_signs_its_requests_with_a_key(http: httpx.Client, dana: dict[str, str]) -> None:
    made = http.post("/v1/keys", json={"scopes": ["read", "trade"]}, headers=dana).json()

    def signed(method: str, path: str, body: bytes = b"", off_ms: int = 0) -> dict[str, str]:
        at = str(time.time_ns() // 1_000_000 + off_ms)
        signature = sign(made["secret"], at, method, path, body)
        return {KEY: made["key"], TIMESTAMP: at, SIGNATURE: signature}

    body = json.dumps(order(client_order_id="robot")).encode()
    headers = {**signed("POST", "/v1/orders", body), "Content-Type": "application/json"}
    assert http.post("/v1/orders", content=body, headers=headers).status_code == 201
    assert http.post("/v1/orders", content=body, headers=headers).status_code == 401, "replayed"
    late = signed("GET", "/v1/orders", off_ms=-60_000)
    assert http.get("/v1/orders", headers=late).status_code == 401
    query = signed("GET", "/v1/orders?symbol=ACME")
    assert http.get("/v1/orders?symbol=GLOBEX", headers=query).status_code == 401
    fresh = signed("POST", "/v1/keys", b'{"scopes":["read"]}')
    refused = http.post("/v1/keys", content=b'{"scopes":["read"]}', headers=fresh)
    assert refused.status_code in (400, 403)
    assert http.delete(f"/v1/keys/{made['key']}", headers=dana).status_code == 200
    ended = signed("GET", "/v1/orders")
    assert http.get("/v1/orders", headers=ended).status_code == 401


def test_the_book_is_the_venue_s(venue: RunningVenue, http: httpx.Client) -> None:
    told = http.get("/v1/instruments/ACME/book", params={"depth": 5}).json()
    assert told["symbol"] == "ACME" and not told["stale"]
    book = venue.json("book", "ACME")
    wait_for(lambda: http.get("/v1/instruments/ACME/book").json()["bids"] == book["bids"], 10)
    assert http.get("/v1/instruments/NONE/book").status_code == 404
    symbols = {each["symbol"] for each in http.get("/v1/instruments").json()["instruments"]}
    assert symbols >= {"ACME", "BTC-USD"}
    assert http.get("/v1/instruments/ACME/ticker").json()["symbol"] == "ACME"


def test_a_dead_man_s_switch_cancels_what_is_open(http: httpx.Client, dana: dict[str, str]) -> None:
    made = enter(http, dana)
    assert http.post("/v1/orders/cancel-all-after", json={"seconds": 1}, headers=dana).is_success
    path = f"/v1/orders/{made['order_id']}"
    wait_for(lambda: http.get(path, headers=dana).json().get("state") == "canceled", 15)


def test_wrong_passwords_lock_the_address_out_of_the_user_only(
    venue: RunningVenue, http: httpx.Client
) -> None:
    add_user(venue, "eve", "read")
    form = {"grant_type": "password", "username": "eve", "password": "wrong"}
    tried = [http.post("/oauth/token", data=form).status_code for _ in range(6)]
    assert tried == [401] * 5 + [429]
    assert log_in(http)["token_type"] == "Bearer"


def test_every_answer_has_its_guards_and_errors_one_shape(http: httpx.Client) -> None:
    for path in ("/v1/time", "/nowhere", "/v1/orders"):
        found = http.get(path)
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.is_success or {"code", "message"} <= found.json().keys()
    described = http.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/v1/orders/{order_id}" in described["paths"]


def test_orders_are_known_again_after_the_gateway_was_killed(
    venue: RunningVenue, http: httpx.Client, dana: dict[str, str]
) -> None:
    made = enter(http, dana, client_order_id="survivor", time_in_force="gtc")
    before = venue.runtime()["processes"]["gateway"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: venue.runtime()["processes"].get("gateway") != before, 30)

    def is_back() -> bool:
        try:
            return http.get("/v1/orders", headers=dana).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(is_back, 30)
    found = http.get(f"/v1/orders/{made['order_id']}", headers=dana).json()
    assert (found["state"], found["client_order_id"]) == ("new", "survivor")


def test_while_trading_is_away_orders_are_refused_at_once_and_books_stand(
    venue: RunningVenue, http: httpx.Client, dana: dict[str, str], tmp_path: Path
) -> None:
    os.kill(venue.runtime()["processes"]["trading"], signal.SIGSTOP)
    try:
        assert http.get("/v1/instruments/ACME/book").status_code == 200
        found = http.post(
            "/v1/orders", json=order(client_order_id="limbo"), headers=dana, timeout=30
        )
        assert (found.status_code, found.json()["code"]) == (504, "FATE_UNKNOWN")
    finally:
        os.kill(venue.runtime()["processes"]["trading"], signal.SIGCONT)

    def is_known() -> bool:
        path = "/v1/orders/by-client-id/limbo"
        return http.get(path, headers=dana, timeout=30).status_code == 200

    wait_for(is_known, 60)
